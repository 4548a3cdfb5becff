"""The mixture route: Z is normal given V, so that E f = INT g(v) p(v) dv where g(v) = E[f | V = v] is known.

The gradient is INT (dg + g d log p) p dv. Neither the density of Z nor its characteristic function takes part.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import sympy
from flint import arb
from sympy import exp

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import Family, get_family
from fsb_oracle.families.charts import Chart, End, s, z
from fsb_oracle.families.family import v
from fsb_oracle.integrands.normal_means import normal_mean
from fsb_oracle.integrands.transforms import spectrum
from fsb_oracle.oracle.cell import Cell, Piece
from fsb_oracle.oracle.charts import in_chart, log_measure, merged
from fsb_oracle.oracle.density import GUARD_DIGITS, spare_digits
from fsb_oracle.oracle.lowering import Lowered, arguments, lower
from fsb_oracle.oracle.segments import integral


def applies(cell: Cell) -> bool:
    """Whether the law is normal given another variable, and the conditional mean has a closed form."""
    return cell.family.conditional is not None and _given(cell) is not None


def integrate(cell: Cell, digits: int) -> arb:
    """E f, or its derivative in the cell's parameter, to an absolute error of about 10**-digits; `applies` must hold.

    Raises:
        Unboundable: the integral does not converge, or no tail bound is known.
    """
    conditional, given = cell.family.conditional, _given(cell)
    assert conditional is not None and given is not None
    mixing, whole = get_family(conditional.law), (Piece(None, None, given),)
    if _total(cell.family, given, cell.parameter) == 0:
        return arb(0)
    with precision(max(digits, 0) + GUARD_DIGITS + spare_digits(cell)):
        parameters = arguments(cell.family, cell.values)
        charts = tuple(_moved(chart, cell.family) for chart in mixing.charts)
        return integral(cell, parameters, whole, _weighted, digits, charts)


def _given(cell: Cell) -> sympy.Expr | None:
    """E[f | v], in v and the law's parameters."""
    return _conditional_mean(cell.family, tuple((p.lower, p.upper, p.expression) for p in cell.pieces))


@lru_cache(maxsize=1024)
def _conditional_mean(family: Family, pieces: tuple[tuple[Any, Any, Any], ...]) -> sympy.Expr | None:
    conditional = family.conditional
    assert conditional is not None
    found = spectrum(pieces) if len(pieces) > 1 else None
    edges = None if found is None or found.smooth else [edge for jump in found.jumps for edge in jump.edges]
    return normal_mean(pieces, edges, conditional.mean, conditional.variance)


@lru_cache(maxsize=64)
def _names(family: Family) -> dict[sympy.Basic, sympy.Basic]:
    """The mixing law's parameters in the law's own."""
    conditional = family.conditional
    assert conditional is not None
    mixing = get_family(conditional.law)
    return {mixing.symbol(name): value for name, value in conditional.parameters.items()}


@lru_cache(maxsize=256)
def _moved(chart: Chart, family: Family) -> Chart:
    """The mixing law's chart with the law's own parameters."""
    names = _names(family)

    def end(own: Any) -> Any:
        if not isinstance(own, End):
            return own.xreplace(names)
        other = own.otherwise
        return replace(
            own,
            approach=own.approach.xreplace(names),
            coordinate=own.coordinate.xreplace(names),
            otherwise=other if other is None else end(other),
        )

    return replace(
        chart,
        point=chart.point.xreplace(names),
        coordinate=chart.coordinate.xreplace(names),
        lower=end(chart.lower),
        upper=end(chart.upper),
    )


@lru_cache(maxsize=4096)
def _total(family: Family, given: sympy.Expr, parameter: str | None) -> Any:
    """g, or dg + g d log p, in v and the parameters of both laws."""
    if parameter is None:
        return given
    assert family.conditional is not None
    mixing, symbol = get_family(family.conditional.law), family.symbol(parameter)
    moved = {name: sympy.diff(value, symbol) for name, value in family.conditional.parameters.items()}
    score = sympy.Add(*(mixing.score(name).xreplace({z: v}) * speed for name, speed in moved.items() if speed != 0))
    return sympy.diff(given, symbol) + given * score


@lru_cache(maxsize=4096)
def _weighted(family: Family, given: sympy.Expr, parameter: str | None, moved: Chart, end: End | None) -> Lowered:
    """g p |dv/dt|, or (dg + g d log p) p |dv/dt|, as a function of the chart's t, or of an end's s.

    It is worked out in the mixing law's own parameters, which are known to be positive, and then in those of Z.
    """
    assert family.conditional is not None
    mixing, names = get_family(family.conditional.law), _names(family)
    chart = next(chart for chart in mixing.charts if _moved(chart, family) == moved)
    variable: Any = chart.variable
    point: Any = chart.point
    if end is not None:
        own = next(own for own in _ends(chart) if _same(own, end, names))
        variable, point = s, chart.point.xreplace({chart.variable: own.approach})
    total = _total(family, given, parameter)
    total, kept = _with_fractions_held(total) if end is None else (_with_fractions_divided(total), {})
    product = in_chart(total.xreplace({v: point}), point) * exp(log_measure(mixing, point, variable))
    whole = merged(product, variable).xreplace({held: node.xreplace({v: point}) for held, node in kept.items()})
    return lower(whole.xreplace(names), variable)


@lru_cache(maxsize=256)  # whatever the chart is
def _with_fractions_held(total: Any) -> tuple[Any, dict[sympy.Basic, sympy.Basic]]:
    """With symbols for exponentials of fractions, and what they stand for."""
    kept: dict[sympy.Basic, sympy.Basic] = {}
    return total.replace(lambda e: isinstance(e, exp) and _fraction(e), partial(_held, kept)), kept


@lru_cache(maxsize=256)  # whatever the end is
def _with_fractions_divided(total: Any) -> Any:
    return total.replace(lambda e: isinstance(e, exp) and e.has(v), lambda e: exp(_divided(e.args[0])))


def _held(kept: dict[sympy.Basic, sympy.Basic], node: sympy.Basic) -> sympy.Basic:
    """A symbol for an exponential whose exponent is a fraction: multiplied out, it would not stay sharp on balls."""
    held = sympy.Symbol(f"held{len(kept)}", positive=True)
    for known, other in kept.items():
        if other == node:
            return known
    kept[held] = node
    return held


def _fraction(node: Any) -> bool:
    return not node.args[0].is_polynomial(v)


def _divided(exponent: Any) -> Any:
    """A fraction in v as a polynomial and a remainder over the denominator: each can be bounded."""
    above, below = sympy.fraction(sympy.together(exponent))
    quotient, rest = sympy.div(sympy.expand(above), sympy.expand(below), v)
    return quotient + rest / below


def _ends(chart: Chart) -> list[End]:
    found = []
    for end in (chart.lower, chart.upper):
        while isinstance(end, End):
            found.append(end)
            end = end.otherwise
    return found


def _same(own: End, end: End, names: dict[sympy.Basic, sympy.Basic]) -> bool:
    return own.approach.xreplace(names) == end.approach and own.coordinate.xreplace(names) == end.coordinate
