"""Route 1: rigorous integration of f times the density times the score, in ball arithmetic.

`acb.integral` encloses each finite segment; what lies beyond the cuts is bounded by `tails`; moving ends of
the support contribute f(end) p(end) d(end)/d(parameter). The derivative in the parameter is taken inside the
integral.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import inf, log10, nextafter
from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import Family
from fsb_oracle.families.charts import Chart, End
from fsb_oracle.families.charts import s as tail_variable
from fsb_oracle.families.family import z
from fsb_oracle.integrands.bounds import NotYet, Unboundable
from fsb_oracle.integrands.points import ball_of
from fsb_oracle.oracle.cell import Cell, Piece
from fsb_oracle.oracle.charts import integrand
from fsb_oracle.oracle.concentrated import sharpened
from fsb_oracle.oracle.lowering import ANALYTIC, PLAIN, Lowered, arguments
from fsb_oracle.oracle.singular import Part, local_integrand, parts, pole
from fsb_oracle.oracle.tails import LATEST_START, cut, tail

GUARD_DIGITS = 15
MAXIMUM_WAVES = 300.0  # beyond, quadrature takes seconds, and the characteristic function answers at once
EVALUATIONS_PER_DIGIT = 600  # smooth integrands need about ten; a pole on the path would need infinitely many
LATEST_FIRST_START = 1e12  # in an end's first coordinate, where it has two
Weighted = Callable[[Family, sympy.Expr, str | None, Chart, End | None], Lowered]
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


def enclosed_integral(
    callback: Callable[[acb, bool], acb],
    start: acb,
    end: acb,
    tolerance: arb,
    digits: int,
    evaluations_per_digit: int = EVALUATIONS_PER_DIGIT,
) -> acb:
    """The integral of an analytic function over a segment: to the absolute tolerance, or to the digits if
    that is coarser; the ball of everything if it comes nowhere near (more oscillations than evaluations, a pole).
    """
    limit, count = evaluations_per_digit * (max(digits, 0) + 30), 0

    def counted(x: acb, analytic: bool) -> acb:
        nonlocal count
        count += 1
        return callback(x, analytic)

    value = acb.integral(counted, start, end, abs_tol=tolerance, rel_tol=arb(10) ** -(digits + 3), eval_limit=limit)
    out_of_reach = count >= limit and value.rad() > 1e3 * tolerance and value.rad() > 1e-3 * abs(value).upper()
    return _EVERYTHING if out_of_reach else value


def applies(cell: Cell) -> bool:
    """Whether the law has a density in closed form, charts in which it is smooth, and not too many waves of f in it."""
    return cell.family.log_density is not None and bool(cell.family.charts) and _waves_within(cell) < MAXIMUM_WAVES


def _waves_within(cell: Cell) -> float:
    """How many radians the fastest sine or cosine of f runs through over one spread of the law."""
    waves = cell.f.expression.atoms(sympy.sin, sympy.cos)
    speeds = [abs(sympy.diff(wave.args[0], z)) for wave in waves]  # pyright: ignore[reportArgumentType]
    constant = [float(speed) for speed in speeds if speed.is_number]
    return max(constant) * cell.family.spread(cell.values) if constant else 0.0


def integrate(cell: Cell, digits: int, pieces: tuple[Piece, ...] | None = None) -> arb:
    """E f, or its derivative in the cell's parameter, to an absolute error of about 10**-digits (times a
    small scale).

    `pieces` replaces those of f: the velocity integrates indicators of many points without symbolic work.

    Raises:
        Unboundable: the integral does not converge, or no tail bound is known.
    """
    if pieces is None and (at := pole(cell)) is not None:
        raise Unboundable(f"f has a pole at z = {at}")
    pieces = cell.pieces if pieces is None else pieces
    with precision(max(digits, 0) + GUARD_DIGITS + spare_digits(cell)):
        parameters = arguments(cell.family, cell.values)
        total = boundary_terms(cell, parameters, pieces)
        return total + integral(cell, parameters, pieces, integrand, digits)


def integral(
    cell: Cell,
    parameters: tuple[Any, ...],
    pieces: tuple[Piece, ...],
    weighted: Weighted,
    digits: int,
    charts: tuple[Chart, ...] | None = None,
) -> arb:
    """The sum over charts (the law's by default) and pieces of the integrals of `weighted`, at the precision in force.

    `weighted(family, f, parameter, chart, end)` lowers the integrand as a function of the chart's t, or of an end's s.
    """
    segments = [
        _Segment(cell, parameters, part.chart, part.piece, _near(cell, part) if part.side else weighted)
        for chart in (cell.family.charts if charts is None else charts)
        for piece in pieces
        if piece.expression != 0
        for part in (parts(cell, chart, piece) if weighted is integrand else [Part(chart, piece)])
    ]
    segments = [segment for segment in segments if not segment.empty]
    tolerance = arb(10) ** -digits * _scale(segments) / (2 * len(segments) or 1)
    return sum((segment.integral(tolerance, digits) for segment in segments), arb(0))


def _near(cell: Cell, part: Part) -> Weighted:
    """The integrand near a singular point of f, as `integrand` gives it elsewhere."""

    def weighted(family: Family, f: sympy.Expr, parameter: str | None, chart: Chart, end: End | None) -> Lowered:
        return local_integrand(family, tuple(cell.values.items()), part, parameter, end)

    return weighted


def spare_digits(cell: Cell) -> int:
    """Digits that cancel at extreme parameters, where exponents are large: a guess that costs time, never rigour."""
    sizes = [abs(value) for value in cell.values.values() if isinstance(value, Fraction) and value]
    return int(2 * max((abs(log10(size.numerator) - log10(size.denominator)) for size in sizes), default=0.0))


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

    def __init__(self, cell: Cell, parameters: tuple[Any, ...], chart: Chart, piece: Piece, weighted: Weighted) -> None:
        self.cell, self.parameters, self.chart, self.f = cell, parameters, chart, piece.expression
        self.weighted = weighted
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
        value = acb(compile_expression(expression, (z, *symbols))(PLAIN, ball_of(at), *self.parameters))
        return value.real

    def _lowered(self, end: End | None = None) -> tuple[Lowered, tuple[Any, ...]]:
        family: Family = self.cell.family
        lowered = self.weighted(family, self.f, self.cell.parameter, self.chart, end)
        return lowered, lowered.values(family.symbols, self.parameters)

    def _first_start(self, end: End, other: End | arb) -> float:
        """Where the last piece of f begins, in the coordinate of the tail, which must lie within it."""
        if isinstance(other, End):
            return 0.0
        symbols = (self.chart.variable, *self.cell.family.symbols)
        coordinate = acb(compile_expression(end.coordinate, symbols)(PLAIN, acb(other), *self.parameters)).real
        return max(0.0, nextafter(float(coordinate.upper()), inf))

    def size(self) -> arb | None:
        """A bound on the segment's whole integral, if it is all tail; else None."""
        limits = (self.lower, self.upper)
        ends = [(end, other) for end, other in zip(limits, limits[::-1], strict=True) if isinstance(end, End)]
        if len(ends) != 1 or (first := self._first_start(*ends[0])) < 5:
            return None
        try:
            return tail(*self._lowered(ends[0][0]), first)[0]
        except NotYet:
            return None

    def integral(self, tolerance: arb, digits: int) -> arb:
        """The integral between the cuts, and the proven bound on what lies beyond them."""
        first, below = self._cut(self.lower, self.upper, tolerance)
        last, above = self._cut(self.upper, self.lower, tolerance)
        lowered, constants = self._lowered()
        value = enclosed_integral(safe(sharpened(lowered), *constants), first, last, tolerance, digits).real
        inside = value.union(arb(0)) if self.uncertain else value
        return inside + arb(0, (below + above).upper())

    def _cut(self, end: End | arb, other: End | arb, tolerance: arb) -> tuple[acb, arb]:
        """Where the integral ends, in t, and a bound on what is left out there."""
        if not isinstance(end, End):
            return acb(end), arb(0)
        try:
            latest = LATEST_START if end.otherwise is None else LATEST_FIRST_START
            start, beyond = cut(*self._lowered(end), self._first_start(end, other), tolerance, latest)
        except Unboundable:
            if end.otherwise is None:
                raise
            return self._cut(end.otherwise, other, tolerance)
        symbols = (tail_variable, *self.cell.family.symbols)
        return acb(compile_expression(end.approach, symbols)(PLAIN, acb(start), *self.parameters)), beyond


def boundary_terms(cell: Cell, parameters: tuple[Any, ...], pieces: tuple[Piece, ...]) -> arb:
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
            value = acb(compile_expression(flux, family.symbols)(PLAIN, *parameters)).real
            if not value.is_finite():
                raise Unboundable("f is not finite at an end of the support that moves")
            total += value
    return total
