"""Variance gamma(loc, drift, scale, variance_rate): normal(loc + drift V, scale sqrt(V)).

V is gamma of mean 1 and variance variance_rate.
"""

from sympy import I, Symbol, exp, sqrt

from fsb_oracle.backends.noise import Gamma, Normal
from fsb_oracle.families.family import LINE, POSITIVE, REAL, Conditional, Family, Parameter, Recipe, v, w

_loc, _drift = Parameter("loc", REAL), Parameter("drift", REAL)
_scale, _variance_rate = Parameter("scale", POSITIVE), Parameter("variance_rate", POSITIVE)
loc, drift, scale, variance_rate = (p.symbol for p in (_loc, _drift, _scale, _variance_rate))
eps, g = Symbol("eps", real=True), Symbol("g", positive=True)

# 1 - i drift nu w + scale**2 nu w**2/2 = (1 - i right w)(1 + i left w)
root = sqrt(drift**2 * variance_rate**2 + 2 * scale**2 * variance_rate)
right, left = (root + drift * variance_rate) / 2, (root - drift * variance_rate) / 2
amplitude = (1 - I * right * w) ** (-1 / variance_rate) * (1 + I * left * w) ** (-1 / variance_rate)

variance_gamma = Family(
    name="variance_gamma",
    parameters=(_loc, _drift, _scale, _variance_rate),
    support=LINE,
    log_density=None,
    characteristic_function=exp(I * loc * w) * amplitude,
    strip=(-1 / right, 1 / left),
    mean=loc + drift,
    variance=scale**2 + variance_rate * drift**2,
    waves=((loc, amplitude),),
    conditional=Conditional(
        "gamma",
        {"concentration": 1 / variance_rate, "rate": 1 / variance_rate},
        loc + drift * v,
        scale**2 * v,
    ),
    recipe=Recipe(
        {"g": Gamma(1 / variance_rate), "eps": Normal()},
        loc + variance_rate * drift * g + scale * sqrt(variance_rate * g) * eps,
    ),
    catalogue={"mu": loc, "theta": drift, "sigma": scale, "nu": variance_rate},
    edges=(
        {"loc": "0", "drift": "0", "scale": "1", "variance_rate": "1"},
        {"loc": "0.2", "drift": "0.5", "scale": "0.8", "variance_rate": "0.6"},
        {"loc": "-0.5", "drift": "-3", "scale": "0.1", "variance_rate": "2.5"},
        {"loc": "0", "drift": "0.1", "scale": "2", "variance_rate": "0.01"},
        {"loc": "1", "drift": "1", "scale": "1", "variance_rate": "100"},
    ),
)
