"""Tempered stable(alpha, intensity, rate), one-sided: jumps x at the rate intensity x**(-1 - alpha) exp(-rate x).

For alpha < 1 it is their sum, on z > 0. For alpha > 1 the jumps are compensated, and it lives on the line.
"""

from sympy import I, Piecewise, S, Symbol, exp, gamma, oo

from fsb_oracle.backends.noise import TemperedStable
from fsb_oracle.families.family import POSITIVE, Domain, Family, Parameter, Recipe, Support, w

INDEX = Domain("between 0 and 2 (both excluded), but not 1", lambda v: 0 < v < 2 and v != 1, {"positive": True})

_alpha = Parameter("alpha", INDEX)
_intensity, _rate = Parameter("intensity", POSITIVE), Parameter("rate", POSITIVE)
alpha, intensity, rate = _alpha.symbol, _intensity.symbol, _rate.symbol
x = Symbol("x", real=True)

tempered_stable = Family(
    name="tempered_stable",
    parameters=(_alpha, _intensity, _rate),
    support=Support("interval", Piecewise((S.Zero, alpha < 1), (-oo, True)), oo),
    log_density=None,
    # Koponen 1995; the Levy-Khintchine formula of this measure
    characteristic_function=exp(intensity * gamma(-alpha) * ((rate - I * w) ** alpha - rate**alpha)),
    strip=(-rate, oo),
    mean=intensity * gamma(1 - alpha) * rate ** (alpha - 1),
    variance=intensity * gamma(2 - alpha) * rate ** (alpha - 2),
    recipe=Recipe({"x": TemperedStable(alpha, intensity * rate**alpha)}, x / rate),
    catalogue={"al": alpha, "C": intensity, "l": rate},
    edges=(
        {"alpha": "0.5", "intensity": "1", "rate": "1"},
        {"alpha": "0.3", "intensity": "0.7", "rate": "2"},
        {"alpha": "1.5", "intensity": "0.5", "rate": "1"},
        {"alpha": "0.9", "intensity": "0.1", "rate": "10"},
        {"alpha": "1.9", "intensity": "2", "rate": "0.5"},
    ),
)
