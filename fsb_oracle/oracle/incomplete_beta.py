"""The beta law, the LKJ law and functions that are polynomials between kinks: the incomplete beta function as a
positive series.

phi of the beta law oscillates at both ends of the support, so that no single turn of the contour damps a jump
inside; the closed form P(Z < c) = c^a (1 - c)^b / (a B(a, b)) SUM_n (a + b)_n/(a + 1)_n c^n takes the place
of the spectral route. (DLMF 8.17.) An LKJ variable is 2 Z - 1 for a Z of two equal concentrations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import comb

from flint import acb, arb, ctx

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.integrands.terms import Point
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.density import GUARD_DIGITS
from fsb_oracle.oracle.lowering import PLAIN, arguments
from fsb_oracle.oracle.means import mean
from fsb_oracle.oracle.spectral import found_spectrum

LONGEST_SERIES = 30_000  # terms, about as many as the sum of the concentrations


@dataclass(frozen=True)
class Dual:
    """A number and its derivatives in the two concentrations."""

    value: arb
    in_a: arb
    in_b: arb

    def __add__(self, other: Dual) -> Dual:
        return Dual(self.value + other.value, self.in_a + other.in_a, self.in_b + other.in_b)

    def __mul__(self, other: Dual) -> Dual:
        return Dual(
            self.value * other.value,
            self.in_a * other.value + self.value * other.in_a,
            self.in_b * other.value + self.value * other.in_b,
        )

    def swapped(self) -> Dual:
        return Dual(self.value, self.in_b, self.in_a)

    def complement(self) -> Dual:
        return Dual(1 - self.value, -self.in_a, -self.in_b)


def applies(cell: Cell) -> bool:
    """Whether f is polynomial between its kinks and jumps, and the law is one of these, its series not too long."""
    if cell.family.name not in ("beta", "lkj") or sum(cell.values.values()) > LONGEST_SERIES:
        return False
    found = found_spectrum(cell)
    return (
        found is not None
        and bool(found.jumps)
        and not found.smooth
        and all(j.rate == 0 == j.frequency for j in found.jumps)
    )


def evaluate(cell: Cell, digits: int) -> arb:
    """E f, or its derivative, with about `digits` digits; `applies` must hold."""
    found = found_spectrum(cell)
    assert found is not None
    with precision(max(digits, 0) + GUARD_DIGITS):
        concentrations = tuple(p.real for p in arguments(cell.family, cell.values))
        truncated: Callable[..., Dual] = truncated_moment if cell.family.name == "beta" else _of_correlation
        points = [*found.points, *(point for jump in found.jumps for point in jump.lower)]
        total = mean(cell.family, cell.values, cell.parameter, points)
        for edge in (edge for jump in found.jumps for edge in jump.edges):
            position = acb(compile_expression(edge.position, ())(PLAIN)).real
            for point in edge.change:
                total += _coefficient(point) * _component(truncated(*concentrations, point.power, position), cell)
        return total


def _of_correlation(concentration: arb, n: int, c: arb) -> Dual:
    """E[(2 Z - 1)**n; 2 Z - 1 > c]; both concentrations of Z are one parameter."""
    total = Dual(arb(0), arb(0), arb(0))
    for k in range(n + 1):
        factor = Dual(arb(comb(n, k) * 2**k * (-1) ** (n - k)), arb(0), arb(0))
        total += factor * truncated_moment(concentration, concentration, k, (1 + c) / 2)
    return Dual(total.value, total.in_a + total.in_b, arb(0))


def truncated_moment(a: arb, b: arb, n: int, c: arb) -> Dual:
    """E[Z**n; Z > c] = E[Z**n] P(Z' > c), where Z' has the concentrations a + n and b."""
    above = lower_tail(b, a + n, 1 - c).swapped() if c > 0.5 else lower_tail(a + n, b, c).complement()
    moment, in_a, in_b = arb(1), arb(0), arb(0)
    for j in range(n):
        moment *= (a + j) / (a + b + j)
        in_a += 1 / (a + j) - 1 / (a + b + j)
        in_b -= 1 / (a + b + j)
    return Dual(moment, moment * in_a, moment * in_b) * above


def lower_tail(a: arb, b: arb, c: arb) -> Dual:
    """P(Z < c) and its derivatives; the terms left out are bounded by a geometric series."""
    log_front = a * c.log() + b * (1 - c).log() + (a + b).lgamma() - (a + 1).lgamma() - b.lgamma()
    front, both = log_front.exp(), (a + b).digamma()
    front_dual = Dual(front, front * (c.log() + both - (a + 1).digamma()), front * ((1 - c).log() + both - b.digamma()))
    term, in_a, in_b = arb(1), arb(0), arb(0)
    total, total_a, total_b = arb(0), arb(0), arb(0)
    n = 0
    while True:
        total, total_a, total_b = total + term, total_a + term * in_a, total_b + term * in_b
        in_a += 1 / (a + b + n) - 1 / (a + 1 + n)
        in_b += 1 / (a + b + n)
        term *= c * (a + b + n) / (a + 1 + n)
        n += 1
        ratio = (c * (a + b + n) / (a + 1 + n)).max(c)
        if n % 8 == 0 and ratio < 1:
            gap, step = 1 - ratio, 1 / (a + b + n) + 1 / (a + 1 + n)
            rest = term * (1 + abs(in_a) + in_b) / gap + term * step / gap**2
            if rest < total * arb(2) ** -ctx.prec:
                break
    ball = arb(0, rest.upper())
    return front_dual * Dual(total + ball, total_a + ball, total_b + ball)


def _coefficient(point: Point) -> arb:
    return acb(compile_expression(point.coefficient, ())(PLAIN)).real


def _component(dual: Dual, cell: Cell) -> arb:
    if cell.parameter is None:
        return dual.value
    return dual.in_a if cell.parameter == cell.family.names[0] else dual.in_b
