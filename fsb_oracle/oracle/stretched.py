"""Coordinates in which an exponential tail falls doubly exponentially: the trapezoidal rule needs fewer nodes there.

x = y - exp(-y) where the integrand falls slowly to the left, x = y + exp(y) to the right, x = sinh(y) to both sides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, sinh
from typing import Any

from flint import acb, arb

SLOW = 14.0  # a tail that is longer falls no faster than an exponential
LARGEST = 500.0
PATIENCE = 2  # of the trapezoidal rule there: the plain coordinate comes next
_SPARE = 1e-6

Callback = Callable[[acb, bool], acb]


@dataclass(frozen=True)
class Stretch:
    """x = point(y), and dx/dy, for y between two limits."""

    point: Callable[[acb], acb]
    speed: Callable[[acb], acb]
    lower: arb
    upper: arb

    def moved(self, integrand: Callback) -> Callback:
        """The integrand of the integral over y."""
        point, speed = self.point, self.speed
        return lambda y, analytic: integrand(point(y), analytic) * speed(y)


def stretch(first: arb, last: arb) -> Stretch | None:
    """A coordinate for an integral over a range that contains (first, last), and goes hardly beyond; None if neither
    end is far from 0.
    """
    left, right = float(first.mid()) < -SLOW, float(last.mid()) > SLOW
    point: Callable[[Any], Any]
    if left and right:
        point, speed, float_point = acb.sinh, acb.cosh, sinh
    elif left:
        point, speed = lambda y: y - (-y).exp(), lambda y: 1 + (-y).exp()
        float_point = lambda y: y - exp(-y)  # noqa: E731
    elif right:
        point, speed = lambda y: y + y.exp(), lambda y: 1 + y.exp()
        float_point = lambda y: y + exp(y)  # noqa: E731
    else:
        return None
    lower, upper = (arb(_solved(float_point, float(x.mid())) + side * _SPARE) for x, side in ((first, -1), (last, 1)))
    if not (point(acb(lower)).real < first and point(acb(upper)).real > last):
        return None
    return Stretch(point, speed, lower, upper)


def _solved(point: Callable[[float], float], x: float) -> float:
    """y with point(y) = x, for a rising function."""
    low, high = -LARGEST, LARGEST
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if point(middle) < x else (low, middle)
    return high
