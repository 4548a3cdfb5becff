"""Lognormal(loc, scale): log z is normal(loc, scale). No closed form of the characteristic function."""

from sympy import Symbol, erfc, exp, log, pi, sqrt

from fsb_oracle.backends.noise import Normal
from fsb_oracle.families.charts import UP, half_line, ray_from_zero
from fsb_oracle.families.family import HALF_LINE, POSITIVE, REAL, Family, Parameter, Recipe, order, z

_loc, _scale = Parameter("loc", REAL), Parameter("scale", POSITIVE)
loc, scale = _loc.symbol, _scale.symbol
eps = Symbol("eps", real=True)
charts = half_line(exp(loc), upper=UP, power=1 / scale)

lognormal = Family(
    name="lognormal",
    parameters=(_loc, _scale),
    support=HALF_LINE,
    log_density=-(((log(z) - loc) / scale) ** 2) / 2 - log(z) - log(scale) - log(2 * pi) / 2,
    characteristic_function=None,
    mean=exp(loc + scale**2 / 2),
    variance=(exp(scale**2) - 1) * exp(2 * loc + scale**2),
    charts=charts,
    rays=ray_from_zero(charts[0], scale),
    cdf=erfc((loc - log(z)) / (scale * sqrt(2))) / 2,
    survival=erfc((log(z) - loc) / (scale * sqrt(2))) / 2,
    moment=exp(order * loc + order**2 * scale**2 / 2),
    recipe=Recipe({"eps": Normal()}, exp(loc + scale * eps)),
    catalogue={"mu": loc, "sigma": scale},
    edges=(
        {"loc": "0", "scale": "1"},
        {"loc": "0.3", "scale": "0.5"},
        {"loc": "-0.5", "scale": "0.05"},
        {"loc": "0", "scale": "3"},
    ),
)
