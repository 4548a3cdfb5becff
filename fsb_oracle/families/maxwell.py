"""Maxwell(scale): the length of a vector of three independent normal(0, scale) variables."""

from sympy import Rational, S, Symbol, erf, erfc, exp, gamma, log, pi, sqrt

from fsb_oracle.backends.noise import Gamma
from fsb_oracle.families.charts import half_line, ray_from_zero
from fsb_oracle.families.family import HALF_LINE, POSITIVE, Family, Parameter, Recipe, order, z

_scale = Parameter("scale", POSITIVE)
scale = _scale.symbol
g = Symbol("g", positive=True)
power = exp(2 * (log(z) - log(scale))) / 2  # (z/scale)**2 / 2
root = exp(log(z) - log(scale)) / sqrt(2)
charts = half_line(scale, power=2)

maxwell = Family(
    name="maxwell",
    parameters=(_scale,),
    support=HALF_LINE,
    log_density=log(2 / pi) / 2 + 2 * log(z) - 3 * log(scale) - power,
    characteristic_function=None,
    mean=2 * scale * sqrt(2 / pi),
    variance=(3 - 8 / pi) * scale**2,
    charts=charts,
    rays=ray_from_zero(charts[0], pi / 8),
    cdf=erf(root) - 2 / sqrt(pi) * root * exp(-power),
    survival=erfc(root) + 2 / sqrt(pi) * root * exp(-power),
    moment=scale**order * 2 ** (order / 2) * gamma((order + 3) / 2) / gamma(Rational(3, 2)),
    recipe=Recipe({"g": Gamma(Rational(3, 2))}, scale * sqrt(S(2) * g)),
    catalogue={"sigma": scale},
    edges=({"scale": "1"}, {"scale": "0.8"}, {"scale": "0.01"}, {"scale": "100"}),
)
