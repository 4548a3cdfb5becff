"""Sums over a grid of two or three independent standard normal variables in place of integrals, with a proven error.

Functions g_k of u are wanted in the mean, B >= |g_k| all of them. On the cube |u_i| <= T the integrals are replaced by
sums one axis at a time. Cells cover the cube and hold whole numbers of nodes. The error on axis j (see
`oracle.trapezoid`), integrated or summed over the other axes, is at most the sum over rows of cells along it of

    2 A_j/(exp(2 pi a/h) - 1) + 2 h/pi A_j',

where A_j is the sum over the row's cells of volume times the largest B |density| in the cell with u_j + i [0, a] in
place of u_j, and A_j' the same over the other axes alone, at u_j = -T or T, whichever is worse. Each row has an a of
its own: tanh(z0 z1) is analytic in strips that become thin where z1 is large, but there the density is small. Balls
that cover the cells bound B and prove that the g_k are analytic.

With B <= size (1 + SUM |u_i|^2) exp(SUM r_i |u_i|), all but the cube is a sum of products of E |N|^n exp(r_i |N|),
n = 0 or 2, one of them over |N| > T alone. Nodes outside of the ball of radius T are left out: each term there is below
size (1 + T^2) exp(|r| T - T^2/2) (2 pi)^(-d/2), as |r| + 1 <= T.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import ceil, pi, prod
from typing import Protocol

from flint import acb, arb, arb_mat

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.integrands.bounds import Unboundable

CELLS = {2: 64, 3: 16}  # that cover an axis
MOST_NODES = {2: 1_500_000, 3: 4_000_000}
BISECTIONS = 12
SHARP = 50  # times a value in a box: such a bound will do
PATIENCE, LESS_PATIENCE = 16, 4  # balls for each cell, bisections included; where a height is known already
HEIGHTS = (5.0, 4.0, 3.0, 2.3, 1.7, 1.3, 1.0, 0.75, 0.55, 0.4, 0.3, 0.2, 0.13, 0.08, 0.05, 0.03)  # tried for a
FIRST_HEIGHT = 1.3
SMALL = 1000  # so much less than the tolerance is left out beyond T: what the strips' ends add is of that size
COARSE_DIGITS = 18  # bounds need a few only
Powers = tuple[int, ...]


class TooLarge(Exception):
    """More nodes than a user would wait for."""


@dataclass(frozen=True)
class Growth:
    """B <= size (1 + SUM |u_i|^2) exp(SUM rates[i] |u_i|) for real u."""

    size: arb
    rates: tuple[arb, ...]


@dataclass(frozen=True)
class Line:
    """The nodes of the last axis: their squares in float64, and weight, weight u, weight u^2 as rows of a matrix."""

    nodes: Sequence[arb]
    squares: Sequence[float]
    table: arb_mat


class Integrand(Protocol):
    """Functions of u = (u_0, ..., u_(size - 1)) whose means are moments: of the axes, and of what depends on them."""

    @property
    def size(self) -> int: ...

    def growth(self) -> Growth: ...

    def largest(self, box: Sequence[Side]) -> arb:
        """B on a box, with u_i^n of degree two in it; not finite unless all is proven analytic there."""
        ...

    def along(self, before: tuple[arb, ...], line: Line, room: float) -> dict[Powers, arb]:
        """The sums over the nodes of the last axis whose square is `room` at most, by the powers that they belong to;
        further axes that are integrated already may follow."""
        ...


class Grid:
    """The sums for one integrand, at the precision in force."""

    def __init__(self, integrand: Integrand) -> None:
        self.integrand, self.size = integrand, integrand.size
        growth = integrand.growth()
        self.bound, self.rates = growth.size, growth.rates
        self.sides: dict[float, list[Side]] = {}
        self.faces: dict[float, tuple[Side, Side]] = {}
        self.balls, self.enough = 0, arb(0)  # that may still be evaluated for a row; what needs no sharper bound

    def moments(self, tolerance: arb) -> dict[Powers, arb]:
        with precision(COARSE_DIGITS):
            end, beyond = self._cut(tolerance / SMALL)
            plans = [self._plan(axis, end, tolerance / (2 * self.size)) for axis in range(self.size)]
        if prod(count for count, _ in plans) > MOST_NODES[self.size]:
            raise TooLarge
        error = (beyond + sum((bound for _, bound in plans), arb(0))).upper()
        sums = self._summed([count for count, _ in plans], end)
        if not all(value.is_finite() for value in sums.values()):
            raise Unboundable("f is not finite at a node")
        return {powers: value + arb(0, error) for powers, value in sums.items()}

    def _cut(self, tolerance: arb) -> tuple[arb, arb]:
        """T, and a bound of all that is left out: beyond the cube, and the nodes beyond the ball in it."""
        length, axes = sum((r**2 for r in self.rates), arb(0)).sqrt(), range(self.size)
        whole = [_beyond(rate, arb(0)) for rate in self.rates]
        for quarter in range(8, 600):
            end = arb(quarter) / 4
            if not end > length + 1:
                continue
            outside, norm = arb(0), (2 * end / (2 * arb.pi()).sqrt()) ** self.size
            for axis in axes:
                parts = [_beyond(self.rates[k], end) if k == axis else whole[k] for k in axes]
                outside += prod((n for n, _ in parts), start=arb(1))
                for k in axes:
                    outside += prod((m[k == i] for i, m in enumerate(parts)), start=arb(1))
            corners = (1 + end**2) * (length * end - end**2 / 2).exp() * norm
            if self.bound * (outside + corners) < tolerance:
                return end, self.bound * (outside + corners)
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
        most, k = 4 * MOST_NODES[self.size] ** (1 / self.size), HEIGHTS.index(FIRST_HEIGHT)
        rows, count, share = list[_Row](), cells, tolerance / len(places)
        for place in places:
            k, row = self._row(axis, place, end, (tolerance, share), k, count)
            rows.append(row)
            count = max(count, cells * ceil(row.nodes(end, tolerance) / cells))
            if count > most:
                raise TooLarge
        while not (error := sum((row.error(2 * end / count) for row in rows), arb(0))) < tolerance:
            count += cells
            if count > most:
                raise TooLarge
        return count, error

    def _row(
        self, axis: int, place: tuple[int, ...], end: arb, tolerances: tuple[arb, arb], start: int, enough: int
    ) -> tuple[int, _Row]:
        """The row of cells with a height that asks for few nodes: that of the row before, or the next lower one at
        which f is analytic, if so many are `enough`; else on to higher or lower ones while they are better.

        `tolerances` are that of all rows, and what the ends of one may add: in a lower strip they add less."""
        whole, share = tolerances

        def row(k: int, patience: int) -> _Row | None:
            found = self._covered(axis, place, end, HEIGHTS[k], patience) if 0 <= k < len(HEIGHTS) else None
            return found if found is not None and found.at_end < share else None

        k, best = start, row(start, PATIENCE)
        while best is None:
            k += 1
            if k == len(HEIGHTS):
                raise Unboundable("no strip is known in which f is analytic")
            best = row(k, PATIENCE)
        reached = k
        for direction in (1, -1):
            moved, last = k, best
            while last.nodes(end, whole) > enough:
                found = row(moved + direction, LESS_PATIENCE)
                if found is None or found.nodes(end, whole) >= last.nodes(end, whole):
                    break
                moved, last = moved + direction, found
            if last.nodes(end, whole) < best.nodes(end, whole):
                reached, best = moved, last
        return reached, best

    def _covered(self, axis: int, place: tuple[int, ...], end: arb, height: float, patience: int) -> _Row | None:
        """The shares of A_j and A_j' of one row of cells; None unless f is proven analytic in all of them."""
        cells = CELLS[self.size]
        across = [self._sides(end)[k] for k in place]
        inside, at_end = arb(0), arb(0)
        self.balls, rise = patience * cells, 10 * self.bound * (arb(height) ** 2 / 2).exp()
        for k in sorted(range(cells), key=lambda k: abs(2 * k - cells + 1)):
            box = [*across[:axis], self._sides(end, height)[k], *across[axis:]]
            self.enough = rise
            largest = self._largest(box, BISECTIONS)
            if largest is None:
                return None
            inside += largest
        for side in self._faces(end, height):
            box = [*across[:axis], side, *across[axis:]]
            self.enough = rise * self._natural(box)
            largest = self._largest(box, BISECTIONS)
            if largest is None:
                return None
            at_end = at_end.max(largest)
        width = 2 * end / cells
        return _Row(height, inside * width**self.size, at_end * width ** (self.size - 1))

    def _faces(self, end: arb, height: float) -> tuple[Side, Side]:
        """Both ends of an axis, in the strip of this height."""
        if height not in self.faces:
            self.faces[height] = Side(-end, -end, height), Side(end, end, height)
        return self.faces[height]

    def _natural(self, box: Sequence[Side]) -> arb:
        """About how large the bound times the density may be in a box, as a share of the bound's size."""
        share, weight = arb(1), arb(1)
        for side, rate in zip(box, self.rates, strict=True):
            share *= side.density * (rate * side.square.sqrt()).exp()
            weight += side.square
        return share * weight

    def _sides(self, end: arb, height: float = 0.0) -> list[Side]:
        """The cells of an axis, in the strip of this height."""
        if height not in self.sides:
            cells = CELLS[self.size]
            width = 2 * end / cells
            self.sides[height] = [Side(-end + k * width, -end + (k + 1) * width, height) for k in range(cells)]
        return self.sides[height]

    def _largest(self, box: Sequence[Side], bisections: int) -> arb | None:
        """A bound of |f| B |density| on a box, in parts where one ball is too wide."""
        largest = self._bound(box)
        hopeless = not bisections or self.balls < 0
        if largest.is_finite() and (hopeless or largest < self.enough or self._sharp(largest, box)):
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

    def _bound(self, box: Sequence[Side]) -> arb:
        self.balls -= 1
        largest = self.integrand.largest(box)
        for side in box:
            largest *= side.density
        return largest

    def _sharp(self, largest: arb, box: Sequence[Side]) -> bool:
        """Whether the bound of a box is not far above the values in it."""
        return bool(largest < SHARP * self._bound([side.corner for side in box]))

    def _summed(self, counts: Sequence[int], end: arb) -> dict[Powers, arb]:
        """The sums over the nodes in the ball of radius T."""
        nodes = [[-end + (2 * k + 1) * end / count for k in range(count)] for count in counts]
        norm = (2 * arb.pi()).sqrt()
        tables = []
        for own in nodes:
            weights = [(-u * u / 2).exp() * (2 * end / len(own)) / norm for u in own]
            tables.append(arb_mat([[w, w * u, w * u * u] for u, w in zip(own, weights, strict=True)]))
        squares = [[float(u) ** 2 for u in own] for own in nodes]
        last, radius, zero = self.size - 1, float(end) ** 2 * (1 + 1e-9), arb(0)
        line = Line(nodes[last], squares[last], tables[last])

        def summed(before: tuple[arb, ...], room: float) -> dict[Powers, arb]:
            """The sums over the axes from here on, at nodes on those before."""
            k = len(before)
            if k == last:
                return self.integrand.along(before, line, room)
            total: dict[Powers, arb] = {}
            for node, square, powers in zip(nodes[k], squares[k], tables[k].tolist(), strict=True):
                if square > room:
                    continue
                inner = summed((*before, node), room - square)
                for n, below in product(range(3), inner):
                    if n + sum(below) <= 2:
                        total[n, *below] = total.get((n, *below), zero) + powers[n] * inner[below]
            return total

        return summed((), radius)


def _beyond(rate: arb, end: arb) -> tuple[arb, arb]:
    """E |N|^n exp(rate |N|) over |N| > end, n = 0 and 2: with a = end - rate and Q(a) = P(N > a),

    2 exp(rate^2/2) times Q(a) and (1 + rate^2) Q(a) + (a + 2 rate) phi(a)."""
    a, front = end - rate, 2 * (rate**2 / 2).exp()
    above, density = (a / arb(2).sqrt()).erfc() / 2, (-(a**2) / 2).exp() / (2 * arb.pi()).sqrt()
    return front * above, front * ((1 + rate**2) * above + (a + 2 * rate) * density)


@dataclass(frozen=True)
class _Row:
    """The lines of one row of cells: the height of their strip, and their shares of A_j and, at the worse end, A_j'."""

    height: float
    inside: arb
    at_end: arb

    def nodes(self, end: arb, tolerance: arb) -> float:
        """About how many make the error less than that, ends apart."""
        excess = float((2 * self.inside / tolerance + 1).upper().log())
        return float(2 * end) * (excess + 0.5) / (2 * pi * self.height)

    def error(self, step: arb) -> arb:
        """The bound of the error of the row with nodes in these steps."""
        return 2 * self.inside / ((2 * arb.pi() * self.height / step).exp() - 1) + 2 * step / arb.pi() * self.at_end


@dataclass(frozen=True)
class Side:
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
    def corner(self) -> Side:
        """The point on the upper side where the density is largest."""
        nearest = self.left if self.left > 0 else self.right if self.right < 0 else arb(0)
        return Side(nearest, nearest, self.high, self.high)

    @cached_property
    def size(self) -> float:
        return max(float(self.right - self.left), self.high - self.low)

    @cached_property
    def parts(self) -> tuple[Side, Side]:
        """Its halves, across its longer extent: boxes share them."""
        x, y = (self.left + self.right) / 2, (self.low + self.high) / 2
        if self.right - self.left >= self.high - self.low:
            return Side(self.left, x, self.high, self.low), Side(x, self.right, self.high, self.low)
        return Side(self.left, self.right, y, self.low), Side(self.left, self.right, self.high, y)


__all__ = ["Grid", "Growth", "Integrand", "Line", "Powers", "Side", "TooLarge"]
