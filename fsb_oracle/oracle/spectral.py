"""Route 2: Parseval's identity on contours, and point spectra in closed form.

E f = (1/pi) Re INT_0^oo fhat(u + i eta) phi(u + i eta) du + E(asymptote), and the same with d phi/d parameter
for the gradient. Where phi decays only like a power, the contour of each jump is turned by 45 degrees into
the half-plane in which exp(i w (phase - position)) decays. No derivative of f, no density and no score takes
part.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import sympy
from flint import acb, arb
from sympy import I, exp

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.backends.special_functions import besselk
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.family import w
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.integrands.structure import is_entire
from fsb_oracle.integrands.terms import Spectrum
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.compact import CompactTransform, bound_on_line
from fsb_oracle.oracle.contours import Line, direction, eta, is_rational, lines, on_ray, u, wave_derivatives
from fsb_oracle.oracle.density import GUARD_DIGITS, MAXIMUM_WAVES
from fsb_oracle.oracle.grid import grid_sum
from fsb_oracle.oracle.half_plane import integral as half_plane
from fsb_oracle.oracle.lowering import Lowered, arguments, lower
from fsb_oracle.oracle.means import exist, mean, transformed
from fsb_oracle.oracle.quadrature import EVALUATIONS_PER_DIGIT, enclosed_integral, safe
from fsb_oracle.oracle.stretched import PATIENCE, Callback, stretch
from fsb_oracle.oracle.tails import cut
from fsb_oracle.oracle.trapezoid import trapezoid

LARGEST_ORDER = 20  # of a Bessel function in phi; wide balls cost too much beyond
NODES_PER_DIGIT = 12  # of the trapezoidal rule, on the whole line; beyond, adaptive rules are as good
SHORT = 30  # evaluations a digit of a phi that costs a millisecond each


def applies(cell: Cell) -> bool:
    """Whether this route can answer: f is in the table of transforms, and a contour is known for the law."""
    law = cell.family
    if law.characteristic_function is None:
        return False
    found = found_spectrum(cell)
    if found is None or not exist(law, cell.values, found.points):
        return False
    if not found.jumps and not found.smooth:
        return True
    if law.holds_on_half_plane:
        return half_plane.applies(cell, found)
    if law.support.kind != "interval":
        return False  # phi is periodic (or does not decay): only point spectra
    bessel: set[Any] = law.characteristic_function.atoms(besselk)  # pyright: ignore[reportAssignmentType]
    orders = [law.at(node.args[0], cell.values) for node in bessel]
    if any(order > LARGEST_ORDER for order in orders):
        return False
    if not found.jumps or law.decays_fast:
        return True
    # poles of fhat off the imaginary axis forbid turning the contour
    return law.waves is not None and all(jump.frequency == 0 for jump in found.jumps)


def by_points(cell: Cell) -> bool:
    """Whether f is a sum of waves and polynomials alone: no integral, hence the cheapest route."""
    if cell.family.characteristic_function is None:
        return False
    found = found_spectrum(cell)
    return found is not None and not found.jumps and not found.smooth and applies(cell)


def comes_first(cell: Cell) -> bool:
    """Whether this route is quicker than any other: no integral at all, or one without a branch point at w = 0."""
    if by_points(cell):
        return True
    found = found_spectrum(cell) if half_plane.has_no_branch_point(cell) else None
    return found is not None and not found.jumps and applies(cell)


def found_spectrum(cell: Cell) -> Spectrum | None:
    """The spectrum of f, where it is in the table."""
    return cell.spectrum


def integrate(cell: Cell, digits: int, scale: arb | float = 1) -> arb:
    """E f, or its derivative, to an absolute error of about scale * 10**-digits; `applies` must hold."""
    found = found_spectrum(cell)
    assert found is not None
    try:
        return _integrated(cell, *_parted(cell, found), digits, scale)
    except Unboundable:
        if cell.family.holds_on_half_plane:
            raise
        return _integrated(cell, None, found, digits, scale)


def _integrated(cell: Cell, turned: Spectrum | None, rest: Spectrum | None, digits: int, scale: arb | float) -> arb:
    parts = [] if turned is None else [half_plane.integrate(cell, turned, digits, scale)]
    parts += [] if rest is None else [_on_lines(cell, rest, digits, scale)]
    with precision(max(digits, 0) + GUARD_DIGITS):
        return sum(parts[1:], parts[0])


def _parted(cell: Cell, found: Spectrum) -> tuple[Spectrum | None, Spectrum | None]:
    """The part to integrate from a branch point of phi, and the part for lines and rays elsewhere."""
    if not found.jumps and not found.smooth:
        return None, found
    if cell.family.holds_on_half_plane:
        return found, None
    jumps = Spectrum((), (), found.jumps)
    if not found.jumps or not half_plane.applies(cell, jumps):
        return None, found
    return jumps, Spectrum(found.points, found.smooth, ()) if found.points or found.smooth else None


def _on_lines(cell: Cell, found: Spectrum, digits: int, scale: arb | float) -> arb:
    family, values, parameter = cell.family, cell.values, cell.parameter
    contour = lines(family, tuple(values.items()), found)
    spare = max([0, *(line.digits for line in contour)])
    with precision(max(digits, 0) + GUARD_DIGITS + spare):
        total = mean(family, values, parameter, found.points)
        tolerance = arb(scale) * arb(10) ** -digits / max(1, sum(len(line.terms) for line in contour))
        for line in contour:
            total += mean(family, values, parameter, line.asymptote)
            for amplitude, position in line.terms:
                total += _integral(cell, amplitude, position, line, tolerance, digits)
        return total


def _integral(cell: Cell, amplitude: sympy.Expr, position: sympy.Expr, line: Line, tolerance: arb, digits: int) -> arb:
    """(1/pi) Re INT fhat phi for one term, along the line or along rays from i height."""
    family, values, parameter, height = cell.family, cell.values, cell.parameter, line.height
    transform = amplitude * exp(-I * w * position)
    if family.decays_fast or not is_rational(amplitude):
        if family.support.bounded:
            if not family.wave_bounds:
                raise Unboundable(f"no bound on phi of {family.name} on a wide ball is known")
            return _compact_integral(cell, transform, height, tolerance, digits)
        whole = transform * transformed(family, parameter)
        return _ray(family, values, whole, height, acb(1), tolerance, digits, not line.half_line)
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
    mirrored: bool = False,
) -> arb:
    """Along a ray; `mirrored`: along the line, for an expression whose formula holds on both halves of it."""
    lowered = lower(on_ray(expression), u)
    symbols = (eta, direction, *family.symbols)
    constants = lowered.values(symbols, (acb(height), turn, *arguments(family, values)))
    start, beyond = cut(lowered, constants, 0.0, tolerance)
    callback = safe(lowered.function, *constants)
    if mirrored:
        found = _trapezoid(lowered, constants, callback, start, tolerance, digits)
        if found is not None:
            return _over_pi(found, beyond)
    effort = SHORT if expression.has(besselk) else EVALUATIONS_PER_DIGIT
    return _enclosed(callback, start, beyond, tolerance, digits, effort)


def _trapezoid(
    lowered: Lowered, constants: tuple[Any, ...], callback: Callback, end: float, tolerance: arb, digits: int
) -> acb | None:
    """Half of the integral over a whole line, stretched where phi or fhat falls no faster than an exponential."""
    x = acb(end / 7)
    if not callback(-x, False).overlaps(callback(x, False).conjugate()):
        return None  # f is not real after all, or the formula holds on one half alone
    other = stretch(arb(-end), arb(end))
    rule = partial(trapezoid, tolerance=tolerance, digits=digits, mirrored=True, nodes_per_digit=NODES_PER_DIGIT)
    if other is not None:
        found = rule(other.moved(callback), arb(0), other.upper, patience=PATIENCE)
        if found is not None:
            return found
    at_nodes, entire = grid_sum(lowered, constants, False), is_entire(lowered.expression, u)
    return rule(callback, arb(0), arb(end), entire=entire, at_nodes=at_nodes)


def _compact_integral(cell: Cell, transform: sympy.Expr, height: float, tolerance: arb, digits: int) -> arb:
    family, values, parameter = cell.family, cell.values, cell.parameter
    lowered = lower(on_ray(transform), u)
    constants = lowered.values((eta, direction), (acb(height), acb(1)))
    largest = bound_on_line(family, values, parameter, height)
    start, beyond = cut(lowered, constants, 0.0, tolerance / largest)
    if start * family.spread(values) > MAXIMUM_WAVES:
        raise Unboundable("phi of a wide bounded support runs through too many waves")
    reach = (start**2 + height**2) ** 0.5 * (1 + 1e-9)
    phi = CompactTransform(family, values, parameter, height, reach)

    def product(m: Any, x: acb, *others: acb) -> acb:
        return lowered.function(m, x, *others) * phi(x + acb(0, height))

    return _enclosed(safe(product, *constants), start, beyond * largest, tolerance, digits)


def _enclosed(
    callback: Callable[[acb, bool], acb],
    end: float,
    beyond: arb,
    tolerance: arb,
    digits: int,
    effort: int = EVALUATIONS_PER_DIGIT,
) -> arb:
    return _over_pi(enclosed_integral(callback, acb(0), acb(end), tolerance, digits, effort), beyond)


def _over_pi(value: acb, beyond: arb) -> arb:
    """(1/pi) Re of an integral, with the bound on what was cut off."""
    return (value.real + arb(0, beyond.upper())) / arb.pi()
