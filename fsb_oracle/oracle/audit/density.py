"""The audit of laws without a characteristic function in closed form: the density integrated with mpmath.

Shared with the ball route are the declared density and the charts; integrator, special functions and cuts are mpmath's
or its own. Errors are estimates.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import sympy

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.mpmath_math import MpmathMath
from fsb_oracle.families.charts import Chart, End
from fsb_oracle.families.family import z
from fsb_oracle.oracle.cell import Cell, Piece
from fsb_oracle.oracle.charts import integrand

M = MpmathMath()
MAXIMUM_PANELS = 150


def audit(cell: Cell) -> tuple[Any, Any] | None:
    """E f, or its derivative, and an error estimate, at mpmath's precision; None where the tails fall too slowly."""
    total, error = _boundary_terms(cell), mpmath.mpf(0)
    for chart in cell.family.charts:
        for piece in cell.pieces:
            if piece.expression != 0:
                found = _segment(cell, chart, piece)
                if found is None:
                    return None
                total, error = total + found[0], error + found[1]
    return total, error


def _parameters(cell: Cell) -> list[Any]:
    return [mpmath.mpf(cell.values[n].numerator) / cell.values[n].denominator for n in cell.family.names]


def _segment(cell: Cell, chart: Chart, piece: Piece) -> tuple[Any, Any] | None:
    family, parameters = cell.family, _parameters(cell)
    lowered = integrand(family, piece.expression, cell.parameter, chart, None)
    constants = lowered.values(family.symbols, tuple(parameters), M)
    limits = (piece.upper, piece.lower) if chart.reversed else (piece.lower, piece.upper)
    low, high = (_limit(cell, chart, own, at) for own, at in zip((chart.lower, chart.upper), limits, strict=True))
    if low is not None and high is not None and low >= high:
        return mpmath.mpf(0), mpmath.mpf(0)

    def function(t: Any) -> Any:
        return mpmath.re(lowered.function(M, t, *constants))

    start = low if low is not None else high if high is not None else mpmath.mpf(0)
    points = [start]
    for end, sign in ((low, -1), (high, 1)):
        if end is None:
            reached = _march(function, start, sign)
            if reached is None:
                return None
            points += reached
        elif end != start:
            count = max(1, min(40, int(abs(end - start)) + 1))
            points += [start + (end - start) * mpmath.mpf(k) / count for k in range(1, count + 1)]
    value, error = mpmath.quad(function, sorted(points), method="gauss-legendre", error=True, maxdegree=7)
    return value, error


def _limit(cell: Cell, chart: Chart, own: End | sympy.Expr, at: sympy.Expr | None) -> Any:
    """A finite limit in t; None where it is infinite."""
    symbols, parameters = cell.family.symbols, _parameters(cell)
    fixed = None if isinstance(own, End) else mpmath.mpmathify(compile_expression(own, symbols)(M, *parameters))
    if at is None:
        return fixed
    point = mpmath.mpmathify(sympy.N(at, mpmath.mp.dps + 5))
    inside = mpmath.mpmathify(compile_expression(chart.coordinate, (z, *symbols))(M, point, *parameters))
    if fixed is None:
        return inside
    return max(fixed, inside) if own is chart.lower else min(fixed, inside)


def _march(function: Callable[[Any], Any], start: Any, sign: int) -> list[Any] | None:
    """Panels from the start on until the integrand has vanished at three places in a row, beyond the centre
    t = 0 of the law; None if it does not."""
    points, quiet, t = list[Any](), 0, start
    for k in range(MAXIMUM_PANELS):
        t += sign * mpmath.mpf(1 if k < 60 else 4)
        points.append(t)
        vanished = sign * t > 0 and abs(function(t)) < mpmath.eps * abs(t - start) / 100
        quiet = quiet + 1 if vanished else 0
        if quiet == 3:
            return points
    return None


def _boundary_terms(cell: Cell) -> Any:
    """f(end) p(end) d(end)/d(parameter) at ends of the support that move with the parameter."""
    family, total = cell.family, mpmath.mpf(0)
    if cell.parameter is None or not family.support.moves:
        return total
    symbol, density = family.symbol(cell.parameter), sympy.exp(family.log_density)
    for sign, end, piece in ((-1, family.support.lower, cell.pieces[0]), (1, family.support.upper, cell.pieces[-1])):
        speed = sympy.diff(end, symbol)
        if speed != 0 and (piece.lower if sign < 0 else piece.upper) is None:
            flux = (sign * piece.expression * density * speed).xreplace({z: end})
            total += mpmath.mpmathify(compile_expression(flux, family.symbols)(M, *_parameters(cell)))
    return total
