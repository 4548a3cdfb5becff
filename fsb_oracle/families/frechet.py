"""Frechet(scale, concentration): log z is Gumbel(log scale, 1/concentration); E z**r exists for r < concentration."""

from sympy import Piecewise, Symbol, exp, gamma, log, oo, pi

from fsb_oracle.backends.noise import Exponential
from fsb_oracle.backends.special_functions import expm1
from fsb_oracle.families.charts import FAST_DOWN, UP, half_line, ray_from_zero
from fsb_oracle.families.family import HALF_LINE, POSITIVE, Family, Parameter, Recipe, order, z

_scale, _concentration = Parameter("scale", POSITIVE), Parameter("concentration", POSITIVE)
scale, concentration = _scale.symbol, _concentration.symbol
e = Symbol("e", positive=True)
power = exp(-concentration * (log(z) - log(scale)))  # (z/scale)**-concentration
charts = half_line(scale, lower=FAST_DOWN, upper=UP, power=concentration)
first, second = gamma(1 - 1 / concentration), gamma(1 - 2 / concentration)

frechet = Family(
    name="frechet",
    parameters=(_scale, _concentration),
    support=HALF_LINE,
    log_density=log(concentration) + concentration * log(scale) - (1 + concentration) * log(z) - power,
    characteristic_function=None,
    mean=Piecewise((scale * first, concentration > 1), (oo, True)),
    variance=Piecewise((scale**2 * (second - first**2), concentration > 2), (oo, True)),
    charts=charts,
    rays=ray_from_zero(charts[0], pi / (4 * concentration)),
    cdf=exp(-power),
    survival=-expm1(-power),
    tail_index=concentration,
    moment=scale**order * gamma(1 - order / concentration),
    recipe=Recipe({"e": Exponential()}, scale * e ** (-1 / concentration)),
    catalogue={"s": scale, "alpha": concentration},
    edges=(
        {"scale": "1", "concentration": "3"},
        {"scale": "0.7", "concentration": "2.5"},
        {"scale": "1", "concentration": "0.1"},
        {"scale": "2", "concentration": "50"},
    ),
)
