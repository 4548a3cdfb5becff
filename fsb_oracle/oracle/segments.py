"""The density route's integral as a sum over segments: smooth pieces of f in charts, with proven tails."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from math import inf, nextafter
from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.families import Family
from fsb_oracle.families.charts import Chart, End, unit_interval
from fsb_oracle.families.charts import s as tail_variable
from fsb_oracle.families.family import z
from fsb_oracle.integrands.bounds import NotYet, Unboundable
from fsb_oracle.integrands.points import ball_of
from fsb_oracle.integrands.structure import is_entire
from fsb_oracle.oracle.cell import Cell, Piece
from fsb_oracle.oracle.charts import integrand
from fsb_oracle.oracle.concentrated import sharpened
from fsb_oracle.oracle.grid import NodeSum, grid_sum
from fsb_oracle.oracle.lowering import PLAIN, Lowered
from fsb_oracle.oracle.quadrature import enclosed_integral, safe
from fsb_oracle.oracle.singular import Part, local_integrand, parts
from fsb_oracle.oracle.stretched import PATIENCE, stretch
from fsb_oracle.oracle.tails import LATEST_START, cut, tail
from fsb_oracle.oracle.trapezoid import trapezoid

LATEST_FIRST_START = 1e4  # in an end's first coordinate, where it has two
LATEST_LAST_START = 1e12  # there too, if the other one gives no bound
NARROW = 8  # a concentrated law, in its chart's coordinate
LONG = 100  # in a chart's coordinate: tails that fall slowly
NODES_PER_DIGIT = 200  # of the trapezoidal rule under such tails; adaptive rules are no match there
_NEAR = arb(0, 1e-9)
Weighted = Callable[[Family, sympy.Expr, str | None, Chart, End | None], Lowered]


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
    if len(segments) == 2 and weighted is integrand:
        right, left = segments
        if _continued(cell, parameters, right, left):
            return _integral_of_two(right, left, tolerance, digits)
        if _joined(cell, parameters, right, left):
            whole = _over_unit_interval(right, left, tolerance, digits)
            if whole is not None:
                return whole
    return sum((segment.integral(tolerance, digits) for segment in segments), arb(0))


def _near(cell: Cell, part: Part) -> Weighted:
    """The integrand near a singular point of f, as `integrand` gives it elsewhere."""

    def weighted(family: Family, f: sympy.Expr, parameter: str | None, chart: Chart, end: End | None) -> Lowered:
        return local_integrand(family, tuple(cell.values.items()), part, parameter, end)

    return weighted


def _continued(cell: Cell, parameters: tuple[Any, ...], right: _Segment, left: _Segment) -> bool:
    """Whether two half-lines with charts z(t) and z(-t), t > 0, carry one integrand that is analytic at t = 0."""
    start, back = right.chart, left.chart
    if not (start.lower == 0 == back.lower and right.f == left.f and isinstance(right.lower, arb)):
        return False
    if not (right.lower == 0 and isinstance(left.lower, arb) and left.lower == 0):
        return False
    if not (isinstance(right.upper, End) and isinstance(left.upper, End)):
        return False
    if back.point != start.point.xreplace({start.variable: -start.variable}):
        return False
    centre = compile_expression(start.point.xreplace({start.variable: sympy.S.Zero}), cell.family.symbols)
    return _analytic_near(cell, parameters, right.f, acb(centre(PLAIN, *parameters)))


def _both_sums(right: NodeSum | None, left: NodeSum | None) -> NodeSum | None:
    """The sum over the nodes of a line from those of its two halves, the left one in -x."""
    if right is None or left is None:
        return None

    def at_nodes(x: acb, step: arb, count: int) -> acb:
        below = sum(bool((x.real + k * step).mid() < 0) for k in range(count))
        return left(-x, -step, below) + right(x + below * step, step, count - below)

    return at_nodes


def _joined(cell: Cell, parameters: tuple[Any, ...], below: _Segment, above: _Segment) -> bool:
    """Whether the two charts of the unit interval carry one integrand that is analytic at 1/2."""
    own = (below.chart, above.chart) == unit_interval() and below.f == above.f
    whole = below.piece == above.piece and below.piece.lower is None and below.piece.upper is None
    return own and whole and _analytic_near(cell, parameters, below.f, acb(0.5))


def _analytic_near(cell: Cell, parameters: tuple[Any, ...], f: sympy.Expr, point: acb) -> bool:
    near = point + acb(_NEAR, _NEAR)
    return safe(compile_expression(_in_z(cell.family, f, cell.parameter), (z, *cell.family.symbols)), *parameters)(
        near, True
    ).is_finite()


@lru_cache(maxsize=4096)
def _in_z(family: Family, f: sympy.Expr, parameter: str | None) -> sympy.Expr:
    """The integrand before any change of variables."""
    assert family.log_density is not None
    weight = sympy.S.One if parameter is None else family.score(parameter)
    return sympy.Mul(f, weight, sympy.exp(family.log_density))


def _integral_of_two(right: _Segment, left: _Segment, tolerance: arb, digits: int) -> arb:
    """Both at once, by the trapezoidal rule over the whole line, where it applies."""
    last, above = right.cut(right.upper, right.lower, tolerance)
    first, below = left.cut(left.upper, left.lower, tolerance)
    sides = [segment.lowered() for segment in (right, left)]
    if all(_real(*side) for side in sides):
        callbacks = [safe(lowered.function, *constants) for lowered, constants in sides]

        def whole(x: acb, analytic: bool) -> acb:
            """Each half's formula is finite only where it is analytic, hence equal to the other's continuation."""
            return callbacks[0](x, analytic) if x.real.mid() >= 0 else callbacks[1](-x, analytic)

        ends, rule = (-first.real, last.real), partial(trapezoid, tolerance=2 * tolerance, digits=digits, real=True)
        quick = _both_sums(*(grid_sum(lowered, constants, True) for lowered, constants in sides))
        if quick is None:
            value = rule(whole, *ends)
        else:
            value = rule(whole, *ends, at_nodes=quick, nodes_per_digit=NODES_PER_DIGIT)
        if value is not None:
            return value.real + arb(0, (below + above).upper())
    return sum((segment.integral(tolerance, digits) for segment in (right, left)), arb(0))


def _over_unit_interval(below: _Segment, above: _Segment, tolerance: arb, digits: int) -> arb | None:
    """Both charts of the unit interval at once, in v = log(z/(1 - z)), where that falls slowly enough to be stretched.

    There t = -log(z) = log(1 + exp(-v)) and t = -log(1 - z) = log(1 + exp(v)), and dt/dv = -z and 1 - z.
    """
    cuts = [segment.cut(segment.upper, segment.lower, tolerance) for segment in (below, above)]
    sides = [segment.lowered() for segment in (below, above)]
    other = stretch(-cuts[0][0].real, cuts[1][0].real)
    if other is None or not all(_real(*side) for side in sides):
        return None
    callbacks = [safe(lowered.function, *constants) for lowered, constants in sides]

    def whole(v: acb, analytic: bool) -> acb:
        """Each half's formula is finite only where it is analytic, hence equal to the other's continuation."""
        right = bool(v.real.mid() >= 0)
        small = (-v if right else v).exp()
        t = (1 + small).log(analytic=analytic) + (v if right else -v)
        return callbacks[right](t, analytic) / (1 + small)

    moved = other.moved(whole)
    value = trapezoid(moved, other.lower, other.upper, 2 * tolerance, digits, real=True, patience=PATIENCE)
    return None if value is None else value.real + arb(0, (cuts[0][1] + cuts[1][1]).upper())


def _real(lowered: Lowered, constants: tuple[Any, ...]) -> bool:
    """Whether g(conj x) = conj g(x): the expression is real, and so are its constants."""
    return not lowered.expression.has(sympy.I) and all(acb(constant).imag == 0 for constant in constants)


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
        self.piece = piece
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

    def lowered(self, end: End | None = None) -> tuple[Lowered, tuple[Any, ...]]:
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
            return tail(*self.lowered(ends[0][0]), first)[0]
        except NotYet:
            return None

    def integral(self, tolerance: arb, digits: int) -> arb:
        """The integral between the cuts, and the proven bound on what lies beyond them."""
        first, below = self.cut(self.lower, self.upper, tolerance)
        last, above = self.cut(self.upper, self.lower, tolerance)
        lowered, constants = self.lowered()
        value = self._between(lowered, constants, first, last, tolerance, digits)
        inside = value.union(arb(0)) if self.uncertain else value
        return inside + arb(0, (below + above).upper())

    def _between(
        self, lowered: Lowered, constants: tuple[Any, ...], first: acb, last: acb, tolerance: arb, digits: int
    ) -> arb:
        """By the trapezoidal rule where the integrand falls to 0 at both ends; else by Gauss-Legendre rules."""
        if isinstance(self.lower, End) and isinstance(self.upper, End):
            narrow, entire = last.real - first.real < NARROW, is_entire(lowered.expression, lowered.variable)
            real = _real(lowered, constants)
            other = stretch(first.real, last.real)
            if other is not None:
                moved = other.moved(safe(lowered.function, *constants))
                value = trapezoid(moved, other.lower, other.upper, tolerance, digits, real, entire, patience=PATIENCE)
                if value is not None:
                    return value.real
            rule = partial(trapezoid, tolerance=tolerance, digits=digits, real=real, entire=entire)
            if (at_nodes := grid_sum(lowered, constants, real)) is not None:
                rule = partial(rule, at_nodes=at_nodes)
                if last.real - first.real > LONG:
                    rule = partial(rule, nodes_per_digit=NODES_PER_DIGIT)
            for function in (lowered.function, sharpened(lowered)) if narrow else (lowered.function,):
                value = rule(safe(function, *constants), first.real, last.real)
                if value is not None:
                    return value.real
        return enclosed_integral(safe(sharpened(lowered), *constants), first, last, tolerance, digits).real

    def cut(self, end: End | arb, other: End | arb, tolerance: arb) -> tuple[acb, arb]:
        """Where the integral ends, in t, and a bound on what is left out there."""
        if not isinstance(end, End):
            return acb(end), arb(0)
        if end.otherwise is None:
            return self._cut_in(end, other, tolerance, LATEST_START)
        try:
            return self._cut_in(end, other, tolerance, LATEST_FIRST_START)
        except Unboundable:
            try:
                return self.cut(end.otherwise, other, tolerance)
            except Unboundable:
                return self._cut_in(end, other, tolerance, LATEST_LAST_START)

    def _cut_in(self, end: End, other: End | arb, tolerance: arb, latest: float) -> tuple[acb, arb]:
        start, beyond = cut(*self.lowered(end), self._first_start(end, other), tolerance, latest)
        symbols = (tail_variable, *self.cell.family.symbols)
        return acb(compile_expression(end.approach, symbols)(PLAIN, acb(start), *self.parameters)), beyond
