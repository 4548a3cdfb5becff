"""Windows of integers that hold all but a tolerance of a sum, with a proven bound on what lies outside.

A tail is bounded by a geometric series: masses fall at least like the largest ratio in it, f grows at most like its
growth bound, or is at most its largest size on a finite stretch.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from flint import arb

from fsb_oracle.integrands.bounds import NotYet, Unboundable
from fsb_oracle.oracle.lattice.masses import Masses
from fsb_oracle.oracle.lattice.sizes import Sizes

MAXIMUM_TERMS = 300_000
_TRIALS = 200
_FIRST_ENDS = (16, 64, 256, 1024)  # where f alone may already have decayed


@dataclass(frozen=True)
class Window:
    """low <= n < high, and a bound on the sum of |f m| outside, with masses or their derivatives m."""

    low: int
    high: int
    beyond: arb


@dataclass(frozen=True)
class Centre:
    """Where the law lies: integers near the mean, and the standard deviation."""

    mean: int
    spread: float


def tail(masses: Masses, sizes: Sizes, start: int, direction: int) -> arb | None:
    """A bound on the sum of |f m| from `start` on in one direction; None where none is found."""
    end = masses.upper if direction > 0 else masses.lower
    if end is not None and direction * (end - start) < 0:
        return arb(0)
    far = sizes.far(direction)
    if direction * (far - start) <= 0:
        if end is None:
            return _grown(masses, sizes, start, direction)
        try:
            grown = _grown(masses, sizes, start, direction)
        except Unboundable:
            grown = None
        return _stretch(masses, sizes, start, end, direction) if grown is None else grown
    if end is not None:
        return _stretch(masses, sizes, start, end, direction)
    near, beyond = _stretch(masses, sizes, start, far - direction, direction), _grown(masses, sizes, far, direction)
    return None if near is None or beyond is None else near + beyond


def _stretch(masses: Masses, sizes: Sizes, start: int, last: int, direction: int) -> arb | None:
    """The bound from `start` to `last`: the largest |f| there times a geometric series."""
    largest = sizes.largest(min(start, last), max(start, last))
    if largest == 0:
        return largest
    part = masses.envelope(start, direction).sum()
    return None if part is None or not largest.is_finite() else largest * part


def _grown(masses: Masses, sizes: Sizes, start: int, direction: int) -> arb | None:
    """The bound from `start` on, by the growth of f."""
    try:
        bound = sizes.growth(start, direction)
    except NotYet:
        return None
    if bound.size == 0:
        return bound.size
    # r**power exp(rate x): r rises at most by (2 + |start|)/(1 + |start|) a step
    step = arb(2 + abs(start)) / (1 + abs(start))
    growth = bound.rate.exp() * (step**bound.power if bound.power > 0 else 1)
    part = masses.envelope(start, direction).sum(growth)
    return None if part is None else bound.size * part


def window(masses: Masses, sizes: Sizes, centre: Centre, tolerance: arb) -> Window:
    """A window outside of which the sum of |f m| is below the tolerance.

    Raises:
        Unboundable: it would be longer than MAXIMUM_TERMS.
    """
    half = tolerance / 2
    short = _short(masses, sizes, centre, half)
    if short is not None:
        return short
    # `high` is the first integer beyond, `low - 1` the last one below
    high, above = _end(masses, sizes, centre, 1, half)
    if masses.lower is not None and centre.mean - masses.lower <= 100:
        low, below = masses.lower, arb(0)
    else:
        low, below = _end(masses, sizes, centre, -1, half)
        low += 1
    if high - low > MAXIMUM_TERMS:
        raise _too_long()
    return _rounded(Window(low, high, above + below), masses)


def _rounded(found: Window, masses: Masses) -> Window:
    """A slightly longer window with round ends, so that E f and its gradients share what is computed of f."""
    unit = 2 ** max(0, (found.high - found.low).bit_length() - 5)
    low, high = found.low // unit * unit, -(-found.high // unit) * unit
    low = low if masses.lower is None else max(low, masses.lower)
    return Window(low, high if masses.upper is None else min(high, masses.upper + 1), found.beyond)


def _short(masses: Masses, sizes: Sizes, centre: Centre, tolerance: arb) -> Window | None:
    """A window at the lower end of the support where f itself falls so fast that the bulk of the law plays no part."""
    if masses.lower is None:
        return None
    first = max(masses.lower, sizes.far(1))
    for reach in _FIRST_ENDS:
        if masses.lower + reach >= centre.mean or (masses.upper is not None and masses.lower + reach > masses.upper):
            break
        start = first + reach
        try:
            bound = sizes.growth(start, 1)
            if not (bound.rate < 0 or bound.size == 0):
                break
        except NotYet:
            continue
        except Unboundable:
            break
        above = tail(masses, sizes, start, 1)
        if above is not None and above < tolerance:
            return Window(masses.lower, start if masses.upper is None else min(start, masses.upper + 1), above)
    return None


def _end(masses: Masses, sizes: Sizes, centre: Centre, direction: int, tolerance: arb) -> tuple[int, arb]:
    """The first integer of a tail whose bound is below the tolerance."""
    last = masses.upper if direction > 0 else masses.lower
    step = max(4, int(centre.spread))
    place = centre.mean + 2 * direction
    if last is not None and direction * (place - last) > 0:
        return last + direction, arb(0)
    for _ in range(_TRIALS):
        if abs(place - centre.mean) > MAXIMUM_TERMS:
            break
        bound = tail(masses, sizes, place, direction)
        if bound is not None and bound < tolerance:
            return place, bound
        place += direction * max(step, _needed(masses, centre, place, direction, bound, tolerance))
        if last is not None and direction * (place - last) > 0:
            return last + direction, arb(0)
    raise _too_long()


def _needed(masses: Masses, centre: Centre, place: int, direction: int, bound: arb | None, tolerance: arb) -> int:
    """About half of the way that is left, by the fall of a geometric or a normal tail (a guess, not a bound)."""
    if bound is None:
        return 0
    digits = _log(bound) - _log(tolerance)
    fall = -_log(masses.envelope(place, direction).ratio)
    if not digits > 0 or not fall > 0:
        return 0
    return int(min(digits / fall, centre.spread * sqrt(2 * digits), MAXIMUM_TERMS) / 2)


def _log(number: arb) -> float:
    """The logarithm of a midpoint, which may lie outside of the range of floats."""
    middle = number.mid()
    return float(middle.log().mid()) if middle > 0 else -1e300


def _too_long() -> Unboundable:
    return Unboundable(f"the sum needs more than {MAXIMUM_TERMS} terms")
