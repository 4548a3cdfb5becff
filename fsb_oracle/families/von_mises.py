"""Von Mises(loc, concentration) on the circle, as z in (loc - pi, loc + pi); f must be 2 pi-periodic."""

from sympy import I, Rational, S, Symbol, exp, log, pi, sin

from fsb_oracle.backends.noise import VonMises
from fsb_oracle.backends.special_functions import besseli, log_besseli
from fsb_oracle.families.charts import segment
from fsb_oracle.families.family import POSITIVE, REAL, Family, Parameter, Recipe, Support, w, z

_loc, _concentration = Parameter("loc", REAL), Parameter("concentration", POSITIVE)
loc, concentration = _loc.symbol, _concentration.symbol
x = Symbol("x", real=True)
length = besseli(1, concentration) / besseli(0, concentration)  # of the mean of exp(i (z - loc))

von_mises = Family(
    name="von_mises",
    parameters=(_loc, _concentration),
    support=Support("interval", loc - pi, loc + pi, period=2 * pi),
    log_density=-2 * concentration * sin((z - loc) / 2) ** 2
    + concentration
    - log(2 * pi)
    - log_besseli(S.Zero, concentration),
    # at whole w, which are all the frequencies of a periodic f
    characteristic_function=exp(I * loc * w) * besseli(w, concentration) / besseli(0, concentration),
    mean=loc,
    variance=1 - length,  # the circular variance
    charts=segment(loc - pi, loc + pi),
    recipe=Recipe({"x": VonMises(concentration)}, loc + 2 * pi * (x - Rational(1, 2))),
    catalogue={"mu": loc, "kappa": concentration},
    edges=(
        {"loc": "0", "concentration": "1"},
        {"loc": "0.5", "concentration": "2.5"},
        {"loc": "-1", "concentration": "0.001"},
        {"loc": "3", "concentration": "10000"},
    ),
)
