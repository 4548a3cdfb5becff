"""Logarithmic(probs) on 1, 2, 3, ...: P(n) proportional to probs**n/n."""

from sympy import I, S, Symbol, exp, log, loggamma, oo

from fsb_oracle.backends.noise import Logarithmic
from fsb_oracle.families.family import PROBABILITY, Family, Parameter, Recipe, Support, w, z

_probs = Parameter("probs", PROBABILITY)
probs = _probs.symbol
n = Symbol("n", real=True)
norm = -log(1 - probs)

logarithmic = Family(
    name="logarithmic",
    parameters=(_probs,),
    support=Support("integers", S.One, oo),
    log_density=z * log(probs) + loggamma(z) - loggamma(z + 1) - log(norm),
    characteristic_function=-log(1 - probs * exp(I * w)) / norm,
    strip=(log(probs), oo),
    mean=probs / (1 - probs) / norm,
    variance=probs * (norm - probs) / (1 - probs) ** 2 / norm**2,
    recipe=Recipe({"n": Logarithmic(probs)}, n),
    catalogue={"q": probs},
    edges=({"probs": "0.5"}, {"probs": "0.1"}, {"probs": "0.9"}, {"probs": "0.999"}),
)
