"""LogUniform(low, high): the logarithm is uniform between log(low) and log(high)."""

from sympy import Lt, Symbol, exp, log

from fsb_oracle.backends.noise import Uniform
from fsb_oracle.families.charts import segment
from fsb_oracle.families.family import POSITIVE, Family, Parameter, Recipe, Support, order, z

_low, _high = Parameter("low", POSITIVE), Parameter("high", POSITIVE)
low, high = _low.symbol, _high.symbol
u = Symbol("u", positive=True)
width = log(high) - log(low)
mean = (high - low) / width

log_uniform = Family(
    name="log_uniform",
    parameters=(_low, _high),
    support=Support("interval", low, high),
    log_density=-log(z) - log(width),
    characteristic_function=None,
    mean=mean,
    variance=(high**2 - low**2) / (2 * width) - mean**2,
    charts=segment(low, high),
    cdf=(log(z) - log(low)) / width,
    survival=(log(high) - log(z)) / width,
    moment=(high**order - low**order) / (order * width),
    recipe=Recipe({"u": Uniform()}, exp(log(low) + width * u)),
    catalogue={"a": low, "b": high},
    constraint=(Lt(low, high, evaluate=False), "low < high"),
    edges=(
        {"low": "1", "high": "3"},
        {"low": "0.4", "high": "1.7"},
        {"low": "1", "high": "1.01"},
        {"low": "0.1", "high": "1000"},
    ),
)
