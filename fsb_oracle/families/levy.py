"""Levy(loc, scale): loc + scale/eps**2 of a standard normal eps, the one-sided stable law of index 1/2."""

from sympy import I, Rational, S, Symbol, erf, erfc, exp, log, oo, pi, sqrt

from fsb_oracle.backends.noise import Gamma
from fsb_oracle.families.charts import FAST_DOWN, UP, Chart, End, Ray, half_line, s, t
from fsb_oracle.families.family import POSITIVE, REAL, Family, Parameter, Recipe, Support, w, z

_loc, _scale = Parameter("loc", REAL), Parameter("scale", POSITIVE)
loc, scale = _loc.symbol, _scale.symbol
g = Symbol("g", positive=True)
above = z - loc
root = sqrt(scale / 2) * exp(-log(above) / 2)

levy = Family(
    name="levy",
    parameters=(_loc, _scale),
    support=Support("interval", loc, oo),
    log_density=log(scale / (2 * pi)) / 2 - 3 * log(above) / 2 - scale / (2 * above),
    characteristic_function=exp(I * loc * w - sqrt(-2 * I * scale * w)),
    strip=(S.Zero, oo),
    mean=oo,
    variance=oo,
    charts=(
        Chart(
            t,
            loc + scale * exp(t),
            log(above) - log(scale),
            FAST_DOWN,
            End(log(1 + s), exp(t) - 1, otherwise=UP),
        ),
    ),
    rays=(Ray(loc, 1, pi / 4, half_line(scale, lower=FAST_DOWN, upper=UP)[0]),),
    cdf=erfc(root),
    survival=erf(root),
    tail_index=S.Half,
    moment=S.One,  # there are no others below the tail index
    recipe=Recipe({"g": Gamma(Rational(1, 2))}, loc + scale / (2 * g)),
    catalogue={"mu": loc, "c": scale},
    edges=(
        {"loc": "0", "scale": "1"},
        {"loc": "0.3", "scale": "0.8"},
        {"loc": "-2", "scale": "0.01"},
        {"loc": "1", "scale": "50"},
    ),
)
