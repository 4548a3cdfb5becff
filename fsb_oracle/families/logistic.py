"""Logistic(loc, scale)."""

from sympy import Abs, I, Sum, Symbol, bernoulli, binomial, cosh, exp, log, pi

from fsb_oracle.backends.noise import Uniform
from fsb_oracle.families.charts import line
from fsb_oracle.families.family import LINE, POSITIVE, REAL, Family, Parameter, Recipe, order, w, z

_loc, _scale = Parameter("loc", REAL), Parameter("scale", POSITIVE)
loc, scale = _loc.symbol, _scale.symbol
u = Symbol("u", real=True)
j = Symbol("j", integer=True, nonnegative=True)

logistic = Family(
    name="logistic",
    parameters=(_loc, _scale),
    support=LINE,
    log_density=-2 * log(cosh((z - loc) / (2 * scale))) - log(4 * scale),  # even in z - loc: both tails look alike
    # pi scale w/sinh(pi scale w) in the form that stays sharp on wide balls with Re w > 0
    characteristic_function=2 * pi * scale * w * exp(I * loc * w - pi * scale * w) / (1 - exp(-2 * pi * scale * w)),
    strip=(-1 / scale, 1 / scale),
    mean=loc,
    variance=pi**2 * scale**2 / 3,
    charts=line(loc, scale),
    cdf=1 / (1 + exp(-(z - loc) / scale)),
    survival=1 / (1 + exp((z - loc) / scale)),
    # the even moments about loc: (pi scale)**n |(2**n - 2) B(n)|
    moment=Sum(  # pyright: ignore[reportArgumentType]
        binomial(order, 2 * j) * loc ** (order - 2 * j) * (pi * scale) ** (2 * j) * Abs((4**j - 2) * bernoulli(2 * j)),
        (j, 0, order // 2),
    ),
    recipe=Recipe({"u": Uniform()}, loc + scale * (log(u) - log(1 - u))),
    catalogue={"mu": loc, "s": scale},
    edges=(
        {"loc": "0", "scale": "1"},
        {"loc": "0.2", "scale": "0.8"},
        {"loc": "-0.5", "scale": "2.5"},
        {"loc": "0", "scale": "0.01"},
        {"loc": "10", "scale": "0.1"},
    ),
)
