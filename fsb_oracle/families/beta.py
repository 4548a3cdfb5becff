"""Beta(concentration1, concentration0) on (0, 1), density z^(concentration1-1) (1-z)^(concentration0-1) / B."""

from sympy import I, Symbol, exp, log, loggamma, polygamma, sqrt

from fsb_oracle.backends.expressions import hyp1f1
from fsb_oracle.backends.noise import Beta
from fsb_oracle.families.charts import unit_interval
from fsb_oracle.families.family import POSITIVE, UNIT_INTERVAL, Family, Parameter, Recipe, order, w, z

_concentration1, _concentration0 = (
    Parameter("concentration1", POSITIVE),
    Parameter("concentration0", POSITIVE),
)
a, b = _concentration1.symbol, _concentration0.symbol
x = Symbol("x", real=True)

beta = Family(
    name="beta",
    parameters=(_concentration1, _concentration0),
    support=UNIT_INTERVAL,
    log_density=(a - 1) * log(z) + (b - 1) * log(1 - z) + loggamma(a + b) - loggamma(a) - loggamma(b),
    characteristic_function=hyp1f1(a, a + b, I * w),  # pyright: ignore[reportArgumentType]
    mean=a / (a + b),
    variance=a * b / ((a + b) ** 2 * (a + b + 1)),
    charts=unit_interval(),
    mellin=exp(loggamma(a + order) - loggamma(a) + loggamma(a + b) - loggamma(a + b + order)),
    # by Cauchy-Schwarz, the root of the Fisher information
    wave_bounds={str(c): sqrt(polygamma(1, c) - polygamma(1, a + b)) for c in (a, b)},
    recipe=Recipe({"x": Beta(a, b)}, x),
    catalogue={"a": a, "b": b},
    edges=(
        {"concentration1": "1", "concentration0": "1"},
        {"concentration1": "2", "concentration0": "3"},
        {"concentration1": "0.3", "concentration0": "0.4"},
        {"concentration1": "0.1", "concentration0": "2"},
        {"concentration1": "20", "concentration0": "5"},
    ),
)
