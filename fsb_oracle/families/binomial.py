"""Binomial(total_count, probs): the number of successes in `total_count` trials."""

from sympy import I, S, Symbol, exp, log, loggamma

from fsb_oracle.backends.noise import Binomial
from fsb_oracle.families.family import COUNT, PROBABILITY, Family, Parameter, Recipe, Support, w, z

_total_count, _probs = Parameter("total_count", COUNT, continuous=False), Parameter("probs", PROBABILITY)
total_count, probs = _total_count.symbol, _probs.symbol
n = Symbol("n", real=True)

binomial = Family(
    name="binomial",
    parameters=(_total_count, _probs),
    support=Support("integers", S.Zero, total_count),
    log_density=loggamma(total_count + 1)
    - loggamma(z + 1)
    - loggamma(total_count - z + 1)
    + z * log(probs)
    + (total_count - z) * log(1 - probs),
    characteristic_function=(1 - probs + probs * exp(I * w)) ** total_count,
    mean=total_count * probs,
    variance=total_count * probs * (1 - probs),
    recipe=Recipe({"n": Binomial(total_count, probs)}, n),
    catalogue={"n": total_count, "p": probs},
    edges=(
        {"total_count": "5", "probs": "0.2"},
        {"total_count": "1", "probs": "0.5"},
        {"total_count": "40", "probs": "0.999"},
        {"total_count": "1000000", "probs": "0.000001"},
        {"total_count": "1000000", "probs": "0.5"},
        {"total_count": "1000000", "probs": "0.999999"},
    ),
)
