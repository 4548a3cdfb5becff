"""The audit of laws whose characteristic function is singular at 0, against a normal law in its place.

E f(Z) - E f(X) = (1/pi) Re INT_0^oo fhat(w) (phi_Z(w) - phi_X(w)) dw with X normal at the centre of Z: the pole of fhat
at 0 meets a difference that vanishes there, so that no finite part is taken. E f(X) is an integral over its density.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, log
from typing import Any

import mpmath
import sympy
from sympy import I

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.mpmath_math import MpmathMath
from fsb_oracle.families.family import w, z
from fsb_oracle.integrands.terms import Spectrum
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.means import transformed

M = MpmathMath()
MAXIMUM_DIGITS = 800
ANGLE = 0.4  # of the ray on which a jump's wave decays, where phi decays slowly


def audit(cell: Cell, found: Spectrum) -> tuple[Any, Any] | None:
    """The part of E f, or its derivative, that is no point spectrum, and an error estimate; None where it is too
    singular at 0.
    """
    index = float(cell.family.at(cell.family.tail_index, cell.values))
    order = max([1, *(p.power + 1 for jump in found.jumps for edge in jump.edges for p in edge.change if p.rate == 0)])
    order = max([order, *(2 for term in found.smooth for p in (*term.lower, *term.upper) if p.power == 1)])
    gain = min(index, 2.0) + 1 - order  # the power of w with which the integral over log w begins
    digits = mpmath.mp.dps
    spare = digits / gain if gain > 0 else inf  # fhat is 10**spare at the first w, where its own terms cancel too
    if spare > MAXIMUM_DIGITS:
        return None
    return _audit(cell, found, -spare * log(10), index, int(digits + spare))


def _audit(cell: Cell, found: Spectrum, first: float, index: float, raised: int) -> tuple[Any, Any]:
    centre, speed = _centre(cell)
    width = mpmath.mpf(cell.family.spread(cell.values))
    total, error = _normal_part(cell, found, centre, width, speed)
    with mpmath.workdps(raised):
        parameters = [_mpf(cell.values[name]) for name in cell.family.names]
        middle, speed, spread = *_centre(cell), mpmath.mpf(cell.family.spread(cell.values))
    phi = compile_expression(transformed(cell.family, cell.parameter), (w, *cell.family.symbols))

    def difference(at: Any) -> Any:
        reference = mpmath.exp(1j * middle * at - (spread * at) ** 2 / 2)
        return phi(M, at, *parameters) - (reference if cell.parameter is None else 1j * speed * at * reference)

    terms = [(edge.amplitude, edge.position, True) for jump in found.jumps for edge in jump.edges]
    terms += [(term.amplitude, term.position, False) for term in found.smooth]
    for amplitude, position, jumps in terms:
        transform = compile_expression(amplitude * sympy.exp(-I * w * position), (w,))
        side = mpmath.sign(centre - _number(position))
        angle = float(side) * -ANGLE if jumps and index < 0.8 else 0.0

        def integrand(x: Any, f: Any = transform, angle: float = angle) -> Any:
            with mpmath.workdps(raised):
                at = mpmath.exp(mpmath.mpc(x, -angle))
                return mpmath.re(f(M, at) * difference(at) * at)

        part, uncertainty = _over_logarithms(integrand, first, width)
        total, error = total + part, error + uncertainty
    return total, error


def _over_logarithms(integrand: Callable[[Any], Any], first: float, width: Any) -> tuple[Any, Any]:
    """1/pi times the integral over x = log|w|, in panels."""
    middle = -mpmath.log(width)
    last, tiny = middle, mpmath.eps / 100
    while abs(integrand(last)) > tiny or abs(integrand(last + 0.37)) > tiny:
        last += 0.5
    points = [middle + (first - 3) * mpmath.mpf(k) / 8 for k in range(8, 0, -1)]
    points += [middle - 2, middle - 1]
    points += [middle + 0.5 * k for k in range(int(2 * (last - middle)) + 2)]
    value, error = mpmath.quad(integrand, sorted(points), method="gauss-legendre", error=True, maxdegree=7)
    return value / mpmath.pi, error


def _centre(cell: Cell) -> tuple[Any, Any]:
    """The mean of Z, or the centre of its chart where it has none, and its derivative in the cell's parameter."""
    family = cell.family
    centre = family.at(family.mean, cell.values)
    formula: Any = family.mean
    if not centre.is_finite:
        chart = family.charts[0]
        formula = chart.point.xreplace({chart.variable: sympy.S.Zero})
        centre = family.at(formula, cell.values)
    speed = 0 if cell.parameter is None else family.at(sympy.diff(formula, family.symbol(cell.parameter)), cell.values)
    return _number(centre), _number(speed)


def _normal_part(cell: Cell, found: Spectrum, centre: Any, width: Any, speed: Any) -> tuple[Any, Any]:
    """E f(X) less its points, or speed times its derivative in the centre."""
    points = sum((point.expression for point in found.points), sympy.S.Zero)
    if cell.parameter is not None and speed == 0:
        return mpmath.mpf(0), mpmath.mpf(0)
    reach = mpmath.sqrt(2 * log(10) * mpmath.mp.dps + 20)
    cuts = {centre + width * k * reach / 12 for k in range(-12, 13)}
    near = [sign * mpmath.mpf(2) ** k for k in range(-3, 8) for sign in (-1, 1)]
    total, error = mpmath.mpf(0), mpmath.mpf(0)
    for piece in cell.pieces:
        f = compile_expression(piece.expression - points, (z,))

        def integrand(x: Any, f: Any = f) -> Any:
            u = (x - centre) / width
            density = mpmath.exp(-(u**2) / 2) / (width * mpmath.sqrt(2 * mpmath.pi))
            return mpmath.re(f(M, x)) * density * (1 if cell.parameter is None else speed * u / width)

        low, high = (_end(end, sign * inf) for end, sign in ((piece.lower, -1), (piece.upper, 1)))
        low, high = max(low, centre - reach * width), min(high, centre + reach * width)
        if low >= high:
            continue
        inside = sorted(x for x in (*cuts, *near) if low < x < high)
        value, uncertainty = mpmath.quad(integrand, [low, *inside, high], method="gauss-legendre", error=True)
        total, error = total + value, error + uncertainty
    return total, error


def _end(end: Any, otherwise: float) -> Any:
    return mpmath.mpf(otherwise) if end is None else _number(end)


def _number(expression: Any) -> Any:
    return mpmath.mpmathify(sympy.N(sympy.sympify(expression), mpmath.mp.dps + 5))


def _mpf(number: Any) -> Any:
    return mpmath.mpf(number.numerator) / number.denominator
