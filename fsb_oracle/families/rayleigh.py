"""Rayleigh(scale): the length of a vector of two independent normal(0, scale) variables; Weibull of concentration 2."""

from sympy import Rational, Symbol, exp, gamma, log, pi, sqrt

from fsb_oracle.backends.noise import Rayleigh
from fsb_oracle.backends.special_functions import expm1
from fsb_oracle.families.charts import half_line, ray_from_zero
from fsb_oracle.families.family import HALF_LINE, POSITIVE, Family, Parameter, Recipe, order, z

_scale = Parameter("scale", POSITIVE)
scale = _scale.symbol
y = Symbol("y", positive=True)
power = exp(2 * (log(z) - log(scale))) / 2  # (z/scale)**2 / 2
charts = half_line(scale, power=2)

rayleigh = Family(
    name="rayleigh",
    parameters=(_scale,),
    support=HALF_LINE,
    log_density=log(z) - 2 * log(scale) - power,
    characteristic_function=None,
    mean=scale * sqrt(pi / 2),
    variance=(2 - pi / 2) * scale**2,
    charts=charts,
    rays=ray_from_zero(charts[0], pi / 8),
    cdf=-expm1(-power),
    survival=exp(-power),
    moment=scale**order * 2 ** (order * Rational(1, 2)) * gamma(1 + order / 2),
    recipe=Recipe({"y": Rayleigh()}, scale * y),
    catalogue={"sigma": scale},
    edges=({"scale": "1"}, {"scale": "0.8"}, {"scale": "0.01"}, {"scale": "100"}),
)
