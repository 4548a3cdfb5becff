"""Mixtures: E f = SUM_k p_k E_k f, each component by its own routes; p is the softmax of the logits."""

from __future__ import annotations

import sympy

from fsb_oracle.families import Family, Parameters
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.certificate import Route
from fsb_oracle.oracle.joint.combination import Part, RoutesOf, exact, reduced, total


def mixture_routes(cell: Cell, routes_of: RoutesOf) -> list[Route]:
    """E f, or its derivative in a logit, p_j SUM_k p_k (E_j - E_k), or in a parameter of a component, p_k dE_k."""
    families: tuple[Family, ...] = cell.family.shape
    cells = [Cell(family, _values(cell, k), cell.f) for k, family in enumerate(families)]
    probabilities = softmax([exact(cell.values[f"logits.{k}"]) for k in range(len(cells))])
    if cell.parameter is None:
        weights = probabilities
    elif cell.parameter.startswith("logits."):
        j = int(cell.parameter.removeprefix("logits."))
        # the weight of E_j is p_j (1 - p_j), written without a difference
        weights = [-probabilities[j] * p for p in probabilities]
        weights[j] = probabilities[j] * sympy.Add(*(p for k, p in enumerate(probabilities) if k != j))
    else:
        _, k, name = cell.parameter.split(".", 2)
        return total([Part(probabilities[int(k)], reduced(cells[int(k)].derivative(name), routes_of))])
    return total([Part(p, reduced(c, routes_of)) for p, c in zip(weights, cells, strict=True) if p != 0])


def _values(cell: Cell, k: int) -> Parameters:
    prefix = f"components.{k}."
    return {name.removeprefix(prefix): value for name, value in cell.values.items() if name.startswith(prefix)}


def softmax(logits: list[sympy.Expr]) -> list[sympy.Expr]:
    """exp(l_k)/SUM exp(l) as exact numbers."""
    return [1 / sympy.Add(*(sympy.exp(other - own) for other in logits)) for own in logits]
