"""Categorical, multinomial and Dirichlet-multinomial laws: the sum over all values, and the discrete Fourier
transform of phi.

Logits enter through the softmax p alone. Route 1 sums f times the mass (times the score). Route 2 recovers the masses
from phi(w) = SUM_k p_k exp(i w k), or (p_rest + SUM p_i exp(i w_i))**n, at equidistant frequencies; no mass function
takes part, and as the support is finite there are no aliases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import comb, prod
from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import ball, precision
from fsb_oracle.families import resolve_family
from fsb_oracle.families.family import w
from fsb_oracle.integrands import Integrand
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.certificate import Route
from fsb_oracle.oracle.density import GUARD_DIGITS
from fsb_oracle.oracle.joint.combination import Part, RoutesOf, total
from fsb_oracle.oracle.joint.urn import urn_phi, urn_terms
from fsb_oracle.oracle.lowering import PLAIN, arguments
from fsb_oracle.oracle.means import transformed

MAXIMUM_VALUES = 50_000
_MAXIMUM_GRID = 20_000  # of the Fourier transform

Point = tuple[int, ...]


def categorical_routes(cell: Cell, routes_of: RoutesOf) -> list[Route]:
    """E f(Z), or its derivative in a logit."""
    return [
        Route("lattice", lambda digits, scale: _categorical_sum(cell, digits)),
        Route("spectral", lambda digits, scale: _categorical_transform(cell, digits)),
    ]


def _categorical_sum(cell: Cell, digits: int) -> arb:
    with precision(max(digits, 0) + GUARD_DIGITS):
        probabilities = softmax(cell)
        values = [_value(cell, cell.f.expression, {cell.family.samples[0]: k}) for k in range(len(probabilities))]
        mean = sum((p * v for p, v in zip(probabilities, values, strict=True)), arb(0))
        if cell.parameter is None:
            return mean
        # p_j SUM_k p_k (f(j) - f(k)): no cancellation between f(j) and the mean
        j = _logit(cell)
        return probabilities[j] * sum((p * (values[j] - v) for p, v in zip(probabilities, values, strict=True)), arb(0))


def _categorical_transform(cell: Cell, digits: int) -> arb:
    with precision(max(digits, 0) + GUARD_DIGITS):
        count = len(cell.family.names)
        phi = compile_expression(transformed(cell.family, cell.parameter), (w, *cell.family.symbols))
        parameters, step = arguments(cell.family, cell.values), 2 * arb.pi() / count
        masses = acb.dft([acb(phi(PLAIN, acb(step * j), *parameters)) for j in range(count)])
        values = (_value(cell, cell.f.expression, {cell.family.samples[0]: k}) for k in range(count))
        return sum((v * m.real for v, m in zip(values, masses, strict=True)), arb(0)) / count


def count_routes(cell: Cell, routes_of: RoutesOf) -> list[Route]:
    """E f(Z), or its derivative, of counts; the terms of f are summed over the components that they hold.

    Raises:
        Unboundable: there are too many values.
    """
    groups: dict[tuple[int, ...], Any] = {}
    samples = cell.family.samples
    for term in sympy.Add.make_args(cell.f.expression):
        used = tuple(i for i, s in enumerate(samples) if s in term.free_symbols)
        groups[used] = groups.get(used, sympy.S.Zero) + term
    return total([Part(sympy.S.One, _marginal(cell, used, f)) for used, f in groups.items()])


def beta_binomial_routes(cell: Cell, routes_of: RoutesOf) -> list[Route]:
    """The first of two categories of a Dirichlet-multinomial law."""
    count, a, b = cell.values.values()
    family, values = resolve_family("dirichlet_multinomial", {"total_count": count, "concentration": [a, b]})
    f = Integrand(cell.f.expression.xreplace({cell.family.samples[0]: family.samples[0]}))  # pyright: ignore[reportArgumentType]
    names = dict(zip(cell.values, values, strict=True))
    whole = Cell(family, values, f)
    return count_routes(whole if cell.parameter is None else whole.derivative(names[cell.parameter]), routes_of)


@dataclass(frozen=True)
class _Marginal:
    """How often some categories occur among `count` draws; the others are put together."""

    cell: Cell
    used: tuple[int, ...]
    f: Any

    @property
    def count(self) -> int:
        return int(self.cell.values["total_count"])

    def points(self) -> Iterator[Point]:
        return _compositions(self.count, len(self.used))

    def value(self, point: Point) -> arb:
        samples, rest = self.cell.family.samples, self.count - sum(point)
        at = {samples[i]: n for i, n in zip(self.used, point, strict=True)}
        others = [s for s in samples if s not in at]
        return _value(self.cell, self.f, at | ({others[0]: rest} if len(others) == 1 else {}))


def _marginal(cell: Cell, used: tuple[int, ...], f: Any) -> list[Route]:
    if len(used) == len(cell.family.samples):
        used = used[:-1]
    marginal = _Marginal(cell, used, f)
    size = comb(marginal.count + len(used), len(used))
    if size > MAXIMUM_VALUES:
        raise Unboundable(f"the law has {size} values of the components in f; at most {MAXIMUM_VALUES} are summed")
    routes = [Route("lattice", lambda digits, scale: _sum(marginal, digits))]
    if (marginal.count + 1) ** len(used) <= _MAXIMUM_GRID:
        routes.append(Route("spectral", lambda digits, scale: _transform(marginal, digits)))
    return routes


def _sum(marginal: _Marginal, digits: int) -> arb:
    with precision(max(digits, 0) + GUARD_DIGITS):
        count, urn = marginal.count, marginal.cell.family.name == "dirichlet_multinomial"
        term = urn_terms(marginal.cell, marginal.used, count) if urn else _multinomial_terms(marginal)
        result = arb(0)
        for point in marginal.points():
            result += marginal.value(point) * term(point, count - sum(point)) * _ways(count, point)
        return result


def _multinomial_terms(marginal: _Marginal) -> Callable[[Point, int], arb]:
    """The mass of a point with `left` draws elsewhere, but for its multinomial coefficient, or its derivative."""
    count, probabilities = marginal.count, softmax(marginal.cell)
    rest = sum((p for i, p in enumerate(probabilities) if i not in marginal.used), arb(0))
    own, score = [probabilities[i] for i in marginal.used], _multinomial_score(marginal, probabilities, rest)
    powers = [_powers(p, count) for p in own]
    others = _powers(rest, count)

    def term(point: Point, left: int) -> arb:
        mass = prod((table[n] for table, n in zip(powers, point, strict=True)), start=others[left])
        return score(point, left) * mass

    return term


def _powers(base: arb, count: int) -> list[arb]:
    found = [arb(1)]
    for _ in range(count):
        found.append(found[-1] * base)
    return found


def _multinomial_score(marginal: _Marginal, probabilities: list[arb], rest: arb) -> Callable[[Point, int], arb]:
    """n_j - n p_j; a category that is put together with others has the share p_j/p_rest of their draws."""
    if marginal.cell.parameter is None:
        return lambda point, left: arb(1)
    j = _logit(marginal.cell)
    mean = marginal.count * probabilities[j]
    if j in marginal.used:
        place = marginal.used.index(j)
        return lambda point, left: point[place] - mean
    share = probabilities[j] / rest
    return lambda point, left: left * share - mean


def _transform(marginal: _Marginal, digits: int) -> arb:
    """The masses of a grid of (n + 1)**k points by one transform along each axis."""
    with precision(max(digits, 0) + GUARD_DIGITS):
        side, axes = marginal.count + 1, len(marginal.used)
        urn, step = marginal.cell.family.name == "dirichlet_multinomial", 2 * arb.pi() / side
        phi = urn_phi(marginal.cell, marginal.used, marginal.count) if urn else _multinomial_phi(marginal)
        waves = [acb(0, 1) * step * j for j in range(side)]
        turns = [wave.exp() for wave in waves]
        grid = {index: phi([turns[j] for j in index]) for index in product(range(side), repeat=axes)}
        for axis in range(axes):
            for others in product(range(side), repeat=axes - 1):
                line = [(*others[:axis], j, *others[axis:]) for j in range(side)]
                for index, value in zip(line, acb.dft([grid[index] for index in line]), strict=True):
                    grid[index] = value
        result = sum((marginal.value(point) * grid[point].real for point in marginal.points()), arb(0))
        return result / side**axes


def _multinomial_phi(marginal: _Marginal) -> Callable[[Sequence[acb]], acb]:
    """E PROD turn_i**n_i, or its derivative, from the softmax and its derivative p_i (delta_ij - p_j)."""
    cell, probabilities = marginal.cell, softmax(marginal.cell)

    def bracket(weights: list[arb], turns: Sequence[acb]) -> acb:
        of = dict(zip(marginal.used, turns, strict=True))
        return sum((p * of[i] if i in of else acb(p) for i, p in enumerate(weights)), acb(0))

    if cell.parameter is None:
        return lambda turns: bracket(probabilities, turns) ** marginal.count
    j = _logit(cell)
    moved = [p * (int(i == j) - probabilities[j]) for i, p in enumerate(probabilities)]
    return lambda turns: marginal.count * bracket(probabilities, turns) ** (marginal.count - 1) * bracket(moved, turns)


def softmax(cell: Cell) -> list[arb]:
    """The probabilities of the categories, at the precision in force."""
    logits = [value for name, value in cell.values.items() if name.startswith("logits.")]
    top = max(logits)
    weights = [ball(logit - top).exp() for logit in logits]
    whole = sum(weights, arb(0))
    return [weight / whole for weight in weights]


def _logit(cell: Cell) -> int:
    assert cell.parameter is not None
    return int(cell.parameter.removeprefix("logits."))


def _value(cell: Cell, f: Any, at: dict[sympy.Symbol, int]) -> arb:
    """f at a point, with Heaviside(0) = 1/2 and sign(0) = 0."""
    exact = f.xreplace({symbol: sympy.Integer(n) for symbol, n in at.items()}).doit()
    place = ", ".join(f"{symbol} = {n}" for symbol, n in at.items())
    if exact.has(sympy.zoo, sympy.nan, sympy.oo):
        raise Unboundable(f"f = {cell.f.text} is not a finite real number at {place}")
    value = acb(compile_expression(exact, ())(PLAIN))
    if not value.is_finite() or not value.imag.contains(0):
        raise Unboundable(f"f = {cell.f.text} is not a finite real number at {place}")
    return value.real


def _compositions(most: int, parts: int) -> Iterator[Point]:
    """All points of natural numbers with a sum of at most `most`."""
    if parts == 0:
        yield ()
        return
    for first in range(most + 1):
        yield from ((first, *rest) for rest in _compositions(most - first, parts - 1))


def _ways(count: int, point: Point) -> int:
    """The multinomial coefficient."""
    result, left = 1, count
    for n in point:
        result *= comb(left, n)
        left -= n
    return result
