"""Bernoulli(probs): 1 with probability probs, else 0."""

from sympy import I, Symbol, exp, log

from fsb_oracle.backends.noise import Bernoulli
from fsb_oracle.families.family import BITS, PROBABILITY, Family, Parameter, Recipe, w, z

_probs = Parameter("probs", PROBABILITY)
probs = _probs.symbol
x = Symbol("x", real=True)

bernoulli = Family(
    name="bernoulli",
    parameters=(_probs,),
    support=BITS,
    log_density=z * log(probs) + (1 - z) * log(1 - probs),
    characteristic_function=1 - probs + probs * exp(I * w),
    mean=probs,
    variance=probs * (1 - probs),
    recipe=Recipe({"x": Bernoulli(probs)}, x),
    catalogue={"p": probs},
    edges=({"probs": "0.5"}, {"probs": "0.2"}, {"probs": "0.01"}, {"probs": "0.999"}),
)
