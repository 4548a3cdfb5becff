"""From routes to a certified value: more digits until the goal is reached, then overlap, then the
intersection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from math import ceil, floor
from time import perf_counter

from flint import arb

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle.value import OracleError, Value

# a value is reported as 0 when its ball contains 0 and the radius is this many digits below the natural scale
ZERO_DIGITS = 30
MARGIN_DIGITS = 4
LEAST = 100_000
FIRST_MARGIN = 2  # a value of 0.02 then has its relative digits at once
ORDER = ("closed-form", "lattice", "density", "cdf", "spectral", "mixture")  # in which they are named
# an integral of the density to thousands of digits takes minutes, where sums and series do not: below 10**-1000 it is
# asked whether the value is 0 within the floor
DENSITY_SCALE = 1000
ENOUGH = 2  # routes that reach the goal; further ones are not tried


@dataclass(frozen=True)
class Route:
    """A rigorous way to the value: ball(digits, scale) has an absolute error of about scale * 10**-digits."""

    name: str
    ball: Callable[[int, arb], arb]


@dataclass(frozen=True)
class _Answer:
    """A route's finite ball, and whether it has the requested digits."""

    name: str
    ball: arb
    reached: bool


def certify(routes: Iterable[Route], digits: int, natural_scale: Callable[[], arb], enough: int = ENOUGH) -> Value:
    """The intersection of the routes' balls, to `digits` relative digits.

    Routes are tried in their order until `enough` have reached the goal. `natural_scale` is the size of E f^2 or the
    like, computed only if a ball contains 0.

    Raises:
        Unboundable: no route has a finite ball.
        OracleError: two finite balls do not overlap.
    """
    started, natural_scale, scale = perf_counter(), cache(natural_scale), arb(1)
    answers: list[_Answer] = []
    reasons: list[Unboundable] = []
    for route in routes:
        try:
            asked = arb(1) if route.name == "density" and scale < arb(10) ** -DENSITY_SCALE else scale
            ball, size = _raised(route, digits, asked, natural_scale, hopeless=scale if answers else None)
        except Unboundable as reason:
            reasons.append(reason)
            continue
        if not ball.is_finite():  # before any comparison: a NaN ball overlaps and contains everything
            reasons.append(Unboundable("the integrand is too singular, or oscillates too often"))
            continue
        for other in answers:
            if not ball.overlaps(other.ball):
                raise OracleError(
                    f"{other.name} gives {other.ball} and {route.name} gives {ball}, which do not overlap"
                )
        answers.append(_Answer(route.name, ball, _reached(ball, digits, natural_scale)))
        scale = size
        if sum(answer.reached for answer in answers) == enough:
            break
    if not answers:
        raise reasons[0] if reasons else Unboundable("no route is known for this law and f")
    with precision(4 * digits + 400):
        best = answers[0].ball
        for answer in answers[1:]:
            best = _intersection(best, answer.ball)
    counted = [answer.name for answer in answers if answer.reached] or [answers[0].name]
    return Value(
        best,
        tuple(sorted(set(counted), key=ORDER.index)),  # two closed forms have one name
        1 if len(counted) == 1 else 2 if "closed-form" in counted else 3,
        min(correct_digits(best), abs(digits) + 40),
        perf_counter() - started,
        _reached(best, digits, natural_scale),
    )


def _raised(
    route: Route, digits: int, scale: arb, natural_scale: Callable[[], arb], hopeless: arb | None
) -> tuple[arb, arb]:
    """The Ziv loop: the route's ball with relative digits, or containing 0 below the floor; and its size for
    the next route.

    It ends where more digits no longer narrow the ball, or (for a further route) the radius exceeds `hopeless`, the
    size of the value that is known already.
    """
    goal = digits + FIRST_MARGIN
    most = 2 * digits + 4 * ZERO_DIGITS
    ball = _legible(route.ball(goal, scale))
    while ball.is_finite() and not _reached(ball, digits, natural_scale) and goal < most:
        if hopeless is not None and not arb(ball.rad()) < hopeless:
            break
        if ball.contains(0):
            size = abs(ball).upper() / scale
            goal = max(
                goal + 10,
                min(2 * goal + 10, digits + ZERO_DIGITS + ceil(_log10(size / natural_scale()) + goal) + 2),
            )
        else:
            goal += max(1, digits - correct_digits(ball)) + MARGIN_DIGITS
        before, ball = ball, _legible(route.ball(min(goal, most), scale))
        if ball.is_finite() and not arb(ball.rad()) < arb(before.rad()) / 2:
            break
    return ball, scale if not ball.is_finite() or ball.contains(0) else abs(arb(ball.mid()))


def scaled_digits(digits: int, scale: arb | float) -> int:
    """The absolute digits that make `digits` of a number of that size."""
    return digits + max(0, ceil(-_log10(arb(scale))))


def _legible(ball: arb) -> arb:
    """A number below 10**-LEAST counts as 0 within that: its digits, written out, would fill the memory."""
    least = arb(10) ** -LEAST
    return ball if ball == 0 or not abs(ball) < least else arb(0, least.upper())


def _reached(ball: arb, digits: int, natural_scale: Callable[[], arb]) -> bool:
    if not ball.is_finite():
        return False
    if ball.contains(0):
        if abs(ball) <= 2 * arb(10) ** -LEAST:
            return True
        return bool(abs(ball).upper() <= natural_scale() * arb(10) ** -(digits + ZERO_DIGITS))
    return correct_digits(ball) >= digits


def correct_digits(ball: arb) -> int:
    """Relative digits of a ball; of one that contains 0, the digits after the decimal point that are 0. At
    most 10**6.
    """
    middle, radius = abs(ball.mid()), ball.rad()
    if radius == 0:
        return 10**6
    if middle <= radius:
        return min(10**6, floor(-_log10(middle + radius)))
    return min(10**6, floor(_log10(middle / radius)))


def _log10(number: arb) -> float:
    return float(number.mid().log() / arb(10).log()) if number.mid() > 0 else -1e6


def _intersection(a: arb, b: arb) -> arb:
    result = a.intersection(b)
    return result if result.rad() <= a.rad() else a
