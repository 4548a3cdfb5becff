"""From routes to a certified value: more digits until the goal is reached, then overlap, then the
intersection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import ceil, floor, log10
from time import perf_counter

from flint import arb

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle.value import OracleError, Value, as_fraction

# a value is reported as 0 when its ball contains 0 and the radius is this many digits below the natural scale
ZERO_DIGITS = 30
MARGIN_DIGITS = 4


@dataclass(frozen=True)
class Route:
    """A rigorous way to the value: ball(digits, scale) has an absolute error of about scale * 10**-digits."""

    name: str
    ball: Callable[[int, arb], arb]


def certify(routes: Sequence[Route], digits: int, natural_scale: Callable[[], arb]) -> Value:
    """The intersection of the routes' balls, to `digits` relative digits.

    The first route must answer; another one counts if it reaches the goal too. `natural_scale` is the size of
    E f^2 or the like, computed only if a ball contains 0.

    Raises:
        Unboundable: the first route's ball is not finite.
        OracleError: two finite balls do not overlap.
    """
    started, natural_scale = perf_counter(), cache(natural_scale)
    first, scale = _raised(routes[0], digits, arb(1), natural_scale)
    if not first.is_finite():  # before any comparison: a NaN ball overlaps and contains everything
        raise Unboundable("f is too singular inside the support")
    balls, names = [first], [routes[0].name]
    reached = _reached(first, digits, natural_scale)
    for route in routes[1:]:
        ball, _ = _raised(route, digits, scale, natural_scale)
        if not ball.is_finite():
            continue
        if not ball.overlaps(first):
            raise OracleError(f"{routes[0].name} gives {first} and {route.name} gives {ball}: the balls do not overlap")
        balls.append(ball)
        if _reached(ball, digits, natural_scale):
            names.append(route.name)
    with precision(4 * digits + 400):
        best = balls[0]
        for ball in balls[1:]:
            best = _intersection(best, ball)
    reached = reached or _reached(best, digits, natural_scale)
    level = 1 if len(names) == 1 else 2 if "closed-form" in names else 3
    return Value(
        best,
        tuple(names),
        level,
        min(correct_digits(best), abs(digits) + 40),
        perf_counter() - started,
        reached,
    )


def _raised(route: Route, digits: int, scale: arb, natural_scale: Callable[[], arb]) -> tuple[arb, arb]:
    """The Ziv loop: the route's ball with relative digits, or containing 0 below the floor; and its size for
    the next route.
    """
    goal = digits
    most = 2 * digits + 4 * ZERO_DIGITS
    ball = route.ball(goal, scale)
    while ball.is_finite() and not _reached(ball, digits, natural_scale) and goal < most:
        if ball.contains(0):
            size = abs(ball).upper() / scale
            goal = max(
                goal + 10,
                min(2 * goal + 10, digits + ZERO_DIGITS + ceil(_log10(size / natural_scale()) + goal) + 2),
            )
        else:
            goal += max(1, digits - correct_digits(ball)) + MARGIN_DIGITS
        ball = route.ball(min(goal, most), scale)
    return ball, scale if not ball.is_finite() or ball.contains(0) else abs(arb(ball.mid()))


def _reached(ball: arb, digits: int, natural_scale: Callable[[], arb]) -> bool:
    if not ball.is_finite():
        return False
    if ball.contains(0):
        return bool(abs(ball).upper() <= natural_scale() * arb(10) ** -(digits + ZERO_DIGITS))
    return correct_digits(ball) >= digits


def correct_digits(ball: arb) -> int:
    """Relative digits of a ball; of one that contains 0, the digits after the decimal point that are 0. At
    most 10**6.
    """
    middle, radius = abs(as_fraction(ball)), as_fraction(ball.rad())
    if radius == 0:
        return 10**6
    if middle <= radius:
        return floor(-_log10_fraction(middle + radius))
    return floor(_log10_fraction(middle / radius))


def _log10_fraction(number: Fraction) -> float:
    numerator, denominator = number.numerator, number.denominator
    shift = numerator.bit_length() - denominator.bit_length()
    scaled = (numerator >> max(shift, 0)) / denominator if shift > 0 else (numerator << -shift) / denominator
    return log10(scaled) + shift * log10(2)


def _log10(number: arb) -> float:
    return float(number.mid().log() / arb(10).log()) if number.mid() > 0 else -1e6


def _intersection(a: arb, b: arb) -> arb:
    result = a.intersection(b)
    return result if result.rad() <= a.rad() else a
