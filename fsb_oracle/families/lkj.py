"""LKJ(concentration) of two variables: their correlation z on (-1, 1), density ~ (1 - z**2)**(concentration - 1)."""

from sympy import I, Integer, Symbol, exp, log, loggamma, polygamma, sqrt

from fsb_oracle.backends.expressions import hyp1f1
from fsb_oracle.backends.noise import Beta
from fsb_oracle.families.charts import FAR, Chart, positive_t
from fsb_oracle.families.family import POSITIVE, Family, Parameter, Recipe, Support, w, z

_concentration = Parameter("concentration", POSITIVE)
c = _concentration.symbol
x = Symbol("x", real=True)

lkj = Family(
    name="lkj",
    parameters=(_concentration,),
    support=Support("interval", Integer(-1), Integer(1)),
    log_density=(c - 1) * (log(1 + z) + log(1 - z)) + loggamma(2 * c) - 2 * loggamma(c) - (2 * c - 1) * log(2),
    characteristic_function=exp(-I * w) * hyp1f1(c, 2 * c, 2 * I * w),  # pyright: ignore[reportArgumentType, reportOperatorIssue]
    mean=Integer(0),
    variance=1 / (2 * c + 1),
    # z = -1 + exp(-t) below 0 and 1 - exp(-t) above: powers of the ends are exponentials
    charts=(
        Chart(positive_t, exp(-positive_t) - 1, -log(1 + z), Integer(0), FAR, reversed=True),
        Chart(positive_t, 1 - exp(-positive_t), -log(1 - z), Integer(0), FAR),
    ),
    # by Cauchy-Schwarz, the root of the Fisher information
    wave_bounds={"concentration": sqrt(2 * polygamma(1, c) - 4 * polygamma(1, 2 * c))},
    recipe=Recipe({"x": Beta(c, c)}, 2 * x - 1),
    catalogue={"c": c},
    edges=(
        {"concentration": "1"},
        {"concentration": "2"},
        {"concentration": "0.3"},
        {"concentration": "0.05"},
        {"concentration": "50"},
    ),
)
