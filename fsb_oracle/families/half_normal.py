"""Half-normal(scale): the absolute value of a normal(0, scale) variable."""

from sympy import Abs, Rational, Symbol, erf, erfc, exp, gamma, log, pi, sqrt

from fsb_oracle.backends.noise import Normal
from fsb_oracle.families.charts import half_line, ray_from_zero
from fsb_oracle.families.family import HALF_LINE, POSITIVE, Family, Parameter, Recipe, order, z

_scale = Parameter("scale", POSITIVE)
scale = _scale.symbol
eps = Symbol("eps", real=True)
charts = half_line(scale, power=2)

half_normal = Family(
    name="half_normal",
    parameters=(_scale,),
    support=HALF_LINE,
    log_density=log(2 / pi) / 2 - log(scale) - exp(2 * (log(z) - log(scale))) / 2,
    characteristic_function=None,
    mean=scale * sqrt(2 / pi),
    variance=(1 - 2 / pi) * scale**2,
    charts=charts,
    rays=ray_from_zero(charts[0], pi / 8),
    cdf=erf(z / (scale * sqrt(2))),
    survival=erfc(z / (scale * sqrt(2))),
    moment=scale**order * 2 ** (order * Rational(1, 2)) * gamma((1 + order) / 2) / sqrt(pi),
    recipe=Recipe({"eps": Normal()}, scale * Abs(eps)),
    catalogue={"sigma": scale},
    edges=({"scale": "1"}, {"scale": "0.8"}, {"scale": "0.01"}, {"scale": "100"}),
)
