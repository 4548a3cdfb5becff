"""Laplace(loc, scale): variance 2 scale^2."""

from sympy import Abs, I, Symbol, exp, log

from fsb_oracle.backends.noise import Laplace
from fsb_oracle.families.charts import two_half_lines
from fsb_oracle.families.family import LINE, POSITIVE, REAL, Conditional, Family, Parameter, Recipe, v, w, z

_loc, _scale = Parameter("loc", REAL), Parameter("scale", POSITIVE)
loc, scale = _loc.symbol, _scale.symbol
xi = Symbol("xi", real=True)

laplace = Family(
    name="laplace",
    parameters=(_loc, _scale),
    support=LINE,
    log_density=-Abs(z - loc) / scale - log(2 * scale),
    characteristic_function=exp(I * loc * w) / (1 + scale**2 * w**2),
    strip=(-1 / scale, 1 / scale),
    mean=loc,
    variance=2 * scale**2,
    charts=two_half_lines(loc, scale),
    # factors stay sharp on wide balls
    waves=((loc, 1 / ((1 + I * scale * w) * (1 - I * scale * w))),),
    conditional=Conditional("exponential", {"rate": 1 / (2 * scale**2)}, loc, v),
    recipe=Recipe({"xi": Laplace()}, loc + scale * xi),
    catalogue={"mu": loc, "b": scale},
    edges=(
        {"loc": "0", "scale": "1"},
        {"loc": "0.3", "scale": "1.2"},
        {"loc": "0.3", "scale": "0.3"},
        {"loc": "-0.5", "scale": "2.5"},
        {"loc": "0", "scale": "0.01"},
    ),
)
