"""Means of f under a normal law in closed form, as expressions in its mean and variance.

E Z**n exp(r Z) and E Z**n exp(r Z) 1{Z > a} follow by tilting: under the weight exp(r Z - r m - r**2 s/2) the law is
normal(m + r s, s). A factor exp(-q Z**2 + b Z) makes another normal law of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
from sympy import S, binomial, erfc, exp, factorial2, pi, sqrt

from fsb_oracle.families.family import z
from fsb_oracle.integrands.terms import REWRITABLE, Edge, Point, monomial, point_terms


def normal_mean(
    pieces: Sequence[tuple[Any, Any, Any]], edges: Sequence[Edge] | None, mean: Any, variance: Any
) -> sympy.Expr | None:
    """E f(Z) for Z ~ normal(mean, variance); None where there is no closed form.

    Args:
        pieces: f as (lower, upper, smooth expression).
        edges: what changes at its kinks and jumps, where these are made of points; None where they are not.
    """
    smooth = [_smooth(t, mean, variance) for t in sympy.Add.make_args(_expanded(pieces[0][2])) if t != 0]
    if any(term is None for term in smooth) or (edges is None and len(pieces) > 1):
        return None
    total: Any = sympy.Add(*smooth)  # pyright: ignore[reportArgumentType]
    for edge in edges or ():
        if any(not point.rate.is_real for point in edge.change):
            return None
        total += sum((_beyond(point, edge.position, mean, variance) for point in edge.change), S.Zero)
    return total


def _expanded(expression: Any) -> Any:
    return (
        expression
        if point_terms(expression) is None
        else sympy.Add(*(p.expression for p in point_terms(expression) or ()))
    )


def _smooth(term: Any, mean: Any, variance: Any) -> Any:
    """E of c z**n exp(-q z**2 + b z + e), or None."""
    total: Any = S.Zero
    term = term.replace(lambda e: isinstance(e, REWRITABLE), lambda e: e.rewrite(exp))
    for part in sympy.Add.make_args(sympy.expand(term)):
        split = monomial(sympy.powsimp(part))
        if split is None or not split[2].is_polynomial(z) or sympy.Poly(split[2], z).degree() > 2:
            return None
        constant, power, exponent = split
        e, b, minus_q = (sympy.Poly(exponent, z).coeff_monomial(z**k) for k in range(3))
        narrowed = 1 - 2 * minus_q * variance
        if minus_q == 0:
            weight, centre, left = exp(e + b * mean + b**2 * variance / 2), mean + b * variance, variance
        elif minus_q.is_negative:
            exponent = (b**2 * variance + 2 * b * mean + 2 * minus_q * mean**2) / (2 * narrowed)
            weight, centre, left = (
                exp(e + exponent) / sqrt(narrowed),
                (mean + b * variance) / narrowed,
                variance / narrowed,
            )
        else:
            return None
        total += constant * weight * _moment(power, centre, left)
    return total


def _moment(n: int, mean: Any, variance: Any) -> Any:
    even = (binomial(n, 2 * k) * factorial2(2 * k - 1) * variance**k * mean ** (n - 2 * k) for k in range(n // 2 + 1))
    return sympy.Add(*even)


def _beyond(point: Point, a: Any, mean: Any, variance: Any) -> Any:
    """E of c z**n exp(r z) 1{z > a}."""
    r, n, spread = point.rate, point.power, sqrt(variance)
    centre = mean + r * variance
    c = (a - centre) / spread
    peak = exp(r * a - (a - mean) ** 2 / (2 * variance)) / sqrt(2 * pi)
    above = exp(r * mean + r**2 * variance / 2) * erfc(c / sqrt(2)) / 2
    truncated = [above, peak]
    for j in range(2, n + 1):
        truncated.append(c ** (j - 1) * peak + (j - 1) * truncated[j - 2])
    return point.coefficient * sympy.Add(
        *(binomial(n, j) * centre ** (n - j) * spread**j * truncated[j] for j in range(n + 1))
    )
