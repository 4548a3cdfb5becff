"""Gamma(concentration, rate): concentration is the shape, rate the inverse scale."""

from sympy import I, S, Symbol, exp, log, loggamma, oo

from fsb_oracle.backends.noise import Gamma
from fsb_oracle.families.charts import half_line
from fsb_oracle.families.family import HALF_LINE, POSITIVE, Family, Parameter, Recipe, order, w, z

_concentration, _rate = Parameter("concentration", POSITIVE), Parameter("rate", POSITIVE)
concentration, rate = _concentration.symbol, _rate.symbol
g = Symbol("g", real=True)

gamma = Family(
    name="gamma",
    parameters=(_concentration, _rate),
    support=HALF_LINE,
    log_density=(concentration - 1) * log(z) + concentration * log(rate) - rate * z - loggamma(concentration),
    characteristic_function=(1 - I * w / rate) ** (-concentration),
    strip=(-rate, oo),
    mean=concentration / rate,
    variance=concentration / rate**2,
    charts=half_line(concentration / rate),
    waves=((S.Zero, (1 - I * w / rate) ** (-concentration)),),
    mellin=exp(loggamma(concentration + order) - loggamma(concentration) - order * log(rate)),
    recipe=Recipe({"g": Gamma(concentration)}, g / rate),
    catalogue={"k": concentration, "s": 1 / rate},
    edges=(
        {"concentration": "1", "rate": "1"},
        {"concentration": "2.5", "rate": "1.4285714285714286"},
        {"concentration": "0.1", "rate": "1"},
        {"concentration": "0.01", "rate": "1"},
        {"concentration": "0.999", "rate": "2"},
        {"concentration": "1.001", "rate": "0.5"},
        {"concentration": "10", "rate": "3"},
        {"concentration": "1000", "rate": "1000"},
    ),
)
