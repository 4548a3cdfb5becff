"""Laws on the integers, route 2: the discrete Fourier transform of f against phi, or its derivative.

At N equidistant frequencies on a circle, SUM_n f(n) m(n) = (1/N) SUM_j phi(w_j) SUM_n f(n) exp(-i w_j n) but for
aliases: the mass at n is recovered with SUM_k m(n + k N) rho**(k N), k != 0, up to signs. Over all n they add at most
the largest |f(n)| rho**-n times the sum of rho**m |m(m)| outside of the window, which the tails bound. The radius rho
is 1, or smaller where f alone has decayed before the bulk of the law is reached. Only phi takes part in the sum.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from math import ceil
from typing import Any

import sympy
from flint import acb, arb, ctx

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import Family
from fsb_oracle.families.family import w
from fsb_oracle.integrands import Integrand
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle import means, spectral
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.density import GUARD_DIGITS
from fsb_oracle.oracle.lattice import sums
from fsb_oracle.oracle.lattice.asymptote import split
from fsb_oracle.oracle.lattice.masses import Masses
from fsb_oracle.oracle.lattice.sizes import IntegrandSizes, Power, values
from fsb_oracle.oracle.lattice.windows import Centre, Window, window
from fsb_oracle.oracle.lowering import PLAIN, arguments
from fsb_oracle.oracle.means import transformed

_MOST_SPARE_DIGITS = 1_000
_ODD_PARTS = (1, 3, 5, 9, 15)
_FIRST = 64  # of the frequencies at which to look whether phi has vanished from there on
_ARC = arb(0.3)


def applies(cell: Cell) -> bool:
    """Whether the law lives on the integers, its masses can be bounded, and phi has a closed form; f that consist of
    points alone are left to `spectral`.
    """
    law = cell.family
    return sums.applies(cell) and law.characteristic_function is not None and not spectral.applies(cell)


def integrate(cell: Cell, digits: int, scale: arb | float = 1) -> arb:
    """E f, or its derivative, to an absolute error of about scale * 10**-digits; long laws without f's asymptote.

    Raises:
        Unboundable: no window holds the law, or f, to that tolerance.
    """
    parts = split(cell.f.expression) if sums.centre_of(cell).spread > sums.LONG else None
    if parts is not None and means.exist(cell.family, cell.values, parts.points):
        with precision(max(digits, 0) + GUARD_DIGITS):
            asymptote = means.mean(cell.family, cell.values, cell.parameter, parts.points)
            return asymptote + _integrate(replace(cell, f=parts.remainder), digits, scale)
    return _integrate(cell, digits, scale)


def _integrate(cell: Cell, digits: int, scale: arb | float) -> arb:
    with precision(max(digits, 0) + GUARD_DIGITS):
        tolerance = arb(scale) * arb(10) ** -digits
        masses, sizes, centre = sums.masses_of(cell), IntegrandSizes(cell.f), sums.centre_of(cell)
        place = window(masses, sizes, centre, tolerance / 2)
        radius = _radius(masses, place, centre)
    spare = max(0, ceil(-float(arb(scale).log()) / 2.3)) if radius == 1 else 0
    if spare > _MOST_SPARE_DIGITS:
        raise Unboundable("the masses of the transform have absolute errors only, and the value is too small for that")
    with precision(max(digits, 0) + GUARD_DIGITS + spare):
        return _sum(cell, place, radius, tolerance)


def _radius(masses: Masses, place: Window, centre: Centre) -> arb:
    """1; or, for a window that ends below the mean, the radius that moves the bulk of rho**n P(n) to its end."""
    if masses.lower is None or place.high > centre.mean:
        return arb(1)
    return (1 / masses.envelope(place.high, 1).ratio).min(arb(0.5)).mid()


def _sum(cell: Cell, place: Window, radius: arb, tolerance: arb) -> arb:
    masses, centre = sums.masses_of(cell), sums.centre_of(cell)
    largest = arb(0)
    for n, height in zip(range(place.low, place.high), values(cell.f, place.low, place.high), strict=True):
        largest = largest.max(abs(height).upper() * radius**-n)
    alias = window(masses, Power(radius), centre, tolerance / (2 * largest + 1))
    count = _length(max(place.high, alias.high) - min(place.low, alias.low))
    waves = _waves(cell.f, place, count) if radius == 1 else _fourier(cell.f, place.low, place.high, count, radius)
    phi, total, rest = _Spectrum(cell, radius), acb(0), arb(0)
    limit = tolerance / (4 * largest * (place.high - place.low) + 1)  # of |phi|, below which it plays no part
    for j, wave in enumerate(waves):
        turn = arb(2 * j + 1) / count  # never w = 0 or pi, where a formula may read 0/0
        total += phi(turn) * wave
        if j >= _FIRST and j & (j - 1) == 0 and phi.below_from(turn, limit):
            rest = tolerance / 4  # of (2/N) SUM_j |phi| SUM_n |f|, with at most N/2 frequencies
            break
    return sums.floored(2 * total.real / count + arb(0, (place.beyond + largest * alias.beyond + rest).upper()))


def _waves(f: Integrand, place: Window, count: int) -> list[acb]:
    return _unit_waves(f.expression, place.low, place.high, count, ctx.prec)


@lru_cache(maxsize=4)
def _unit_waves(expression: sympy.Expr, low: int, high: int, count: int, bits: int) -> list[acb]:
    """Those of radius 1, which E f shares with its gradients."""
    return _fourier(Integrand(expression), low, high, count, arb(1))


def _fourier(f: Integrand, low: int, high: int, count: int, radius: arb) -> list[acb]:
    """SUM_n f(n) rho**-n exp(-i w_j n) for w_j = 2 pi (j + 1/2)/count below pi."""
    terms = [acb(0)] * count
    factor = acb(-arb(1) / count).exp_pi_i() / radius
    weight = acb(-arb(low) / count).exp_pi_i() * radius**-low
    for n, height in zip(range(low, high), values(f, low, high), strict=True):
        terms[n % count] = weight * height
        weight *= factor
    return acb.dft(terms)[: count // 2]


class _Spectrum:
    """phi, or its derivative, at exp(i w) = radius exp(i pi turn)."""

    def __init__(self, cell: Cell, radius: arb) -> None:
        self.function = _generating_function(cell.family, cell.parameter)
        self.parameters = arguments(cell.family, cell.values)
        self.radius, self.height = radius, acb(0, -1) * radius.log()

    def __call__(self, turn: arb) -> acb:
        return acb(
            self.function(PLAIN, self.radius * acb(turn).exp_pi_i(), turn * arb.pi() + self.height, *self.parameters)
        )

    def below_from(self, turn: arb, limit: arb) -> bool:
        """Whether the modulus is below the limit for turns from here to 1: ball arithmetic on short arcs."""
        start = turn.lower()
        while start < 1:
            # the cosine of a ball loses its radius: arcs no longer than a part of 1 - cos
            end = start + (start**2).min(arb(0.1)) * _ARC
            size = abs(self(start.union(end))).upper()
            if not size < limit:
                return False
            start = end.lower()
        return True


@lru_cache(maxsize=64)
def _generating_function(family: Family, parameter: str | None) -> Any:
    """phi as a function of exp(i w) and of w."""
    turn = sympy.Symbol("turn")
    phi = transformed(family, parameter).xreplace({sympy.exp(sympy.I * w): turn, sympy.exp(-sympy.I * w): 1 / turn})
    return compile_expression(phi, (turn, w, *family.symbols))


def _length(least: int) -> int:
    """An even length from `least` on with few small prime factors, for which the fast Fourier transform is fast."""
    return min(odd * 2 ** max(1, (-(-least // odd) - 1).bit_length()) for odd in _ODD_PARTS)
