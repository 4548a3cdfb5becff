"""ContinuousBernoulli(probs) on (0, 1): density proportional to probs**z (1 - probs)**(1 - z); probs is not 1/2, where
the law is uniform and its formulas are limits."""

from sympy import I, Ne, Rational, Symbol, exp, log

from fsb_oracle.backends.noise import Uniform
from fsb_oracle.backends.special_functions import expm1
from fsb_oracle.families.charts import segment
from fsb_oracle.families.family import PROBABILITY, UNIT_INTERVAL, Family, Parameter, Recipe, w, z

_probs = Parameter("probs", PROBABILITY)
probs = _probs.symbol
u = Symbol("u", positive=True)
eta = log(probs / (1 - probs))
slope = (2 * probs - 1) / (1 - probs)  # exp(eta) - 1

continuous_bernoulli = Family(
    name="continuous_bernoulli",
    parameters=(_probs,),
    support=UNIT_INTERVAL,
    log_density=eta * z + log(eta / slope),
    characteristic_function=eta / slope * expm1(eta + I * w) / (eta + I * w),
    mean=1 + 1 / slope - 1 / eta,
    variance=1 / eta**2 - (1 + slope) / slope**2,
    charts=segment(0, 1),
    cdf=expm1(eta * z) / slope,
    survival=exp(eta * z) * expm1(eta * (1 - z)) / slope,
    recipe=Recipe({"u": Uniform()}, log(1 + u * slope) / eta),
    catalogue={"lam": probs},
    constraint=(Ne(probs, Rational(1, 2), evaluate=False), "probs other than 1/2"),
    edges=({"probs": "0.3"}, {"probs": "0.9"}, {"probs": "0.4999"}, {"probs": "0.001"}, {"probs": "0.503"}),
)
