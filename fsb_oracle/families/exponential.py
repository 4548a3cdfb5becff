"""Exponential(rate)."""

from sympy import I, S, Symbol, exp, log, oo

from fsb_oracle.backends.noise import Exponential
from fsb_oracle.families.charts import half_line
from fsb_oracle.families.family import HALF_LINE, POSITIVE, Family, Parameter, Recipe, w, z

_rate = Parameter("rate", POSITIVE)
rate = _rate.symbol
e = Symbol("e", real=True)

exponential = Family(
    name="exponential",
    parameters=(_rate,),
    support=HALF_LINE,
    log_density=log(rate) - rate * z,
    characteristic_function=1 / (1 - I * w / rate),
    strip=(-rate, oo),
    mean=1 / rate,
    variance=1 / rate**2,
    charts=half_line(1 / rate),
    cdf=1 - exp(-rate * z),
    survival=exp(-rate * z),
    waves=((S.Zero, 1 / (1 - I * w / rate)),),
    recipe=Recipe({"e": Exponential()}, e / rate),
    catalogue={"s": 1 / rate},
    edges=({"rate": "1"}, {"rate": "0.7692307692307693"}, {"rate": "0.1"}, {"rate": "100"}),
)
