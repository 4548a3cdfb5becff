"""RelaxedBernoulli(temperature, probs) on (0, 1): temperature logit(z) is a logistic(logit(probs), 1) variable."""

from sympy import Symbol, exp, log, nan

from fsb_oracle.backends.noise import Uniform
from fsb_oracle.families.charts import unit_interval
from fsb_oracle.families.family import POSITIVE, PROBABILITY, UNIT_INTERVAL, Family, Parameter, Recipe, z

_temperature, _probs = Parameter("temperature", POSITIVE), Parameter("probs", PROBABILITY)
temperature, probs = _temperature.symbol, _probs.symbol
u = Symbol("u", positive=True)
x = temperature * (log(z) - log(1 - z)) - log(probs) + log(1 - probs)  # logistic(0, 1)
logit = (log(u) - log(1 - u) + log(probs) - log(1 - probs)) / temperature  # of z
slope = 1 / ((1 + exp(logit)) * (1 + exp(-logit)))  # dz/dlogit, of which only one factor can overflow

relaxed_bernoulli = Family(
    name="relaxed_bernoulli",
    parameters=(_temperature, _probs),
    support=UNIT_INTERVAL,
    log_density=log(temperature) - x - 2 * log(1 + exp(-x)) - log(z) - log(1 - z),
    characteristic_function=None,
    mean=nan,  # no closed form
    variance=nan,
    charts=unit_interval(),
    cdf=1 / (1 + exp(-x)),
    survival=1 / (1 + exp(x)),
    recipe=Recipe(
        {"u": Uniform()},
        1 / (1 + exp(-(log(u) - log(1 - u) + log(probs) - log(1 - probs)) / temperature)),
        velocities={"temperature": -logit / temperature * slope, "probs": slope / (temperature * probs * (1 - probs))},
    ),
    catalogue={"tau": temperature, "p": probs},
    edges=(
        {"temperature": "1", "probs": "0.3"},
        {"temperature": "0.5", "probs": "0.6"},
        {"temperature": "0.1", "probs": "0.5"},
        {"temperature": "5", "probs": "0.01"},
    ),
)
