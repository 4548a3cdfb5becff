"""A monomial as a sum of powers of linear forms, so that moments follow from those of one variable.

With |n| = n_1 + ... + n_k,
z^n = SUM_{0 <= v <= n} (-1)^|v| PROD C(n_i, v_i) (SUM (n_i/2 - v_i) z_i)^|n| / |n|! (Kan 2008).
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from itertools import product
from math import comb, factorial, gcd

import sympy

from fsb_oracle.oracle.joint.ridges import Direction

MAXIMUM_FORMS = 40


@lru_cache(maxsize=256)
def powers(f: sympy.Expr, samples: tuple[sympy.Symbol, ...]) -> dict[tuple[Direction, int], sympy.Expr] | None:
    """`{(direction, power): coefficient}` with f = SUM coefficient (direction . sample)**power; power 0 is the
    constant.

    None if f is no polynomial, or needs too many forms.
    """
    if not f.is_polynomial(*samples):
        return None
    found: dict[tuple[Direction, int], sympy.Expr] = {}
    for exponents, coefficient in sympy.Poly(f, *samples).terms():
        for key, weight in _monomial(exponents).items():
            found[key] = found.get(key, sympy.S.Zero) + coefficient * sympy.Rational(
                weight.numerator, weight.denominator
            )
        if len(found) > MAXIMUM_FORMS:
            return None
    return {key: value for key, value in found.items() if value != 0}


def _monomial(exponents: tuple[int, ...]) -> dict[tuple[Direction, int], Fraction]:
    degree = sum(exponents)
    if degree == 0:
        return {((0,) * len(exponents), 0): Fraction(1)}
    found: dict[tuple[Direction, int], Fraction] = {}
    for choice in product(*(range(n + 1) for n in exponents)):
        form = [n - 2 * v for n, v in zip(exponents, choice, strict=True)]  # twice the linear form
        if not any(form):
            continue
        common = gcd(*form) * (1 if next(c for c in form if c) > 0 else -1)
        direction = tuple(c // common for c in form)
        weight = Fraction((-1) ** sum(choice), factorial(degree)) * Fraction(common, 2) ** degree
        for n, v in zip(exponents, choice, strict=True):
            weight *= comb(n, v)
        key = (direction, degree)
        found[key] = found.get(key, Fraction(0)) + weight
    return found
