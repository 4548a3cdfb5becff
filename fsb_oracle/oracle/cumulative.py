"""The route through the distribution function: integration by parts, no density, no score and no transform.

With any point c of the support, F = P(Z <= z) and S = P(Z > z),

    E f = f(c) + INT_c^oo f' S dz - INT_-oo^c f' F dz + SUM_{jumps a > c} f-jump S(a) - SUM_{a < c} f-jump F(a),

and the gradient has d F and d S in place of F and S. If |f'| S and |f'| F are integrable, as the finite balls
prove, E f exists (Fubini).
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import Family
from fsb_oracle.families.charts import Chart, End, s, z
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.integrands.pieces import singular_points
from fsb_oracle.integrands.points import ball_of
from fsb_oracle.integrands.zeros import Unsolved
from fsb_oracle.oracle.cell import Cell, Piece
from fsb_oracle.oracle.charts import in_chart, merged
from fsb_oracle.oracle.density import GUARD_DIGITS, cancelled_digits
from fsb_oracle.oracle.half_plane.monomials import vanishes
from fsb_oracle.oracle.lowering import PLAIN, Lowered, arguments, lower
from fsb_oracle.oracle.segments import Weighted, integral


def applies(cell: Cell) -> bool:
    """Whether the law's distribution function has a closed form, and f no singular point where f' explodes."""
    law = cell.family
    if law.cdf is None or law.survival is None or not law.charts:
        return False
    low, high = (law.at(end, cell.values) for end in (law.support.lower, law.support.upper))
    try:
        return not any(
            low < point < high  # an end of the support lies in the tail of a chart
            for piece in cell.pieces
            for point in singular_points(
                piece.expression,
                low if piece.lower is None else piece.lower,
                high if piece.upper is None else piece.upper,
            )
        )
    except Unsolved:
        return False


def integrate(cell: Cell, digits: int) -> arb:
    """E f, or its derivative in the cell's parameter, to an absolute error of about 10**-digits.

    Raises:
        Unboundable: the integral does not converge, or no tail bound is known.
    """
    centre = _centre(cell)
    with precision(max(digits, 0) + GUARD_DIGITS + cancelled_digits(cell)):
        parameters = arguments(cell.family, cell.values)
        above, below = _above(cell, centre), _below(cell, centre)
        total = _value(above[0].expression, centre) if cell.parameter is None else arb(0)
        for sign, tail, pieces in ((1, "survival", above), (-1, "cdf", below)):
            slopes = tuple(Piece(p.lower, p.upper, sympy.diff(p.expression, z)) for p in pieces)
            total += sign * integral(cell, parameters, slopes, _WEIGHTED[tail], digits)
            for left, right in pairwise(pieces):
                jump = _value(right.expression, right.lower) - _value(left.expression, left.upper)
                if not vanishes(jump):
                    mass = compile_expression(_tail(cell.family, tail, cell.parameter), (z, *cell.family.symbols))
                    at = ball_of(right.lower)
                    total += sign * jump * acb(mass(PLAIN, at, *parameters)).real
        return total


def _centre(cell: Cell) -> Any:
    """Where the integration by parts starts: the lower end of the support if f is finite there, else near the centre
    of the law's first chart; an exact number that is no break of f.
    """
    low = cell.family.at(cell.family.support.lower, cell.values)
    if low.is_finite and _finite(cell.pieces[0].expression, low):
        return low
    chart = cell.family.charts[0]
    origin = chart.lower if not isinstance(chart.lower, End) else sympy.S.Zero
    start: Any = chart.point.xreplace({chart.variable: sympy.sympify(origin)})
    point = cell.family.at(start, cell.values)
    near = Fraction(float(point)).limit_denominator(10**6) if abs(float(point)) > 1e-3 else Fraction(float(point))
    centre = sympy.Rational(near.numerator, near.denominator)
    width = Fraction(cell.family.spread(cell.values))
    while centre in cell.f.breakpoints:
        centre += sympy.Rational(width.numerator, width.denominator) / 7
    if not centre > low:
        raise Unboundable("no point of the support to integrate by parts from")
    return centre


def _finite(expression: sympy.Expr, point: Any) -> bool:
    with precision(30):
        return bool(_value(expression, point).is_finite())


def _value(expression: sympy.Expr, point: Any) -> arb:
    """f at an exact point; an infinite ball where SymPy finds no finite number."""
    exact = sympy.sympify(expression).xreplace({z: point}).doit()
    if exact.has(sympy.zoo, sympy.nan, sympy.oo):
        return arb("nan")
    return ball_of(exact).real


def _above(cell: Cell, centre: Any) -> tuple[Piece, ...]:
    low = cell.family.at(cell.family.support.lower, cell.values)
    kept = [p for p in cell.pieces if p.upper is None or p.upper > centre]
    starts = [None if p is kept[0] and centre == low else centre if p is kept[0] else p.lower for p in kept]
    return tuple(Piece(start, p.upper, p.expression) for start, p in zip(starts, kept, strict=True))


def _below(cell: Cell, centre: Any) -> tuple[Piece, ...]:
    if centre == cell.family.at(cell.family.support.lower, cell.values):
        return ()
    kept = [p for p in cell.pieces if p.lower is None or p.lower < centre]
    ends = [centre if p is kept[-1] else p.upper for p in kept]
    return tuple(Piece(p.lower, end, p.expression) for end, p in zip(ends, kept, strict=True))


@lru_cache(maxsize=256)
def _tail(family: Family, tail: str, parameter: str | None) -> sympy.Expr:
    expression: Any = getattr(family, tail)
    return expression if parameter is None else sympy.diff(expression, family.symbol(parameter))


@lru_cache(maxsize=4096)
def _integrand(
    family: Family, slope: sympy.Expr, parameter: str | None, chart: Chart, end: End | None, tail: str
) -> Lowered:
    """f'(z) times the tail probability (or its derivative) times |dz/dt|, as a function of t, or of an end's s."""
    variable: sympy.Symbol = chart.variable
    point: Any = chart.point
    if end is not None:
        variable, point = s, chart.point.xreplace({chart.variable: end.approach})
    speed = sympy.diff(point, variable)
    if speed.could_extract_minus_sign():
        speed = -speed
    product = in_chart(slope, point) * in_chart(_tail(family, tail, parameter), point) * speed
    return lower(merged(product, variable), variable)


def _weighted(tail: str) -> Weighted:
    return lambda family, slope, parameter, chart, end: _integrand(family, slope, parameter, chart, end, tail)


by_survival = _weighted("survival")
_WEIGHTED = {"cdf": _weighted("cdf"), "survival": by_survival}
