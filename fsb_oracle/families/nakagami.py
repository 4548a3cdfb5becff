"""Nakagami(concentration, scale): z**2 is gamma of that concentration and the mean scale**2."""

from sympy import S, Symbol, exp, gamma, log, loggamma, pi, sqrt

from fsb_oracle.backends.noise import Gamma
from fsb_oracle.families.charts import half_line, ray_from_zero
from fsb_oracle.families.family import HALF_LINE, POSITIVE, Family, Parameter, Recipe, order, z

_concentration, _scale = Parameter("concentration", POSITIVE), Parameter("scale", POSITIVE)
concentration, scale = _concentration.symbol, _scale.symbol
g = Symbol("g", positive=True)
mean = scale * gamma(concentration + S.Half) / (gamma(concentration) * sqrt(concentration))
power = concentration * exp(2 * (log(z) - log(scale)))  # concentration (z/scale)**2
charts = half_line(scale, power=2)

nakagami = Family(
    name="nakagami",
    parameters=(_concentration, _scale),
    support=HALF_LINE,
    log_density=log(2)
    + concentration * log(concentration)
    - loggamma(concentration)
    + 2 * concentration * (log(z) - log(scale))
    - log(z)
    - power,
    characteristic_function=None,
    mean=mean,
    variance=scale**2 - mean**2,
    charts=charts,
    rays=ray_from_zero(charts[0], pi / 8 / sqrt(1 + concentration)),
    moment=exp(
        order * (log(scale) - log(concentration) / 2) + loggamma(concentration + order / 2) - loggamma(concentration)
    ),
    recipe=Recipe({"g": Gamma(concentration)}, scale * sqrt(g / concentration)),
    catalogue={"k": concentration, "sigma": scale},
    edges=(
        {"concentration": "2", "scale": "1"},
        {"concentration": "0.7", "scale": "1.5"},
        {"concentration": "0.05", "scale": "1"},
        {"concentration": "500", "scale": "0.3"},
    ),
)
