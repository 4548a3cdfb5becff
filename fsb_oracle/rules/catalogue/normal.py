"""Rules of the normal law; catalogue letters mu, sigma (standard deviation)."""

from sympy import Ge, Rational

from fsb_oracle.backends.noise import Gamma, Normal, Rademacher, Rayleigh, Uniform
from fsb_oracle.families.normal import loc
from fsb_oracle.rules.rule import Claim, Comparison, Cost, Rule


def _layer(f, c, y):
    return (f(c.mu + c.sigma * y) - f(c.mu - c.sigma * y)) / (c.sigma * c.math.sqrt(2 * c.math.pi))


def _antithetic(f, c, y):
    difference = f.derivative(c.mu + c.sigma * y) - f.derivative(c.mu - c.sigma * y)
    return difference / c.math.sqrt(2 * c.math.pi)


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
        source="Bonnet 1964; symbol i w",
        remarks="equals reparameterization",
        lower_variance_than=(
            Claim("score", "linear f", "constant weight: variance 0"),
            Claim(
                "score",
                "power series with nonnegative coefficients",
                "term by term, moments of normal variables",
                Ge(loc, 0),
            ),
        ),
        wins=(Comparison("score-best", {"loc": "0.3", "scale": "0.8"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"loc": "-0.5", "scale": "2.5"}, "exp(-z**2)"),),
    ),
    Rule(
        id="NOR-mu-L",
        family="normal",
        parameter="loc",
        letter="mu",
        kernel=_layer,
        noise={"y": Rayleigh()},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(mu + sigma y) - f(mu - sigma y)] / (sigma sqrt(2 pi)), y Rayleigh",
        source="layer rule: measure-valued derivative of Pflug 1989, coupled",
        remarks="bounded variance for bounded f, jumps included",
        wins=(Comparison("score-best", {"loc": "-0.5", "scale": "2.5"}, "z**2"),),
        loses=(Comparison("pathwise", {"loc": "-0.5", "scale": "2.5"}, "z"),),
    ),
    Rule(
        id="NOR-sig-D2",
        family="normal",
        parameter="scale",
        letter="sigma",
        kernel=lambda f, c, z: c.sigma * f.derivative(z, 2),
        requires="F2",
        cost=Cost(second=1),
        formula="sigma f''(z)",
        source="Price 1958; symbol -sigma w^2",
        remarks="returns 0 for a kinked f whose gradient is not 0; variance 0 for quadratic f",
        lower_variance_than=(
            Claim("NOR-sig-path", "quadratic f", "constant weight of f'': variance 0"),
            Claim("score", "quadratic f", "constant weight of f'': variance 0"),
        ),
        wins=(Comparison("score-best", {"loc": "0.3", "scale": "0.8"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"loc": "-0.5", "scale": "2.5"}, "cos(3*z)"),),
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
        wins=(Comparison("score-best", {"loc": "0", "scale": "1"}, "z**2"),),
        loses=(Comparison("score-best", {"loc": "-0.5", "scale": "2.5"}, "cos(3*z)"),),
    ),
    Rule(
        id="NOR-sig-Ua",
        family="normal",
        parameter="scale",
        letter="sigma",
        kernel=_antithetic,
        noise={"y": Rayleigh()},
        cost=Cost(first=2),
        formula="[f'(mu + sigma y) - f'(mu - sigma y)] / sqrt(2 pi), y Rayleigh",
        source="NOR-sig-Upm with its sign integrated out",
        remarks="variance 0 for linear f",
        lower_variance_than=(
            Claim("NOR-sig-Upm", "any f", "Rao-Blackwell over the sign"),
            Claim("NOR-sig-path", "linear f", "odd in the noise: variance 0"),
            Claim("score", "linear f", "odd in the noise: variance 0"),
        ),
        wins=(Comparison("score-best", {"loc": "0.3", "scale": "0.8"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"loc": "0", "scale": "1"}, "cos(3*z)"),),
    ),
    Rule(
        id="NOR-sig-path",
        family="normal",
        parameter="scale",
        letter="sigma",
        kernel=lambda f, c, eps: eps * f.derivative(c.mu + c.sigma * eps),
        noise={"eps": Normal()},
        formula="eps f'(mu + sigma eps)",
        source="reparameterization: Kingma and Welling 2014",
        wins=(Comparison("score-best", {"loc": "-0.5", "scale": "2.5"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"loc": "-0.5", "scale": "2.5"}, "cos(3*z)"),),
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
        remarks="bounded variance for bounded f, jumps included",
        wins=(Comparison("score-best", {"loc": "-0.5", "scale": "2.5"}, "tanh(z)"),),
        loses=(Comparison("pathwise", {"loc": "-0.5", "scale": "2.5"}, "tanh(z)"),),
    ),
)

# loc: a plain derivative serves every other parameter too; a jump needs the layer rule.
# scale: of the rules with f' the antithetic one has at most half the variance of the signed one at twice its cost,
# and 0 for linear f; f'' would lose for kinked and for oscillating f.
RECOMMENDED = {
    "loc": ("NOR-mu-D", "NOR-mu-L"),
    "scale": ("NOR-sig-Ua", "NOR-sig-K"),
}
