"""Uniform(low, high): the support moves with the parameters, so the score estimator is invalid."""

from sympy import I, Lt, S, Symbol, exp, log

from fsb_oracle.backends.noise import Uniform
from fsb_oracle.families.charts import segment
from fsb_oracle.families.family import REAL, Family, Parameter, Recipe, Support, w, z

_low, _high = Parameter("low", REAL), Parameter("high", REAL)
low, high = _low.symbol, _high.symbol
u = Symbol("u", real=True)

uniform = Family(
    name="uniform",
    parameters=(_low, _high),
    support=Support("interval", low, high),
    log_density=-log(high - low),
    characteristic_function=(exp(I * w * high) - exp(I * w * low)) / (I * w * (high - low)),
    mean=(low + high) / 2,
    variance=(high - low) ** 2 / S(12),
    charts=segment(low, high),
    cdf=(z - low) / (high - low),
    survival=(high - z) / (high - low),
    waves=((high, 1 / (I * w * (high - low))), (low, -1 / (I * w * (high - low)))),
    wave_bounds={"low": 2 / (high - low), "high": 2 / (high - low)},
    recipe=Recipe({"u": Uniform()}, low + (high - low) * u),
    catalogue={"a": low, "b": high},
    constraint=(Lt(low, high, evaluate=False), "low < high"),
    edges=(
        {"low": "0", "high": "1"},
        {"low": "-0.4", "high": "1.7"},
        {"low": "-3", "high": "3"},
        {"low": "1", "high": "1.01"},
    ),
)
