"""E f(z) of any smooth f of two or three normal variables, by sums over a grid.

In u with z = loc + L u, LL' the covariance, all that is asked for are moments of f,

    E f,    dE/dloc = L^-T E[f u],    dE/dS = L^-T E[f (u u' - I)] L^-1/2,    dE/dT = 2 (dE/dS) T for S = TT'.

Let q be one of 1, u_i, u_i u_j: |q| <= 1 + SUM |u_i|^2; and |f| <= size exp(rate SUM |z_i|). Where f
depends on fewer variables than it has, the grid has fewer axes: see `normal_affine`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, log10
from typing import Any

import sympy
from flint import arb, arb_mat

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.certificate import Route
from fsb_oracle.oracle.density import GUARD_DIGITS
from fsb_oracle.oracle.joint.combination import ZERO, number
from fsb_oracle.oracle.joint.elliptical import Vector, entry
from fsb_oracle.oracle.joint.normal_affine import Affine, affine_forms
from fsb_oracle.oracle.joint.normal_function import Law, Plain
from fsb_oracle.oracle.joint.normal_grid import CELLS, Grid, Integrand, Powers, TooLarge

FEWER_DIGITS = (18, 12, 6)  # where the grid would be too large for those asked
ROUNDED = 6  # digits are computed in multiples of this: the entries of a gradient share the sums
_KINKED = (sympy.Abs, sympy.sign, sympy.Heaviside, sympy.Max, sympy.Min, sympy.Piecewise)


def smooth_routes(cell: Cell, f: Any) -> list[Route]:
    """The route to E f, or its derivative, of a smooth f of two or three of a normal vector's variables, or of one that
    needs two axes alone; else none."""
    if f.has(*_KINKED) or f.has(sympy.I):
        return []
    vector = Vector(cell)
    used = [i for i, sample in enumerate(cell.family.samples) if sample in f.free_symbols]
    ways = list(_ways(vector, used, f))
    if not ways:
        return []
    if cell.parameter is not None and not _concerned(vector, used):
        return ZERO

    def evaluated(digits: int, scale: arb) -> arb:
        with precision(30):
            wanted = (
                digits + max(0, ceil(-log10(float(scale)) if scale > 1e-300 else 300)) + _spare(Law.of(vector, used))
            )
        reasons: list[Unboundable] = []
        for fewer in (_rounded_up(wanted), *(d for d in (wanted, *FEWER_DIGITS) if d <= wanted)):
            for way in ways:
                try:
                    moments = _moments(way, fewer)
                except TooLarge:
                    continue
                except Unboundable as reason:
                    reasons.append(reason)
                    continue
                with precision(fewer + GUARD_DIGITS):
                    return _assembled(Law.of(vector, way.order), moments)
        raise reasons[0] if reasons else Unboundable("the grid would be too large")

    return [Route("density", evaluated)]


@dataclass(frozen=True)
class _Way:
    """What makes the grid's integrand, at the precision in force."""

    vector: Vector
    f: Any
    order: tuple[int, ...]
    integrand: Callable[[Law, Any], Integrand]


def _ways(vector: Vector, used: Sequence[int], f: Any) -> Iterator[_Way]:
    """In the order in which they are tried: few axes first."""
    if len(used) > 2:
        for form in affine_forms(f, vector.cell.family.samples):
            yield _Way(vector, f, (form.given, *form.others), partial(Affine, form=form))
    if len(used) in CELLS:
        yield _Way(vector, f, tuple(used), Plain)


def _concerned(vector: Vector, used: Sequence[int]) -> bool:
    """Whether the law of the variables in use depends on the cell's parameter."""
    kind, i, j = entry(str(vector.cell.parameter))
    if kind == "loc":
        return i in used
    if kind == "covariance_matrix":
        return i in used and j in used
    return i >= j and i in used


def _rounded_up(digits: int) -> int:
    return -(-max(digits, 1) // ROUNDED) * ROUNDED


def _spare(law: Law) -> int:
    """Digits that an entry of the gradient may have fewer than the moments it is put together from."""
    inverse, vector = law.root.inv(), law.vector
    size = 1 + sum((abs(entry) for row in inverse.tolist() for entry in row), arb(0)) ** 2
    if vector.triangular:
        size *= 1 + 2 * sum((abs(number(entry)) for row in vector.matrix for entry in row), arb(0))
    return max(0, ceil(log10(float(size.upper()))))


def _assembled(law: Law, moments: dict[Powers, arb]) -> arb:
    """E f, or its derivative in the cell's parameter."""
    vector, used, size = law.vector, law.order, len(law.order)

    def moment(*axes: int) -> arb:
        return moments[tuple(axes.count(k) for k in range(size))]

    if vector.cell.parameter is None:
        return moment()
    kind, i, j = entry(vector.cell.parameter)
    inverse, axes = law.root.inv(), range(size)
    if kind == "loc":
        return sum((inverse[k, used.index(i)] * moment(k) for k in axes), arb(0))
    second = arb_mat([[moment(k, m) - (moment() if k == m else 0) for m in axes] for k in axes])
    slope = inverse.transpose() * second * inverse / 2
    if kind == "covariance_matrix":
        return slope[used.index(i), used.index(j)]
    return 2 * sum((slope[used.index(i), k] * number(vector.matrix[u][j]) for k, u in enumerate(used)), arb(0))


_KNOWN: dict[Any, dict[Powers, arb] | Unboundable | TooLarge] = {}


def _moments(way: _Way, digits: int) -> dict[Powers, arb]:
    """E f u^powers for all powers of degree two at most, each to about 10**-digits; the last ones are remembered, and
    so are failures: each entry of a gradient asks again."""
    vector = way.vector
    key = (way.f, way.order, tuple(vector.loc), tuple(map(tuple, vector.square)), way.integrand is Plain, digits)
    if key not in _KNOWN:
        while len(_KNOWN) > 32:
            del _KNOWN[next(iter(_KNOWN))]
        try:
            with precision(digits + GUARD_DIGITS):
                _KNOWN[key] = Grid(way.integrand(Law.of(vector, way.order), way.f)).moments(arb(10) ** -digits)
        except (Unboundable, TooLarge) as reason:
            _KNOWN[key] = reason
    found = _KNOWN[key]
    if isinstance(found, Exception):
        raise found
    return found


__all__ = ["smooth_routes"]
