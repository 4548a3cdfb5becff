"""Half-Cauchy(scale): the absolute value of a Cauchy(0, scale) variable."""

from sympy import S, Symbol, atan, cos, exp, log, oo, pi, tan

from fsb_oracle.backends.noise import Uniform
from fsb_oracle.families.charts import UP, half_line, ray_from_zero
from fsb_oracle.families.family import HALF_LINE, POSITIVE, Family, Parameter, Recipe, order, z

_scale = Parameter("scale", POSITIVE)
scale = _scale.symbol
u = Symbol("u", positive=True)
x = log(z) - log(scale)
charts = half_line(scale, upper=UP)

half_cauchy = Family(
    name="half_cauchy",
    parameters=(_scale,),
    support=HALF_LINE,
    log_density=log(2 / pi) - log(scale) - log(1 + exp(2 * x)),
    characteristic_function=None,
    mean=oo,
    variance=oo,
    charts=charts,
    rays=ray_from_zero(charts[0], pi / 8),
    cdf=2 / pi * atan(exp(x)),
    survival=2 / pi * atan(exp(-x)),
    tail_index=S.One,
    mellin=scale**order / cos(pi * order / 2),
    recipe=Recipe({"u": Uniform()}, scale * tan(pi * u / 2)),
    catalogue={"gamma": scale},
    edges=({"scale": "1"}, {"scale": "0.8"}, {"scale": "0.01"}, {"scale": "100"}),
)
