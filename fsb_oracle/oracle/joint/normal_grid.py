"""E f(z) of any smooth f of two or three normal variables: one trapezoidal sum over a grid, with a proven error.

In u with z = loc + L u, LL' the covariance, all that is asked for are moments of f,

    E f,    dE/dloc = L^-T E[f u],    dE/dS = L^-T E[f (u u' - I)] L^-1/2,    dE/dT = 2 (dE/dS) T for S = TT'.

Let q be one of 1, u_i, u_i u_j, and B = 1 + SUM |u_i|^2 >= |q|. On the cube |u_i| <= T the integrals are replaced by
sums one axis at a time. The error on axis j (see `oracle.trapezoid`), integrated or summed over the other axes, is at
most

    2 A_j/(exp(2 pi a/h) - 1) + 2 h/pi A_j',

where A_j is the sum, over cells that cover the cube and hold whole numbers of nodes, of volume times the largest
|f| B |density| in the cell with u_j + i [0, a] in place of u_j, and A_j' the same over the other axes alone, for the
cells at both ends of axis j. Balls that cover the cells bound f and prove that it is analytic.

With |f| <= size exp(rate SUM |z_i|) and B <= PROD 2 exp|u_i|, all but the cube is at most size' times the product of
E exp(r_i |N|) <= 2 exp(r_i^2/2) and, on one axis, E[exp(r |N|); |N| > T] = exp(r^2/2) erfc((T - r)/sqrt 2). Nodes
outside of the ball of radius T are left out: each term there is below size' exp(|r| T - T^2/2) (2 pi)^(-d/2), |r| <= T.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import ceil, log10, pi, prod
from typing import Any

import sympy
from flint import acb, acb_mat, arb, arb_mat

from fsb_oracle.backends.expressions import bind, compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.integrands.domination import domination
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.certificate import Route
from fsb_oracle.oracle.density import GUARD_DIGITS
from fsb_oracle.oracle.grid import REAL
from fsb_oracle.oracle.joint.combination import ZERO, number
from fsb_oracle.oracle.joint.elliptical import Vector, entry
from fsb_oracle.oracle.joint.gaussian import root
from fsb_oracle.oracle.quadrature import ANALYTIC, PLAIN

CELLS = {2: 64, 3: 16}  # that cover an axis
MOST_NODES = {2: 1_500_000, 3: 4_000_000}
BISECTIONS = 4
PATIENCE = 4  # balls for each cell, bisections included
HEIGHTS = (5.0, 4.0, 3.0, 2.3, 1.7, 1.3, 1.0, 0.75, 0.55, 0.4, 0.3, 0.2, 0.13, 0.08)  # tried for a
FIRST_HEIGHT = 1.3
FEWER_DIGITS = (18, 12, 6)  # where the grid would be too large for those asked
ROUNDED = 8  # digits are computed in multiples of this: the entries of a gradient share the sums
_KINKED = (sympy.Abs, sympy.sign, sympy.Heaviside, sympy.Max, sympy.Min, sympy.Piecewise)
_Powers = tuple[int, ...]
_ZERO, _ONE = acb(0), arb(1)


def smooth_routes(cell: Cell, f: Any) -> list[Route]:
    """The route to E f, or its derivative, of a smooth f of two or three of a normal vector's variables; else none."""
    vector = Vector(cell)
    used = [i for i, sample in enumerate(cell.family.samples) if sample in f.free_symbols]
    if len(used) not in CELLS or f.has(*_KINKED) or f.has(sympy.I):
        return []
    if cell.parameter is not None and not _concerned(vector, used):
        return ZERO

    def evaluated(digits: int, scale: arb) -> arb:
        with precision(30):
            wanted = digits + max(0, ceil(-log10(float(scale)) if scale > 1e-300 else 300)) + _spare(vector, used)
        for fewer in (-(-max(wanted, 1) // ROUNDED) * ROUNDED, *(d for d in (wanted, *FEWER_DIGITS) if d <= wanted)):
            try:
                moments = _moments(vector, used, f, fewer)
            except _TooLarge:
                continue
            with precision(fewer + GUARD_DIGITS):
                return _assembled(vector, used, moments)
        raise Unboundable("the grid would be too large")

    return [Route("density", evaluated)]


class _TooLarge(Exception):
    """More nodes than a user would wait for."""


def _concerned(vector: Vector, used: Sequence[int]) -> bool:
    """Whether the law of the variables in use depends on the cell's parameter."""
    kind, i, j = entry(str(vector.cell.parameter))
    if kind == "loc":
        return i in used
    if kind == "covariance_matrix":
        return i in used and j in used
    return i >= j and i in used


def _root(vector: Vector, used: Sequence[int]) -> arb_mat:
    """L of the variables in use, lower triangular."""
    square = acb_mat([[acb(number(vector.square[i][j])) for j in used] for i in used])
    return arb_mat([[x.real for x in row] for row in root(square).tolist()])


def _spare(vector: Vector, used: Sequence[int]) -> int:
    """Digits that an entry of the gradient may have fewer than the moments it is put together from."""
    inverse = _root(vector, used).inv()
    size = 1 + sum((abs(entry) for row in inverse.tolist() for entry in row), arb(0)) ** 2
    if vector.triangular:
        size *= 1 + 2 * sum((abs(number(entry)) for row in vector.matrix for entry in row), arb(0))
    return max(0, ceil(log10(float(size.upper()))))


def _assembled(vector: Vector, used: Sequence[int], moments: dict[_Powers, arb]) -> arb:
    """E f, or its derivative in the cell's parameter."""
    size = len(used)

    def moment(*axes: int) -> arb:
        return moments[tuple(axes.count(k) for k in range(size))]

    if vector.cell.parameter is None:
        return moment()
    kind, i, j = entry(vector.cell.parameter)
    inverse, axes = _root(vector, used).inv(), range(size)
    if kind == "loc":
        return sum((inverse[k, used.index(i)] * moment(k) for k in axes), arb(0))
    second = arb_mat([[moment(k, m) - (moment() if k == m else 0) for m in axes] for k in axes])
    slope = inverse.transpose() * second * inverse / 2
    if kind == "covariance_matrix":
        return slope[used.index(i), used.index(j)]
    return 2 * sum((slope[used.index(i), k] * number(vector.matrix[u][j]) for k, u in enumerate(used)), arb(0))


_KNOWN: dict[Any, dict[_Powers, arb]] = {}


def _moments(vector: Vector, used: Sequence[int], f: Any, digits: int) -> dict[_Powers, arb]:
    """E f u^powers for all powers of degree two at most, each to about 10**-digits; the last ones are remembered."""
    key = (f, tuple(vector.cell.family.samples), tuple(vector.loc), tuple(map(tuple, vector.square)), digits)
    if key not in _KNOWN:
        while len(_KNOWN) > 8:
            del _KNOWN[next(iter(_KNOWN))]
        with precision(digits + GUARD_DIGITS):
            _KNOWN[key] = _Grid(vector, used, f).moments(arb(10) ** -digits)
    return _KNOWN[key]


@dataclass(frozen=True)
class _Function:
    """f as a function of u."""

    expression: Any
    samples: tuple[sympy.Symbol, ...]
    loc: tuple[arb, ...]
    root: arb_mat

    def on(self, m: Any) -> Callable[..., Any]:
        """f of z, on a math namespace."""
        return bind(compile_expression(self.expression, self.samples), m)

    @cached_property
    def _analytic(self) -> Callable[..., Any]:
        return self.on(ANALYTIC)

    @cached_property
    def _rows(self) -> list[list[arb]]:
        return [row[: i + 1] for i, row in enumerate(self.root.tolist())]

    def enclosed(self, u: Sequence[acb]) -> arb:
        """A bound of |f| on a box of u; not finite unless f is proven analytic there."""
        z = [
            m + sum((x * v for x, v in zip(row, u, strict=False)), _ZERO)
            for m, row in zip(self.loc, self._rows, strict=True)
        ]
        try:
            value = acb(self._analytic(*z))
        except (ArithmeticError, ValueError, TypeError):
            return arb("nan")
        return abs(value).upper() if value.is_finite() else arb("nan")

    def at_points(self) -> Callable[..., arb]:
        """f of real z; not a number where f is not real."""
        try:
            return self.on(REAL)
        except AttributeError:  # a function that has no real form there
            function = self.on(PLAIN)

        def real(*z: arb) -> arb:
            value = acb(function(*map(acb, z)))
            return value.real if value.imag.contains(0) else arb("nan")

        return real


class _Grid:
    """The sums for one law and one f, at the precision in force."""

    def __init__(self, vector: Vector, used: Sequence[int], f: Any) -> None:
        samples = tuple(vector.cell.family.samples[i] for i in used)
        self.size, self.root = len(used), _root(vector, used)
        self.balls, self.enough = 0, arb(0)  # that may still be evaluated for a rectangle; what needs no sharper bound
        self.f = _Function(f, samples, tuple(number(vector.loc[i]) for i in used), self.root)
        sizes = [sum((abs(self.root[i, k]) for i in range(k, self.size)), arb(0)) for k in range(self.size)]
        size, rate = domination(f).exponential(1 / (1 + sum(sizes, arb(0))))
        for m in self.f.loc:
            size *= (rate * abs(m)).exp()
        self.bound = size * 2**self.size  # of |f| B exp(-SUM rates |u|)
        self.rates = [rate * own + 1 for own in sizes]

    def moments(self, tolerance: arb) -> dict[_Powers, arb]:
        end, beyond = self._cut(tolerance / 4)
        plans = [self._plan(axis, end, tolerance / (4 * self.size)) for axis in range(self.size)]
        if prod(count for count, _ in plans) > MOST_NODES[self.size]:
            raise _TooLarge
        error = (beyond + sum((bound for _, bound in plans), arb(0))).upper()
        sums = self._summed([count for count, _ in plans], end)
        if not all(value.is_finite() for value in sums.values()):
            raise Unboundable("f is not finite at a node")
        return {powers: value + arb(0, error) for powers, value in sums.items()}

    def _cut(self, tolerance: arb) -> tuple[arb, arb]:
        """T, and a bound of all that is left out: beyond the cube, and the nodes beyond the ball in it."""
        length = sum((r**2 for r in self.rates), arb(0)).sqrt()
        whole = self.bound * (length**2 / 2).exp() * 2**self.size
        for quarter in range(8, 600):
            end = arb(quarter) / 4
            if not end > length:
                continue
            outside = sum((((end - r) / arb(2).sqrt()).erfc() for r in self.rates), arb(0)) * whole / 2
            corners = self.bound * (length * end - end**2 / 2).exp() * (2 * end) ** self.size
            if outside + corners < tolerance:
                return end, outside + corners
        raise Unboundable("f grows too fast")

    def _plan(self, axis: int, end: arb, tolerance: arb) -> tuple[int, arb]:
        """How many nodes an axis takes, a multiple of the number of cells, and the bound of its error.

        From a middle height, or the next lower one at which f is analytic, on to higher or lower ones while they are
        better.
        """
        most = MOST_NODES[self.size] ** (1 / self.size)
        least = float(2 * end) * -float(tolerance.log()) / (2 * pi)

        def plan(k: int) -> tuple[int, arb] | None:
            return self._rule(axis, end, HEIGHTS[k], tolerance) if 0 <= k < len(HEIGHTS) else None

        start = HEIGHTS.index(FIRST_HEIGHT)
        k, best = start, plan(start)
        while best is None:
            k += 1
            if k == len(HEIGHTS):
                raise Unboundable("no strip is known in which f is analytic")
            if least / HEIGHTS[k] > 4 * most:
                raise _TooLarge
            best = plan(k)
        for direction in (-1, 1):
            moved = k
            while (found := plan(moved + direction)) is not None and found[0] < best[0]:
                moved, best = moved + direction, found
            if moved != k:
                break
        return best

    def _rule(self, axis: int, end: arb, height: float, tolerance: arb) -> tuple[int, arb] | None:
        """The number of nodes that this height of the strip asks for, and the bound of the error; None unless f is
        proven analytic in it."""
        found = self._covered(axis, end, height)
        if found is None:
            return None
        (inside, at_ends), cells = found, CELLS[self.size]
        excess = float((2 * inside / tolerance + 1).upper().log())
        count = cells * ceil(float(2 * end) * (excess + 0.5) / (2 * pi * height) / cells)
        step = 2 * end / count
        error = 2 * inside / ((2 * arb.pi() * height / step).exp() - 1) + 2 * step / arb.pi() * at_ends
        return (count, error) if error < 10 * tolerance else None  # else the ends weigh too much: a lower strip does

    def _covered(self, axis: int, end: arb, height: float) -> tuple[arb, arb] | None:
        """A_j, and A_j' for the worse end; None unless f is proven analytic in all cells."""
        cells = CELLS[self.size]
        width = 2 * end / cells
        bounds = [(-end + k * width, -end + (k + 1) * width) for k in range(cells)]
        flat, strip = ([_Side(*bound, high) for bound in bounds] for high in (0.0, height))
        axes = [strip if k == axis else flat for k in range(self.size)]
        inside, ends = arb(0), [arb(0), arb(0)]
        self.balls, self.enough = PATIENCE * cells**self.size, 10 * self.bound * (arb(height) ** 2 / 2).exp()
        # a pole is near the middle, if there is one: cells are taken from there, so that failure is quick
        order = sorted(range(cells), key=lambda k: abs(2 * k - cells + 1))
        for place in product(order, repeat=self.size):
            largest = self._largest([own[k] for own, k in zip(axes, place, strict=True)], BISECTIONS)
            if largest is None:
                return None
            inside += largest
            if place[axis] in (0, cells - 1):
                ends[place[axis] > 0] += largest
        return inside * width**self.size, ends[0].max(ends[1]) * width ** (self.size - 1)

    def _largest(self, box: Sequence[_Side], bisections: int) -> arb | None:
        """A bound of |f| B |density| on a box, in parts where one ball is too wide."""
        largest, weight = self.f.enclosed([side.ball for side in box]), _ONE
        for side in box:
            largest *= side.density
            weight += side.square
        largest *= weight
        self.balls -= 1
        hopeless = not bisections or self.balls < 0
        if largest.is_finite() and (largest < self.enough or hopeless):
            return largest.upper()
        if hopeless:
            return None
        worst = arb(0)
        for part in product(*(side.parts for side in box)):
            found = self._largest(part, bisections - 1)
            if found is None:
                return None
            worst = worst.max(found)
        return worst

    def _summed(self, counts: Sequence[int], end: arb) -> dict[_Powers, arb]:
        """The sums over the nodes in the ball of radius T."""
        f = self.f.at_points()
        nodes = [[-end + (2 * k + 1) * end / count for k in range(count)] for count in counts]
        norm = (2 * arb.pi()).sqrt()
        weights = [[(-u * u / 2).exp() * (2 * end / len(own)) / norm for u in own] for own in nodes]
        squares = [[float(u) ** 2 for u in own] for own in nodes]
        tables = [
            arb_mat([[w, w * u, w * u * u] for u, w in zip(own, w_own, strict=True)])
            for own, w_own in zip(nodes, weights, strict=True)
        ]
        last, radius = self.size - 1, float(end) ** 2 * (1 + 1e-9)
        steps, zero = [self.root[last, last] * u for u in nodes[last]], arb(0)

        def along(known: tuple[arb, ...], u: tuple[arb, ...], room: float) -> dict[_Powers, arb]:
            """The sums over the axes from here on, at nodes on those before."""
            k = len(known)
            start = self.f.loc[k] + sum((self.root[k, i] * x for i, x in enumerate(u)), arb(0))
            if k == last:
                at = zip(steps, squares[k], strict=True)
                row = [f(*known, start + step) if square <= room else zero for step, square in at]
                return {(n,): value for n, value in enumerate((arb_mat([row]) * tables[k]).entries())}
            total: dict[_Powers, arb] = {}
            for node, square, powers in zip(nodes[k], squares[k], tables[k].tolist(), strict=True):
                if square > room:
                    continue
                inner = along((*known, start + self.root[k, k] * node), (*u, node), room - square)
                for n, below in product(range(3), inner):
                    if n + sum(below) <= 2:
                        total[n, *below] = total.get((n, *below), zero) + powers[n] * inner[below]
            return total

        return along((), (), radius)


@dataclass(frozen=True)
class _Side:
    """What a box takes of one axis: [left, right] + i [low, high]."""

    left: arb
    right: arb
    high: float
    low: float = 0.0

    @cached_property
    def ball(self) -> acb:
        return acb(self.left.union(self.right), arb(self.low).union(arb(self.high)))

    @cached_property
    def square(self) -> arb:
        """The largest |u|^2."""
        return abs(self.left.union(self.right)).upper() ** 2 + arb(self.high) ** 2

    @cached_property
    def density(self) -> arb:
        """The largest |density| of one normal variable."""
        nearest = arb(0) if self.left <= 0 <= self.right else abs(self.left).min(abs(self.right)).lower()
        return ((arb(self.high) ** 2 - nearest**2) / 2).exp() / (2 * arb.pi()).sqrt()

    @cached_property
    def parts(self) -> list[_Side]:
        """Its halves, or quarters: boxes share them."""
        x, y = (self.left + self.right) / 2, (self.low + self.high) / 2
        strips = ((self.low, y), (y, self.high)) if self.high else ((0.0, 0.0),)
        return [_Side(*ends, high, low) for low, high in strips for ends in ((self.left, x), (x, self.right))]


__all__ = ["smooth_routes"]
