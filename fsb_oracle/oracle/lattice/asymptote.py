"""f as its asymptote plus a remainder that vanishes fast: sums over long laws become short.

As z tends to infinity, f = g + h with points g (polynomials times exponentials and waves), whose means are derivatives
of the characteristic function in closed form. Of Max(z - 1/2, 0), h lives below 1/2; of tanh z = 1 - 2/(exp(2z) + 1),
h decays like exp(-2z).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy

from fsb_oracle.families.family import z
from fsb_oracle.integrands import Integrand
from fsb_oracle.integrands.terms import Point, point_terms


@dataclass(frozen=True, eq=False)
class Split:
    """f = SUM of the points + remainder; `constant` is the sum of the points if it is a number, else None."""

    points: tuple[Point, ...]
    constant: sympy.Expr | None
    remainder: Integrand


@lru_cache(maxsize=256)
def split(expression: sympy.Expr) -> Split | None:
    """The asymptote at infinity and what is left of f, or None where no asymptote is found."""
    exponential: Any = expression.replace(_is_tanh, _asymptote_of_tanh)
    found, last = [], Integrand(exponential).pieces[-1][2]
    for term in sympy.Add.make_args(sympy.expand(last)):
        if point_terms(term) is not None:
            found.append(term)
    g = sympy.Add(*found)
    points = point_terms(g)
    if not points:
        return None
    remainder = Integrand(sympy.expand(exponential - g))
    return Split(tuple(points), g if g.is_number else None, remainder)


def _is_tanh(node: Any) -> bool:
    return isinstance(node, sympy.tanh) and sympy.diff(node.args[0], z).is_number


def _asymptote_of_tanh(node: Any) -> sympy.Expr:
    """+-(1 - 2/(exp(+-2 u) + 1)), with the sign of the slope of u."""
    u = node.args[0]
    sign = 1 if sympy.diff(u, z) > 0 else -1
    return sign * (1 - 2 / (sympy.exp(sign * 2 * u) + 1))
