"""Chi-squared with df degrees of freedom: gamma(df/2, 1/2)."""

from sympy import I, Rational, S, Symbol, log, loggamma, oo

from fsb_oracle.backends.noise import Gamma
from fsb_oracle.families.charts import half_line
from fsb_oracle.families.family import HALF_LINE, POSITIVE, Family, Parameter, Recipe, w, z

_df = Parameter("df", POSITIVE)
df = _df.symbol
g = Symbol("g", positive=True)
transform = (1 - 2 * I * w) ** (-df / 2)

chi2 = Family(
    name="chi2",
    parameters=(_df,),
    support=HALF_LINE,
    log_density=(df / 2 - 1) * log(z) - z / 2 - df / 2 * log(S(2)) - loggamma(df / 2),
    characteristic_function=transform,
    strip=(-Rational(1, 2), oo),
    mean=df,
    variance=2 * df,
    charts=half_line(df),
    waves=((S.Zero, transform),),
    recipe=Recipe({"g": Gamma(df / 2)}, 2 * g),
    catalogue={"nu": df},
    edges=({"df": "1"}, {"df": "3"}, {"df": "10"}, {"df": "0.01"}, {"df": "10000"}),
)
