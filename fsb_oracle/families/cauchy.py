"""Cauchy(loc, scale): no mean."""

from sympy import I, Rational, S, Symbol, asinh, atan, exp, log, nan, pi, tan

from fsb_oracle.backends.noise import Uniform
from fsb_oracle.families.charts import heavy_line, rays_from
from fsb_oracle.families.family import LINE, POSITIVE, REAL, Family, Parameter, Recipe, w, z

_loc, _scale = Parameter("loc", REAL), Parameter("scale", POSITIVE)
loc, scale = _loc.symbol, _scale.symbol
u = Symbol("u", real=True)

cauchy = Family(
    name="cauchy",
    parameters=(_loc, _scale),
    support=LINE,
    log_density=-log(1 + ((z - loc) / scale) ** 2) - log(pi * scale),
    characteristic_function=exp((I * loc - scale) * w),
    strip=(S.Zero, S.Zero),
    mean=nan,
    variance=nan,
    charts=heavy_line(loc, scale),
    rays=rays_from(loc, scale),
    # the Gudermann function: (1/pi) arccot(u) with its digits in the far tail
    cdf=2 / pi * atan(exp(asinh((z - loc) / scale))),
    survival=2 / pi * atan(exp(-asinh((z - loc) / scale))),
    tail_index=S.One,
    recipe=Recipe({"u": Uniform()}, loc + scale * tan(pi * (u - Rational(1, 2)))),
    catalogue={"x0": loc, "gamma": scale},
    edges=(
        {"loc": "0", "scale": "1"},
        {"loc": "0.2", "scale": "1.3"},
        {"loc": "-0.5", "scale": "0.01"},
        {"loc": "10", "scale": "100"},
    ),
)
