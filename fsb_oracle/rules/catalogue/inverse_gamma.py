"""Rules of the inverse gamma law: 1/z is gamma; catalogue letters k (concentration), s (rate)."""

from sympy import Symbol

from fsb_oracle.backends.noise import Beta, Exponential, Gamma
from fsb_oracle.backends.noise.kernels import drop
from fsb_oracle.rules.differences import difference
from fsb_oracle.rules.rule import Comparison, Cost, Rule

_k = Symbol("k")


def _pair(c, total, kept):
    """The sample z, and 1/(1/z + x/s): g + x ~ Gamma(k + a) and its share g are independent for x ~ Gamma(a)."""
    return c.s / (total * kept), c.s / total


def _shift(f, c, total, kept):
    z, shrunk = _pair(c, total, kept)
    return c.k / c.s * (f(z) - f(shrunk))


def _multiplicative_difference(f, c, z, e):
    lost = drop(c.math, e / c.k)
    # not z / (1 - lost), which rounds to infinity where exp(-e/k) is below the precision
    far = z * c.math.exp(e / c.k)
    return difference(f, z, far, far * lost, -1 / (c.k * lost), -far / c.k)


def _stretch(f, c, z, e, u):
    """v = exp(-e/(k - 1))."""
    growth = c.math.exp(e / (c.k - 1)) - 1
    return -z / (c.k - 1) * f.derivative(z * (1 + growth * u))


RULES = (
    Rule(
        id="IGA-k-SM",
        family="inverse_gamma",
        parameter="concentration",
        letter="k",
        space="log",
        kernel=_multiplicative_difference,
        noise={"e": Exponential()},
        requires="F0",
        finite_variance="F1",
        cost=Cost(f=2),
        formula="(1/k) [f(z) - f(z/V)]/(1 - V), V = exp(-e/k), e ~ Exp(1)",
        source="GAM-k-SM of 1/z",
        remarks="for bounded f; infinite variance for jumps",
        wins=(Comparison("score-best", {"concentration": "5.5", "rate": "2"}, "tanh(z)"),),
        loses=(Comparison("pathwise", {"concentration": "0.1", "rate": "1"}, "exp(-3*z)"),),
    ),
    Rule(
        id="IGA-s-D",
        family="inverse_gamma",
        parameter="rate",
        letter="s",
        space="log",
        kernel=lambda f, c, z: z / c.s * f.derivative(z),
        formula="(z/s) f'(z)",
        source="symbol of the location of log z",
        remarks="equals reparameterization",
        wins=(Comparison("score-best", {"concentration": "5.5", "rate": "2"}, "exp(-3*z)"),),
        loses=(Comparison("score-best", {"concentration": "0.1", "rate": "1"}, "exp(-z**2)"),),
    ),
    Rule(
        id="IGA-s-S",
        family="inverse_gamma",
        parameter="rate",
        letter="s",
        space="log",
        kernel=_shift,
        noise={"total": Gamma(_k + 1), "kept": Beta(_k, 1)},
        requires="F0",
        cost=Cost(f=2),
        formula="(k/s) [f(z) - f(1/(1/z + e/s))], e ~ Exp(1)",
        source="GAM-s-S of 1/z",
        remarks="bounded variance for bounded f, jumps included",
        wins=(Comparison("score-best", {"concentration": "0.1", "rate": "1"}, "exp(-3*z)"),),
        loses=(Comparison("pathwise", {"concentration": "5.5", "rate": "2"}, "exp(-3*z)"),),
    ),
)

RECOMMENDED = {"concentration": ("IGA-k-SM",), "rate": ("IGA-s-D", "IGA-s-S")}
