"""Inverse Gaussian (Wald) law: loc is the mean, loc**3/concentration the variance."""

from sympy import I, Piecewise, Symbol, erfc, exp, log, oo, pi, sqrt

from fsb_oracle.backends.noise import Normal, Uniform
from fsb_oracle.families.charts import FAST_DOWN, half_line, ray_from_zero
from fsb_oracle.families.family import HALF_LINE, POSITIVE, Family, Parameter, Recipe, w, z

_loc, _concentration = Parameter("loc", POSITIVE), Parameter("concentration", POSITIVE)
loc, concentration = _loc.symbol, _concentration.symbol
eps, u = Symbol("eps", real=True), Symbol("u", real=True)
charts = half_line(loc, lower=FAST_DOWN)

# P(Z <= z) = erfc(-below)/2 + exp(2 concentration/loc) erfc(above)/2: Shuster 1968
root = sqrt(concentration / 2) * exp(-log(z) / 2)
below, above = root * (z / loc - 1), root * (z / loc + 1)
reflected = exp(2 * concentration / loc) * erfc(above) / 2

# the smaller root of Michael, Schucany and Haas 1976, without cancellation
r = loc * eps**2 / (2 * concentration)
smaller = loc / (1 + r + sqrt(r * (r + 2)))

inverse_gaussian = Family(
    name="inverse_gaussian",
    parameters=(_loc, _concentration),
    support=HALF_LINE,
    log_density=log(concentration / (2 * pi)) / 2
    - 3 * log(z) / 2
    - concentration * z / (2 * loc**2)
    - concentration / (2 * z)
    + concentration / loc,
    scores={"concentration": 1 / (2 * concentration) - (z - loc) ** 2 / (2 * loc**2 * z)},
    characteristic_function=exp(concentration / loc * (1 - sqrt(1 - 2 * I * loc**2 * w / concentration))),
    strip=(-concentration / (2 * loc**2), oo),
    mean=loc,
    variance=loc**3 / concentration,
    charts=charts,
    rays=ray_from_zero(charts[0], sqrt(loc / concentration)),
    cdf=erfc(-below) / 2 + reflected,
    survival=erfc(below) / 2 - reflected,
    recipe=Recipe(
        {"eps": Normal(), "u": Uniform()},
        Piecewise((smaller, u * (loc + smaller) <= loc), (loc**2 / smaller, True)),
    ),
    catalogue={"mu": loc, "lambda": concentration},
    edges=(
        {"loc": "1", "concentration": "1"},
        {"loc": "0.7", "concentration": "3"},
        {"loc": "2", "concentration": "0.5"},
        {"loc": "1", "concentration": "0.001"},
        {"loc": "2", "concentration": "10000"},
    ),
)
