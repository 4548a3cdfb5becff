"""Bounds size * r**power * exp(rate * x) on a half line, and those of polynomials in x.

With s >= start, x = s - start and r = (1 + s)/(1 + start). All numbers are balls, so every comparison that a
bound rests on is certain.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from math import comb

from flint import acb, arb

from fsb_oracle.errors import UsageError


class NotYet(Exception):
    """The bound needs a later start, if it exists at all."""


class Unboundable(UsageError):
    """No bound of this form exists or is known; the message says why."""


@dataclass(frozen=True)
class Bound:
    """size * r**power * exp(rate * x), an upper or a lower bound of an absolute value."""

    size: arb
    power: arb
    rate: arb

    def __mul__(self, other: Bound) -> Bound:
        return Bound(self.size * other.size, self.power + other.power, self.rate + other.rate)

    def __pow__(self, exponent: arb) -> Bound:
        """Of a negative exponent, an upper bound becomes a lower bound and vice versa."""
        return Bound(self.size**exponent, self.power * exponent, self.rate * exponent)

    def at(self, x: float, start: float) -> arb:
        """The bound's value at s = start + x."""
        ratio = (1 + arb(start) + arb(x)) / (1 + arb(start))
        return self.size * ratio**self.power * (self.rate * arb(x)).exp()


def constant(value: arb | int) -> Bound:
    return Bound(arb(value), arb(0), arb(0))


def largest(values: Iterable[arb]) -> arb:
    return reduce(lambda a, b: a.max(b), values)


def smallest(values: Iterable[arb]) -> arb:
    return reduce(lambda a, b: a.min(b), values)


def added(first: list[acb], second: list[acb]) -> list[acb]:
    """The sum of two polynomials, as coefficient lists."""
    if len(first) < len(second):
        first, second = second, first
    return [a + b for a, b in zip(first, second, strict=False)] + first[len(second) :]


def multiplied(first: list[acb], second: list[acb]) -> list[acb]:
    """The product of two polynomials, as coefficient lists."""
    result = [acb(0)] * (len(first) + len(second) - 1)
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            result[i + j] += a * b
    return result


def polynomial_upper(coefficients: list[acb], start: arb) -> Bound:
    """SUM |q_j| x**j <= max_j(|q_j| (1 + start)**j / C(d, j)) r**d, by the binomial theorem."""
    degree = len(coefficients) - 1
    sizes = (abs(c) * (1 + start) ** j / comb(degree, j) for j, c in enumerate(coefficients))
    return Bound(largest(sizes), arb(degree), arb(0))


def polynomial_lower(coefficients: list[acb], start: arb) -> Bound:
    """Project on the leading coefficient; when all projections are positive, the modulus grows with x.

    Raises:
        NotYet: a projection is not certainly positive.
    """
    while len(coefficients) > 1 and coefficients[-1] == 0:
        coefficients = coefficients[:-1]
    lead = coefficients[-1]
    if not abs(lead) > 0:
        raise NotYet
    if len(coefficients) == 2:
        try:
            return _linear_lower(coefficients[0], lead, start)
        except NotYet:  # the side on which the root lies may be uncertain
            pass
    turn = lead.conjugate() / abs(lead)
    projections = [(c * turn).real for c in coefficients[:-1]] + [abs(lead)]
    if not all(p > 0 for p in projections):
        raise NotYet
    degree = len(projections) - 1
    sizes = (p * (1 + start) ** j / comb(degree, j) for j, p in enumerate(projections))
    return Bound(smallest(sizes), arb(degree), arb(0))


def _linear_lower(value: acb, slope: acb, start: arb) -> Bound:
    """|q0 + q1 x| >= |q0| r**m, where m is the least elasticity d log|q|/d log(1 + s) from start on.

    With a + i b the root in s and v = s - a, the elasticity is (1 + a + v) v/(v**2 + b**2), which tends to 1.
    Where 1 + a >= 0 it rises and then falls; where 1 + a < 0 it falls and then rises. So its least value is
    that at the start, or 1, if in the second case it has begun to rise.
    """
    turned = value * slope.conjugate() / abs(slope) ** 2
    v, b = turned.real, turned.imag  # q0/q1 = start - root
    a = start - v
    if not v >= 0 or not abs(value) > 0:
        raise NotYet
    if not 1 + a >= 0 and not (1 + a) * (b * b - v * v) + 2 * v * b * b >= 0:
        raise NotYet
    elasticity = (1 + start) * v / (v * v + b * b)  # arb**2 of a ball around 0 is NaN
    return Bound(abs(value), elasticity.min(arb(1)), arb(0))


def polynomial_line(coefficients: list[arb]) -> tuple[arb, arb]:
    """(value, slope) of a straight line above a real polynomial in x: its tangent at 0 where it is concave.

    Raises:
        Unboundable: it grows faster than linearly.
        NotYet: it is not concave from here on.
    """
    while len(coefficients) > 2 and coefficients[-1] == 0:
        coefficients = coefficients[:-1]
    if len(coefficients) > 2 and coefficients[-1] > 0:
        raise Unboundable("an exponent grows faster than linearly")
    if not all(c <= 0 for c in coefficients[2:]):
        raise NotYet
    return coefficients[0], coefficients[1] if len(coefficients) > 1 else arb(0)
