"""Coordinates in which densities are smooth: the change of variables of the density route, as data.

A chart maps a coordinate t to the point z(t) of (a part of) the support. Endpoint powers such as
z**(concentration - 1) become entire functions of t = log z, kinks of a density lie between two charts, and
each infinite end says how s -> oo approaches it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy
from flint import acb, arb
from sympy import exp, log

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import ball
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.family import z
from fsb_oracle.oracle.lowering import PLAIN, Lowered, arguments, lower

t = sympy.Symbol("t", real=True)
positive_t = sympy.Symbol("t", positive=True)
s = sympy.Symbol("s", positive=True)


@dataclass(frozen=True)
class End:
    """An infinite end: t = approach(s) as s -> oo, and s = coordinate(t), in which the tail is bounded."""

    approach: sympy.Expr
    coordinate: sympy.Expr


@dataclass(frozen=True)
class Chart:
    """z = point(t) for t between `lower` and `upper`, each an infinite `End` or a value of t; t =
    coordinate(z).
    """

    variable: sympy.Symbol
    point: sympy.Expr
    coordinate: sympy.Expr
    lower: End | sympy.Expr
    upper: End | sympy.Expr
    reversed: bool = False  # z falls as t rises


def _ends(variable: sympy.Symbol) -> tuple[End, End]:
    return End(-s, -variable), End(s, variable)


_DOWN, _UP = _ends(t)
_FAR = _ends(positive_t)[1]
_LOG_UP = End(log(1 + s), exp(t) - 1)  # the right tail of a law on z > 0 is bounded in z itself, not in log z


@lru_cache(maxsize=64)
def charts(family: Family) -> tuple[Chart, ...]:
    """The charts that cover a law's support, up to single points."""
    a = family.symbols
    if family.name == "normal":
        return (Chart(t, a[0] + a[1] * t, (z - a[0]) / a[1], _DOWN, _UP),)
    if family.name == "laplace":
        return (
            Chart(positive_t, a[0] + a[1] * positive_t, (z - a[0]) / a[1], sympy.S.Zero, _FAR),
            Chart(positive_t, a[0] - a[1] * positive_t, (a[0] - z) / a[1], sympy.S.Zero, _FAR, reversed=True),
        )
    if family.name in ("gamma", "exponential"):
        return (Chart(t, family.mean * exp(t), log(z) - log(family.mean), _DOWN, _LOG_UP),)
    if family.name == "beta":
        return (
            Chart(positive_t, exp(-positive_t), -log(z), log(2), _FAR, reversed=True),
            Chart(positive_t, 1 - exp(-positive_t), -log(1 - z), log(2), _FAR),
        )
    assert family.support.kind == "interval" and family.name == "uniform", family.name
    return (Chart(t, t, z, family.support.lower, family.support.upper),)


@lru_cache(maxsize=4096)
def integrand(family: Family, f: sympy.Expr, parameter: str | None, chart: Chart, end: End | None) -> Lowered:
    """f(z) times the density (times the score of `parameter`) times |dz/dt|, as a function of t, or of an
    end's s.
    """
    variable: sympy.Symbol = chart.variable
    point: Any = chart.point
    if end is not None:
        variable, point = s, chart.point.xreplace({chart.variable: end.approach})
    weight = sympy.S.One if parameter is None else family.score(parameter)
    product = _in_chart(f, point) * _in_chart(weight, point) * exp(log_measure(family, point, variable))
    return lower(_merged(product, variable), variable)


def _merged(product: Any, variable: sympy.Symbol) -> Any:
    """One exponential instead of several, with like terms collected: exp(z) exp(-2 z) must not overflow on
    the way.
    """

    def collected(node: sympy.Expr) -> sympy.Expr:
        return exp(sympy.collect(sympy.expand(node.args[0]), [exp(variable), variable]))

    merged = sympy.powsimp(product, deep=False, combine="exp")
    return merged.replace(lambda e: isinstance(e, exp), collected)


def log_measure(family: Family, point: sympy.Expr, variable: sympy.Symbol) -> sympy.Expr:
    """log of density times |dz/dvariable|."""
    assert family.log_density is not None
    speed = sympy.diff(point, variable)
    if speed.could_extract_minus_sign():
        speed = -speed
    return sympy.expand(_in_chart(family.log_density, point) + sympy.expand_log(log(speed)))


def _in_chart(expression: Any, point: sympy.Expr) -> Any:
    """With log z written out in the coordinate, so that no branch cut is left."""
    return sympy.expand_log(expression.xreplace({z: point}).doit())


def density_at(family: Family, values: Parameters, point: Fraction) -> arb:
    """The density at an exact point, at the precision in force."""
    log_density = compile_expression(family.log_density, (z, *family.symbols))
    return acb(log_density(PLAIN, acb(ball(point)), *arguments(family, values))).exp().real
