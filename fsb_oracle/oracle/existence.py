"""Why an integral has no value: a sentence, proven where it says that something does not exist."""

from __future__ import annotations

from typing import Any

import sympy
from flint import acb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.errors import UsageError
from fsb_oracle.families.family import z
from fsb_oracle.integrands.bounds import NotYet, Unboundable
from fsb_oracle.integrands.growth import lower_bound
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.charts import End, charts, log_measure
from fsb_oracle.oracle.charts import s as tail_variable
from fsb_oracle.oracle.lowering import PLAIN, lower

_STARTS = (1.0, 10.0, 1e2, 1e3, 1e4, 1e6)


def refusal(cell: Cell, reason: Exception) -> UsageError:
    """The sentence that refuses a cell whose integral is not finite, or could not be bounded for `reason`."""
    if not real_on_support(cell):
        return UsageError(f"f = {cell.f.text} is not a finite real number on the support of {cell.text}")
    if diverges(cell):
        return UsageError(f"E {cell.f.text} does not exist for {cell.text}")
    return UsageError(f"E {cell.f.text} cannot be computed for {cell.text}: {reason}")


def diverges(cell: Cell) -> bool:
    """Whether |f| times the density provably has an infinite integral at an end of the support."""
    family = cell.family
    if family.support.kind != "interval":
        return False
    for chart in charts(family):
        for end in (chart.lower, chart.upper):
            if not isinstance(end, End):
                continue
            piece = cell.pieces[-1 if (end is chart.upper) != chart.reversed else 0]
            point: Any = chart.point.xreplace({chart.variable: end.approach})
            measure = log_measure(family, point, tail_variable)
            # exact parameters, so that exp(z) exp(-z) cancels exactly at the boundary of existence
            f: Any = piece.expression.xreplace({z: point})
            whole = family.at(f, cell.values) * sympy.exp(family.at(measure, cell.values))
            if _not_integrable(sympy.powsimp(sympy.expand_log(whole)), tail_variable):
                return True
    return False


def _not_integrable(expression: sympy.Expr, variable: sympy.Symbol) -> bool:
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
            if bound.size > 0 and (bound.rate > 0 or (bound.rate >= 0 and bound.power >= -1)):
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
                value = acb(function(PLAIN, acb(compile_expression(sympy.sympify(point), ())(PLAIN))))
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
