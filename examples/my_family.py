"""A law of one's own with its Fourier rules: `fsb-oracle verify examples/my_family.py`.

The gamma law by its mean and concentration. Once this file is imported, `exact`, `variance`, `fourier.gradient` and
the estimators of other files know it as "gamma_by_mean".
"""

from sympy import I, S, Symbol, log, loggamma, oo

import fsb_oracle
from fsb_oracle.backends.noise import Exponential, Gamma, Uniform
from fsb_oracle.families.charts import half_line
from fsb_oracle.families.family import HALF_LINE, POSITIVE, Family, Parameter, Recipe, w, z
from fsb_oracle.rules import Cost, Rule
from fsb_oracle.rules.levy import Jump, LevyKernel

_mean, _concentration = Parameter("mean", POSITIVE), Parameter("concentration", POSITIVE)
mean, concentration = _mean.symbol, _concentration.symbol
g = Symbol("g", positive=True)

scale = mean / concentration
transform = (1 - I * scale * w) ** (-concentration)

# the Levy density is concentration exp(-x/scale)/x; its derivative in the mean, exp(-x/scale)/scale^2, has the mass
# 1/scale and the first moment 1
in_the_mean = LevyKernel(
    "GBM-mean", "gamma_by_mean", "mean", "mean", {0: Jump(1 / scale, Exponential(), scale), 1: Jump(1, Gamma(2), scale)}
)

# at a given mean, more of the shape less of the scale
in_the_concentration = Rule(
    id="GBM-concentration",
    family="gamma_by_mean",
    parameter="concentration",
    letter="concentration",
    kernel=lambda f, c, z, e, u: (
        c.mean / c.concentration * f.derivative(z + c.mean / c.concentration * u * e)
        - c.mean / c.concentration * f.derivative(z + c.mean / c.concentration * e)
    ),
    noise={"e": Exponential(), "u": Uniform()},
    cost=Cost(first=2),
    formula="s [f'(z + s u e) - f'(z + s e)], s = mean/concentration, e ~ Exp(1), u ~ U(0,1)",
)


@fsb_oracle.family
def gamma_by_mean() -> tuple[Family, tuple[Rule, ...]]:
    law = Family(
        name="gamma_by_mean",
        parameters=(_mean, _concentration),
        support=HALF_LINE,
        log_density=(concentration - 1) * log(z) - z / scale - concentration * log(scale) - loggamma(concentration),
        characteristic_function=transform,
        strip=(-1 / scale, oo),
        mean=mean,
        variance=mean * scale,
        charts=half_line(mean),
        waves=((S.Zero, transform),),
        recipe=Recipe({"g": Gamma(concentration)}, scale * g),
        catalogue={},
        edges=({"mean": "1", "concentration": "2.5"}, {"mean": "0.7", "concentration": "0.2"}),
    )
    return law, (*in_the_mean.rules(), in_the_concentration)
