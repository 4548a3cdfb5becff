"""Route 2: Parseval's identity on contours, and point spectra in closed form.

E f = (1/pi) Re INT_0^oo fhat(u + i eta) phi(u + i eta) du + E(asymptote), and the same with d phi/d parameter
for the gradient. Where phi decays only like a power, the contour of each jump is turned by 45 degrees into
the half-plane in which exp(i w (phase - position)) decays. No derivative of f, no density and no score takes
part.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from flint import acb, arb
from sympy import I, exp

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.family import w
from fsb_oracle.integrands.terms import Spectrum
from fsb_oracle.integrands.transforms import spectrum
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.compact import CompactTransform, bound_on_line
from fsb_oracle.oracle.contours import direction, eta, lines, on_ray, u, wave_derivatives, waves
from fsb_oracle.oracle.density import GUARD_DIGITS, enclosed_integral, safe
from fsb_oracle.oracle.lowering import arguments, lower
from fsb_oracle.oracle.means import exist, mean, transformed
from fsb_oracle.oracle.tails import cut

COMPACT = ("beta", "uniform")


def applies(cell: Cell) -> bool:
    """Whether this route can answer: f is in the table of transforms, and a contour is known for the law."""
    found = found_spectrum(cell)
    if found is None or not exist(cell.family, cell.values, found.points):
        return False
    if not found.jumps and not found.smooth:
        return True
    if cell.family.support.kind != "interval":
        return False  # phi is periodic (or does not decay): only point spectra
    if not found.jumps or cell.family.name == "normal":
        return True
    # poles of fhat off the imaginary axis forbid turning the contour
    return waves(cell.family) is not None and all(jump.frequency == 0 for jump in found.jumps)


def found_spectrum(cell: Cell) -> Spectrum | None:
    """The spectrum of f as the law sees it: kinks outside the support play no part."""
    return spectrum(tuple((p.lower, p.upper, p.expression) for p in cell.pieces))


def integrate(cell: Cell, digits: int, scale: arb | float = 1) -> arb:
    """E f, or its derivative, to an absolute error of about scale * 10**-digits; `applies` must hold."""
    found = found_spectrum(cell)
    assert found is not None
    family, values, parameter = cell.family, cell.values, cell.parameter
    contour = lines(family, tuple(values.items()), found)
    spare = max([0, *(line.digits for line in contour)])
    with precision(max(digits, 0) + GUARD_DIGITS + spare):
        total = mean(family, values, parameter, found.points)
        tolerance = arb(scale) * arb(10) ** -digits / max(1, sum(len(line.terms) for line in contour))
        for line in contour:
            total += mean(family, values, parameter, line.asymptote)
            for amplitude, position in line.terms:
                total += _integral(cell, amplitude, position, line.height, tolerance, digits)
        return total


def _integral(
    cell: Cell, amplitude: sympy.Expr, position: sympy.Expr, height: float, tolerance: arb, digits: int
) -> arb:
    """(1/pi) Re INT fhat phi for one term, along the line or along rays from i height."""
    family, values, parameter = cell.family, cell.values, cell.parameter
    transform = amplitude * exp(-I * w * position)
    if not amplitude.is_rational_function(w) or family.name == "normal":
        if family.name in COMPACT:
            return _compact_integral(cell, transform, height, tolerance, digits)
        return _ray(family, values, transform * transformed(family, parameter), height, acb(1), tolerance, digits)
    total, parts = arb(0), wave_derivatives(family, parameter)
    for phase, factor in parts:
        shift = family.at(phase, values) - position
        turn = acb(1) if shift == 0 else acb(1, 1) if shift > 0 else acb(1, -1)
        wave = amplitude * exp(I * w * (phase - position)) * factor
        total += _ray(family, values, wave, height, turn, tolerance / len(parts), digits)
    return total


def _ray(
    family: Family,
    values: Parameters,
    expression: sympy.Expr,
    height: float,
    turn: acb,
    tolerance: arb,
    digits: int,
) -> arb:
    lowered = lower(on_ray(expression), u)
    symbols = (eta, direction, *family.symbols)
    constants = lowered.values(symbols, (acb(height), turn, *arguments(family, values)))
    start, beyond = cut(lowered, constants, 0.0, tolerance)
    return _enclosed(safe(lowered.function, *constants), start, beyond, tolerance, digits)


def _compact_integral(cell: Cell, transform: sympy.Expr, height: float, tolerance: arb, digits: int) -> arb:
    family, values, parameter = cell.family, cell.values, cell.parameter
    lowered = lower(on_ray(transform), u)
    constants = lowered.values((eta, direction), (acb(height), acb(1)))
    largest = bound_on_line(family, values, parameter, height)
    start, beyond = cut(lowered, constants, 0.0, tolerance / largest)
    reach = (start**2 + height**2) ** 0.5 * (1 + 1e-9)
    phi = CompactTransform(family, values, parameter, height, reach)

    def product(m: Any, x: acb, *others: acb) -> acb:
        return lowered.function(m, x, *others) * phi(x + acb(0, height))

    return _enclosed(safe(product, *constants), start, beyond * largest, tolerance, digits)


def _enclosed(callback: Callable[[acb, bool], acb], end: float, beyond: arb, tolerance: arb, digits: int) -> arb:
    value = enclosed_integral(callback, acb(0), acb(end), tolerance, digits)
    return (value.real + arb(0, beyond.upper())) / arb.pi()
