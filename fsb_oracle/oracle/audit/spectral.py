"""Route 3, the audit: the characteristic function integrated with mpmath, software that shares no code with
the ball routes.

Shared are the declared formulas of the law and the table of transforms (itself tested against numerical
integrals). Integrator, special functions, contour, tails and derivatives at 0 are its own: the line runs on
the other side of the pole of fhat where it may, so that another asymptote is added; moments come from
Cauchy's integral on a circle. Its errors are estimates, not bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil, isfinite, log
from typing import Any

import mpmath
import sympy
from sympy import I, exp

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.mpmath_math import MpmathMath
from fsb_oracle.backends.special_functions import LOWERED
from fsb_oracle.families.family import order, w, z
from fsb_oracle.integrands.terms import Jumps, Point, Smooth
from fsb_oracle.oracle import density, spectral
from fsb_oracle.oracle.audit import density as mpmath_density
from fsb_oracle.oracle.audit import half_plane as mpmath_half_plane
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.contours import lines
from fsb_oracle.oracle.means import exist, strip, transformed
from fsb_oracle.oracle.value import OracleError, Value, as_fraction

M = MpmathMath()
GUARD_DIGITS = 20
MAXIMUM_MASSES = 600
WIDTH = mpmath.mpf(1) / 8  # of a transform of f, which may be much narrower than phi of a narrow law


def audited(cell: Cell, value: Value, digits: int) -> Value:
    """The value with `mpmath` among its routes, if the audit applies and its result lies in the ball.

    Raises:
        OracleError: the audit's result is further from the ball than its own error estimate allows.
    """
    found = audit(cell, max(digits, min(value.digits, digits + GUARD_DIGITS)) + GUARD_DIGITS)
    if found is None:
        return value
    number, error = found
    with mpmath.workdps(digits + 4 * GUARD_DIGITS):
        middle, radius = (_mpf(as_fraction(ball)) for ball in (value.ball, value.ball.rad()))
        distance = abs(number - middle)
        spare = error if value.ball.contains(0) else 0  # an exact 0 has no radius for rounding errors to lie in
        if distance <= radius + spare:
            return replace(value, routes=(*value.routes, "mpmath"), level=max(value.level, 2))
        if distance > radius + 10 * error:
            raise OracleError(f"mpmath gives {mpmath.nstr(number, digits)} for the ball {value.ball}")
    return value


def audit(cell: Cell, digits: int) -> tuple[Any, Any] | None:
    """E f, or its derivative, and an error estimate; None where this route does not apply."""
    if cell.family.support.kind == "joint":
        return None
    with mpmath.workdps(digits):
        found = _spectral(cell) if spectral.applies(cell) else _lattice(cell) if cell.family.discrete else None
        if found is None and density.applies(cell):
            found = mpmath_density.audit(cell)
    return None if found is None else (found[0], (found[1] + mpmath.mpf(10) ** (5 - digits)) * (1 + abs(found[0])))


def _spectral(cell: Cell) -> tuple[Any, Any] | None:
    found = spectral.found_spectrum(cell)
    assert found is not None
    phi = cell.family.characteristic_function
    if (found.smooth or found.jumps) and phi is not None and phi.has(*LOWERED) and density.applies(cell):
        return None  # special functions of complex arguments take mpmath too long; the density does not
    total, error = _mean(cell, found.points), mpmath.mpf(0)
    if cell.family.holds_on_half_plane and (found.smooth or found.jumps):
        rest = mpmath_half_plane.audit(cell, found)
        return None if rest is None else (total + rest[0], rest[1])
    ball_lines = lines(cell.family, tuple(cell.values.items()), found)
    for term, line in zip((*found.smooth, *found.jumps), ball_lines, strict=True):
        height, asymptote = _height(cell, term, line.height)
        total += _mean(cell, asymptote)
        for amplitude, position in line.terms:
            part, uncertainty = _integral(cell, amplitude, position, height)
            total, error = total + part, error + uncertainty
    return total, error


def _mpf(number: Any) -> Any:
    return mpmath.mpf(number.numerator) / number.denominator


def _parameters(cell: Cell) -> list[Any]:
    return [_mpf(cell.values[name]) for name in cell.family.names]


def _number(expression: Any) -> Any:
    return mpmath.mpmathify(compile_expression(sympy.sympify(expression), ())(M))


def _mean(cell: Cell, points: Sequence[Point]) -> Any:
    """SUM over the points of E c Z**n exp(rate Z)."""
    return sum((mpmath.re(_number(point.coefficient) * _point_mean(cell, point)) for point in points), mpmath.mpf(0))


def _point_mean(cell: Cell, point: Point) -> Any:
    """E Z**n exp(rate Z) = (-i)**n n! times a Taylor coefficient of phi at -i rate, by the trapezoid rule on a circle
    inside the strip.
    """
    family, parameters = cell.family, _parameters(cell)
    if point.rate == 0 and point.power == 0:
        return mpmath.mpf(1 if cell.parameter is None else 0)
    if point.rate == 0 and family.moment is not None:
        return _moment(cell, point.power)
    phi = compile_expression(transformed(family, cell.parameter), (w, *family.symbols))
    centre = -1j * _number(point.rate)
    mirrored = family.holds_on_half_plane and mpmath.re(centre) < 0  # phi(-w) is the conjugate of phi(w)
    centre = -mpmath.conj(centre) if mirrored else centre
    if point.power == 0:
        value = phi(M, centre, *parameters)
    else:
        low, high = strip(family, cell.values)
        rooms = [abs(_number(end) - mpmath.im(centre)) for end in (low, high) if end.is_finite]
        rooms = [mpmath.re(centre)] if family.holds_on_half_plane else rooms
        room = min(rooms) if rooms else 4 / mpmath.mpf(family.spread(cell.values))
        # three times as many as a simple pole at the distance `room` asks for: it may be of the order 100
        radius, count = room / 4, 3 * ceil(mpmath.mp.dps * log(10) / log(4)) + 20 + point.power
        # never at the centre, nor at w = 0
        turns = [mpmath.expjpi(mpmath.mpf(2 * j + 1) / count) for j in range(count)]
        series = sum(phi(M, centre + radius * turn, *parameters) * turn**-point.power for turn in turns) / count
        value = (-1j) ** point.power * mpmath.factorial(point.power) * series / radius**point.power
    return mpmath.conj(value) if mirrored else value


def _moment(cell: Cell, power: int) -> Any:
    """E Z**power in closed form."""
    formula: Any = cell.family.moment.subs(order, power).doit()  # pyright: ignore[reportOptionalMemberAccess]
    if cell.parameter is not None:
        formula = sympy.diff(formula, cell.family.symbol(cell.parameter))
    return mpmath.mpmathify(compile_expression(sympy.sympify(formula), cell.family.symbols)(M, *_parameters(cell)))


def _height(cell: Cell, term: Smooth | Jumps, other: float) -> tuple[Any, tuple[Point, ...]]:
    """A height on the other side of the pole than the ball route's, if the asymptote there has a mean, and
    that asymptote.
    """
    if isinstance(term, Smooth) and not (term.lower or term.upper):
        return mpmath.mpf(0 if term.half_line or not _removable(term) else 0.5 * other), ()
    centre = 0.0 if isinstance(term, Smooth) else -float(term.rate)
    reach = float(term.strip) if isinstance(term, Smooth) else float("inf")
    low, high = (float(end) for end in strip(cell.family, cell.values))
    step = 0.5 / cell.family.spread(cell.values)
    sides = {1: (term.upper, min(high - centre, reach)), -1: (term.lower, min(centre - low, reach))}
    ball_side = 1 if other > centre else -1
    for side in (-ball_side, ball_side):
        asymptote, room = sides[side]
        if room > 0 and exist(cell.family, cell.values, asymptote) and low < centre < high:
            length = min(step, room / 2) if isfinite(room) else step
            return mpmath.mpf(centre + side * length), asymptote
    return mpmath.mpf(other), sides[ball_side][0]


def _removable(term: Smooth) -> bool:
    """Whether the formula reads 0/0 at w = 0."""
    return not sympy.sympify(term.amplitude.subs(w, 0)).is_finite


def _integral(cell: Cell, amplitude: sympy.Expr, position: sympy.Expr, height: Any) -> tuple[Any, Any]:
    """(1/pi) Re INT fhat phi along the line, or along rays turned by 45 degrees where phi decays like a
    power.
    """
    family, parameters = cell.family, _parameters(cell)
    phases: list[tuple[Any, sympy.Expr]] = [(None, transformed(family, cell.parameter))]
    if amplitude.is_rational_function(w) and not family.decays_fast:
        parts = family.waves
        assert parts is not None
        formulas = [(phase, exp(I * w * phase) * factor) for phase, factor in parts]
        if cell.parameter is not None:
            symbol = family.symbol(cell.parameter)
            formulas = [(phase, sympy.diff(formula, symbol)) for phase, formula in formulas]
        phases = [(family.at(phase, cell.values) - position, formula) for phase, formula in formulas]
    fhat = compile_expression(amplitude * exp(-I * w * position), (w,))
    total, error = mpmath.mpf(0), mpmath.mpf(0)
    for shift, formula in phases:
        phi = compile_expression(formula, (w, *family.symbols))
        turn = mpmath.mpf(1) if shift is None or shift == 0 else mpmath.expjpi(mpmath.mpf(1 if shift > 0 else -1) / 4)
        if shift is None and amplitude.is_rational_function(w) and _right_of_the_support(cell, position):
            turn = mpmath.expjpi(-mpmath.mpf(1) / 4)  # exp(-i w position) decays there, and phi grows more slowly

        def integrand(u: Any, phi: Any = phi, turn: Any = turn) -> Any:
            at = 1j * height + turn * u
            return mpmath.re(fhat(M, at) * phi(M, at, *parameters) * turn)

        part, uncertainty = _panels(integrand, mpmath.mpf(1) / cell.family.spread(cell.values), abs(height))
        total, error = total + part / mpmath.pi, error + uncertainty
    return total, error


def _right_of_the_support(cell: Cell, position: sympy.Expr) -> bool:
    """Whether a jump lies inside a support that is a half-line."""
    low = cell.family.at(cell.family.support.lower, cell.values)
    return bool(low.is_finite) and not cell.family.support.bounded and bool(position > low)


def _panels(integrand: Callable[[Any], Any], unit: Any, height: Any) -> tuple[Any, Any]:
    """Gauss-Legendre on panels that double in length, up to where the integrand has vanished."""
    first = min(unit, WIDTH, height) if height else min(unit, WIDTH)
    points, tiny = [mpmath.mpf(0), first], mpmath.eps / 100
    while len(points) < 500:
        end = points[-1]
        # two places, so that a zero of the integrand is not taken for its end; an algebraic tail counts with
        # its length
        if abs(integrand(end)) * end < tiny and abs(integrand(end * mpmath.mpf(1.37))) * end < tiny:
            break
        points.append(2 * end if len(points) < 6 or end * tiny > 0 else end)
    result = mpmath.quad(integrand, points, method="gauss-legendre", error=True, maxdegree=7)
    return result[0], result[1]


def _lattice(cell: Cell) -> tuple[Any, Any] | None:
    """SUM f(n) (1/N) SUM_j phi(w_j) exp(-i w_j n), w_j = 2 pi (j + 1/2)/N, over a window that is wide by a rule of
    thumb.
    """
    family = cell.family
    if family.characteristic_function is None or len(family.samples) > 1:
        return None
    first, last = _window(cell)
    count = last - first + (last - first) % 2  # even: a formula may read 0/0 at w = pi
    if count > MAXIMUM_MASSES:
        return None
    phi, parameters = (
        compile_expression(transformed(family, cell.parameter), (w, *family.symbols)),
        _parameters(cell),
    )
    turns = [mpmath.expjpi(-mpmath.mpf(k) / count) for k in range(2 * count)]
    spectrum = [phi(M, mpmath.pi * (2 * j + 1) / count, *parameters) for j in range(count)]
    total, largest = mpmath.mpf(0), mpmath.mpf(0)
    for n in range(first, last):
        value = _number(cell.f.expression.xreplace({z: sympy.Integer(n)}).doit())
        mass = mpmath.re(sum(s * turns[(2 * j + 1) * n % (2 * count)] for j, s in enumerate(spectrum))) / count
        total, largest = total + value * mass, max(largest, abs(value))
    return total, largest * mpmath.mpf(10) ** (5 - mpmath.mp.dps)


def _window(cell: Cell) -> tuple[int, int]:
    """The support, cut where exp(-strip n), or a normal and a Poisson tail, have reached the working precision."""
    family, digits = cell.family, mpmath.mp.dps
    mean, spread = (float(family.at(e, cell.values)) for e in (family.mean, sympy.sqrt(family.variance)))
    ends = (family.at(family.support.lower, cell.values), family.at(family.support.upper, cell.values))
    places = []
    for sign, end, room in zip((-1, 1), ends, reversed(strip(family, cell.values)), strict=True):
        width = 2 * spread * digits**0.5 + 1.5 * digits + 20
        if room.is_finite:
            width += 2.5 * digits / abs(float(room))
        places.append(int(end) if end.is_finite else ceil(mean + sign * width))
    return places[0], places[1] + 1
