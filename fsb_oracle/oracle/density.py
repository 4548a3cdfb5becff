"""Route 1: rigorous integration of f times the density times the score, in ball arithmetic.

`acb.integral` encloses each finite segment; what lies beyond the cuts is bounded by `tails`; moving ends of
the support contribute f(end) p(end) d(end)/d(parameter). The derivative in the parameter is taken inside the
integral.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import Family
from fsb_oracle.families.family import z
from fsb_oracle.integrands.bounds import NotYet
from fsb_oracle.oracle.cell import Cell, Piece
from fsb_oracle.oracle.charts import Chart, End, charts, integrand
from fsb_oracle.oracle.charts import s as tail_variable
from fsb_oracle.oracle.lowering import ANALYTIC, PLAIN, Lowered, arguments
from fsb_oracle.oracle.tails import cut, tail

GUARD_DIGITS = 15
EVALUATIONS_PER_DIGIT = 1000  # smooth integrands need about ten; a pole on the path would need infinitely many
_EVERYTHING = acb(arb(0, float("inf")), arb(0, float("inf")))


def safe(function: Callable[..., acb], *constants: Any) -> Callable[[acb, bool], acb]:
    """A callback for `acb.integral`: an exception or a non-finite value becomes the ball of everything.

    A NaN would end the integration at once, and an exception surfaces late and unreadably.
    """

    def callback(x: acb, analytic: bool) -> acb:
        try:
            value = function(ANALYTIC if analytic else PLAIN, x, *constants)
        except (ArithmeticError, ValueError, TypeError):
            return _EVERYTHING
        return value if value.is_finite() else _EVERYTHING

    return callback


def enclosed_integral(callback: Callable[[acb, bool], acb], start: acb, end: acb, tolerance: arb, digits: int) -> acb:
    """The integral of an analytic function over a segment: to the absolute tolerance, or to the digits if
    that is coarser.
    """
    return acb.integral(
        callback,
        start,
        end,
        abs_tol=tolerance,
        rel_tol=arb(10) ** -(digits + 3),
        eval_limit=EVALUATIONS_PER_DIGIT * (max(digits, 0) + 30),
    )


def integrate(cell: Cell, digits: int, pieces: tuple[Piece, ...] | None = None) -> arb:
    """E f, or its derivative in the cell's parameter, to an absolute error of about 10**-digits (times a
    small scale).

    `pieces` replaces those of f: the velocity integrates indicators of many points without symbolic work.

    Raises:
        Unboundable: the integral does not converge, or no tail bound is known.
    """
    pieces = cell.pieces if pieces is None else pieces
    with precision(max(digits, 0) + GUARD_DIGITS):
        parameters = arguments(cell.family, cell.values)
        segments = [
            _Segment(cell, parameters, chart, piece)
            for chart in charts(cell.family)
            for piece in pieces
            if piece.expression != 0
        ]
        segments = [segment for segment in segments if not segment.empty]
        tolerance = arb(10) ** -digits * _scale(segments) / (2 * len(segments) or 1)
        total = _boundary_terms(cell, parameters, pieces)
        for segment in segments:
            total += segment.integral(tolerance, digits)
        return total


def _scale(segments: list[_Segment]) -> arb:
    """1, or a proven bound on the whole integral where that is smaller: tiny values keep their relative
    digits.
    """
    total = arb(0)
    for segment in segments:
        size = segment.size()
        if size is None:
            return arb(1)
        total += size
    return total.min(arb(1)) if total > 0 else arb(1)


class _Segment:
    """One smooth piece of f in one chart."""

    def __init__(self, cell: Cell, parameters: tuple[Any, ...], chart: Chart, piece: Piece) -> None:
        self.cell, self.parameters, self.chart, self.f = cell, parameters, chart, piece.expression
        ends = (piece.upper, piece.lower) if chart.reversed else (piece.lower, piece.upper)
        self.lower = lower = self._limit(chart.lower, ends[0])
        self.upper = upper = self._limit(chart.upper, ends[1])
        self.empty = self.uncertain = False
        if not isinstance(lower, End) and not isinstance(upper, End):
            self.empty = bool(upper < lower)
            self.uncertain = not lower < upper

    def _limit(self, own: End | sympy.Expr, point: sympy.Expr | None) -> End | arb:
        """The chart's own end, or the piece's end inside the chart."""
        if isinstance(own, End):
            return own if point is None else self._number(self.chart.coordinate, point)
        fixed = self._number(own)
        if point is None:
            return fixed
        inside = self._number(self.chart.coordinate, point)
        return fixed.max(inside) if own is self.chart.lower else fixed.min(inside)

    def _number(self, expression: sympy.Expr, at: sympy.Expr | None = None) -> arb:
        """A chart's expression at a point z (an exact number), as a ball."""
        symbols = self.cell.family.symbols
        if at is None:
            return acb(compile_expression(expression, symbols)(PLAIN, *self.parameters)).real
        point = compile_expression(at, ())(PLAIN)
        value = acb(compile_expression(expression, (z, *symbols))(PLAIN, acb(point), *self.parameters))
        return value.real

    def _lowered(self, end: End | None = None) -> tuple[Lowered, tuple[Any, ...]]:
        family: Family = self.cell.family
        lowered = integrand(family, self.f, self.cell.parameter, self.chart, end)
        return lowered, lowered.values(family.symbols, self.parameters)

    def _first_start(self, end: End) -> float:
        """Where the last piece of f begins, in the coordinate of the tail, which must lie within it."""
        other = self.lower if end is self.upper else self.upper
        if isinstance(other, End):
            return 0.0
        coordinate = acb(compile_expression(end.coordinate, (self.chart.variable,))(PLAIN, acb(other))).real
        return max(0.0, float(coordinate.upper()) * (1 + 1e-12))

    def size(self) -> arb | None:
        """A bound on the segment's whole integral, if it is all tail; else None."""
        ends = [e for e in (self.lower, self.upper) if isinstance(e, End)]
        if len(ends) != 1 or (first := self._first_start(ends[0])) < 5:
            return None
        try:
            return tail(*self._lowered(ends[0]), first)[0]
        except NotYet:
            return None

    def integral(self, tolerance: arb, digits: int) -> arb:
        """The integral between the cuts, and the proven bound on what lies beyond them."""
        first, below = self._cut(self.lower, tolerance)
        last, above = self._cut(self.upper, tolerance)
        lowered, constants = self._lowered()
        value = enclosed_integral(safe(lowered.function, *constants), first, last, tolerance, digits).real
        inside = value.union(arb(0)) if self.uncertain else value
        return inside + arb(0, (below + above).upper())

    def _cut(self, end: End | arb, tolerance: arb) -> tuple[acb, arb]:
        """Where the integral ends, in t, and a bound on what is left out there."""
        if not isinstance(end, End):
            return acb(end), arb(0)
        start, beyond = cut(*self._lowered(end), self._first_start(end), tolerance)
        return acb(compile_expression(end.approach, (tail_variable,))(PLAIN, acb(start))), beyond


def _boundary_terms(cell: Cell, parameters: tuple[Any, ...], pieces: tuple[Piece, ...]) -> arb:
    """f(end) p(end) d(end)/d(parameter) at each end of the support that moves with the parameter."""
    family, total = cell.family, arb(0)
    if cell.parameter is None or not family.support.moves:
        return total
    symbol = family.symbol(cell.parameter)
    assert family.log_density is not None
    density = sympy.exp(family.log_density)
    for sign, end, piece in ((-1, family.support.lower, pieces[0]), (1, family.support.upper, pieces[-1])):
        speed = sympy.diff(end, symbol)
        if speed != 0 and (piece.lower if sign < 0 else piece.upper) is None:
            flux = (sign * piece.expression * density * speed).xreplace({z: end})
            total += acb(compile_expression(flux, family.symbols)(PLAIN, *parameters)).real
    return total
