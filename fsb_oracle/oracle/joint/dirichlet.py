"""The Dirichlet law: margins are beta laws, monomials are products of independent beta variables (stick breaking)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import ball, precision
from fsb_oracle.families import get_family
from fsb_oracle.families.family import z
from fsb_oracle.integrands import Integrand
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.integrands.domination import domination
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.certificate import Route
from fsb_oracle.oracle.joint.combination import Part, RoutesOf, constant_routes, product, reduced, total
from fsb_oracle.oracle.joint.pairs import MOST_DIGITS, Axis, Growth, level, pair_integral, require_smooth
from fsb_oracle.oracle.joint.ridges import Direction, ridges
from fsb_oracle.oracle.joint.simplex import closed_form

x, y = sympy.symbols("x y", real=True)
_PAIRS: dict[Any, arb] = {}


def dirichlet_routes(cell: Cell, routes_of: RoutesOf) -> list[Route]:
    """E f, or its derivative in a concentration.

    Raises:
        Unboundable: no route is known for a term of f.
    """
    samples = cell.family.samples
    if len(samples) == 2:
        line = cell.f.expression.xreplace({samples[0]: z, samples[1]: 1 - z})  # pyright: ignore[reportArgumentType]
        return _beta_routes(cell, (1, 0), line, routes_of)
    found = ridges(cell.f.expression, samples)
    parts = [Part(sympy.S.One, constant_routes(cell, found.constant))] if found.constant != 0 else []
    rest = list(found.rest)
    for direction, function in found.ridges:
        if len(set(direction)) <= 2:
            parts.append(Part(sympy.S.One, _beta_routes(cell, direction, function, routes_of)))
        else:
            form = sum((c * s for c, s in zip(direction, samples, strict=True)), sympy.S.Zero)
            rest.append(function.xreplace({z: form}))
    parts += [Part(sympy.S.One, _term_routes(cell, term, routes_of)) for term in rest]
    return total(parts)


def _beta(first: Fraction, second: Fraction) -> tuple[Any, dict[str, Fraction]]:
    return get_family("beta"), {"concentration1": first, "concentration0": second}


def _beta_routes(cell: Cell, direction: Direction, function: Any, routes_of: RoutesOf) -> list[Route]:
    """A form with two different coefficients a and b is b + (a - b) X, and X has a beta law."""
    high, low = max(direction), min(direction)
    if high == low:
        return constant_routes(cell, function.xreplace({z: sympy.Integer(high)}))
    inside = [c == high for c in direction]
    concentration = [cell.values[name] for name in cell.family.names]
    sums = [
        sum((a for a, own in zip(concentration, inside, strict=True) if own is side), Fraction(0))
        for side in (True, False)
    ]
    family, values = _beta(*sums)
    inner = Cell(family, values, Integrand(function.xreplace({z: low + (high - low) * z})))
    if cell.parameter is not None:
        index = cell.family.names.index(cell.parameter)
        inner = inner.derivative("concentration1" if inside[index] else "concentration0")
    return reduced(inner, routes_of)


def _term_routes(cell: Cell, term: Any, routes_of: RoutesOf) -> list[Route]:
    routes = closed_form(cell, term)
    if routes:
        routes += _stick_routes(cell, term, routes_of)
    if len(routes) < 2:
        routes += _pair_routes(cell, term, alone=not routes)
    if not routes:
        raise Unboundable(f"no route is known for {term}, a function of more than two components")
    return routes


def _stick_routes(cell: Cell, f: Any, routes_of: RoutesOf) -> list[Route]:
    """Z_i = X_i PROD_{j < i} (1 - X_j) with independent beta variables X_i: a monomial is a product."""
    samples = cell.family.samples
    if not f.is_polynomial(*samples):
        return []
    parts = []
    for powers, coefficient in sympy.Poly(f, *samples).terms():
        if not any(powers):
            parts.append(Part(coefficient, constant_routes(cell, sympy.S.One)))
        else:
            parts += [Part(coefficient, routes) for routes in _sticks(cell, powers, routes_of)]
    return total(parts)


def _sticks(cell: Cell, powers: tuple[int, ...], routes_of: RoutesOf) -> list[list[Route]]:
    """The products that add up to the mean of a monomial, or to its derivative."""
    concentration = [cell.values[name] for name in cell.family.names]
    cells = {}
    for i in range(len(powers) - 1):
        if any(powers[i:]):
            family, values = _beta(concentration[i], sum(concentration[i + 1 :], Fraction(0)))
            cells[i] = Cell(family, values, Integrand(sympy.expand(z ** powers[i] * (1 - z) ** sum(powers[i + 1 :]))))
    if cell.parameter is None:
        return [product([reduced(c, routes_of) for c in cells.values()])]
    index = cell.family.names.index(cell.parameter)
    moved = [i for i in cells if i <= index]
    names = {i: "concentration1" if i == index else "concentration0" for i in moved}
    return [
        product([reduced(c.derivative(names[i]) if k == i else c, routes_of) for k, c in cells.items()]) for i in moved
    ]


def _pair_routes(cell: Cell, f: Any, alone: bool) -> list[Route]:
    """f of two components (or three of three): nested integration over two independent beta variables."""
    samples = cell.family.samples
    used = [s for s in samples if s in f.free_symbols]
    if len(used) == 3 and len(samples) == 3:
        f = f.xreplace({used[2]: 1 - used[0] - used[1]})
        used = used[:2]
    if len(used) != 2:
        return []
    require_smooth(f)
    a, b = (samples.index(s) for s in used)
    concentration = [cell.values[name] for name in cell.family.names]
    whole = sum(concentration, Fraction(0))
    first = _beta(concentration[a], whole - concentration[a])
    second = _beta(concentration[b], whole - concentration[a] - concentration[b])
    axes: list[tuple[str | None, str | None]] = [(None, None)]
    if cell.parameter is not None:
        index = cell.family.names.index(cell.parameter)
        own = "concentration1" if index == b else "concentration0"
        axes = [("concentration1", None)] if index == a else [("concentration0", None), (None, own)]
    g = f.xreplace({used[0]: x, used[1]: (1 - x) * y})
    return total(
        [
            Part(sympy.S.One, [_pair_route(f, g, Axis(*first, name), Axis(*second, other), alone)])
            for name, other in axes
        ]
    )


def _pair_route(f: Any, g: Any, first: Axis, second: Axis, alone: bool) -> Route:
    function = compile_expression(g, (x, y))
    key = (g, *((axis.family, tuple(axis.values.items()), axis.parameter) for axis in (first, second)))

    def evaluated(digits: int, scale: arb) -> arb:
        if digits > MOST_DIGITS and not alone:
            raise Unboundable("nested integrals have fewer digits")
        known = (*key, level(digits))
        if known not in _PAIRS:
            with precision(30):
                bound = domination(f)  # the components add up to at most 1
                size = bound.size * arb(2) ** bound.degree * bound.rate.exp()
                growth = Growth(size, sympy.S.Zero, (_size(first), _size(second)))
            _PAIRS[known] = pair_integral(lambda m, u, v: acb(function(m, u, v)), (first, second), growth, digits)
        return _PAIRS[known]

    return Route("density", evaluated)


def _size(axis: Axis) -> arb:
    """A bound on E |score|: the root of the Fisher information."""
    if axis.parameter is None:
        return arb(1)
    own, whole = ball(axis.values[axis.parameter]), ball(sum(axis.values.values(), Fraction(0)))
    return (acb(own).polygamma(1).real - acb(whole).polygamma(1).real).sqrt()
