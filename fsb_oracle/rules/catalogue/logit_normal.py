"""Rules of the logit-normal law: those of the normal law in logit z; catalogue letters mu, sigma (of logit z)."""

from sympy import Rational

from fsb_oracle.backends.noise import Gamma, Normal, Rademacher, Rayleigh, Uniform
from fsb_oracle.rules.rule import Claim, Comparison, Cost, Rule


def _point(c, x):
    """z where logit z = mu + sigma x."""
    return 1 / (1 + c.math.exp(-(c.mu + c.sigma * x)))


def _slope(f, c, x):
    """d f(z)/d logit z there."""
    z, other = _point(c, x), 1 / (1 + c.math.exp(c.mu + c.sigma * x))
    return z * other * f.derivative(z)


def _layer(f, c, y):
    return (f(_point(c, y)) - f(_point(c, -y))) / (c.sigma * c.math.sqrt(2 * c.math.pi))


def _antithetic(f, c, y):
    return (_slope(f, c, y) - _slope(f, c, -y)) / c.math.sqrt(2 * c.math.pi)


def _khinchine(f, c, r, g, u):
    maxwell = r * c.math.sqrt(2 * g)
    return (f(_point(c, maxwell)) - f(_point(c, u * maxwell))) / c.sigma


RULES = (
    Rule(
        id="LTN-mu-D",
        family="logit_normal",
        parameter="loc",
        letter="mu",
        kernel=_slope,
        noise={"x": Normal()},
        formula="z (1 - z) f'(z), z = 1/(1 + exp(-mu - sigma x))",
        source="NOR-mu-D in logit z",
        remarks="equals reparameterization",
    ),
    Rule(
        id="LTN-mu-L",
        family="logit_normal",
        parameter="loc",
        letter="mu",
        kernel=_layer,
        noise={"y": Rayleigh()},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(z(y)) - f(z(-y))] / (sigma sqrt(2 pi)), logit z(y) = mu + sigma y, y Rayleigh",
        source="NOR-mu-L in logit z",
        remarks="bounded variance for bounded f, jumps included",
    ),
    Rule(
        id="LTN-sig-Upm",
        family="logit_normal",
        parameter="scale",
        letter="sigma",
        kernel=lambda f, c, r, y: c.math.sqrt(2 / c.math.pi) * r * _slope(f, c, r * y),
        noise={"r": Rademacher(), "y": Rayleigh()},
        formula="sqrt(2/pi) r z (1 - z) f'(z), logit z = mu + sigma r y, r = +-1, y Rayleigh",
        source="NOR-sig-Upm in logit z",
    ),
    Rule(
        id="LTN-sig-Ua",
        family="logit_normal",
        parameter="scale",
        letter="sigma",
        kernel=_antithetic,
        noise={"y": Rayleigh()},
        cost=Cost(first=2),
        formula="[g(r) - g(-r)] / sqrt(2 pi), g = z (1 - z) f'(z) where logit z = mu + sigma r, r Rayleigh",
        source="NOR-sig-Ua in logit z",
        lower_variance_than=(Claim("LTN-sig-Upm", "any f", "Rao-Blackwell over the sign"),),
        wins=(Comparison("score-best", {"loc": "0.3", "scale": "0.5"}, "tanh(z)"),),
        loses=(Comparison("pathwise", {"loc": "0", "scale": "3"}, "cos(20*z)"),),
    ),
    Rule(
        id="LTN-sig-path",
        family="logit_normal",
        parameter="scale",
        letter="sigma",
        kernel=lambda f, c, eps: eps * _slope(f, c, eps),
        noise={"eps": Normal()},
        formula="eps z (1 - z) f'(z), logit z = mu + sigma eps",
        source="reparameterization: Kingma and Welling 2014",
    ),
    Rule(
        id="LTN-sig-K",
        family="logit_normal",
        parameter="scale",
        letter="sigma",
        kernel=_khinchine,
        noise={"r": Rademacher(), "g": Gamma(Rational(3, 2)), "u": Uniform()},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(z(M)) - f(z(u M))] / sigma, M = r sqrt(2 g), g ~ Gamma(3/2), r = +-1",
        source="NOR-sig-K in logit z",
        remarks="bounded variance for bounded f, jumps included",
    ),
)

# as for the normal law
RECOMMENDED = {"loc": ("LTN-mu-D", "LTN-mu-L"), "scale": ("LTN-sig-Ua", "LTN-sig-K")}
