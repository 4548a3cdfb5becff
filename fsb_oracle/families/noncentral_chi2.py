"""Noncentral chi-squared: the squared length of df normal variables whose means have that of noncentrality."""

from sympy import I, Rational, S, Symbol, exp, log, loggamma, oo, sqrt

from fsb_oracle.backends.noise import NoncentralChi2
from fsb_oracle.backends.special_functions import hyp0f1
from fsb_oracle.families.charts import half_line, ray_from_zero
from fsb_oracle.families.family import HALF_LINE, NONNEGATIVE, POSITIVE, Family, Parameter, Recipe, w, z

_df, _noncentrality = Parameter("df", POSITIVE), Parameter("noncentrality", NONNEGATIVE)
df, noncentrality = _df.symbol, _noncentrality.symbol
x = Symbol("x", positive=True)
charts = half_line(df + noncentrality)
transform = (1 - 2 * I * w) ** (-df / 2) * exp(noncentrality / 2 * (1 / (1 - 2 * I * w) - 1))

noncentral_chi2 = Family(
    name="noncentral_chi2",
    parameters=(_df, _noncentrality),
    support=HALF_LINE,
    log_density=log(hyp0f1(df / 2, noncentrality * z / 4))
    + (df / 2 - 1) * log(z)
    - z / 2
    - noncentrality / 2
    - df / 2 * log(S(2))
    - loggamma(df / 2),
    characteristic_function=transform,
    strip=(-Rational(1, 2), oo),
    mean=df + noncentrality,
    variance=2 * df + 4 * noncentrality,
    charts=charts,
    rays=ray_from_zero(charts[0], sqrt(2 * df + 4 * noncentrality) / (df + noncentrality)),
    waves=((S.Zero, transform),),
    recipe=Recipe({"x": NoncentralChi2(df, noncentrality)}, x),
    catalogue={"nu": df, "lam": noncentrality},
    edges=(
        {"df": "2", "noncentrality": "1"},
        {"df": "3", "noncentrality": "4"},
        {"df": "0.1", "noncentrality": "0"},
        {"df": "100", "noncentrality": "100"},
    ),
)
