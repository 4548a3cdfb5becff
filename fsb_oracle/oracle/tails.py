"""Where to cut an infinite integral, and a proven bound on what was cut off."""

from __future__ import annotations

from math import inf, isfinite
from typing import Any

from flint import acb, arb, ctx

from fsb_oracle.integrands.bounds import Bound, NotYet, Unboundable
from fsb_oracle.integrands.growth import upper_bound
from fsb_oracle.oracle.lowering import PLAIN, Lowered

LATEST_START = 1e300
GUESS_BITS = 64
GUESS_MARGIN = -3.0  # the bound on the integral beyond is larger than the value, by a small factor
FARTHEST_GUESS = 1e6
PATIENCE = 20  # steps that double the start; later ones are longer and longer, as most integrals that need them diverge


def remainder(bound: Bound, start: float) -> tuple[arb, arb]:
    """INT_start^oo of an upper bound, and the rate at which it falls there.

    As log r <= x/(1 + start), the bound is below an exponential; an algebraic one is integrated as it is.

    Raises:
        NotYet: the bound is not integrable, or not from this start on.
    """
    decay = -bound.rate - bound.power.max(arb(0)) / (1 + arb(start))
    if decay > 0:
        return bound.size / decay, decay
    if bound.rate <= 0 and bound.power < -1:
        decay = (-bound.power - 1) / (1 + arb(start))
        return bound.size / decay, decay
    raise NotYet


def tail(lowered: Lowered, constants: tuple[Any, ...], start: float) -> tuple[arb, arb]:
    """A bound on INT |lowered| over (start, oo), and its rate of decay. Raises NotYet or Unboundable."""
    values = dict(zip(lowered.symbols, constants, strict=True))
    size, decay = remainder(upper_bound(lowered.expression, lowered.variable, start, values), start)
    if not size.is_finite():
        raise NotYet
    return size, decay


def cut(
    lowered: Lowered, constants: tuple[Any, ...], first: float, tolerance: arb, latest: float = LATEST_START
) -> tuple[float, arb]:
    """A point `start >= first` beyond which the integral is below `tolerance`, and the proven bound there.

    Newton steps on the logarithm of the bound, from where the integrand itself is small enough, then interpolation,
    lead there; the comparison that ends the search is one of balls, hence certain.

    Raises:
        Unboundable: no start up to `latest` will do.
    """
    goal, start = _log(tolerance), _guess(lowered, constants, first, tolerance, latest)
    if start > latest:
        raise Unboundable("the tail of the integral falls too slowly")
    failed: tuple[float, float] | None = None  # a start that does not do, and log of the bound there
    passed: tuple[float, arb] | None = None
    refinements = 0
    for tries in range(200):
        stride = (1 + start) * 2.0 ** max(0, tries - PATIENCE)
        try:
            bound, decay = tail(lowered, constants, start)
        except NotYet:
            failed, step = (start, inf), stride
        else:
            if bound < tolerance:
                passed = (start, bound)
                step = 0.0
            else:
                excess = _log(bound) - goal
                failed = (start, _log(bound))
                step = min(1.02 * excess / max(float(decay.mid()), 1e-300) + 1e-12 * (1 + start), 4 * stride)
        if passed is None:
            start += step
        else:
            closer = _between(failed, passed, goal)
            if closer is None or refinements == 4:
                return passed
            start, refinements = closer, refinements + 1
        if start > latest:
            break
    raise Unboundable("the tail of the integral cannot be bounded")


def _guess(lowered: Lowered, constants: tuple[Any, ...], first: float, tolerance: arb, latest: float) -> float:
    """About the first point beyond which the integrand's values are below the tolerance; beyond a small `latest`, or
    `first`, where none is found. Only a start for the search: no bound rests on it.
    """
    bits, ctx.prec = ctx.prec, GUESS_BITS
    small = float(_log(tolerance)) + GUESS_MARGIN

    def passes(start: float) -> bool:
        try:
            return bool(_log(abs(lowered.function(PLAIN, acb(start), *constants))) < small)
        except (ArithmeticError, ValueError, TypeError):
            return False

    try:
        low, step = first, 1.0
        while not (passes(low + step) and passes(low + 1.3 * step)):
            low, step = low + step, 2 * step
            if low + step > min(latest, FARTHEST_GUESS):
                return inf if latest < FARTHEST_GUESS else first
        high = low + step
        for _ in range(6):
            middle = (low + high) / 2
            low, high = (low, middle) if passes(middle) else (middle, high)
        return high
    finally:
        ctx.prec = bits


def _between(failed: tuple[float, float] | None, passed: tuple[float, arb], goal: float) -> float | None:
    """A start between the last one that failed and the last that did, or None if there is little to gain."""
    high, at_high = passed[0], _log(passed[1])
    if failed is None or high - failed[0] < 0.15 * high or at_high > goal - 0.1 * abs(goal) - 3:
        return None
    low, at_low = failed
    if not isfinite(at_low) or at_low - at_high > 50 * (1 + abs(goal)):
        return (low + high) / 2
    return low + (high - low) * min(0.9, 0.1 + (at_low - goal) / (at_low - at_high))


def _log(value: arb) -> float:
    """Natural logarithm as a float; very negative for 0."""
    largest = value.upper()
    result = float(largest.log()) if largest > 0 else -1e9
    return result if isfinite(result) else -1e9
