"""Rules of the lognormal law: those of the normal law in log z; catalogue letters mu, sigma (of log z)."""

from sympy import Rational

from fsb_oracle.backends.noise import Gamma, Normal, Rademacher, Rayleigh, Uniform
from fsb_oracle.rules.rule import Claim, Comparison, Cost, Rule


def _point(c, x):
    return c.math.exp(c.mu + c.sigma * x)


def _slope(f, point):
    """The derivative of f(exp(x)) in x at log(point)."""
    return point * f.derivative(point)


def _layer(f, c, y):
    return (f(_point(c, y)) - f(_point(c, -y))) / (c.sigma * c.math.sqrt(2 * c.math.pi))


def _antithetic(f, c, y):
    return (_slope(f, _point(c, y)) - _slope(f, _point(c, -y))) / c.math.sqrt(2 * c.math.pi)


def _khinchine(f, c, r, g, u):
    maxwell = r * c.math.sqrt(2 * g)
    return (f(_point(c, maxwell)) - f(_point(c, u * maxwell))) / c.sigma


RULES = (
    Rule(
        id="LGN-mu-D",
        family="lognormal",
        parameter="loc",
        letter="mu",
        space="log",
        kernel=lambda f, c, z: _slope(f, z),
        formula="z f'(z)",
        source="NOR-mu-D in log z",
        remarks="equals reparameterization",
        wins=(Comparison("score-best", {"loc": "-0.5", "scale": "0.05"}, "tanh(z)"),),
        loses=(Comparison("score-best", {"loc": "0", "scale": "1"}, "cos(3*z)"),),
    ),
    Rule(
        id="LGN-mu-L",
        family="lognormal",
        parameter="loc",
        letter="mu",
        space="log",
        kernel=_layer,
        noise={"y": Rayleigh()},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(exp(mu + sigma y)) - f(exp(mu - sigma y))] / (sigma sqrt(2 pi)), y Rayleigh",
        source="NOR-mu-L in log z",
        remarks="bounded variance for bounded f, jumps included",
        wins=(Comparison("score-best", {"loc": "0", "scale": "1"}, "exp(-z**2)"),),
        loses=(Comparison("pathwise", {"loc": "-0.5", "scale": "0.05"}, "tanh(z)"),),
    ),
    Rule(
        id="LGN-sig-D2",
        family="lognormal",
        parameter="scale",
        letter="sigma",
        space="log",
        kernel=lambda f, c, z: c.sigma * (_slope(f, z) + z**2 * f.derivative(z, 2)),
        requires="F2",
        cost=Cost(first=1, second=1),
        formula="sigma (z f'(z) + z^2 f''(z))",
        source="NOR-sig-D2 in log z",
        wins=(Comparison("score-best", {"loc": "0.3", "scale": "0.5"}, "z"),),
        loses=(Comparison("score-best", {"loc": "0", "scale": "1"}, "sin(z)"),),
    ),
    Rule(
        id="LGN-sig-Upm",
        family="lognormal",
        parameter="scale",
        letter="sigma",
        space="log",
        kernel=lambda f, c, r, y: c.math.sqrt(2 / c.math.pi) * r * _slope(f, _point(c, r * y)),
        noise={"r": Rademacher(), "y": Rayleigh()},
        formula="sqrt(2/pi) r z f'(z), z = exp(mu + sigma r y), r = +-1, y Rayleigh",
        source="NOR-sig-Upm in log z",
        wins=(Comparison("score-best", {"loc": "0", "scale": "1"}, "z**2"),),
        loses=(Comparison("score-best", {"loc": "0", "scale": "1"}, "cos(3*z)"),),
    ),
    Rule(
        id="LGN-sig-Ua",
        family="lognormal",
        parameter="scale",
        letter="sigma",
        space="log",
        kernel=_antithetic,
        noise={"y": Rayleigh()},
        cost=Cost(first=2),
        formula="[x f'(x) - y f'(y)] / sqrt(2 pi), x = exp(mu + sigma r), y = exp(mu - sigma r), r Rayleigh",
        source="NOR-sig-Ua in log z",
        lower_variance_than=(Claim("LGN-sig-Upm", "any f", "Rao-Blackwell over the sign"),),
        wins=(Comparison("score-best", {"loc": "-0.5", "scale": "0.05"}, "exp(-z**2)"),),
        loses=(Comparison("score-best", {"loc": "0", "scale": "1"}, "cos(3*z)"),),
    ),
    Rule(
        id="LGN-sig-path",
        family="lognormal",
        parameter="scale",
        letter="sigma",
        space="log",
        kernel=lambda f, c, eps: eps * _slope(f, _point(c, eps)),
        noise={"eps": Normal()},
        formula="eps z f'(z), z = exp(mu + sigma eps)",
        source="reparameterization: Kingma and Welling 2014",
        wins=(Comparison("score-best", {"loc": "0", "scale": "1"}, "exp(-z**2)"),),
        loses=(Comparison("score-best", {"loc": "0", "scale": "1"}, "cos(3*z)"),),
    ),
    Rule(
        id="LGN-sig-K",
        family="lognormal",
        parameter="scale",
        letter="sigma",
        space="log",
        kernel=_khinchine,
        noise={"r": Rademacher(), "g": Gamma(Rational(3, 2)), "u": Uniform()},
        requires="F0",
        cost=Cost(f=2),
        formula="[f(exp(mu + sigma M)) - f(exp(mu + sigma u M))] / sigma, M = r sqrt(2 g), g ~ Gamma(3/2), r = +-1",
        source="NOR-sig-K in log z",
        remarks="bounded variance for bounded f, jumps included",
        wins=(Comparison("score-best", {"loc": "0", "scale": "1"}, "z**2"),),
        loses=(Comparison("pathwise", {"loc": "0", "scale": "1"}, "exp(-z**2)"),),
    ),
)

# as for the normal law
RECOMMENDED = {"loc": ("LGN-mu-D", "LGN-mu-L"), "scale": ("LGN-sig-Ua", "LGN-sig-K")}
