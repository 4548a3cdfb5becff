"""LogitNormal(loc, scale) on (0, 1): log(z/(1 - z)) is normal(loc, scale). No closed form of the mean."""

from sympy import Symbol, erfc, exp, log, nan, pi, sqrt

from fsb_oracle.backends.noise import Normal
from fsb_oracle.families.charts import unit_interval
from fsb_oracle.families.family import POSITIVE, REAL, UNIT_INTERVAL, Family, Parameter, Recipe, z

_loc, _scale = Parameter("loc", REAL), Parameter("scale", POSITIVE)
loc, scale = _loc.symbol, _scale.symbol
eps = Symbol("eps", real=True)
x = (log(z) - log(1 - z) - loc) / scale  # normal(0, 1)

logit_normal = Family(
    name="logit_normal",
    parameters=(_loc, _scale),
    support=UNIT_INTERVAL,
    log_density=-(x**2) / 2 - log(z) - log(1 - z) - log(scale) - log(2 * pi) / 2,
    characteristic_function=None,
    mean=nan,
    variance=nan,
    charts=unit_interval(),
    cdf=erfc(-x / sqrt(2)) / 2,
    survival=erfc(x / sqrt(2)) / 2,
    recipe=Recipe({"eps": Normal()}, 1 / (1 + exp(-loc - scale * eps))),
    catalogue={"mu": loc, "sigma": scale},
    edges=(
        {"loc": "0", "scale": "1"},
        {"loc": "0.3", "scale": "0.5"},
        {"loc": "-0.5", "scale": "0.05"},
        {"loc": "0", "scale": "3"},
        {"loc": "-4", "scale": "1"},
    ),
)
