"""Beta prime(concentration1, concentration0): a gamma variable over another; moments below concentration0."""

from sympy import Piecewise, Symbol, exp, log, loggamma, oo, sqrt

from fsb_oracle.backends.noise import Gamma
from fsb_oracle.families.charts import UP, half_line, ray_from_zero
from fsb_oracle.families.family import HALF_LINE, POSITIVE, Family, Parameter, Recipe, order, z

_concentration1, _concentration0 = Parameter("concentration1", POSITIVE), Parameter("concentration0", POSITIVE)
a, b = _concentration1.symbol, _concentration0.symbol
g, h = Symbol("g", positive=True), Symbol("h", positive=True)
charts = half_line(a / b, upper=UP)

beta_prime = Family(
    name="beta_prime",
    parameters=(_concentration1, _concentration0),
    support=HALF_LINE,
    log_density=(a - 1) * log(z) - (a + b) * log(1 + z) + loggamma(a + b) - loggamma(a) - loggamma(b),
    characteristic_function=None,
    mean=Piecewise((a / (b - 1), b > 1), (oo, True)),
    variance=Piecewise((a * (a + b - 1) / ((b - 1) ** 2 * (b - 2)), b > 2), (oo, True)),
    charts=charts,
    rays=ray_from_zero(charts[0], sqrt(1 / a + 1 / b)),
    tail_index=b,
    moment=exp(loggamma(a + order) - loggamma(a) + loggamma(b - order) - loggamma(b)),
    recipe=Recipe({"g": Gamma(a), "h": Gamma(b)}, g / h),
    catalogue={"a": a, "b": b},
    edges=(
        {"concentration1": "2", "concentration0": "3"},
        {"concentration1": "1.5", "concentration0": "5"},
        {"concentration1": "0.1", "concentration0": "0.3"},
        {"concentration1": "300", "concentration0": "200"},
    ),
)
