"""Fisher-Snedecor(df1, df2): the ratio of two chi-square variables, each divided by its degrees of freedom."""

from sympy import Piecewise, Symbol, exp, log, loggamma, oo, sqrt

from fsb_oracle.backends.noise import Gamma
from fsb_oracle.families.charts import UP, half_line, ray_from_zero
from fsb_oracle.families.family import HALF_LINE, POSITIVE, Family, Parameter, Recipe, order, z

_df1, _df2 = Parameter("df1", POSITIVE), Parameter("df2", POSITIVE)
m, n = _df1.symbol, _df2.symbol
a, b = m / 2, n / 2
g, h = Symbol("g", positive=True), Symbol("h", positive=True)
charts = half_line(1, upper=UP)

fisher_snedecor = Family(
    name="fisher_snedecor",
    parameters=(_df1, _df2),
    support=HALF_LINE,
    log_density=a * log(m / n)
    + (a - 1) * log(z)
    - (a + b) * log(1 + m * z / n)
    + loggamma(a + b)
    - loggamma(a)
    - loggamma(b),
    characteristic_function=None,
    mean=Piecewise((n / (n - 2), n > 2), (oo, True)),
    variance=Piecewise((2 * n**2 * (m + n - 2) / (m * (n - 2) ** 2 * (n - 4)), n > 4), (oo, True)),
    charts=charts,
    rays=ray_from_zero(charts[0], sqrt(1 / a + 1 / b)),
    tail_index=b,
    moment=exp(order * log(n / m) + loggamma(a + order) - loggamma(a) + loggamma(b - order) - loggamma(b)),
    recipe=Recipe({"g": Gamma(a), "h": Gamma(b)}, g / m / (h / n)),
    catalogue={"m": m, "n": n},
    edges=(
        {"df1": "3", "df2": "9"},
        {"df1": "1.5", "df2": "6"},
        {"df1": "0.2", "df2": "0.6"},
        {"df1": "300", "df2": "200"},
    ),
)
