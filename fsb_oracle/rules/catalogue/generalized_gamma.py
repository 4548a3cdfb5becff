"""Rules of the generalized gamma law: (z/s)^p is gamma; letters s (scale), k (concentration), p (power)."""

from sympy import Rational, Symbol

from fsb_oracle.backends.noise import Beta, Exponential, Gamma, LogGamma
from fsb_oracle.backends.noise.kernels import drop
from fsb_oracle.rules.rule import Cost, Rule

_half = Rational(1, 2)
_k = Symbol("k")


def _point(c, y):
    """z where y = (z/s)^p."""
    return c.s * c.math.power(y, 1 / c.p)


def _biased_difference(f, c, y, e):
    lost, larger = drop(c.math, e / c.k), _point(c, y)
    return (f(larger) - f(larger * c.math.power(1 - lost, 1 / c.p))) / (y * lost)


def _half_power(f, c, y, x):
    larger = _point(c, y)
    return c.math.sqrt(c.math.pi / (y * x)) * (f(larger) - f(larger * c.math.power(1 - x, 1 / c.p)))


def _scale_difference(f, c, y, e):
    larger = _point(c, y)
    return c.k * c.p / c.s * (f(larger) - f(larger * c.math.exp(-e / (c.k * c.p))))


def _power_path(f, c, x):
    z = c.s * c.math.exp(x / c.p)
    return -x / c.p**2 * z * f.derivative(z)


RULES = (
    Rule(
        id="GGA-s-D",
        family="generalized_gamma",
        parameter="scale",
        letter="s",
        space="log",
        kernel=lambda f, c, z: z / c.s * f.derivative(z),
        formula="(z/s) f'(z)",
        source="symbol of the location of log z",
        remarks="equals reparameterization",
    ),
    Rule(
        id="GGA-s-S",
        family="generalized_gamma",
        parameter="scale",
        letter="s",
        space="log",
        kernel=_scale_difference,
        noise={"y": Gamma(_k + 1), "e": Exponential()},
        requires="F0",
        cost=Cost(f=2),
        formula="(k p/s) [f(x) - f(x exp(-e/(k p)))], x = s y^(1/p), y ~ Gamma(k+1), e ~ Exp(1)",
        source="GAM-s-S of z^p: Gamma(k+1) V with V = exp(-e/k) is Gamma(k)",
        remarks="bounded variance for bounded f, jumps included",
    ),
    Rule(
        id="GGA-k-SB",
        family="generalized_gamma",
        parameter="concentration",
        letter="k",
        space="log",
        kernel=_biased_difference,
        noise={"y": Gamma(_k + 1), "e": Exponential()},
        requires="F0",
        finite_variance="F1",
        cost=Cost(f=2),
        formula="[f(x) - f(x V^(1/p))]/(y (1 - V)), x = s y^(1/p), V = exp(-e/k), y ~ Gamma(k+1), e ~ Exp(1)",
        source="GAM-k-SB of z^p: Gamma(k+1) V is Gamma(k)",
        remarks="log-infinite variance for jumps",
    ),
    Rule(
        id="GGA-k-Shalf",
        family="generalized_gamma",
        parameter="concentration",
        letter="k",
        space="log",
        kernel=_half_power,
        noise={"y": Gamma(_k + _half), "x": Beta(_half, _k)},
        requires="F0",
        cost=Cost(f=2),
        formula="sqrt(pi) (y B)^(-1/2) [f(x) - f(x (1 - B)^(1/p))], x = s y^(1/p), y ~ Gamma(k + 1/2), B ~ Be(1/2, k)",
        source="GAM-k-Shalf of z^p: a gamma variable split by a beta variable",
        remarks="finite variance for jumps",
    ),
    Rule(
        id="GGA-p-path",
        family="generalized_gamma",
        parameter="power",
        letter="p",
        space="log",
        kernel=_power_path,
        noise={"x": LogGamma(_k)},
        formula="-(x/p^2) z f'(z), z = s exp(x/p), exp(x) ~ Gamma(k)",
        source="reparameterization: Kingma and Welling 2014",
    ),
)

# scale: the plain derivative serves every other parameter too; for jumps the bounded difference
# concentration: two f either way; for jumps the only one of finite variance. power: the only one
RECOMMENDED = {
    "scale": ("GGA-s-D", "GGA-s-S"),
    "concentration": ("GGA-k-SB", "GGA-k-Shalf"),
    "power": ("GGA-p-path",),
}
