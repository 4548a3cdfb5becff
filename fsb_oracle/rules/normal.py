"""Rules of the normal law; catalogue letters mu, sigma (standard deviation)."""

from sympy import Rational

from fsb_oracle.backends.noise import Gamma, Normal, Rademacher, Rayleigh, Uniform
from fsb_oracle.rules.rule import Cost, Rule


def _khinchine(f, c, r, g, u):
    maxwell = r * c.math.sqrt(2 * g)
    return (f(c.mu + c.sigma * maxwell) - f(c.mu + c.sigma * u * maxwell)) / c.sigma


RULES = (
    Rule(
        id="NOR-mu-D",
        family="normal",
        parameter="loc",
        letter="mu",
        kernel=lambda f, c, z: f.derivative(z),
        formula="f'(z)",
        source="Bonnet; symbol i w",
        remarks="equals reparameterization",
    ),
    Rule(
        id="NOR-mu-L",
        family="normal",
        parameter="loc",
        letter="mu",
        kernel=lambda f, c, y: (f(c.mu + c.sigma * y) - f(c.mu - c.sigma * y)) / (c.sigma * c.math.sqrt(2 * c.math.pi)),
        noise={"y": Rayleigh()},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(mu + sigma y) - f(mu - sigma y)] / (sigma sqrt(2 pi)), y Rayleigh",
        source="layer rule; coupled measure-valued derivative",
    ),
    Rule(
        id="NOR-sig-Upm",
        family="normal",
        parameter="scale",
        letter="sigma",
        kernel=lambda f, c, r, y: c.math.sqrt(2 / c.math.pi) * r * f.derivative(c.mu + c.sigma * r * y),
        noise={"r": Rademacher(), "y": Rayleigh()},
        formula="sqrt(2/pi) r f'(mu + sigma r y), r = +-1, y Rayleigh",
        source="size-biased pathwise rule (velocity theorem with sign)",
        remarks="phase-averaged second moment 2/pi of pathwise",
    ),
    Rule(
        id="NOR-sig-path",
        family="normal",
        parameter="scale",
        letter="sigma",
        kernel=lambda f, c, eps: eps * f.derivative(c.mu + c.sigma * eps),
        noise={"eps": Normal()},
        formula="eps f'(mu + sigma eps)",
        source="reparameterization",
    ),
    Rule(
        id="NOR-sig-K",
        family="normal",
        parameter="scale",
        letter="sigma",
        kernel=_khinchine,
        noise={"r": Rademacher(), "g": Gamma(Rational(3, 2)), "u": Uniform()},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(mu + sigma M) - f(mu + sigma u M)] / sigma, M = r sqrt(2 g), g ~ Gamma(3/2) (double-sided Maxwell)",
        source="Khinchine rule; coupled measure-valued derivative",
    ),
)
