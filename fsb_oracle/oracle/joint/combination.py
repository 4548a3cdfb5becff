"""Linear combinations and products of certified routes: how an expectation is put together from others.

The k-th route of a combination takes the k-th route of every part, so that two routes of a combination share no
route of any part, and the level that they reach is as honest as that of the parts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, log10
from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import ball, precision
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.certificate import Route
from fsb_oracle.oracle.density import GUARD_DIGITS
from fsb_oracle.oracle.existence import refusal
from fsb_oracle.oracle.lowering import PLAIN

RoutesOf = Callable[[Cell], list[Route]]
_SPARE, _ROUTES = 2, 3


@dataclass(frozen=True)
class Part:
    """coefficient * (the number that the routes lead to); the coefficient is exact."""

    coefficient: Fraction | sympy.Expr
    routes: Sequence[Route]


# what does not depend on the parameter at all
ZERO = [Route("closed-form", lambda digits, scale: arb(0))]


def number(exact: Fraction | int | sympy.Expr) -> arb:
    """An exact number as a ball at the precision in force."""
    if isinstance(exact, (Fraction, int)):
        return ball(exact)
    return acb(compile_expression(sympy.sympify(exact), ())(PLAIN)).real


def exact(coefficient: Fraction | sympy.Expr) -> sympy.Expr:
    """An exact number as SymPy knows it."""
    if isinstance(coefficient, Fraction):
        return sympy.Rational(coefficient.numerator, coefficient.denominator)  # pyright: ignore[reportReturnType]
    return coefficient


def constant_routes(cell: Cell, constant: sympy.Expr) -> list[Route]:
    """E of a constant, twice, so that it does not lower the number of routes of a sum; its derivative is 0."""
    value = constant if cell.parameter is None else sympy.S.Zero
    return [Route("density", lambda digits, scale: number(value))] * _ROUTES


def total(parts: Sequence[Part]) -> list[Route]:
    """The routes to SUM coefficient * part; `ZERO` if there are no parts other than that."""
    parts = [part for part in parts if part.routes != ZERO]
    if not parts:
        return ZERO
    return [_sum([(p.coefficient, p.routes[k]) for p in parts]) for k in range(min(len(p.routes) for p in parts))]


def product(factors: Sequence[Sequence[Route]]) -> list[Route]:
    """The routes to the product of independent factors."""
    return [_product([routes[k] for routes in factors]) for k in range(min(map(len, factors)))]


def _sum(terms: Sequence[tuple[Any, Route]]) -> Route:
    def evaluated(digits: int, scale: arb) -> arb:
        with precision(30):
            size = float(sum((abs(number(c)) for c, _ in terms), arb(0)).upper())
        spare = _SPARE + (ceil(log10(size)) if 1 < size < 1e300 else 0)
        with precision(max(digits, 0) + spare + GUARD_DIGITS):
            return sum((number(c) * route.ball(digits + spare, scale) for c, route in terms), arb(0))

    return Route(_name([route for _, route in terms]), evaluated)


def _product(routes: Sequence[Route]) -> Route:
    def evaluated(digits: int, scale: arb) -> arb:
        with precision(max(digits, 0) + GUARD_DIGITS):
            result = arb(1)
            for route in routes:
                result *= route.ball(digits + _SPARE, arb(1))
            return result

    return Route(_name(routes), evaluated)


def _name(routes: Sequence[Route]) -> str:
    """That of the parts; a closed form among them makes the whole count as one."""
    names = [route.name for route in routes]
    return "closed-form" if "closed-form" in names else names[0]


def reduced(cell: Cell, routes_of: RoutesOf) -> list[Route]:
    """The routes of a simpler cell: each ball is computed once, and a failure names that cell."""
    key = (routes_of, cell.family, tuple(cell.values.items()), cell.f.expression, cell.parameter)
    if key not in _REDUCED:
        if len(_REDUCED) > _MOST:
            _REDUCED.clear()
        _REDUCED[key] = [Route(route.name, _Remembered(cell, route).ball) for route in routes_of(cell)]
    return _REDUCED[key]


# the gradient in a matrix asks for the same numbers again for each of its entries, and so does that of a sum of jumps
_REDUCED: dict[Any, list[Route]] = {}
_MOST = 4096


@dataclass(frozen=True)
class _Remembered:
    """A route of a simpler cell with the balls of most digits that it has had, by their scale."""

    cell: Cell
    route: Route
    known: dict[Any, tuple[int, arb]] = field(default_factory=dict)

    def ball(self, digits: int, scale: arb) -> arb:
        size = scale.mid().man_exp()
        if size not in self.known or self.known[size][0] < digits:
            try:
                self.known[size] = digits, self.route.ball(digits, scale)
            except Unboundable as reason:
                raise Unboundable(str(refusal(self.cell, reason))) from None
        return self.known[size][1]
