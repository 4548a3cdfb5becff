"""Student's t(df, loc, scale): E |z|**r exists for r < df."""

from sympy import I, Piecewise, S, Sum, Symbol, binomial, exp, gamma, log, loggamma, nan, oo, pi, sqrt

from fsb_oracle.backends.noise import Gamma, Normal
from fsb_oracle.backends.special_functions import besselk
from fsb_oracle.families.charts import heavy_line, rays_from
from fsb_oracle.families.family import LINE, POSITIVE, REAL, Conditional, Family, Parameter, Recipe, order, v, w, z

_df, _loc, _scale = Parameter("df", POSITIVE), Parameter("loc", REAL), Parameter("scale", POSITIVE)
df, loc, scale = _df.symbol, _loc.symbol, _scale.symbol
eps, g = Symbol("eps", real=True), Symbol("g", positive=True)
j = Symbol("j", integer=True, nonnegative=True)
width = sqrt(df) * scale

student_t = Family(
    name="student_t",
    parameters=(_df, _loc, _scale),
    support=LINE,
    log_density=-(df + 1) / 2 * log(1 + ((z - loc) / width) ** 2)
    + loggamma((df + 1) / 2)
    - loggamma(df / 2)
    - log(pi * df) / 2
    - log(scale),
    # (x/2)**(df/2) K(x) 2/Gamma(df/2) at x = sqrt(df) scale w: Hurst 1995
    characteristic_function=2
    * exp(I * loc * w + df / 2 * log(width * w / 2) - loggamma(df / 2))
    * besselk(df / 2, width * w),
    strip=(S.Zero, S.Zero),
    mean=Piecewise((loc, df > 1), (nan, True)),
    variance=Piecewise((scale**2 * df / (df - 2), df > 2), (oo, df > 1), (nan, True)),
    charts=heavy_line(loc, width),
    rays=rays_from(loc, width),
    tail_index=df,
    # the odd moments about loc vanish
    moment=Sum(  # pyright: ignore[reportArgumentType]
        binomial(order, 2 * j)
        * loc ** (order - 2 * j)
        * width ** (2 * j)
        * gamma(j + S.Half)
        * gamma(df / 2 - j)
        / (sqrt(pi) * gamma(df / 2)),
        (j, 0, order // 2),
    ),
    conditional=Conditional("inverse_gamma", {"concentration": df / 2, "rate": df / 2}, loc, scale**2 * v),
    recipe=Recipe({"eps": Normal(), "g": Gamma(df / 2)}, loc + width * eps / sqrt(2 * g)),
    catalogue={"nu": df, "mu": loc, "sigma": scale},
    edges=(
        {"df": "5", "loc": "0", "scale": "1"},
        {"df": "3", "loc": "0.4", "scale": "1"},
        {"df": "0.1", "loc": "0", "scale": "1"},
        {"df": "1.5", "loc": "-0.5", "scale": "0.3"},
        {"df": "1000", "loc": "1", "scale": "2"},
    ),
)
