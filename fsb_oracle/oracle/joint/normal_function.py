"""A function f(z) of all of a grid's variables, z = loc + L u, as the grid's integrand; what others share with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy
from flint import acb, acb_mat, arb, arb_mat

from fsb_oracle.backends.expressions import bind, compile_expression
from fsb_oracle.integrands.domination import domination
from fsb_oracle.oracle.grid import REAL
from fsb_oracle.oracle.joint.boxes import enclosing
from fsb_oracle.oracle.joint.combination import number
from fsb_oracle.oracle.joint.elliptical import Vector
from fsb_oracle.oracle.joint.gaussian import root
from fsb_oracle.oracle.joint.normal_grid import Growth, Line, Powers, Side
from fsb_oracle.oracle.quadrature import PLAIN

_ZERO = acb(0)


@dataclass(frozen=True)
class Law:
    """The law of some of a vector's variables, in an order: z = loc + L u, with a lower triangular L."""

    vector: Vector
    order: tuple[int, ...]
    loc: tuple[arb, ...]
    root: arb_mat

    @classmethod
    def of(cls, vector: Vector, order: Sequence[int]) -> Law:
        """At the precision in force."""
        square = acb_mat([[acb(number(vector.square[i][j])) for j in order] for i in order])
        lower = arb_mat([[x.real for x in row] for row in root(square).tolist()])
        return cls(vector, tuple(order), tuple(number(vector.loc[i]) for i in order), lower)

    @cached_property
    def samples(self) -> tuple[sympy.Symbol, ...]:
        return tuple(self.vector.cell.family.samples[i] for i in self.order)

    @cached_property
    def rows(self) -> list[list[arb]]:
        """Those of L, up to the diagonal."""
        return [row[: i + 1] for i, row in enumerate(self.root.tolist())]

    def growth(self, f: Any) -> Growth:
        """|f| (1 + SUM |u_i|^2) is at most that."""
        size = len(self.order)
        columns = [sum((abs(self.root[i, k]) for i in range(k, size)), arb(0)) for k in range(size)]
        bound, rate = domination(f).exponential(1 / (1 + sum(columns, arb(0))))
        for m in self.loc:
            bound *= (rate * abs(m)).exp()
        return Growth(bound, tuple(rate * own for own in columns))


@dataclass(frozen=True)
class Compiled:
    """A real expression in some symbols, on the real line and around it."""

    expression: Any
    symbols: tuple[sympy.Symbol, ...]

    def on(self, m: Any) -> Callable[..., Any]:
        return bind(compile_expression(self.expression, self.symbols), m)

    @cached_property
    def analytic(self) -> Callable[..., Any]:
        """At boxes; not finite, or an error, where it is not proven analytic."""
        return enclosing(self.expression, self.symbols)

    @cached_property
    def real(self) -> Callable[..., arb]:
        """At real points; not a number where it is not real."""
        try:
            return self.on(REAL)
        except AttributeError:  # a function that has no real form there
            function = self.on(PLAIN)

        def value(*z: arb) -> arb:
            found = acb(function(*map(acb, z)))
            return found.real if found.imag.contains(0) else arb("nan")

        return value

    def enclosed(self, *z: acb) -> arb:
        """A bound of its size on a box; not finite unless it is proven analytic there."""
        try:
            value = acb(self.analytic(*z))
        except (ArithmeticError, ValueError, TypeError):
            return arb("nan")
        return abs(value).upper() if value.is_finite() else arb("nan")


@dataclass(frozen=True)
class Plain:
    """f on as many axes as it has variables, with B = |f| (1 + SUM |u_i|^2)."""

    law: Law
    f: Any

    @property
    def size(self) -> int:
        return len(self.law.order)

    def growth(self) -> Growth:
        return self.law.growth(self.f)

    @cached_property
    def _function(self) -> Compiled:
        return Compiled(self.f, self.law.samples)

    def largest(self, box: Sequence[Side]) -> arb:
        weight = sum((side.square for side in box), arb(1))
        balls = [side.ball for side in box]
        z = [
            m + sum((x * v for x, v in zip(row, balls, strict=False)), _ZERO)
            for m, row in zip(self.law.loc, self.law.rows, strict=True)
        ]
        return self._function.enclosed(*z) * weight

    def along(self, before: tuple[arb, ...], line: Line, room: float) -> dict[Powers, arb]:
        known = [
            m + sum((x * v for x, v in zip(row, before, strict=False)), arb(0))
            for m, row in zip(self.law.loc, self.law.rows, strict=True)
        ]
        *known, start = known
        f, step, zero = self._function.real, self.law.rows[-1][-1], arb(0)
        at = zip(line.nodes, line.squares, strict=True)
        row = [f(*known, start + step * u) if square <= room else zero for u, square in at]
        return {(n,): value for n, value in enumerate((arb_mat([row]) * line.table).entries())}


__all__ = ["Compiled", "Law", "Plain"]
