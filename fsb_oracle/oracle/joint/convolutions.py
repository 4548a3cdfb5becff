"""Laws that are closed under sums: the law of J_1 + ... + J_n for n independent jumps, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import sympy

from fsb_oracle.families import Family, Parameters, get_family
from fsb_oracle.families.squared import by_squared_scale

Speeds = Mapping[str, tuple[str, Fraction]]


@dataclass(frozen=True)
class Convolution:
    """The law of a sum of n jumps.

    Attributes:
        law: its name.
        values: (jump's values, n) -> its parameters.
        speeds: (jump's values, n) -> for each parameter of the jump, that of the sum which moves with it, and how fast.
        information: the jump's Fisher information in each parameter, an expression in its parameters. That of
            the sum is at most n times as large, as the sum is a function of n jumps.
    """

    law: str
    values: Callable[[Parameters, int], Parameters]
    speeds: Callable[[Parameters, int], Speeds]
    information: Mapping[str, sympy.Expr]

    @property
    def family(self) -> Family:
        return by_squared_scale(get_family("normal")) if self.law == "normal" else get_family(self.law)

    def information_in(self, parameter: str, values: Parameters) -> sympy.Expr:
        """The Fisher information of one jump, exact."""
        letters = {_LETTERS[name]: sympy.Rational(v.numerator, v.denominator) for name, v in values.items()}
        information: Any = self.information[parameter]
        return information.subs(letters)


ONE = Fraction(1)
_LETTERS = {n: sympy.Symbol(n, positive=True) for n in ("loc", "scale", "concentration", "rate", "df", "probs")}
loc, scale, concentration, rate, df, probs = _LETTERS.values()
trigamma = partial(sympy.polygamma, 1)

CONVOLUTIONS: Mapping[str, Convolution] = {
    "normal": Convolution(
        "normal",
        lambda v, n: {"loc": n * v["loc"], "scale_squared": n * v["scale"] ** 2},
        lambda v, n: {"loc": ("loc", Fraction(n)), "scale": ("scale_squared", 2 * n * v["scale"])},
        {"loc": 1 / scale**2, "scale": 2 / scale**2},
    ),
    "cauchy": Convolution(
        "cauchy",
        lambda v, n: {"loc": n * v["loc"], "scale": n * v["scale"]},
        lambda v, n: {"loc": ("loc", Fraction(n)), "scale": ("scale", Fraction(n))},
        {"loc": 1 / (2 * scale**2), "scale": 1 / (2 * scale**2)},
    ),
    "gamma": Convolution(
        "gamma",
        lambda v, n: {"concentration": n * v["concentration"], "rate": v["rate"]},
        lambda v, n: {"concentration": ("concentration", Fraction(n)), "rate": ("rate", ONE)},
        {"concentration": trigamma(concentration), "rate": concentration / rate**2},
    ),
    "exponential": Convolution(
        "gamma",
        lambda v, n: {"concentration": Fraction(n), "rate": v["rate"]},
        lambda v, n: {"rate": ("rate", ONE)},
        {"rate": 1 / rate**2},
    ),
    "chi2": Convolution(
        "chi2",
        lambda v, n: {"df": n * v["df"]},
        lambda v, n: {"df": ("df", Fraction(n))},
        {"df": trigamma(df / 2) / 4},
    ),
    "poisson": Convolution(
        "poisson",
        lambda v, n: {"rate": n * v["rate"]},
        lambda v, n: {"rate": ("rate", Fraction(n))},
        {"rate": 1 / rate},
    ),
    "bernoulli": Convolution(
        "binomial",
        lambda v, n: {"total_count": Fraction(n), "probs": v["probs"]},
        lambda v, n: {"probs": ("probs", ONE)},
        {"probs": 1 / (probs * (1 - probs))},
    ),
}
