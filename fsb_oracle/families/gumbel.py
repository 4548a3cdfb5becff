"""Gumbel(loc, scale): the law of maxima, with its long tail on the right."""

from sympy import EulerGamma, I, Symbol, exp, gamma, log, oo, pi

from fsb_oracle.backends.noise import Exponential
from fsb_oracle.backends.special_functions import expm1
from fsb_oracle.families.charts import FAST_DOWN, line
from fsb_oracle.families.family import LINE, POSITIVE, REAL, Family, Parameter, Recipe, w, z

_loc, _scale = Parameter("loc", REAL), Parameter("scale", POSITIVE)
loc, scale = _loc.symbol, _scale.symbol
e = Symbol("e", positive=True)

gumbel = Family(
    name="gumbel",
    parameters=(_loc, _scale),
    support=LINE,
    log_density=-(z - loc) / scale - exp(-(z - loc) / scale) - log(scale),
    characteristic_function=exp(I * loc * w) * gamma(1 - I * scale * w),
    strip=(-1 / scale, oo),
    mean=loc + scale * EulerGamma,
    variance=pi**2 * scale**2 / 6,
    charts=line(loc, scale, lower=FAST_DOWN),
    cdf=exp(-exp(-(z - loc) / scale)),
    survival=-expm1(-exp(-(z - loc) / scale)),
    recipe=Recipe({"e": Exponential()}, loc - scale * log(e)),
    catalogue={"mu": loc, "beta": scale},
    edges=(
        {"loc": "0", "scale": "1"},
        {"loc": "0.2", "scale": "0.6"},
        {"loc": "-0.5", "scale": "2.5"},
        {"loc": "0", "scale": "0.01"},
        {"loc": "10", "scale": "0.1"},
    ),
)
