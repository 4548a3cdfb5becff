"""Poisson(rate) on 0, 1, 2, ..."""

from sympy import I, Symbol, exp, log, loggamma

from fsb_oracle.backends.noise import Poisson
from fsb_oracle.families.family import COUNTS, POSITIVE, Family, Parameter, Recipe, w, z

_rate = Parameter("rate", POSITIVE)
rate = _rate.symbol
n = Symbol("n", real=True)

poisson = Family(
    name="poisson",
    parameters=(_rate,),
    support=COUNTS,
    log_density=z * log(rate) - rate - loggamma(z + 1),
    characteristic_function=exp(rate * (exp(I * w) - 1)),
    mean=rate,
    variance=rate,
    recipe=Recipe({"n": Poisson(rate)}, n),
    catalogue={"lam": rate},
    edges=({"rate": "1"}, {"rate": "2.5"}, {"rate": "0.1"}, {"rate": "9.5"}, {"rate": "1000"}),
)
