"""CGMY(alpha, intensity, rate1, rate0): jumps x at the rate intensity |x|**(-1 - alpha) exp(-rate |x|), up and down.

The rate is rate1 (M) for x > 0 and rate0 (G) for x < 0: the difference of two independent tempered stable variables.
"""

from sympy import I, Symbol, exp, gamma

from fsb_oracle.backends.noise import TemperedStable
from fsb_oracle.families.family import LINE, POSITIVE, Family, Parameter, Recipe, w
from fsb_oracle.families.tempered_stable import INDEX

_alpha, _intensity = Parameter("alpha", INDEX), Parameter("intensity", POSITIVE)
_rate1, _rate0 = Parameter("rate1", POSITIVE), Parameter("rate0", POSITIVE)
alpha, intensity, rate1, rate0 = (p.symbol for p in (_alpha, _intensity, _rate1, _rate0))
x1, x0 = Symbol("x1", real=True), Symbol("x0", real=True)
size = intensity * gamma(-alpha)

cgmy = Family(
    name="cgmy",
    parameters=(_alpha, _intensity, _rate1, _rate0),
    support=LINE,
    log_density=None,
    # Carr, Geman, Madan and Yor 2002, theorem 1
    characteristic_function=exp(
        size * (rate1 - I * w) ** alpha + size * (rate0 + I * w) ** alpha - size * rate1**alpha - size * rate0**alpha
    ),
    strip=(-rate1, rate0),
    mean=intensity * gamma(1 - alpha) * (rate1 ** (alpha - 1) - rate0 ** (alpha - 1)),
    variance=intensity * gamma(2 - alpha) * (rate1 ** (alpha - 2) + rate0 ** (alpha - 2)),
    recipe=Recipe(
        {
            "x1": TemperedStable(alpha, intensity * rate1**alpha),
            "x0": TemperedStable(alpha, intensity * rate0**alpha),
        },
        x1 / rate1 - x0 / rate0,
    ),
    catalogue={"Y": alpha, "C": intensity, "M": rate1, "G": rate0},
    edges=(
        {"alpha": "0.5", "intensity": "1", "rate1": "1", "rate0": "2"},
        {"alpha": "0.3", "intensity": "0.7", "rate1": "2", "rate0": "0.8"},
        {"alpha": "1.5", "intensity": "0.5", "rate1": "1", "rate0": "1"},
        {"alpha": "0.9", "intensity": "0.1", "rate1": "10", "rate0": "1"},
        {"alpha": "1.9", "intensity": "2", "rate1": "0.5", "rate0": "3"},
    ),
)
