"""E f(z) of any smooth f of two or three normal variables: one trapezoidal sum over a grid, with a proven error.

In u with z = loc + L u, LL' the covariance, all that is asked for are moments of f,

    E f,    dE/dloc = L^-T E[f u],    dE/dS = L^-T E[f (u u' - I)] L^-1/2,    dE/dT = 2 (dE/dS) T for S = TT'.

Let q be one of 1, u_i, u_i u_j, and B = 1 + SUM |u_i|^2 >= |q|. On the cube |u_i| <= T the integrals are replaced by
sums one axis at a time. Cells cover the cube and hold whole numbers of nodes. The error on axis j (see
`oracle.trapezoid`), integrated or summed over the other axes, is at most the sum over rows of cells along it of

    2 A_j/(exp(2 pi a/h) - 1) + 2 h/pi A_j',

where A_j is the sum over the row's cells of volume times the largest |f| B |density| in the cell with u_j + i [0, a] in
place of u_j, and A_j' the same over the other axes alone, for the cell at the worse end. Each row has an a of its own:
tanh(z0 z1) is analytic in strips that become thin where z1 is large, but there the density is small. Balls that cover
the cells bound f and prove that it is analytic.

With |f| <= size exp(rate SUM |z_i|) and B <= PROD 2 exp|u_i|, all but the cube is at most size' times the product of
E exp(r_i |N|) <= 2 exp(r_i^2/2) and, on one axis, E[exp(r |N|); |N| > T] = exp(r^2/2) erfc((T - r)/sqrt 2). Nodes
outside of the ball of radius T are left out: each term there is below size' exp(|r| T - T^2/2) (2 pi)^(-d/2), |r| <= T.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import ceil, inf, isinf, log10, pi, prod
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
BISECTIONS = 12
PATIENCE = 16  # balls for each cell, bisections included
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
        self.sides: dict[float, list[_Side]] = {}
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

        Lines along the axis are taken in rows of cells, each with the height that suits it: far out, where f may be
        analytic in a thin strip alone, the density leaves little to do.
        """
        cells = CELLS[self.size]
        # a pole is near the middle, if there is one: rows are taken from there, so that failure is quick
        places = sorted(
            product(range(cells), repeat=self.size - 1), key=lambda row: sum((2 * k - cells + 1) ** 2 for k in row)
        )
        most, share, k = MOST_NODES[self.size] ** (1 / self.size), tolerance / len(places), HEIGHTS.index(FIRST_HEIGHT)
        rows, count = [], cells
        for place in places:
            k, row = self._row(axis, place, end, share, k)
            rows.append(row)
            count = max(count, cells * ceil(row.nodes(end, share) / cells))
            if count > 4 * most:
                raise _TooLarge
        step = 2 * end / count
        return count, sum((row.error(step) for row in rows), arb(0))

    def _row(self, axis: int, place: tuple[int, ...], end: arb, share: arb, start: int) -> tuple[int, _Row]:
        """The row of cells with the height that asks for the fewest nodes: from that of the row before, or the next
        lower one at which f is analytic, on to higher or lower ones while they are better."""

        def row(k: int) -> _Row | None:
            found = self._covered(axis, place, end, HEIGHTS[k]) if 0 <= k < len(HEIGHTS) else None
            return None if found is None or isinf(found.nodes(end, share)) else found

        k, best = start, row(start)
        while best is None:
            k += 1
            if k == len(HEIGHTS):
                raise Unboundable("no strip is known in which f is analytic")
            best = row(k)
        reached = k
        for direction in (1, -1):
            moved, last = k, best
            while (found := row(moved + direction)) is not None and found.nodes(end, share) < last.nodes(end, share):
                moved, last = moved + direction, found
            if last.nodes(end, share) < best.nodes(end, share):
                reached, best = moved, last
        return reached, best

    def _covered(self, axis: int, place: tuple[int, ...], end: arb, height: float) -> _Row | None:
        """The shares of A_j and A_j' of one row of cells; None unless f is proven analytic in all of them."""
        cells = CELLS[self.size]
        across = [self._sides(end)[k] for k in place]
        inside, ends = arb(0), [arb(0), arb(0)]
        self.balls, self.enough = PATIENCE * cells, 10 * self.bound * (arb(height) ** 2 / 2).exp()
        for k in sorted(range(cells), key=lambda k: abs(2 * k - cells + 1)):
            box = [*across[:axis], self._sides(end, height)[k], *across[axis:]]
            largest = self._largest(box, BISECTIONS)
            if largest is None:
                return None
            inside += largest
            if k in (0, cells - 1):
                ends[k > 0] += largest
        width = 2 * end / cells
        return _Row(height, inside * width**self.size, ends[0].max(ends[1]) * width ** (self.size - 1))

    def _sides(self, end: arb, height: float = 0.0) -> list[_Side]:
        """The cells of an axis, in the strip of this height."""
        if height not in self.sides:
            cells = CELLS[self.size]
            width = 2 * end / cells
            self.sides[height] = [_Side(-end + k * width, -end + (k + 1) * width, height) for k in range(cells)]
        return self.sides[height]

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
        widest = max(range(self.size), key=lambda k: box[k].size)
        worst = arb(0)
        for part in box[widest].parts:
            found = self._largest([*box[:widest], part, *box[widest + 1 :]], bisections - 1)
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
class _Row:
    """The lines of one row of cells: the height of their strip, and their shares of A_j and, at the worse end, A_j'."""

    height: float
    inside: arb
    at_end: arb

    def nodes(self, end: arb, tolerance: arb) -> float:
        """About how many make the error less than that; infinite where the ends weigh too much: a lower strip does."""
        excess = float((2 * self.inside / tolerance + 1).upper().log())
        count = float(2 * end) * (excess + 0.5) / (2 * pi * self.height)
        return count if self.error(2 * end / max(count, 1.0)) < 10 * tolerance else inf

    def error(self, step: arb) -> arb:
        """The bound of the error of the row with nodes in these steps."""
        return 2 * self.inside / ((2 * arb.pi() * self.height / step).exp() - 1) + 2 * step / arb.pi() * self.at_end


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
    def size(self) -> float:
        return max(float(self.right - self.left), self.high - self.low)

    @cached_property
    def parts(self) -> tuple[_Side, _Side]:
        """Its halves, across its longer extent: boxes share them."""
        x, y = (self.left + self.right) / 2, (self.low + self.high) / 2
        if self.right - self.left >= self.high - self.low:
            return _Side(self.left, x, self.high, self.low), _Side(x, self.right, self.high, self.low)
        return _Side(self.left, self.right, y, self.low), _Side(self.left, self.right, self.high, y)


__all__ = ["smooth_routes"]
