"""Asymmetric Laplace(loc, scale1, scale0): loc + scale1 e1 - scale0 e0, with e1 and e0 independent exponentials."""

from sympy import Abs, I, S, Symbol, exp, log

from fsb_oracle.backends.noise import Exponential
from fsb_oracle.families.charts import FAR, Chart, positive_t
from fsb_oracle.families.family import LINE, POSITIVE, REAL, Family, Parameter, Recipe, w, z

_loc, _scale1, _scale0 = Parameter("loc", REAL), Parameter("scale1", POSITIVE), Parameter("scale0", POSITIVE)
loc, scale1, scale0 = (p.symbol for p in (_loc, _scale1, _scale0))
e1, e0 = Symbol("e1", positive=True), Symbol("e0", positive=True)
x = z - loc
transform = 1 / ((1 - I * scale1 * w) * (1 + I * scale0 * w))

asymmetric_laplace = Family(
    name="asymmetric_laplace",
    parameters=(_loc, _scale1, _scale0),
    support=LINE,
    log_density=-(Abs(x) + x) / (2 * scale1) - (Abs(x) - x) / (2 * scale0) - log(scale1 + scale0),
    characteristic_function=exp(I * loc * w) * transform,
    strip=(-1 / scale1, 1 / scale0),
    mean=loc + scale1 - scale0,
    variance=scale1**2 + scale0**2,
    charts=(
        Chart(positive_t, loc + scale1 * positive_t, x / scale1, S.Zero, FAR),
        Chart(positive_t, loc - scale0 * positive_t, -x / scale0, S.Zero, FAR, reversed=True),
    ),
    waves=((loc, transform),),
    recipe=Recipe({"e1": Exponential(), "e0": Exponential()}, loc + scale1 * e1 - scale0 * e0),
    catalogue={"mu": loc, "b1": scale1, "b2": scale0},
    edges=(
        {"loc": "0", "scale1": "1", "scale0": "0.5"},
        {"loc": "0.3", "scale1": "0.4", "scale0": "1.2"},
        {"loc": "-0.5", "scale1": "1", "scale0": "1"},
        {"loc": "0", "scale1": "2.5", "scale0": "0.01"},
        {"loc": "1", "scale1": "0.01", "scale0": "3"},
    ),
)
