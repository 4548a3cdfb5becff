"""Where sums over the integers diverge: |f| times a proven minorant of the masses, term by term.

With A = 64: log Gamma(y) <= y log(y + 1) <= y (y + 1)/A + y (log A - 1), a parabola that exp(c z**2) outgrows for
c > 1/A. A quotient Gamma(z + a)/Gamma(z + b) is at least a constant times (z + b + 1)**-k, where
k = max(0, ceil(b - a)).
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from fsb_oracle.families.family import z
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.lattice.masses import ends, ratio_of
from fsb_oracle.oracle.lattice.sizes import exponential

_TANGENT = sympy.Integer(64)


def minorants(cell: Cell) -> Iterator[sympy.Expr]:
    """f P in each infinite direction, as expressions in z > 0 that |f| P exceeds up to a positive factor."""
    lower, upper = ends(cell.family, cell.values)
    for direction, end in ((1, upper), (-1, lower)):
        minorant = _minorant(cell, direction) if end is None else None
        if minorant is not None:
            piece = cell.pieces[-1 if direction > 0 else 0].expression
            whole = exponential(piece.xreplace({z: direction * z})) * minorant
            yield sympy.powsimp(sympy.expand_log(whole), force=True)


def _minorant(cell: Cell, direction: int) -> sympy.Expr | None:
    family, values = cell.family, cell.values
    if family.name == "skellam":  # both numbers at their least: P(n) >= exp(-rate1 - rate2) rate**|n|/|n|!
        rate = family.at(family.symbols[0 if direction > 0 else 1], values)
        return sympy.exp(z * sympy.log(rate)) * _one_over_gamma(sympy.S.One)
    ratio = ratio_of(family)
    if ratio is None or direction < 0:
        return None
    result = sympy.exp(z * sympy.log(family.at(ratio.scale, values)))
    above, below = ([family.at(x.offset, values) for x in side] for side in (ratio.numerators, ratio.denominators))
    for i, b in enumerate(below):
        if i < len(above):
            result *= (z + b + 1) ** -max(0, sympy.ceiling(b - above[i]))
        else:
            result *= _one_over_gamma(b)
    return result


def _one_over_gamma(offset: sympy.Expr) -> sympy.Expr:
    """A minorant of 1/Gamma(z + offset) for z + offset > 1, up to a factor."""
    y = z + offset
    return sympy.exp(sympy.expand(-y * (y + 1) / _TANGENT) - y * (sympy.log(_TANGENT) - 1))
