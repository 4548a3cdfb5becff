"""Laws on the integers, route 1: the rigorous sum over the mass function.

f(n) P(n), or f(n) dP(n)/d parameter, is summed over a window of n, and geometric series bound what is left on both
sides. Where the mean of |f| is tiny, the window grows until its relative digits are there.
"""

from __future__ import annotations

from dataclasses import replace

import sympy
from flint import acb, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle import means, spectral
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.density import GUARD_DIGITS
from fsb_oracle.oracle.lattice.asymptote import split
from fsb_oracle.oracle.lattice.masses import Hypergeometric, Masses, ratio_of
from fsb_oracle.oracle.lattice.sizes import IntegrandSizes, Sizes, values
from fsb_oracle.oracle.lattice.skellam import Skellam
from fsb_oracle.oracle.lattice.windows import Centre, Window, window
from fsb_oracle.oracle.lowering import PLAIN

LONG = 25  # a standard deviation from which on asymptotes of f are taken apart,
_VERY_LONG = 100  # and one from which on this is preferred to the whole sum
_FLOOR_DIGITS = 1_000_000
_REACH = 20_000  # a kink or jump this near to the law is put into the window where f vanishes in the bulk
_SPECIAL: dict[str, type] = {"skellam": Skellam}


def applies(cell: Cell) -> bool:
    """Whether the law lives on the integers and its masses are known."""
    law = cell.family
    return law.discrete and len(law.samples) == 1 and (law.name in _SPECIAL or ratio_of(law) is not None)


def masses_of(cell: Cell) -> Masses:
    """The masses, or their derivatives in the cell's parameter, at the precision in force."""
    return _SPECIAL.get(cell.family.name, Hypergeometric)(cell.family, cell.values, cell.parameter)


def centre_of(cell: Cell) -> Centre:
    """The law's place on the integers."""
    mean = cell.family.at(cell.family.mean, cell.values)
    return Centre(int(sympy.floor(mean)), cell.family.spread(cell.values))


def integrate(cell: Cell, digits: int, scale: arb | float = 1) -> arb:
    """Route 1: the sum of f times the masses, or their derivatives, to an error of about scale * 10**-digits, or
    relative to the sum of absolute values where that is smaller.

    Where f tends to a constant, and the law is long, the constant is taken apart: its mean needs no sum.

    Raises:
        Unboundable: the sum does not converge, is too long, or no tail bound is known.
    """
    with precision(max(digits, 0) + GUARD_DIGITS):
        tolerance = arb(scale).min(arb(1)) * arb(10) ** -digits
        parts = split(cell.f.expression) if centre_of(cell).spread > LONG else None
        if parts is not None and parts.constant is not None:
            constant = acb(compile_expression(parts.constant, ())(PLAIN)).real if cell.parameter is None else arb(0)
            return constant + _sum(replace(cell, f=parts.remainder), tolerance)
        return _sum(cell, tolerance)


def corrected_applies(cell: Cell) -> bool:
    """Whether f has an asymptote whose mean has a closed form, and the law is so long that this is worth it."""
    if not applies(cell) or cell.family.characteristic_function is None or centre_of(cell).spread <= _VERY_LONG:
        return False
    parts = split(cell.f.expression)
    if parts is None or parts.constant is not None or parts.remainder.expression == 0:
        return False
    return means.exist(cell.family, cell.values, parts.points)


def comes_last(cell: Cell) -> bool:
    """Whether the whole sum is long and other routes are quicker: a closed form first, which sets the scale."""
    return applies(cell) and (
        corrected_applies(cell) or (centre_of(cell).spread > _VERY_LONG and spectral.applies(cell))
    )


def corrected(cell: Cell, digits: int, scale: arb | float = 1) -> arb:
    """The mean of f's asymptote in closed form, plus the sum over what is left of f.

    Raises:
        Unboundable: as `integrate`.
    """
    with precision(max(digits, 0) + GUARD_DIGITS):
        parts = split(cell.f.expression)
        assert parts is not None
        tolerance = arb(scale) * arb(10) ** -digits
        total = means.mean(cell.family, cell.values, cell.parameter, parts.points)
        return total + _sum(replace(cell, f=parts.remainder), tolerance)


def _sum(cell: Cell, tolerance: arb) -> arb:
    place, terms = _summed(cell, tolerance)
    return floored(sum(terms, arb(0)) + arb(0, place.beyond.upper()))


def floored(ball: arb) -> arb:
    """The ball; or a wider one around 0, where its midpoint is so tiny that the exact number would fill the memory."""
    floor = arb(10) ** -_FLOOR_DIGITS
    return arb(0, abs(ball).upper().max(floor).upper()) if abs(arb(ball.mid())) < floor else ball


def _summed(cell: Cell, tolerance: arb) -> tuple[Window, list[arb]]:
    """The window and the terms in it."""
    masses, sizes, centre = masses_of(cell), IntegrandSizes(cell.f), centre_of(cell)
    place = window(masses, sizes, centre, tolerance)
    terms = _terms(cell, masses, place)
    for _ in range(2):
        size = sum((abs(term) for term in terms), arb(0))
        try:
            if not size > 0:
                wider = _widened(place, sizes, masses)
            elif size < 0.1 and not place.beyond < tolerance * size:
                wider = window(masses, sizes, centre, tolerance * size.lower())
            else:
                break
        except Unboundable:
            break
        if wider == place:
            break
        place, terms = wider, _terms(cell, masses, wider)
    return place, terms


def _widened(place: Window, sizes: Sizes, masses: Masses) -> Window:
    """The window with f's kinks and jumps in it, if they are near."""
    first, last = sizes.far(-1) - 2, sizes.far(1) + 2
    if masses.lower is not None:
        first = max(first, masses.lower)
    if masses.upper is not None:
        last = min(last, masses.upper + 1)
    low = first if place.low - _REACH <= first < place.low else place.low
    high = last if place.high < last <= place.high + _REACH else place.high
    return Window(low, high, place.beyond)


def _terms(cell: Cell, masses: Masses, place: Window) -> list[arb]:
    heights = values(cell.f, place.low, place.high)
    return [f * m for f, m in zip(heights, masses.between(place.low, place.high), strict=True)]
