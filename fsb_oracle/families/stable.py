"""Stable(alpha, beta, loc, scale): Nolan's S1 form, with index alpha and skewness beta; alpha = 2 is normal."""

from sympy import Abs, And, Eq, I, Ne, Or, Piecewise, S, Symbol, atan, cos, exp, log, nan, oo, pi, sin, tan

from fsb_oracle.backends.noise import Exponential, Uniform
from fsb_oracle.families.charts import heavy_line
from fsb_oracle.families.family import LINE, POSITIVE, REAL, Domain, Family, Parameter, Recipe, order, w

INDEX = Domain("greater than 0 and at most 2", lambda v: 0 < v <= 2, {"positive": True})
SKEWNESS = Domain("between -1 and 1", lambda v: -1 <= v <= 1, {"real": True})

_alpha, _beta = Parameter("alpha", INDEX), Parameter("beta", SKEWNESS)
_loc, _scale = Parameter("loc", REAL), Parameter("scale", POSITIVE)
alpha, beta, loc, scale = (p.symbol for p in (_alpha, _beta, _loc, _scale))
u, e = Symbol("u", real=True), Symbol("e", positive=True)

# Chambers, Mallows and Stuck 1976
angle = pi * (u - S.Half)
skew = beta * tan(pi * alpha / 2)
turned = alpha * angle + atan(skew)
standard = (
    (1 + skew**2) ** (1 / (2 * alpha))
    * sin(turned)
    / cos(angle) ** (1 / alpha)
    * (cos(angle - turned) / e) ** ((1 - alpha) / alpha)
)

stable = Family(
    name="stable",
    parameters=(_alpha, _beta, _loc, _scale),
    support=LINE,
    log_density=None,
    # the derivatives at alpha = 1 are right at beta = 0, the only value there
    characteristic_function=exp(
        I * loc * w
        - Piecewise(
            ((scale * w) ** alpha + 2 * I * beta / pi * scale * w * log(w), Eq(alpha, 1)),
            ((1 - I * skew) * scale**alpha * w**alpha, True),
        )
    ),
    strip=(S.Zero, S.Zero),
    mean=Piecewise((loc, alpha > 1), (nan, True)),
    variance=Piecewise((2 * scale**2, Eq(alpha, 2)), (oo, alpha > 1), (nan, True)),
    charts=heavy_line(loc, scale),
    tail_index=alpha,
    light_tails=(Or(Eq(beta, 1), Eq(alpha, 2)), Or(Eq(beta, -1), Eq(alpha, 2))),  # pyright: ignore[reportArgumentType]
    moment=Piecewise((1, Eq(order, 0)), (loc, True)),  # there are no others below the tail index
    constraint=(
        Or(Ne(alpha, 1), Eq(beta, 0)),  # pyright: ignore[reportArgumentType]
        "beta = 0 where alpha = 1 (where the S1 form is not continuous)",
    ),
    recipe=Recipe(
        {"u": Uniform(), "e": Exponential()},
        loc + scale * standard,
        smooth_where={
            "alpha": Ne(alpha, 1),
            # from a bound of beta on, with alpha < 1, samples appear at the other end of the line
            "beta": Or(alpha > 1, And(alpha < 1, Abs(beta) < 1)),
        },
    ),
    catalogue={"alpha": alpha, "beta": beta, "delta": loc, "c": scale},
    edges=(
        {"alpha": "1.5", "beta": "0.5", "loc": "0.2", "scale": "1"},
        {"alpha": "1.9", "beta": "-0.9", "loc": "0", "scale": "0.01"},
        {"alpha": "0.3", "beta": "1", "loc": "0", "scale": "1"},
        {"alpha": "1.9", "beta": "0", "loc": "10", "scale": "100"},
        {"alpha": "1", "beta": "0", "loc": "0.3", "scale": "0.8"},
        {"alpha": "0.9", "beta": "-0.5", "loc": "-1", "scale": "2"},
    ),
)
