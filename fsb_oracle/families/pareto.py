"""Pareto(scale, alpha) on z > scale: the support moves with scale; E z**r exists for r < alpha."""

from sympy import I, Piecewise, S, Symbol, exp, log, oo

from fsb_oracle.backends.noise import Exponential
from fsb_oracle.backends.special_functions import expm1, uppergamma
from fsb_oracle.families.charts import above, rays_from
from fsb_oracle.families.family import POSITIVE, Family, Parameter, Recipe, Support, order, w, z

_scale, _alpha = Parameter("scale", POSITIVE), Parameter("alpha", POSITIVE)
scale, alpha = _scale.symbol, _alpha.symbol
e = Symbol("e", positive=True)

pareto = Family(
    name="pareto",
    parameters=(_scale, _alpha),
    support=Support("interval", scale, oo),
    log_density=log(alpha) + alpha * log(scale) - (alpha + 1) * log(z),
    characteristic_function=alpha * exp(alpha * log(-I * scale * w)) * uppergamma(-alpha, -I * scale * w),
    strip=(S.Zero, oo),
    mean=Piecewise((alpha * scale / (alpha - 1), alpha > 1), (oo, True)),
    variance=Piecewise((alpha * scale**2 / ((alpha - 1) ** 2 * (alpha - 2)), alpha > 2), (oo, True)),
    charts=above(scale, alpha),
    rays=rays_from(scale, scale / alpha, sides=(1,)),
    cdf=-expm1(-alpha * (log(z) - log(scale))),
    survival=exp(-alpha * (log(z) - log(scale))),
    tail_index=alpha,
    moment=alpha * scale**order / (alpha - order),
    recipe=Recipe({"e": Exponential()}, scale * exp(e / alpha)),
    catalogue={"xm": scale, "al": alpha},
    edges=(
        {"scale": "1", "alpha": "3"},
        {"scale": "0.4", "alpha": "5"},
        {"scale": "1", "alpha": "0.1"},
        {"scale": "2", "alpha": "50"},
    ),
)
