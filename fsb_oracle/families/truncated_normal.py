"""TruncatedNormal(loc, scale, low, high): a normal variable, given that it lies between low and high."""

from sympy import Lt, Max, Rational, Symbol, erf, exp, log, pi, sqrt

from fsb_oracle.backends.noise import TruncatedNormal
from fsb_oracle.backends.special_functions import normal_mass
from fsb_oracle.families.charts import segment
from fsb_oracle.families.family import POSITIVE, REAL, Family, Parameter, Recipe, Support, z

_loc, _scale, _low, _high = (
    Parameter("loc", REAL),
    Parameter("scale", POSITIVE),
    Parameter("low", REAL),
    Parameter("high", REAL),
)
loc, scale, low, high = (parameter.symbol for parameter in (_loc, _scale, _low, _high))
x = Symbol("x", real=True)


def _phi(point):  # type: ignore[no-untyped-def]
    return exp(-(((point - loc) / scale) ** 2) / 2) / sqrt(2 * pi)


def _between(first, last):  # type: ignore[no-untyped-def]
    """P(first < X < last) of the normal variable."""
    return (erf((last - loc) / (sqrt(2) * scale)) - erf((first - loc) / (sqrt(2) * scale))) / 2


mass = normal_mass((low - loc) / scale, (high - loc) / scale)
shift = (_phi(low) - _phi(high)) / mass
turn = ((low - loc) * _phi(low) - (high - loc) * _phi(high)) / (scale * mass)

truncated_normal = Family(
    name="truncated_normal",
    parameters=(_loc, _scale, _low, _high),
    support=Support("interval", low, high),
    log_density=-(((z - loc) / scale) ** 2) * Rational(1, 2) - log(scale) - log(2 * pi) / 2 - log(mass),
    characteristic_function=None,
    mean=loc + scale * shift,
    variance=scale**2 * (1 + turn - shift**2),
    charts=segment(low, high),
    # erf(b) - erf(a) on one side of 0 is as small as exp(-a**2)
    cancellation=Max(low - loc, loc - high, 0) ** 2 / (2 * scale**2 * log(10)),
    cdf=_between(low, z) / mass,
    survival=_between(z, high) / mass,
    recipe=Recipe({"x": TruncatedNormal((low - loc) / scale, (high - loc) / scale)}, low + (high - low) * x),
    catalogue={"mu": loc, "sigma": scale, "a": low, "b": high},
    constraint=(Lt(low, high, evaluate=False), "low < high"),
    edges=(
        {"loc": "0", "scale": "1", "low": "-1", "high": "2"},
        {"loc": "0.3", "scale": "0.8", "low": "-1", "high": "1.5"},
        {"loc": "0", "scale": "1", "low": "3", "high": "4"},
        {"loc": "0", "scale": "10", "low": "-1", "high": "1"},
        {"loc": "0", "scale": "1", "low": "-9", "high": "-8"},
    ),
)
