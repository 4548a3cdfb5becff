"""Geometric(probs): the number of failures before the first success, 0, 1, 2, ..."""

from sympy import I, Symbol, exp, log, oo

from fsb_oracle.backends.noise import NegativeBinomial
from fsb_oracle.families.family import COUNTS, PROBABILITY, Family, Parameter, Recipe, w, z

_probs = Parameter("probs", PROBABILITY)
probs = _probs.symbol
n = Symbol("n", real=True)

geometric = Family(
    name="geometric",
    parameters=(_probs,),
    support=COUNTS,
    log_density=log(probs) + z * log(1 - probs),
    characteristic_function=probs / (1 - (1 - probs) * exp(I * w)),
    strip=(log(1 - probs), oo),
    mean=(1 - probs) / probs,
    variance=(1 - probs) / probs**2,
    recipe=Recipe({"n": NegativeBinomial(1, 1 - probs)}, n),
    catalogue={"p": probs},
    edges=({"probs": "0.3"}, {"probs": "0.5"}, {"probs": "0.99"}, {"probs": "0.01"}, {"probs": "0.000001"}),
)
