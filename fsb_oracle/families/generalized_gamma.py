"""Generalized gamma(scale, concentration, power): (z/scale)**power is gamma(concentration, 1)."""

from sympy import Symbol, exp, log, loggamma, pi, sqrt

from fsb_oracle.backends.noise import Gamma
from fsb_oracle.families.charts import half_line, ray_from_zero
from fsb_oracle.families.family import HALF_LINE, POSITIVE, Family, Parameter, Recipe, order, z

_scale, _concentration, _power = (Parameter(name, POSITIVE) for name in ("scale", "concentration", "power"))
scale, concentration, power = _scale.symbol, _concentration.symbol, _power.symbol
g = Symbol("g", positive=True)
x = log(z) - log(scale)
charts = half_line(scale, power=power)


def _moment(r):
    return exp(r * log(scale) + loggamma(concentration + r / power) - loggamma(concentration))


generalized_gamma = Family(
    name="generalized_gamma",
    parameters=(_scale, _concentration, _power),
    support=HALF_LINE,
    log_density=log(power) - log(z) + concentration * power * x - exp(power * x) - loggamma(concentration),
    characteristic_function=None,
    mean=_moment(1),
    variance=_moment(2) - _moment(1) ** 2,
    charts=charts,
    rays=ray_from_zero(charts[0], pi / (4 * power * sqrt(1 + concentration))),
    moment=_moment(order),
    recipe=Recipe({"g": Gamma(concentration)}, scale * g ** (1 / power)),
    catalogue={"s": scale, "k": concentration, "p": power},
    edges=(
        {"scale": "1", "concentration": "2", "power": "2"},
        {"scale": "0.8", "concentration": "1.5", "power": "0.7"},
        {"scale": "1", "concentration": "0.1", "power": "1"},
        {"scale": "2", "concentration": "30", "power": "3"},
    ),
)
