"""Normal(loc, scale): scale is the standard deviation."""

from sympy import I, Symbol, erfc, exp, log, pi, sqrt

from fsb_oracle.backends.noise import Normal
from fsb_oracle.families.charts import line
from fsb_oracle.families.family import LINE, POSITIVE, REAL, Family, Parameter, Recipe, w, z

_loc, _scale = Parameter("loc", REAL), Parameter("scale", POSITIVE)
loc, scale = _loc.symbol, _scale.symbol
eps = Symbol("eps", real=True)

normal = Family(
    name="normal",
    parameters=(_loc, _scale),
    support=LINE,
    log_density=-(((z - loc) / scale) ** 2) / 2 - log(scale) - log(2 * pi) / 2,
    characteristic_function=exp(I * loc * w - scale**2 * w**2 / 2),
    mean=loc,
    variance=scale**2,
    charts=line(loc, scale),
    cdf=erfc((loc - z) / (scale * sqrt(2))) / 2,
    survival=erfc((z - loc) / (scale * sqrt(2))) / 2,
    recipe=Recipe({"eps": Normal()}, loc + scale * eps),
    catalogue={"mu": loc, "sigma": scale},
    edges=(
        {"loc": "0", "scale": "1"},
        {"loc": "0.3", "scale": "0.8"},
        {"loc": "-0.5", "scale": "2.5"},
        {"loc": "0", "scale": "0.01"},
        {"loc": "10", "scale": "0.1"},
    ),
)
