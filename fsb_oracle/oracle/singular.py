"""Poles and branch points of f inside the support: a pole is divergence, near a branch point z = a +- exp(-t).

With the exact parameter values written in, log(z - a) becomes -t and (z - a)**p becomes exp(-p t): the singular end of
an integral is one more infinite end with a tail bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import sympy
from flint import acb, arb
from sympy import exp, log, oo

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import Family
from fsb_oracle.families.charts import FAR, Chart, End, positive_t, s
from fsb_oracle.families.family import z
from fsb_oracle.integrands.pieces import between, regular, singular_points
from fsb_oracle.integrands.points import ball_of
from fsb_oracle.integrands.zeros import InfinitelyMany, Unsolved
from fsb_oracle.oracle.cell import Cell, Piece
from fsb_oracle.oracle.charts import in_chart, log_measure, merged
from fsb_oracle.oracle.lowering import ANALYTIC, Lowered, lower

distance = sympy.Symbol("e", positive=True)
_WINDOWS = (sympy.Rational(1, 100), sympy.S.One, sympy.Integer(100), sympy.Integer(10_000))


@dataclass(frozen=True)
class Part:
    """A piece of f in a chart; `side` is not 0 where the chart is z = point + side exp(-t)."""

    chart: Chart
    piece: Piece
    point: sympy.Expr | None = None
    side: int = 0


def parts(cell: Cell, chart: Chart, piece: Piece) -> list[Part]:
    """A piece in a chart, cut where f is singular: regular parts, and one part on each side of a singular point."""
    if piece.lower is None and piece.upper is None and regular(piece.expression):
        return [Part(chart, piece)]
    low, high, open_ends = _extent(cell, chart, piece)
    if not low < high:
        return []
    try:
        points = [p for p in singular_points(piece.expression, low, high) if low <= p <= high and p not in open_ends]
    except Unsolved:  # the integrator decides
        points = []
    if not points:
        return [Part(chart, piece)]
    stops = [low, *(p for p in points if low < p < high), high]
    found = []
    for left, right in pairwise(stops):
        reach = _reach(cell, left, right)
        start = left + reach if left in points else left
        stop = right - reach if right in points else right
        if left in points:
            found.append(Part(_local(left, 1, reach), Piece(None, start, piece.expression), left, 1))
        if right in points:
            found.append(Part(_local(right, -1, reach), Piece(stop, None, piece.expression), right, -1))
        if start != stop:
            lower = piece.lower if left == low and start == left else start
            upper = piece.upper if right == high and stop == right else stop
            found.append(Part(chart, Piece(lower, upper, piece.expression)))
    return found


def _extent(cell: Cell, chart: Chart, piece: Piece) -> tuple[Any, Any, list[Any]]:
    """The z between which a piece lies in a chart, and those of the two that the chart approaches infinitely slowly:
    nothing is singular there.
    """
    support = cell.family.support
    infinite = (support.upper, support.lower) if chart.reversed else (support.lower, support.upper)
    ends, open_ends = [], []
    for end, own in zip((chart.lower, chart.upper), infinite, strict=True):
        limit: Any = own if isinstance(end, End) else chart.point.xreplace({chart.variable: end})
        at = cell.family.at(limit, cell.values)
        ends.append(at)
        if isinstance(end, End):
            open_ends.append(at)
    low, high = reversed(ends) if chart.reversed else ends
    low = low if piece.lower is None or piece.lower <= low else piece.lower
    high = high if piece.upper is None or piece.upper >= high else piece.upper
    return low, high, open_ends


def _reach(cell: Cell, left: Any, right: Any) -> Any:
    """How far the neighbourhood of a singular end goes: half way, or about a standard deviation."""
    if left != -oo and right != oo:
        return (right - left) / 2
    variance = cell.family.at(cell.family.variance, cell.values)
    if not variance.is_finite or not variance > 0:
        return sympy.S.One
    return sympy.Integer(2) ** sympy.floor(log(variance, 2) / 2)


def _local(point: Any, side: int, reach: Any) -> Chart:
    """z = point + side exp(-t), t > -log(reach)."""
    return Chart(
        positive_t, point + side * exp(-positive_t), -log(side * (z - point)), -log(reach), FAR, reversed=side > 0
    )


@lru_cache(maxsize=1024)
def local_integrand(
    family: Family, values: tuple[tuple[str, Any], ...], part: Part, parameter: str | None, end: End | None
) -> Lowered:
    """What `charts.integrand` is for a law's own charts, at exact parameter values."""
    variable = part.chart.variable if end is None else s
    at = {part.chart.variable: part.chart.variable if end is None else end.approach}
    point: Any = part.chart.point.xreplace(at)
    weight = sympy.S.One if parameter is None else family.score(parameter)
    measure = family.at(log_measure(family, point, variable), dict(values))
    f = resolved(part.piece.expression, part.point, part.side).xreplace({distance: exp(-variable)})
    product = sympy.expand_log(f) * family.at(in_chart(weight, point), dict(values)) * exp(sympy.expand_log(measure))
    return lower(merged(product, variable), variable)


def resolved(f: Any, point: Any, side: int) -> Any:
    """f at point + side e, with the power of e taken out of each logarithm and each broken or negative power."""
    moved = f.xreplace({z: point + side * distance})

    def split(base: Any) -> tuple[Any, Any]:
        base = sympy.expand(base)
        if not base.is_polynomial(distance):
            return sympy.S.Zero, base
        order = min(monomial[0] for monomial in sympy.Poly(base, distance).monoms())
        return sympy.Integer(order), sympy.expand(base / distance**order)

    def power(base: Any, exponent: Any) -> Any:
        if base is sympy.E or (exponent.is_Integer and exponent > 0):
            return sympy.Pow(base, exponent)
        order, rest = split(base)
        return distance ** (order * exponent) * rest**exponent

    def logarithm(base: Any) -> Any:
        order, rest = split(base)
        return order * log(distance) + log(rest)

    return moved.replace(sympy.Pow, power).replace(log, logarithm)


def pole(cell: Cell) -> sympy.Expr | None:
    """A point of the support at which |f| provably grows like 1/|z - point| or faster, the density being positive."""
    for chart in cell.family.charts:
        for piece in cell.pieces:
            if regular(piece.expression):
                continue
            low, high, open_ends = _extent(cell, chart, piece)
            for point in _candidates(piece.expression, low, high) if low < high else ():
                if low <= point <= high and point not in open_ends and _is_pole(piece.expression, point):
                    return point
    return None


def _candidates(f: Any, low: Any, high: Any) -> tuple[Any, ...]:
    try:
        return singular_points(f, low, high)
    except InfinitelyMany:
        centre = between(low, high)
        for width in _WINDOWS:
            left, right = max(low, centre - width), min(high, centre + width)
            try:
                points = tuple(p for p in singular_points(f, left, right) if left < p < right)
            except InfinitelyMany:
                return ()
            if points:
                return points
    except Unsolved:
        pass
    return ()


@lru_cache(maxsize=1024)
def _is_pole(f: Any, point: Any) -> bool:
    """Whether f = n/d with n and d analytic at the point, d(point) = 0 and n(point) != 0."""
    numerator, denominator = sympy.fraction(sympy.together(_without_tan(f)))
    if z not in denominator.free_symbols or sympy.simplify(denominator.subs(z, point)) != 0:
        return False
    with precision(30):
        centre, radius = ball_of(point).real.mid(), arb(2) ** -40
        near = acb(arb(centre, radius), arb(0, radius))
        above, below = (compile_expression(e, (z,))(ANALYTIC, near) for e in (numerator, denominator))
        return bool(acb(above).is_finite() and acb(below).is_finite() and abs(acb(above)) > 0)


def _without_tan(f: Any) -> Any:
    return f.replace(sympy.tan, lambda x: sympy.sin(x) / sympy.cos(x)).replace(
        sympy.tanh, lambda x: sympy.sinh(x) / sympy.cosh(x)
    )
