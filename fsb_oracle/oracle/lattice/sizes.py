"""f on the integers: its values, and bounds of its size on stretches and in the tails."""

from __future__ import annotations

from functools import lru_cache
from math import inf
from typing import Any, Protocol

import sympy
from flint import acb, arb, ctx

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.families.family import z
from fsb_oracle.integrands import Integrand
from fsb_oracle.integrands.bounds import Bound, NotYet, Unboundable
from fsb_oracle.integrands.growth import upper_bound
from fsb_oracle.oracle.lowering import PLAIN


class Sizes(Protocol):
    """Bounds of |f|."""

    def far(self, direction: int) -> int:
        """From here on (in this direction) `growth` holds."""
        ...

    def growth(self, start: int, direction: int) -> Bound:
        """|f(start + direction x)| <= the bound at x, with r = (1 + |start| + x)/(1 + |start|); may raise NotYet."""
        ...

    def largest(self, low: int, high: int) -> arb:
        """A bound of |f| on the integers from low to high."""
        ...


class IntegrandSizes:
    """Bounds of an integrand's size."""

    def __init__(self, f: Integrand) -> None:
        self.f = f
        self.breaks = [b for b in f.breakpoints]

    def far(self, direction: int) -> int:
        if not self.breaks:
            return 0
        if direction > 0:
            return max(0, int(sympy.floor(self.breaks[-1])) + 1)
        return min(0, int(sympy.ceiling(self.breaks[0])) - 1)

    def growth(self, start: int, direction: int) -> Bound:
        expression = self.f.pieces[-1][2] if direction > 0 else self.f.pieces[0][2].xreplace({z: -z})
        return upper_bound(exponential(expression), z, abs(start))

    def largest(self, low: int, high: int) -> arb:
        """On [1, 2), [2, 4), ... and their mirror images, piece by piece."""
        result = arb(0)
        for start, end in _dyadic(low, high):
            for lower, upper, expression in self.f.pieces:
                first, last = max(start, _after(lower)), min(end, _before(upper))
                if first <= last:
                    result = result.max(_size_on(expression, int(first), int(last)))
        for point in self.breaks:
            if point.is_Integer and low <= point <= high:
                result = result.max(abs(acb(_at_break(self.f, int(point)))).upper())
        return result


def _size_on(expression: sympy.Expr, first: int, last: int) -> arb:
    """A bound by ball arithmetic, or by growth from the end nearer to 0 on, where a wide ball is too coarse."""
    value = acb(compile_expression(expression, (z,))(PLAIN, acb(arb(first).union(arb(last)))))
    if value.is_finite():
        return abs(value).upper()
    mirrored = expression if first >= 0 else expression.xreplace({z: -z})
    start, end = (first, last) if first >= 0 else (-last, -first)
    try:
        bound = upper_bound(exponential(mirrored), z, start)
    except (NotYet, Unboundable):
        return arb(inf)
    ratio = arb(1 + end) / (1 + start)
    return (bound.size * (ratio**bound.power).max(arb(1)) * (bound.rate * (end - start)).exp().max(arb(1))).upper()


class Power:
    """|f| = base**n, for the aliases of the discrete Fourier transform on a circle of that radius."""

    def __init__(self, base: arb) -> None:
        self.base = base

    def far(self, direction: int) -> int:
        return 0

    def growth(self, start: int, direction: int) -> Bound:
        return Bound(self.base**start, arb(0), direction * self.base.log())

    def largest(self, low: int, high: int) -> arb:
        return (self.base**low).max(self.base**high)


@lru_cache(maxsize=256)
def exponential(expression: Any) -> Any:
    """2**z as exp(z log 2), which the growth bounds read."""
    return expression.replace(
        lambda e: isinstance(e, sympy.Pow) and e.base.is_positive and e.base.is_number and e.exp.has(z),
        lambda e: sympy.exp(e.exp * sympy.log(e.base), evaluate=False),
    )


@lru_cache(maxsize=8)
def _values(expression: sympy.Expr, low: int, high: int, bits: int) -> tuple[arb, ...]:
    f, values = Integrand(expression), []
    breaks = {int(b) for b in f.breakpoints if b.is_Integer}
    pieces = [(_before(upper), compile_expression(piece, (z,))) for _, upper, piece in f.pieces]
    for n in range(low, high):
        while n > pieces[0][0] and n not in breaks:
            pieces.pop(0)
        value = acb(_at_break(f, n) if n in breaks else pieces[0][1](PLAIN, acb(n)))
        if not value.is_finite() or not value.imag.contains(0):
            raise Unboundable(f"f = {f.text} is not a finite real number at z = {n}")
        values.append(value.real)
    return tuple(values)


def values(f: Integrand, low: int, high: int) -> tuple[arb, ...]:
    """f(n) for low <= n < high; at a jump f itself is evaluated, with Heaviside(0) = 1/2 and sign(0) = 0.

    Raises:
        Unboundable: f is not a finite real number at one of them.
    """
    return _values(f.expression, low, high, ctx.prec)


def _at_break(f: Integrand, n: int) -> Any:
    return compile_expression(f.expression.xreplace({z: sympy.Integer(n)}).doit(), ())(PLAIN)


def _after(point: sympy.Expr) -> float:
    """The first integer inside a piece that begins at `point`."""
    return -inf if point == -sympy.oo else int(sympy.floor(point)) + 1


def _before(point: sympy.Expr) -> float:
    """The last integer inside a piece that ends at `point`."""
    return inf if point == sympy.oo else int(sympy.ceiling(point)) - 1


def _dyadic(low: int, high: int) -> list[tuple[int, int]]:
    """The integers from low to high cut into stretches [0, 0], [1, 1], [2, 3], [4, 7], ... and mirror images."""
    found = [(0, 0)] if low <= 0 <= high else []
    for sign in (1, -1):
        near, far = (max(low, 1), high) if sign > 0 else (max(-high, 1), -low)
        while near <= far:
            end = min(far, 2 ** near.bit_length() - 1)
            found.append((near, end) if sign > 0 else (-end, -near))
            near = end + 1
    return found
