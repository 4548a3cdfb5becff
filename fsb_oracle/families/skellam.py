"""Skellam(rate1, rate2): the difference of two independent Poisson variables, on all integers."""

from sympy import Abs, I, Symbol, exp, log, oo, sqrt

from fsb_oracle.backends.noise import Poisson
from fsb_oracle.backends.special_functions import log_besseli
from fsb_oracle.families.family import POSITIVE, Family, Parameter, Recipe, Support, w, z

_rate1, _rate2 = Parameter("rate1", POSITIVE), Parameter("rate2", POSITIVE)
rate1, rate2 = _rate1.symbol, _rate2.symbol
n1, n2 = Symbol("n1", real=True), Symbol("n2", real=True)

skellam = Family(
    name="skellam",
    parameters=(_rate1, _rate2),
    support=Support("integers", -oo, oo),
    log_density=log_besseli(Abs(z), 2 * sqrt(rate1 * rate2)) - rate1 - rate2 + z * (log(rate1) - log(rate2)) / 2,
    characteristic_function=exp(rate1 * (exp(I * w) - 1) + rate2 * (exp(-I * w) - 1)),
    mean=rate1 - rate2,
    variance=rate1 + rate2,
    recipe=Recipe({"n1": Poisson(rate1), "n2": Poisson(rate2)}, n1 - n2),
    catalogue={"mu1": rate1, "mu2": rate2},
    edges=(
        {"rate1": "2.5", "rate2": "1.5"},
        {"rate1": "0.5", "rate2": "4"},
        {"rate1": "0.001", "rate2": "5"},
        {"rate1": "1000", "rate2": "1000"},
        {"rate1": "100000", "rate2": "0.001"},
    ),
)
