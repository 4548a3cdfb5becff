"""NegativeBinomial(total_count, probs), Torch's convention: the mean is total_count probs/(1 - probs)."""

from sympy import I, Symbol, exp, log, loggamma, oo

from fsb_oracle.backends.noise import NegativeBinomial
from fsb_oracle.families.family import COUNTS, POSITIVE, PROBABILITY, Family, Parameter, Recipe, w, z

_total_count, _probs = Parameter("total_count", POSITIVE), Parameter("probs", PROBABILITY)
total_count, probs = _total_count.symbol, _probs.symbol
n = Symbol("n", real=True)

negative_binomial = Family(
    name="negative_binomial",
    parameters=(_total_count, _probs),
    support=COUNTS,
    log_density=loggamma(z + total_count)
    - loggamma(total_count)
    - loggamma(z + 1)
    + total_count * log(1 - probs)
    + z * log(probs),
    characteristic_function=((1 - probs) / (1 - probs * exp(I * w))) ** total_count,
    strip=(log(probs), oo),
    mean=total_count * probs / (1 - probs),
    variance=total_count * probs / (1 - probs) ** 2,
    recipe=Recipe({"n": NegativeBinomial(total_count, probs)}, n),
    catalogue={"r": total_count, "p": 1 - probs},
    edges=(
        {"total_count": "2.5", "probs": "0.4"},
        {"total_count": "0.5", "probs": "0.6"},
        {"total_count": "7", "probs": "0.1"},
        {"total_count": "0.01", "probs": "0.6"},
        {"total_count": "2.5", "probs": "0.001"},
        {"total_count": "2.5", "probs": "0.999"},
        {"total_count": "1000", "probs": "0.5"},
    ),
)
