"""Rules of the von Mises law on the circle; catalogue letters mu, kappa (concentration)."""

from sympy import Symbol

from fsb_oracle.backends.noise import VonMises
from fsb_oracle.rules.rule import Comparison, Cost, Rule

_kappa = Symbol("kappa")


def _angle(c, turn):
    return 2 * c.math.pi * (turn - c.math.rational(1, 2))


def _independent_copies(f, c, x, y):
    first, second = _angle(c, x), _angle(c, y)
    return (c.math.cos(first) - c.math.cos(second)) * (f(c.mu + first) - f(c.mu + second)) / 2


RULES = (
    Rule(
        id="VM-mu-D",
        family="von_mises",
        parameter="loc",
        letter="mu",
        kernel=lambda f, c, z: f.derivative(z),
        formula="f'(z)",
        source="symbol i w of the rotation",
        remarks="equals reparameterization; f 2 pi-periodic",
        wins=(Comparison("score-best", {"loc": "0.5", "concentration": "2.5"}, "sin(z)"),),
        loses=(Comparison("score-best", {"loc": "0", "concentration": "1"}, "cos(3*z)"),),
    ),
    Rule(
        id="VM-k-P",
        family="von_mises",
        parameter="concentration",
        letter="kappa",
        kernel=_independent_copies,
        noise={"x": VonMises(_kappa), "y": VonMises(_kappa)},
        requires="F0",
        cost=Cost(f=2),
        formula="(1/2) [cos(z - mu) - cos(y - mu)] [f(z) - f(y)], y an independent copy of z",
        source="multiplication by cos shifts frequencies by one; covariance by independent copies (Hoeffding 1940)",
        remarks="no Bessel function is needed; f 2 pi-periodic; a constant added to f changes nothing",
        wins=(Comparison("score", {"loc": "-1", "concentration": "0.001"}, "exp(cos(z))"),),
        loses=(Comparison("score-best", {"loc": "0", "concentration": "1"}, "exp(cos(z))"),),
    ),
)

# the rotation is a plain derivative; a jump has no rule of the location here
RECOMMENDED = {"loc": ("VM-mu-D",), "concentration": ("VM-k-P",)}
