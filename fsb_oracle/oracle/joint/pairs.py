"""E g(X, Y) of two independent variables by nested rigorous integration, for smooth g.

The inner integral accepts a ball in place of the outer variable. Both run over the charts of the two laws, in which the
densities are smooth; what lies beyond the cuts is bounded by |g| <= size exp(rate (|x| + |y|)).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.charts import Chart, End, z
from fsb_oracle.families.charts import s as tail_variable
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle.charts import integrand
from fsb_oracle.oracle.lowering import ANALYTIC, PLAIN, arguments
from fsb_oracle.oracle.tails import cut

FEW_DIGITS, MOST_DIGITS = 6, 18  # nested integrals are slow: each is computed for one of these
_GUARD = 12
_EVERYTHING = acb(arb(0, float("inf")), arb(0, float("inf")))
_WIDE = arb(1e-3)  # an outer ball that bounds the error on an ellipse, not a node


@dataclass(frozen=True)
class Axis:
    """One of the two variables: its law, and the parameter whose score weights it (None: the density alone)."""

    family: Family
    values: Parameters
    parameter: str | None


@dataclass(frozen=True)
class Growth:
    """|g| <= size exp(rate (|x| + |y|)); `total` bounds E exp(rate |.|) |score| of each axis."""

    size: arb
    rate: sympy.Expr
    totals: tuple[arb, arb]


@dataclass(frozen=True)
class _Segment:
    """A chart of an axis between two values of its coordinate."""

    point: Callable[..., Any]
    weight: Callable[..., Any]
    constants: tuple[Any, ...]
    parameters: tuple[Any, ...]
    first: acb
    last: acb

    def at(self, m: Any, t: Any) -> tuple[Any, Any]:
        """The variable, and density times score times speed."""
        return self.point(m, t, *self.parameters), self.weight(m, t, *self.constants)


Function = Callable[[Any, Any, Any], Any]


def level(digits: int) -> int:
    """The digits that an integral is computed for when so many are asked for."""
    return FEW_DIGITS if digits <= FEW_DIGITS else MOST_DIGITS


def pair_integral(function: Function, axes: tuple[Axis, Axis], growth: Growth, digits: int) -> arb:
    """E function(m, X, Y) score, to an absolute error of about 10**-level(digits).

    Raises:
        Unboundable: a tail cannot be bounded.
    """
    digits = level(digits)
    with precision(digits + _GUARD):
        tolerance = arb(10) ** -digits
        outer, inner = (
            [_segment(axis, chart, growth, other, tolerance) for chart in axis.family.charts]
            for axis, other in zip(axes, reversed(growth.totals), strict=True)
        )
        beyond = sum((bound for _, bound in (*outer, *inner)), arb(0))
        count = len(outer) * len(inner)
        value = acb(0)
        for first, _ in outer:
            for second, _ in inner:
                value += _nested(function, first, second, tolerance / count, digits)
        return value.real + arb(0, beyond.upper())


def _segment(axis: Axis, chart: Chart, growth: Growth, other: arb, tolerance: arb) -> tuple[_Segment, arb]:
    family, parameters = axis.family, arguments(axis.family, axis.values)
    ends = [_end(axis, chart, end, growth, other, tolerance, parameters) for end in (chart.lower, chart.upper)]
    lowered = integrand(family, sympy.S.One, axis.parameter, chart, None)
    segment = _Segment(
        compile_expression(chart.point, (chart.variable, *family.symbols)),
        lowered.function,
        lowered.values(family.symbols, parameters),
        parameters,
        ends[0][0],
        ends[1][0],
    )
    return segment, ends[0][1] + ends[1][1]


def _end(
    axis: Axis, chart: Chart, end: Any, growth: Growth, other: arb, tolerance: arb, parameters: tuple[Any, ...]
) -> tuple[acb, arb]:
    """Where the integral ends, in t, and a bound on what is left out there."""
    family = axis.family
    if not isinstance(end, End):
        return acb(compile_expression(sympy.sympify(end), family.symbols)(PLAIN, *parameters)), arb(0)
    wave = sympy.exp(growth.rate * z) + sympy.exp(-growth.rate * z) if growth.rate != 0 else sympy.S.One
    lowered = integrand(family, wave, axis.parameter, chart, end)
    share = growth.size * other
    start, beyond = cut(lowered, lowered.values(family.symbols, parameters), 0.0, tolerance / (4 * share + 1))
    return acb(compile_expression(end.approach, (tail_variable,))(PLAIN, acb(start))), beyond * share


def _nested(function: Function, outer: _Segment, inner: _Segment, tolerance: arb, digits: int) -> acb:
    width = abs(outer.last - outer.first) + 1
    goal = arb(10) ** -(digits + 3)

    def across(t: acb, analytic: bool) -> acb:
        m = ANALYTIC if analytic else PLAIN
        try:
            x, weight = outer.at(m, t)
        except (ArithmeticError, ValueError, TypeError):
            return _EVERYTHING
        if not weight.is_finite() or not x.is_finite():
            return _EVERYTHING
        wide = bool(arb(t.rad()) > _WIDE)
        value = acb.integral(
            partial(_along, function, inner, x, analytic),
            inner.first,
            inner.last,
            abs_tol=arb(1e-2) if wide else tolerance / (width * (1 + abs(weight).upper())),
            rel_tol=arb(0.1) if wide else goal,
            eval_limit=400 if wide else 6000,
            depth_limit=12 if wide else 40,
        )
        return weight * value if value.is_finite() else _EVERYTHING

    return acb.integral(across, outer.first, outer.last, abs_tol=tolerance, rel_tol=goal, eval_limit=4000)


def _along(function: Function, inner: _Segment, x: acb, both: bool, t: acb, analytic: bool) -> acb:
    m = ANALYTIC if analytic or both else PLAIN
    try:
        y, weight = inner.at(m, t)
        value = weight * function(m, x, y)
    except (ArithmeticError, ValueError, TypeError):
        return _EVERYTHING
    return value if value.is_finite() else _EVERYTHING


def require_smooth(f: sympy.Expr) -> None:
    """Raises Unboundable for a kink or jump, whose place two variables decide."""
    if f.has(sympy.Abs, sympy.sign, sympy.Heaviside, sympy.Max, sympy.Min, sympy.Piecewise):
        raise Unboundable("its kinks or jumps depend on several variables at once")
