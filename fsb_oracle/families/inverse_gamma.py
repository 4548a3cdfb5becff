"""Inverse gamma(concentration, rate): 1/z is gamma(concentration, rate); E z**r exists for r < concentration."""

from sympy import I, Piecewise, S, Symbol, exp, gamma, log, loggamma, oo, sqrt

from fsb_oracle.backends.noise import Gamma
from fsb_oracle.backends.special_functions import besselk
from fsb_oracle.families.charts import FAST_DOWN, UP, half_line, ray_from_zero
from fsb_oracle.families.family import HALF_LINE, POSITIVE, Family, Parameter, Recipe, order, w, z

_concentration, _rate = Parameter("concentration", POSITIVE), Parameter("rate", POSITIVE)
concentration, rate = _concentration.symbol, _rate.symbol
g = Symbol("g", positive=True)
charts = half_line(rate / concentration, lower=FAST_DOWN, upper=UP)

inverse_gamma = Family(
    name="inverse_gamma",
    parameters=(_concentration, _rate),
    support=HALF_LINE,
    log_density=concentration * log(rate) - loggamma(concentration) - (concentration + 1) * log(z) - rate / z,
    characteristic_function=2
    * exp(concentration / 2 * log(-I * rate * w) - loggamma(concentration))
    * besselk(concentration, 2 * sqrt(-I * rate * w)),
    strip=(S.Zero, oo),
    mean=Piecewise((rate / (concentration - 1), concentration > 1), (oo, True)),
    variance=Piecewise((rate**2 / ((concentration - 1) ** 2 * (concentration - 2)), concentration > 2), (oo, True)),
    charts=charts,
    rays=ray_from_zero(charts[0], 1 / sqrt(concentration)),
    tail_index=concentration,
    moment=rate**order * gamma(concentration - order) / gamma(concentration),
    recipe=Recipe({"g": Gamma(concentration)}, rate / g),
    catalogue={"k": concentration, "s": rate},
    edges=(
        {"concentration": "3", "rate": "1"},
        {"concentration": "5.5", "rate": "2"},
        {"concentration": "0.1", "rate": "1"},
        {"concentration": "1000", "rate": "1000"},
    ),
)
