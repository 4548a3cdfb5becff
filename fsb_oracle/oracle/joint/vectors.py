"""The routes of normal, Student and Laplace vectors: f taken apart into terms that a route is known for."""

from __future__ import annotations

from typing import Any

import sympy
from flint import arb

from fsb_oracle.families.family import z
from fsb_oracle.integrands import Integrand
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.certificate import Route
from fsb_oracle.oracle.existence import diverges
from fsb_oracle.oracle.joint.combination import ZERO, Part, RoutesOf, constant_routes, exact, total
from fsb_oracle.oracle.joint.elliptical import Vector, ridge_parts
from fsb_oracle.oracle.joint.gaussian import closed_form
from fsb_oracle.oracle.joint.normal_given import given_routes
from fsb_oracle.oracle.joint.normal_products import grid_routes
from fsb_oracle.oracle.joint.normal_smooth import smooth_routes
from fsb_oracle.oracle.joint.normal_terms import pair_routes, product_routes, refused
from fsb_oracle.oracle.joint.polarised import powers
from fsb_oracle.oracle.joint.radial import radial_routes
from fsb_oracle.oracle.joint.ridges import ridges


def vector_routes(cell: Cell, routes_of: RoutesOf) -> list[Route]:
    """E f, or its derivative, of an elliptical law.

    Raises:
        Unboundable: a term of f depends on several correlated variables in a way that no route is known for.
    """
    vector, samples = Vector(cell), cell.family.samples
    found = ridges(cell.f.expression, samples)
    parts = [Part(sympy.S.One, constant_routes(cell, found.constant))] if found.constant != 0 else []
    for direction, function in found.ridges:
        form = sum((c * s for c, s in zip(direction, samples, strict=True)), sympy.S.Zero)
        routes = total(ridge_parts(vector, direction, Integrand(function), routes_of))
        if routes != ZERO:
            routes = [*routes, *closed_form(cell, function.xreplace({z: form}))]
        parts.append(Part(sympy.S.One, routes))
    for term in found.rest:
        parts.append(Part(sympy.S.One, _term_routes(vector, term, routes_of)))
    return total(parts)


def vector_diverges(cell: Cell) -> bool:
    """Whether f depends on one linear form alone, and E |f| is provably infinite under the law of that form."""
    found = ridges(cell.f.expression, cell.family.samples)
    if len(found.ridges) != 1 or found.rest:
        return False
    vector, ((direction, function),) = Vector(cell), found.ridges
    return diverges(Cell(vector.margin, vector.margin_values(direction), Integrand(function)))


def _term_routes(vector: Vector, term: Any, routes_of: RoutesOf) -> list[Route]:
    cell, samples = vector.cell, vector.cell.family.samples
    routes = closed_form(cell, term)
    if routes == ZERO:
        return ZERO
    forms = powers(term, samples) if routes else None
    if forms:
        routes += total(
            [
                Part(coefficient * exact(part.coefficient), part.routes)
                for (direction, degree), coefficient in forms.items()
                for part in ridge_parts(vector, direction, Integrand(z**degree), routes_of)
            ]
        )
    if cell.family.name == "multivariate_normal":
        routes += product_routes(cell, term, routes_of)
        if len(routes) < 2:
            routes += given_routes(cell, term)
        grid = [] if routes else grid_routes(cell, term)
        if grid:
            routes += _either(grid, pair_routes(cell, term, alone=True))
        elif not routes:
            routes += radial_routes(cell, term)
        if len(routes) < 2 and not grid:
            smooth = smooth_routes(cell, term) if not routes or len(term.free_symbols) == 2 else []
            pair = pair_routes(cell, term, alone=not routes)
            routes += _either(smooth, pair) if smooth else pair
    if not routes:
        raise refused(term)
    return routes


def _either(first: list[Route], second: list[Route]) -> list[Route]:
    """The first route, or the second, which is slow, where it cannot answer."""

    def ball(digits: int, scale: arb) -> arb:
        try:
            return first[0].ball(digits, scale)
        except Unboundable:
            if not second:
                raise
            return second[0].ball(digits, scale)

    return first if first == ZERO else [Route(first[0].name, ball)]
