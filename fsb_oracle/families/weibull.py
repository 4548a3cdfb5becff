"""Weibull(scale, concentration)."""

from sympy import Symbol, exp, gamma, log, pi

from fsb_oracle.backends.noise import Exponential
from fsb_oracle.backends.special_functions import expm1
from fsb_oracle.families.charts import half_line, ray_from_zero
from fsb_oracle.families.family import HALF_LINE, POSITIVE, Family, Parameter, Recipe, order, z

_scale, _concentration = Parameter("scale", POSITIVE), Parameter("concentration", POSITIVE)
scale, concentration = _scale.symbol, _concentration.symbol
e = Symbol("e", positive=True)
power = exp(concentration * (log(z) - log(scale)))  # (z/scale)**concentration
charts = half_line(scale, power=concentration)

weibull = Family(
    name="weibull",
    parameters=(_scale, _concentration),
    support=HALF_LINE,
    log_density=log(concentration) - concentration * log(scale) + (concentration - 1) * log(z) - power,
    characteristic_function=None,
    mean=scale * gamma(1 + 1 / concentration),
    variance=scale**2 * (gamma(1 + 2 / concentration) - gamma(1 + 1 / concentration) ** 2),
    charts=charts,
    rays=ray_from_zero(charts[0], pi / (4 * concentration)),
    cdf=-expm1(-power),
    survival=exp(-power),
    moment=scale**order * gamma(1 + order / concentration),
    recipe=Recipe({"e": Exponential()}, scale * e ** (1 / concentration)),
    catalogue={"lam": scale, "k": concentration},
    edges=(
        {"scale": "1", "concentration": "2"},
        {"scale": "1.5", "concentration": "0.7"},
        {"scale": "1", "concentration": "1"},
        {"scale": "1", "concentration": "0.1"},
        {"scale": "2", "concentration": "20"},
    ),
)
