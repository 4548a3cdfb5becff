"""Kumaraswamy(concentration1, concentration0) on (0, 1): z**concentration1 has the density of the smallest of
concentration0 uniforms."""

from sympy import Symbol, exp, log, loggamma

from fsb_oracle.backends.noise import Exponential
from fsb_oracle.backends.special_functions import expm1, log1mexp
from fsb_oracle.families.charts import FAR, Chart, positive_t
from fsb_oracle.families.family import POSITIVE, UNIT_INTERVAL, Family, Parameter, Recipe, order, z

_concentration1, _concentration0 = Parameter("concentration1", POSITIVE), Parameter("concentration0", POSITIVE)
a, b = _concentration1.symbol, _concentration0.symbol
e = Symbol("e", positive=True)
log_tail = log1mexp(a * log(z))  # of 1 - z**a
half = log(2)


def _moment(power):
    """E z**power = b B(1 + power/a, b)."""
    return exp(loggamma(b + 1) + loggamma(1 + power / a) - loggamma(1 + power / a + b))


kumaraswamy = Family(
    name="kumaraswamy",
    parameters=(_concentration1, _concentration0),
    support=UNIT_INTERVAL,
    log_density=log(a) + log(b) + (a - 1) * log(z) + (b - 1) * log_tail,
    characteristic_function=None,
    mean=_moment(1),
    variance=_moment(2) - _moment(1) ** 2,
    # z**a = exp(-t) below 1/2 and 1 - exp(-t) above
    charts=(
        Chart(positive_t, exp(-positive_t / a), -a * log(z), half, FAR, reversed=True),
        Chart(positive_t, exp(log1mexp(-positive_t) / a), -log_tail, half, FAR),
    ),
    cdf=-expm1(b * log_tail),
    survival=exp(b * log_tail),
    moment=_moment(order),
    recipe=Recipe({"e": Exponential()}, exp(log1mexp(-e / b) / a)),
    catalogue={"a": a, "b": b},
    edges=(
        {"concentration1": "2", "concentration0": "3"},
        {"concentration1": "1", "concentration0": "1"},
        {"concentration1": "0.5", "concentration0": "0.5"},
        {"concentration1": "5", "concentration0": "0.7"},
        {"concentration1": "0.1", "concentration0": "20"},
    ),
)
