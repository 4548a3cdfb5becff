"""Chi with df degrees of freedom: the root of a chi-squared variable."""

from sympy import Symbol, exp, gamma, log, loggamma, pi, sqrt

from fsb_oracle.backends.noise import Gamma
from fsb_oracle.families.charts import half_line, ray_from_zero
from fsb_oracle.families.family import HALF_LINE, POSITIVE, Family, Parameter, Recipe, order, z

_df = Parameter("df", POSITIVE)
df = _df.symbol
g = Symbol("g", positive=True)
mean = sqrt(2) * gamma((df + 1) / 2) / gamma(df / 2)
charts = half_line(sqrt(df), power=2)

chi = Family(
    name="chi",
    parameters=(_df,),
    support=HALF_LINE,
    log_density=(df - 1) * log(z) - exp(2 * log(z)) / 2 - (df / 2 - 1) * log(2) - loggamma(df / 2),
    characteristic_function=None,
    mean=mean,
    variance=df - mean**2,
    charts=charts,
    rays=ray_from_zero(charts[0], pi / 8 / sqrt(1 + df)),
    moment=exp(order * log(2) / 2 + loggamma((df + order) / 2) - loggamma(df / 2)),
    recipe=Recipe({"g": Gamma(df / 2)}, sqrt(2 * g)),
    catalogue={"nu": df},
    edges=({"df": "3"}, {"df": "1.5"}, {"df": "0.1"}, {"df": "1000"}),
)
