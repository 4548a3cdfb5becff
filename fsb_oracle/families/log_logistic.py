"""Log-logistic(scale, concentration): log z is logistic(log scale, 1/concentration); moments below concentration."""

from sympy import Piecewise, Symbol, cosh, exp, gamma, log, oo, pi, sin

from fsb_oracle.backends.noise import Uniform
from fsb_oracle.families.charts import UP, half_line, ray_from_zero
from fsb_oracle.families.family import HALF_LINE, POSITIVE, Family, Parameter, Recipe, order, z

_scale, _concentration = Parameter("scale", POSITIVE), Parameter("concentration", POSITIVE)
scale, concentration = _scale.symbol, _concentration.symbol
u = Symbol("u", positive=True)
x = concentration * (log(z) - log(scale))
angle = pi / concentration
charts = half_line(scale, upper=UP, power=concentration)

log_logistic = Family(
    name="log_logistic",
    parameters=(_scale, _concentration),
    support=HALF_LINE,
    log_density=log(concentration / 4) - log(z) - 2 * log(cosh(x / 2)),
    characteristic_function=None,
    mean=Piecewise((scale * angle / sin(angle), concentration > 1), (oo, True)),
    variance=Piecewise(
        (scale**2 * (2 * angle / sin(2 * angle) - (angle / sin(angle)) ** 2), concentration > 2), (oo, True)
    ),
    charts=charts,
    rays=ray_from_zero(charts[0], pi / (4 * concentration)),
    cdf=1 / (1 + exp(-x)),
    survival=1 / (1 + exp(x)),
    tail_index=concentration,
    moment=scale**order * gamma(1 + order / concentration) * gamma(1 - order / concentration),
    recipe=Recipe({"u": Uniform()}, scale * exp((log(u) - log(1 - u)) / concentration)),
    catalogue={"s": scale, "alpha": concentration},
    edges=(
        {"scale": "1", "concentration": "3"},
        {"scale": "0.7", "concentration": "5"},
        {"scale": "1", "concentration": "0.1"},
        {"scale": "2", "concentration": "50"},
    ),
)
