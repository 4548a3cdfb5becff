"""Rational f under a law with algebraic tails: z in the middle, z = centre +- width exp(t) on each tail.

In y = exp(-t) such an f is a fraction of polynomials that is analytic at y = 0, and so is the density but for a power
of y: both stay sharp on wide balls, where f of a hyperbolic sine does not.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy
from sympy import S, exp, log

from fsb_oracle.families import Family
from fsb_oracle.families.charts import FAR, Chart, End, positive_t, s, t, z
from fsb_oracle.integrands.pieces import regular
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.charts import density_parts, exponential, integrand, merged
from fsb_oracle.oracle.lowering import Lowered, lower

_y = sympy.Symbol("y", positive=True)


def charts(cell: Cell) -> tuple[Chart, ...]:
    """The three charts, if f is rational without real poles and the law's own charts are z = centre +- width sinh(t);
    none otherwise.
    """
    f = cell.f.expression
    if z not in f.free_symbols or not _rational(f) or f.is_polynomial(z) or not regular(f):
        return ()
    return _charts(cell.family)


@lru_cache(maxsize=1024)
def _rational(f: sympy.Expr) -> bool:
    return bool(f.is_rational_function(z))


@lru_cache(maxsize=64)
def _charts(family: Family) -> tuple[Chart, ...]:
    own = family.charts
    if len(own) != 2 or not own[0].point.has(sympy.sinh):
        return ()
    at_zero = {positive_t: S.Zero}
    centre: Any = own[0].point.xreplace(at_zero)
    width: Any = sympy.diff(own[0].point, positive_t).xreplace(at_zero)
    if own[0].point != centre + width * sympy.sinh(positive_t):
        return ()
    x = (z - centre) / width
    return (
        Chart(t, centre + width * t, x, S.NegativeOne, S.One),
        Chart(positive_t, centre + width * exp(positive_t), log(x), S.Zero, FAR),
        Chart(positive_t, centre - width * exp(positive_t), log(-x), S.Zero, FAR, reversed=True),
    )


@lru_cache(maxsize=4096)
def weighted(family: Family, f: sympy.Expr, parameter: str | None, chart: Chart, end: End | None) -> Lowered:
    """What `charts.integrand` is for a law's own charts."""
    if chart.variable == t:
        return integrand(family, f, parameter, chart, end)
    variable = positive_t if end is None else s
    point = chart.point.xreplace({positive_t: -log(_y)})
    weight, log_rest = density_parts(family, parameter)
    parts = [_resolved(part.xreplace({z: point})) for part in (f, weight, log_rest)]
    f, weight, log_rest = (part.xreplace({log(_y): -variable}).xreplace({_y: exp(-variable)}) for part in parts)
    width: Any = sympy.Abs(sympy.expand(chart.point).coeff(exp(positive_t)))
    measure = exponential(log_rest + log(width) + variable, variable)
    return lower(merged(f * weight * measure, variable), variable)


def _resolved(expression: Any) -> Any:
    """With the powers of y taken out of each logarithm, and each rational term as one fraction of polynomials."""
    expression = expression.replace(lambda e: isinstance(e, log) and e.has(_y) and e != log(_y), _log)
    return sympy.Add(*(_term(term) for term in sympy.Add.make_args(expression)))


def _term(term: Any) -> Any:
    logarithms, rational = term.as_independent(_y, as_Add=False)
    held = {node: sympy.Dummy(positive=True) for node in rational.atoms(log)}
    moved = sympy.cancel(rational.xreplace(held))
    return logarithms * moved.xreplace({symbol: node for node, symbol in held.items()})


def _log(node: Any) -> Any:
    above, below = sympy.fraction(sympy.cancel(node.args[0]))
    constant, power = below.as_independent(_y, as_Add=False)
    _, exponent = power.as_base_exp()
    return log(above) - log(constant) - exponent * log(_y)
