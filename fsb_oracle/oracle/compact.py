"""phi of a law on a bounded interval, cheap on wide balls: the integrator asks for both thin and wide ones.

A thin ball is evaluated at its midpoint, plus a Lipschitz term; a wide one gets the bound |phi(w)| <= max
exp(-z Im w) over the support, times the law's own constant K for a derivative in a parameter. (Evaluating 1F1 on a ball
of radius r would blow up like exp(2r).)
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Any

from flint import acb, acb_poly, arb, ctx

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.backends.flint_series import SeriesMath, series_length, variable_at
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.family import w
from fsb_oracle.oracle.lowering import PLAIN, arguments
from fsb_oracle.oracle.means import remainder, size, terms_needed, transformed

SERIES = SeriesMath()
_THIN = arb(1e-9)  # a node of the integrator, which lies on the line itself


class CompactTransform:
    """phi, or its derivative in a parameter, of a law with `wave_bounds`, near Im w = height and for |w| <= reach."""

    def __init__(self, family: Family, values: Parameters, parameter: str | None, height: float, reach: float) -> None:
        self.support, self.size = _support(family, values), size(family, values, parameter)
        self.radius = abs(self.support[0]).max(abs(self.support[1]))
        self.line = arb(height, 1)
        self.near_line = self.bound(self.line)
        self.central = (_taylor if family.waves is None else _formula)(family, values, parameter, reach)

    def __call__(self, frequency: acb) -> acb:
        """An enclosure of the transform on the ball `frequency`."""
        spread = arb(frequency.rad())
        near = spread < _THIN and self.line.contains(frequency.imag)
        largest = self.near_line if near else self.bound(frequency.imag)
        slope = self.radius * largest
        if slope * spread < largest:
            value = self.central(acb(frequency.real.mid(), frequency.imag.mid()))
            change = (slope * spread).upper()
            value += acb(arb(0, change), arb(0, change))
            if value.is_finite():
                return value
        largest = largest.upper()
        return acb(arb(0, largest), arb(0, largest))

    def bound(self, height: arb) -> arb:
        """K max exp(-z Im w) over the support and the ball `height` of Im w."""
        return self.size * _largest_wave(self.support, height)


def bound_on_line(family: Family, values: Parameters, parameter: str | None, height: float) -> arb:
    """A bound on phi, or its derivative, on the whole line Im w = height."""
    return size(family, values, parameter) * _largest_wave(_support(family, values), arb(height))


def _support(family: Family, values: Parameters) -> tuple[arb, arb]:
    low, high = (
        acb(compile_expression(end, family.symbols)(PLAIN, *arguments(family, values))).real
        for end in (family.support.lower, family.support.upper)
    )
    return low, high


def _largest_wave(support: tuple[arb, arb], height: arb) -> arb:
    """max exp(-z h): the exponent is linear in both, so look at the corners."""
    corners = [(-h * z).exp().upper() for h in (height.lower(), height.upper()) for z in support]
    return corners[0].max(corners[1]).max(corners[2]).max(corners[3])


def _formula(family: Family, values: Parameters, parameter: str | None, reach: float) -> Callable[[acb], acb]:
    phi, parameters = (
        compile_expression(transformed(family, parameter), (w, *family.symbols)),
        arguments(family, values),
    )
    return lambda frequency: phi(PLAIN, frequency, *parameters)


def _taylor(family: Family, values: Parameters, parameter: str | None, reach: float) -> Callable[[acb], acb]:
    """exp(i w m) times the Taylor polynomial of E exp(i w (Z - m)), m the middle of the support, with digits to spare
    for the cancellation exp(reach r), r half of its width.
    """
    digits, (low, high) = ctx.dps, _support(family, values)
    turns = float((reach * (high - low) / 2).upper())
    count = terms_needed(turns, digits)
    phi = compile_expression(transformed(family, parameter), (w, *family.symbols))
    with precision(digits + ceil(turns + 0.5 * count) + 5), series_length(count):
        x, (low, high) = variable_at(0), _support(family, values)
        middle = acb(0, 1) * (low + high) / 2
        series = phi(SERIES, x, *arguments(family, values)) * (-x * middle).exp()
        coefficients = [series[n] for n in range(count)]
    raised = digits + ceil(0.9 * turns) + 5
    with precision(raised):
        polynomial: Any = acb_poly([+c for c in coefficients])
        rest = (size(family, values, parameter) * remainder(arb(turns), count)).upper()
        beyond = acb(arb(0, rest), arb(0, rest))

    def value(frequency: acb) -> acb:
        if not abs(frequency) <= arb(reach):
            raise ValueError("frequency beyond the reach of the Taylor polynomial")
        with precision(raised):
            return (polynomial(frequency) + beyond) * (frequency * middle).exp()

    return value
