"""Rules that are series in derivatives of f: exact for polynomials, and for waves inside a disc of convergence.

They add up a fixed number of terms. The disc is that in which what is left out is below 1e-30 of the gradient, a
quarter of the radius of convergence where that is finite.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fsb_oracle.rules.rule import Cost, Rule

TERMS = 50
SHARE = 4  # radius of convergence over that of the disc: 4**-50 < 1e-30


def series_rule(coefficients: Callable[[Any], Callable[[int], Any]], at_zero: bool = False, **fields: Any) -> Rule:
    """SUM_n a_n f^(n)(z), n = 1, ..., TERMS, with a = coefficients(c); of f^(n)(0) where `at_zero`."""

    def sampled(f: Any, c: Any, z: Any) -> Any:
        a = coefficients(c)
        return sum((a(n) * f.derivative(z, n) for n in _orders(f)), a(1) * f.derivative(z))

    def deterministic(f: Any, c: Any) -> Any:
        return sampled(f, c, 0 * next(iter(vars(c).values())))

    return Rule(kernel=deterministic if at_zero else sampled, requires="Fw", cost=Cost(first=TERMS), **fields)


def _orders(f: Any) -> list[int]:
    """Those above the first that can differ from 0: a coefficient that overflows makes 0 of a polynomial no number."""
    vanishes = getattr(f, "vanishes", None)
    return [n for n in range(2, TERMS + 1) if vanishes is None or not vanishes(n)]


__all__ = ["SHARE", "TERMS", "series_rule"]
