"""Categorical, multinomial and Dirichlet-multinomial laws: the sum over all values, and the discrete Fourier
transform of f.

Logits enter through the softmax p alone. Route 1 sums f times the mass (times the score). Route 2 sums the transform of
f times phi(w) = SUM_k p_k exp(i w k), or (p_rest + SUM p_i exp(i w_i))**n, at equidistant frequencies; no mass function
takes part, and as the support is finite there are no aliases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import comb, prod
from typing import Any

import sympy
from flint import acb, arb, ctx

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
from fsb_oracle.oracle.joint.urn import urn_terms, urn_transform
from fsb_oracle.oracle.lowering import PLAIN, arguments
from fsb_oracle.oracle.means import transformed

MAXIMUM_VALUES = 50_000
_MAXIMUM_GRID = 20_000  # of the Fourier transform
LOST_BITS = 24  # where f loses more, as sin(pi*z) does, its exact value is asked of SymPy

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
        values = _categorical_values(cell)
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
        return sum((v * m.real for v, m in zip(_categorical_values(cell), masses, strict=True)), arb(0)) / count


def _categorical_values(cell: Cell) -> tuple[arb, ...]:
    """f at each category."""
    return point_values(cell.f.text, cell.f.expression, cell.family.samples, len(cell.family.names) - 1, ctx.prec)


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

    @property
    def function(self) -> tuple[str, sympy.Expr, tuple[sympy.Symbol, ...], int]:
        """f in the components in use, as `point_values` takes it."""
        samples = self.cell.family.samples
        own = tuple(samples[i] for i in self.used)
        others = [s for s in samples if s not in own]
        f = self.f.xreplace({others[0]: self.count - sympy.Add(*own)}) if len(others) == 1 else self.f
        return self.cell.f.text, f, own, self.count


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
        points, values = simplex_points(count, len(marginal.used)), point_values(*marginal.function, ctx.prec)
        result = arb(0)
        for value, point in zip(values, points, strict=True):
            result += value * term(point, count - sum(point)) * _ways(count, point)
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
    with precision(max(digits, 0) + GUARD_DIGITS):
        side = grid_side(marginal.count)
        step = 2 * arb.pi() / side
        turns = [(acb(0, 1) * step * j).exp() for j in range(side)]
        if marginal.cell.family.name == "dirichlet_multinomial":
            phi = urn_transform(marginal.cell, marginal.used, marginal.count, turns)
        else:
            phi = _multinomial_transform(marginal, turns)
        return parseval(phi, transformed_values(*marginal.function, side, ctx.prec), side)


def parseval(phi: Mapping[Point, acb], transform: Mapping[Point, acb], side: int) -> arb:
    """SUM f(n) times the mass of n, on a grid, from the transforms of both; that of f holds one of each pair of
    conjugates.
    """
    whole, twice = arb(0), arb(0)
    for index, value in transform.items():
        if index == _conjugate(index, side):
            whole += (value * phi[index]).real
        else:
            twice += (value * phi[index]).real
    return (whole + 2 * twice) / side ** len(next(iter(transform)))


def _conjugate(index: Point, side: int) -> Point:
    """The frequency at which the transform of a real function has the conjugate value."""
    return tuple(-i % side for i in index)


@lru_cache(maxsize=16)  # every parameter needs them
def transformed_values(
    text: str, f: sympy.Expr, samples: tuple[sympy.Symbol, ...], most: int, side: int, bits: int
) -> dict[Point, acb]:
    """SUM f(n) exp(-2 pi i n.index/side) over the points of `point_values`: one transform along each axis. Of each pair
    of conjugates, the first is kept.
    """
    axes = len(samples)
    found = dict(zip(simplex_points(most, axes), map(acb, point_values(text, f, samples, most, bits)), strict=True))
    zero = acb(0)
    for axis in range(axes):
        for others in product(range(side), repeat=axes - 1):
            line = [(*others[:axis], j, *others[axis:]) for j in range(side)]
            given = [found.get(index, zero) for index in line]
            if any(value != 0 for value in given):
                found.update(zip(line, acb.dft(given), strict=True))
    indices = product(range(side), repeat=axes)
    return {index: found.get(index, zero) for index in indices if index <= _conjugate(index, side)}


def grid_side(count: int) -> int:
    """How many frequencies along an axis: more than the count; if it is large, a multiple of 8, as transforms of prime
    lengths take five times as long.
    """
    return count + 1 if count < 16 else (count // 8 + 1) * 8


def _multinomial_transform(marginal: _Marginal, turns: Sequence[acb]) -> dict[Point, acb]:
    """E PROD turn_i**n_i, or its derivative, from the softmax and its derivative p_i (delta_ij - p_j); of each pair of
    conjugates, the first.
    """
    cell, probabilities, n = marginal.cell, softmax(marginal.cell), marginal.count
    side = len(turns)
    bracket, moved = _bracket(marginal, probabilities, turns), None
    if cell.parameter is not None:
        j = _logit(cell)
        moved = _bracket(marginal, [p * (int(i == j) - probabilities[j]) for i, p in enumerate(probabilities)], turns)

    def phi(index: Point) -> acb:
        return bracket(index) ** n if moved is None else n * bracket(index) ** (n - 1) * moved(index)

    indices = product(range(side), repeat=len(marginal.used))
    return {index: phi(index) for index in indices if index <= _conjugate(index, side)}


def _bracket(marginal: _Marginal, weights: list[arb], turns: Sequence[acb]) -> Callable[[Point], acb]:
    """SUM_i weight_i turn_i, where the categories that are put together do not turn."""
    rest = acb(sum((p for i, p in enumerate(weights) if i not in marginal.used), arb(0)))
    turned = [[weights[i] * turn for turn in turns] for i in marginal.used]
    return lambda index: sum((table[j] for table, j in zip(turned, index, strict=True)), rest)


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


@lru_cache(maxsize=64)  # every route and every parameter needs them
def point_values(text: str, f: sympy.Expr, samples: tuple[sympy.Symbol, ...], most: int, bits: int) -> tuple[arb, ...]:
    """f, which the user wrote as `text`, at all points with a sum of at most `most`, at a precision of so many bits."""
    assert bits == ctx.prec
    # a ball that straddles a switch is wide, so that its exact value is asked too
    quick = None if f.has(sympy.Piecewise) else compile_expression(f, samples)

    def value(point: Point) -> arb:
        if quick is not None:
            found = acb(quick(PLAIN, *map(acb, point)))
            if found.imag == 0 and found.real.rel_accuracy_bits() > bits - LOST_BITS:
                return found.real
        return _value(text, f, dict(zip(samples, point, strict=True)))

    return tuple(map(value, simplex_points(most, len(samples))))


def _value(text: str, f: Any, at: dict[sympy.Symbol, int]) -> arb:
    """f at a point, with Heaviside(0) = 1/2 and sign(0) = 0."""
    exact = f.xreplace({symbol: sympy.Integer(n) for symbol, n in at.items()}).doit()
    value = acb("nan") if exact.has(sympy.zoo, sympy.nan, sympy.oo) else acb(compile_expression(exact, ())(PLAIN))
    if not value.is_finite() or not value.imag.contains(0):
        place = ", ".join(f"{symbol} = {n}" for symbol, n in at.items())
        raise Unboundable(f"f = {text} is not a finite real number at {place}")
    return value.real


@lru_cache(maxsize=16)
def simplex_points(most: int, parts: int) -> tuple[Point, ...]:
    """All points of natural numbers with a sum of at most `most`."""
    return tuple(compositions(most, parts))


def compositions(most: int, parts: int) -> Iterator[Point]:
    """The same, one by one."""
    if parts == 0:
        yield ()
    elif parts == 1:
        yield from zip(range(most + 1))
    else:
        for first in range(most + 1):
            yield from ((first, *rest) for rest in compositions(most - first, parts - 1))


def _ways(count: int, point: Point) -> int:
    """The multinomial coefficient."""
    result, left = 1, count
    for n in point:
        result *= comb(left, n)
        left -= n
    return result
