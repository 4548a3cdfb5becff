"""Log-Laplace(scale, concentration): log z is Laplace(log scale, 1/concentration); moments below concentration."""

from sympy import Max, Piecewise, Symbol, exp, log, oo

from fsb_oracle.backends.noise import Laplace
from fsb_oracle.families.charts import above, below, rays_from
from fsb_oracle.families.family import HALF_LINE, POSITIVE, Family, Parameter, Recipe, order, z

_scale, _concentration = Parameter("scale", POSITIVE), Parameter("concentration", POSITIVE)
scale, concentration = _scale.symbol, _concentration.symbol
xi = Symbol("xi", real=True)
x = concentration * (log(z) - log(scale))
up = concentration * Max(log(z) - log(scale), 0)  # |x| = 2 up - x
ratio = concentration**2

log_laplace = Family(
    name="log_laplace",
    parameters=(_scale, _concentration),
    support=HALF_LINE,
    log_density=log(concentration / 2) - log(z) + x - 2 * up,
    characteristic_function=None,
    mean=Piecewise((scale * ratio / (ratio - 1), concentration > 1), (oo, True)),
    variance=Piecewise((scale**2 * (ratio / (ratio - 4) - (ratio / (ratio - 1)) ** 2), concentration > 2), (oo, True)),
    charts=(*above(scale, concentration), *below(scale, concentration)),
    rays=rays_from(scale, scale / concentration, sides=(1,)),
    cdf=exp(x - up) - exp(x - 2 * up) / 2,
    survival=exp(-up) - exp(x - 2 * up) / 2,
    tail_index=concentration,
    moment=scale**order * ratio / (ratio - order**2),
    recipe=Recipe({"xi": Laplace()}, scale * exp(xi / concentration)),
    catalogue={"s": scale, "alpha": concentration},
    edges=(
        {"scale": "1", "concentration": "3"},
        {"scale": "0.7", "concentration": "5"},
        {"scale": "1", "concentration": "0.1"},
        {"scale": "2", "concentration": "50"},
    ),
)
