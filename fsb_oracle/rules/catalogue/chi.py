"""Rules of the chi law, whose square is Gamma(nu/2, 2); catalogue letter nu (degrees of freedom)."""

from sympy import Rational, Symbol

from fsb_oracle.backends.noise import Beta, Exponential, Gamma
from fsb_oracle.backends.noise.kernels import drop
from fsb_oracle.rules.differences import difference
from fsb_oracle.rules.rule import Cost, Rule

_half = Rational(1, 2)
_k = Symbol("nu") / 2


def _biased_difference(f, c, y, e):
    lost, larger = drop(c.math, 2 * e / c.nu), c.math.sqrt(2 * y)
    kept = c.math.sqrt(1 - lost)
    step, slope = -larger * lost / (1 + kept), larger / (2 * y * (1 + kept))
    return difference(f, larger, larger * kept, step, -1 / (2 * y * lost), slope)


def _half_power(f, c, y, x):
    larger = c.math.sqrt(2 * y)
    return c.math.sqrt(c.math.pi / (y * x)) * (f(larger) - f(larger * c.math.sqrt(1 - x))) / 2


RULES = (
    Rule(
        id="CHIR-nu-SB",
        family="chi",
        parameter="df",
        letter="nu",
        space="log",
        kernel=_biased_difference,
        noise={"y": Gamma(_k + 1), "e": Exponential()},
        requires="F0",
        finite_variance="F1",
        cost=Cost(f=2),
        formula="[f(x) - f(x sqrt(V))]/(2 y (1 - V)), x = sqrt(2 y), V = exp(-2 e/nu), y ~ Gamma(nu/2 + 1), e ~ Exp(1)",
        source="CHI-nu-SB of z^2: Gamma(k+1) V is Gamma(k)",
        remarks="log-infinite variance for jumps",
    ),
    Rule(
        id="CHIR-nu-Shalf",
        family="chi",
        parameter="df",
        letter="nu",
        space="log",
        kernel=_half_power,
        noise={"y": Gamma(_k + _half), "x": Beta(_half, _k)},
        requires="F0",
        cost=Cost(f=2),
        formula="(sqrt(pi)/2) (y B)^(-1/2) [f(x) - f(x sqrt(1 - B))], x = sqrt(2 y), "
        "y ~ Gamma((nu+1)/2), B ~ Be(1/2, nu/2)",
        source="CHI-nu-Shalf of z^2: a gamma variable split by a beta variable",
        remarks="finite variance for jumps",
    ),
)

# two f either way; for jumps the only one of finite variance
RECOMMENDED = {"df": ("CHIR-nu-SB", "CHIR-nu-Shalf")}
