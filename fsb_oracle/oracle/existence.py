"""Why an integral has no value: a sentence, proven where it says that something does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy
from flint import acb
from sympy import exp

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.errors import NoExactValue
from fsb_oracle.families.charts import End
from fsb_oracle.families.charts import s as tail_variable
from fsb_oracle.families.family import z
from fsb_oracle.integrands.bounds import NotYet, Unboundable
from fsb_oracle.integrands.growth import lower_bound
from fsb_oracle.integrands.points import ball_of
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.charts import log_measure
from fsb_oracle.oracle.lattice.existence import minorants
from fsb_oracle.oracle.lowering import PLAIN, lower
from fsb_oracle.oracle.singular import Part, distance, parts, pole, resolved

_STARTS = (1.0, 10.0, 1e2, 1e3, 1e4, 1e6)


def refusal(cell: Cell, reason: Exception) -> NoExactValue:
    """The sentence that refuses a cell whose integral is not finite, or could not be bounded for `reason`."""
    if not real_on_support(cell):
        return NoExactValue(f"f = {cell.f.text} is not a finite real number on the support of {cell.text}")
    if diverges(cell):
        return NoExactValue(f"E {cell.f.text} does not exist for {cell.text}")
    return NoExactValue(f"E {cell.f.text} cannot be computed for {cell.text}: {reason}")


def diverges(cell: Cell) -> bool:
    """Whether |f| times the density provably has an infinite integral at an end of the support."""
    if cell.family.discrete and len(cell.family.samples) == 1:
        return any(_not_integrable(minorant, z) for minorant in minorants(cell))
    if cell.family.support.kind != "interval":
        return False
    if cell.family.log_density is None:
        return _outgrows_the_tails(cell)
    if pole(cell) is not None:
        return True
    return any(_not_integrable(sympy.powsimp(sympy.expand_log(whole)), tail_variable) for whole in _at_ends(cell))


def _holds(cell: Cell, condition: Any) -> bool:
    return cell.family.at(condition, cell.values) == sympy.true


def _outgrows_the_tails(cell: Cell) -> bool:
    """Whether |f| provably grows like a power beyond the tail index, or faster than a tail's exponential."""
    family, values = cell.family, cell.values
    low, high = (family.at(end, values) for end in family.strip)
    sides = ((cell.pieces[0], family.support.lower, -1, high), (cell.pieces[-1], family.support.upper, 1, -low))
    for (piece, end, sign, rate), light in zip(sides, family.light_tails, strict=True):
        if family.at(end, values).is_finite or _holds(cell, light) or rate == sympy.oo:
            continue
        index = family.at(family.tail_index, values)
        weight = exp(-rate * tail_variable) if rate > 0 else tail_variable ** (-1 - index)
        f = piece.expression.xreplace({z: sign * tail_variable}) * weight
        if _not_integrable(sympy.powsimp(sympy.expand(f)), tail_variable, exponentially=bool(rate > 0)):
            return True
    return False


def _at_ends(cell: Cell) -> Iterator[Any]:
    """f times the density in the coordinate s of each infinite end, and of each end at which f is singular.

    Parameters are exact, so that exp(z) exp(-z) cancels exactly at the boundary of existence.
    """
    family = cell.family
    for chart in family.charts:
        for piece in cell.pieces:
            for part in parts(cell, chart, piece):
                for end, limit in zip((part.chart.lower, part.chart.upper), _limits(part), strict=True):
                    if not isinstance(end, End) or limit is not None:
                        continue
                    point: Any = part.chart.point.xreplace({part.chart.variable: (end.otherwise or end).approach})
                    measure = family.at(log_measure(family, point, tail_variable), cell.values)
                    near: Any = {z: point}
                    f: Any = part.piece.expression
                    if part.side:
                        f, near = resolved(f, part.point, part.side), {distance: exp(-tail_variable)}
                    yield family.at(f.xreplace(near), cell.values) * exp(measure)


def _limits(part: Part) -> tuple[Any, Any]:
    """Where the piece stops short of the chart's lower and upper end."""
    ends = (part.piece.lower, part.piece.upper)
    return ends if not part.chart.reversed else (ends[1], ends[0])


def _not_integrable(expression: sympy.Expr, variable: sympy.Symbol, exponentially: bool = False) -> bool:
    """Whether |expression| provably has an infinite integral, or (`exponentially`) grows like an exponential."""
    with precision(30):
        lowered = lower(_merged(expression), variable)
        values = dict(zip(lowered.symbols, lowered.values((), ()), strict=True))
        for start in _STARTS:
            try:
                bound = lower_bound(lowered.expression, variable, start, values)
            except NotYet:
                continue
            except Unboundable:
                return False
            if bound.size > 0 and (bound.rate > 0 or (not exponentially and bound.rate >= 0 and bound.power >= -1)):
                return True
    return False


def _merged(expression: Any) -> Any:
    return expression.replace(lambda e: isinstance(e, sympy.exp), lambda e: sympy.exp(sympy.expand(e.args[0])))


def real_on_support(cell: Cell) -> bool:
    """Whether f is finite and real at a few points inside each of its pieces (a sample, not a proof)."""
    if cell.family.support.kind != "interval" or not _has_roots(cell.f.expression):
        return True
    low, high = (cell.family.at(end, cell.values) for end in (cell.family.support.lower, cell.family.support.upper))
    with precision(30):
        for piece in cell.pieces:
            lower_end = low if piece.lower is None else piece.lower
            upper_end = high if piece.upper is None else piece.upper
            function = compile_expression(piece.expression, (z,))
            for point in _samples(lower_end, upper_end):
                value = acb(function(PLAIN, ball_of(point)))
                if not value.is_finite() or not value.imag.contains(0):
                    return False
    return True


def _has_roots(expression: sympy.Expr) -> bool:
    """Whether a logarithm or a broken power occurs: what else the parser reads is real for real z."""
    powers = (node for node in expression.atoms(sympy.Pow) if node.base is not sympy.E)
    return expression.has(sympy.log) or any(not power.exp.is_Integer for power in powers)


def _samples(low: sympy.Expr, high: sympy.Expr) -> list[sympy.Expr]:
    if low == -sympy.oo and high == sympy.oo:
        return [sympy.Integer(n) for n in (-3, -1, 1, 3)]
    if low == -sympy.oo:
        return [high - sympy.Rational(1, 3), high - 3]
    if high == sympy.oo:
        return [low + sympy.Rational(1, 3), low + 3]
    return [low + (high - low) * sympy.Rational(k, 7) for k in (1, 3, 6)]
