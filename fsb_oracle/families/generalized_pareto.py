"""GeneralizedPareto(loc, scale, concentration): excesses over a threshold, with a heavy tail (concentration > 0)."""

from sympy import Piecewise, S, Symbol, exp, log, oo

from fsb_oracle.backends.noise import Exponential
from fsb_oracle.backends.special_functions import expm1
from fsb_oracle.families.charts import FAR, Chart, End, positive_t, rays_from, s
from fsb_oracle.families.family import POSITIVE, REAL, Family, Parameter, Recipe, Support, z

_loc, _scale, _concentration = (
    Parameter("loc", REAL),
    Parameter("scale", POSITIVE),
    Parameter("concentration", POSITIVE),
)
loc, scale, concentration = _loc.symbol, _scale.symbol, _concentration.symbol
e = Symbol("e", positive=True)
x = log(1 + concentration * (z - loc) / scale) / concentration  # exponential(1)
far = End(log(1 + s) / concentration, exp(concentration * positive_t) - 1, otherwise=FAR)

generalized_pareto = Family(
    name="generalized_pareto",
    parameters=(_loc, _scale, _concentration),
    support=Support("interval", loc, oo),
    log_density=-log(scale) - (1 + concentration) * x,
    characteristic_function=None,
    mean=Piecewise((loc + scale / (1 - concentration), concentration < 1), (oo, True)),
    variance=Piecewise(
        (scale**2 / ((1 - concentration) ** 2 * (1 - 2 * concentration)), concentration < S.Half), (oo, True)
    ),
    charts=(Chart(positive_t, loc + scale * (exp(concentration * positive_t) - 1) / concentration, x, S.Zero, far),),
    rays=rays_from(loc, scale, sides=(1,)),
    cdf=-expm1(-x),
    survival=exp(-x),
    tail_index=1 / concentration,
    recipe=Recipe({"e": Exponential()}, loc + scale * (exp(concentration * e) - 1) / concentration),
    catalogue={"mu": loc, "sigma": scale, "xi": concentration},
    edges=(
        {"loc": "0", "scale": "1", "concentration": "0.3"},
        {"loc": "0.4", "scale": "0.8", "concentration": "0.2"},
        {"loc": "0", "scale": "1", "concentration": "2"},
        {"loc": "-1", "scale": "2", "concentration": "0.001"},
    ),
)
