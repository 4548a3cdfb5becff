"""Parseval's identity for laws whose phi is the exponential of broken powers: stable laws, and tilted ones.

phi(i h + w) = exp(SUM d w**q log(w)**j) on Re w > 0, with a branch point at w = 0. For a stable law h = 0, and the
poles of fhat there stand for Hadamard's finite part, to which the mean of the two asymptotes of f belongs:

    E f = E[(lower + upper)/2] + (1/pi) Re FP INT_0^oo fhat(w) phi(w) dw.

Otherwise h is the lower end of the strip, and an asymptote is added as on any other line.
"""

from __future__ import annotations

from functools import lru_cache
from math import log
from typing import Any

import sympy
from flint import acb, arb
from sympy import S, exp

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families.family import w
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.integrands.points import ball_of
from fsb_oracle.integrands.terms import Jumps, Point, Smooth, Spectrum, collected
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.density import GUARD_DIGITS
from fsb_oracle.oracle.half_plane.kernels import Csch, Fermi, Kernel, One, Pole
from fsb_oracle.oracle.half_plane.monomials import (
    Monomial,
    Symbolic,
    exponent_at,
    monomials,
    symbolic_monomials,
    vanishes,
)
from fsb_oracle.oracle.half_plane.rays import ONE, Wave, best_angle, ray_integral
from fsb_oracle.oracle.means import exist, mean

MAXIMUM_SPARE = 3000
_Part = tuple[Symbolic, Symbolic, str, sympy.Expr]  # factors, exponent, kernel and its rate


def applies(cell: Cell, found: Spectrum) -> bool:
    """Whether phi has the form, and each part of the spectrum of f has a wave."""
    law = cell.family
    exponent = exponent_at(law, tuple(cell.values.items()))
    if exponent is None or (found.smooth and not law.holds_on_half_plane):
        return False
    try:
        asymptote = _asymptote(cell, found)
    except Unboundable:
        return False
    return exist(law, cell.values, (*found.points, *asymptote)) and all(
        _smooth_parts(term.amplitude) is not None for term in found.smooth
    )


def has_no_branch_point(cell: Cell) -> bool:
    """Whether phi holds on a half-plane and is analytic at 0, as that of a Cauchy law is."""
    exponent = exponent_at(cell.family, tuple(cell.values.items())) if cell.family.holds_on_half_plane else None
    return exponent is not None and all(power.is_Integer and not logs for _, power, logs in exponent[1])


def integrate(cell: Cell, found: Spectrum, digits: int, scale: arb | float = 1) -> arb:
    """E f, or its derivative, to an absolute error of about scale * 10**-digits; `applies` must hold.

    Raises:
        Unboundable: the integral does not exist in this form, or cannot be bounded.
    """
    with precision(max(digits, 0) + GUARD_DIGITS):
        tolerance = arb(scale) * arb(10) ** -digits
        waves = _waves(cell, found)
        angles = [best_angle(wave, tolerance) for wave in waves]
        spare = max([0, *(_spare(wave, peak) for wave, (_, peak) in zip(waves, angles, strict=True))])
    if spare > MAXIMUM_SPARE:
        raise Unboundable("the integrand is too large beside the integral")
    if any(isinstance(wave.kernel, Csch) and wave.kernel.less for wave in waves):
        spare += max(digits, 0) + GUARD_DIGITS  # x/sinh(x) - 1 is tiny near 0
    with precision(max(digits, 0) + GUARD_DIGITS + spare):
        points = (*found.points, *_asymptote(cell, found))
        total = mean(cell.family, cell.values, cell.parameter, collected(points))
        waves = _waves(cell, found)
        for wave, (theta, _) in zip(waves, angles, strict=True):
            total += ray_integral(wave, theta, tolerance / len(waves), digits)
        return total


def _spare(wave: Wave, peak: float) -> int:
    """The digits that cancel on the ray, where the exponential rises to exp(peak)."""
    largest = max([abs(m.coefficient).upper() for m in wave.factors], default=arb(1)).max(arb(1))
    return int((peak + float(largest.log())) / log(10)) + 1


def _asymptote(cell: Cell, found: Spectrum) -> tuple[Point, ...]:
    """What the integral leaves out."""
    points: list[Point] = []
    for term in found.smooth:
        points += _halved(term.lower) + _halved(term.upper)
    for jump in found.jumps:
        gap = _gap(cell, jump.rate)
        if jump.frequency != 0 or (gap == 0 and not cell.family.holds_on_half_plane):
            raise Unboundable("a pole of the transform of f lies on the contour")
        # above the pole the transform is that of f less its upper asymptote
        points += _halved(jump.lower) + _halved(jump.upper) if gap == 0 else jump.lower if gap > 0 else jump.upper
    return tuple(collected(points))


def _halved(points: tuple[Point, ...]) -> list[Point]:
    return [Point(p.coefficient / 2, p.power, p.rate) for p in points]


def _origin(cell: Cell) -> sympy.Expr:
    exponent = exponent_at(cell.family, tuple(cell.values.items()))
    assert exponent is not None
    return cell.family.at(exponent[0], cell.values)


def _gap(cell: Cell, rate: sympy.Expr) -> sympy.Expr:
    """How far the pole i(-rate) of 1/(i w - rate) lies above the branch point."""
    return sympy.expand(-rate - _origin(cell))


# --- waves -------------------------------------------------------------------------------------------------------


def _waves(cell: Cell, found: Spectrum) -> list[Wave]:
    """The integrand, taken apart at the precision in force."""
    family, values, key = cell.family, cell.values, tuple(cell.values.items())
    own = exponent_at(family, key)
    assert own is not None
    exponent, outer = monomials(family, values, own[1]), [Monomial(acb(1), ONE)]  # dw = w dw/w
    if cell.parameter is not None:
        slope = exponent_at(family, key, cell.parameter)
        if slope is None:
            raise Unboundable("the derivative of phi is not made of powers and logarithms")
        outer = [m * outer[0] for m in monomials(family, values, slope[1])]
    waves = [wave for jump in found.jumps for wave in _jump_waves(cell, jump, exponent, outer)]
    waves += [wave for term in found.smooth for wave in _smooth_waves(term, exponent, outer)]
    return [wave for wave in waves if wave.factors]


def _jump_waves(cell: Cell, jump: Jumps, exponent: list[Monomial], outer: list[Monomial]) -> list[Wave]:
    """exp(-i a (w + i h)) n!/(i w + gap)**(n + 1) for each edge a and power n."""
    height, gap = ball_of(_origin(cell)).real, _gap(cell, jump.rate)
    simple = all(point.power <= 1 for edge in jump.edges for point in edge.change)
    waves = []
    for edge in jump.edges:
        a = ball_of(edge.position).real
        whole = [*exponent, Monomial(acb(0, -a), ONE)]
        at_zero: list[Monomial] = []
        for order, coefficient in _poles(edge.position, edge.change):
            factor = ball_of(coefficient) * (height * a).exp()
            if gap == 0:
                at_zero.append(Monomial(factor / acb(0, 1) ** order, ONE * -order))
            else:
                factors = [Monomial(m.coefficient * factor, m.power, m.logs) for m in outer]
                waves.append(_wave(factors, whole, Pole(ball_of(gap).real, order)))
        if at_zero:
            waves.append(_wave(_reduced([m * o for m in at_zero for o in outer], whole, simple), whole, One()))
    return waves


def _poles(position: sympy.Expr, change: tuple[Point, ...]) -> list[tuple[int, sympy.Expr]]:
    """(n + 1, c n!) of the terms c (z - position)**n exp(rate z) of a change."""
    y, total = sympy.Symbol("y"), S.Zero
    for point in change:
        total += point.coefficient * exp(point.rate * position) * (y + position) ** point.power
    return [(n + 1, c * sympy.factorial(n)) for (n,), c in sympy.Poly(sympy.expand(total), y).terms()]


def _smooth_waves(term: Smooth, exponent: list[Monomial], outer: list[Monomial]) -> list[Wave]:
    parts = _smooth_parts(term.amplitude)
    assert parts is not None
    shift = [Monomial(acb(0, -1) * ball_of(term.position), ONE)]
    waves = []
    for symbolic, own, kernel, rate in parts:
        factors = [m * o for m in _numbers(symbolic) for o in outer]
        whole = [*exponent, *shift, *_numbers(own)]
        number = ball_of(rate).real
        if kernel == "csch" and any(m.power <= -1 for m in factors):
            waves.append(_wave(_reduced(factors, whole, False), whole, One()))
            waves.append(_wave(factors, whole, Csch(number, 1)))
        else:
            waves.append(_wave(factors, whole, {"one": One(), "csch": Csch(number), "fermi": Fermi(number)}[kernel]))
    return waves


def _wave(factors: list[Monomial], exponent: list[Monomial], kernel: Kernel) -> Wave:
    """Constants of the exponent become factors, and like terms are added up."""
    constant = sum((m.coefficient for m in exponent if m.power == 0), acb(0)).exp()
    grown = [Monomial(m.coefficient * constant, m.power, m.logs) for m in factors]
    return Wave(_added(grown), _added([m for m in exponent if m.power != 0]), kernel)


def _added(terms: list[Monomial]) -> tuple[Monomial, ...]:
    sums: dict[Any, acb] = {}
    for m in terms:
        sums[m.power, m.logs] = sums.get((m.power, m.logs), acb(0)) + m.coefficient
    return tuple(Monomial(c, *key) for key, c in sums.items() if not vanishes(c))


def _reduced(factors: list[Monomial], exponent: list[Monomial], simple: bool) -> list[Monomial]:
    """Integration by parts of FP INT w**p exp(L) dw/w, p <= -1: -(1/p) INT w**p (w L') exp(L) dw/w.

    Its finite part at 0 is the coefficient of w**-p in exp(L), whose contribution to the real part is 0 if linear
    imaginary terms alone make it, or (`simple`: f has kinks and jumps only) because the changes of slope add up to 0.
    """
    done, todo = [], list(factors)
    while todo:
        m = todo.pop()
        if m.power > -1:
            done.append(m)
            continue
        if m.logs or any(d.logs for d in exponent) or not ((simple and m.power == -1) or _safe(m.power, exponent)):
            raise Unboundable("the integral is too singular at w = 0")
        for d in exponent:
            if d.power != 0:
                ratio = -d.power / m.power
                coefficient = m.coefficient * d.coefficient * ratio.numerator / ratio.denominator
                todo.append(Monomial(coefficient, m.power + d.power))
    return done


def _safe(power: Any, exponent: list[Monomial]) -> bool:
    """Whether the coefficient of w**-power in exp(L) comes from linear imaginary terms alone."""
    others = [d.power for d in exponent if d.power not in (0, 1) or (d.power == 1 and not vanishes(d.coefficient.real))]
    return not any((-power - count * q).denominator == 1 for q in others for count in range(1, int(-power / q) + 1))


@lru_cache(maxsize=1024)
def _smooth_parts(amplitude: sympy.Expr) -> tuple[_Part, ...] | None:
    """A table entry as waves: monomials, exponent, kernel and its rate; None if it has another form."""
    parts = []
    for whole in sympy.Add.make_args(amplitude):
        kernel, rate, exponent, rest = "one", S.Zero, S.Zero, S.One
        for factor in sympy.Mul.make_args(whole):
            base, power = factor.as_base_exp()
            if power != -1 or not base.has(exp):
                rest *= factor
                continue
            found = _half_rate(base - 1)
            if found is None or kernel != "one":
                return None
            rate = found
            if (base - 1).could_extract_minus_sign():  # 1/(1 - exp(-2 x)) = exp(x) (x/sinh(x))/(2 x)
                kernel, exponent, rest = "csch", rate * w, rest / (2 * rate * w)
            else:
                kernel = "fermi"
        for term in sympy.Add.make_args(sympy.expand(rest)):
            exponents: list[Any] = [f.args[0] for f in sympy.Mul.make_args(term) if isinstance(f, exp)]
            factors = symbolic_monomials(sympy.Mul(*(f for f in sympy.Mul.make_args(term) if not isinstance(f, exp))))
            own = symbolic_monomials(sympy.expand(sympy.Add(exponent, *exponents)))
            if factors is None or own is None:
                return None
            parts.append((factors, own, kernel, rate))
    return tuple(parts)


def _half_rate(term: Any) -> Any:
    """c > 0 of +-exp(-2 c w), or None."""
    inner = term if isinstance(term, exp) else -term
    if not isinstance(inner, exp):
        return None
    exponent: Any = inner.args[0]
    rate = sympy.simplify(-exponent / (2 * w))
    return rate if rate.is_positive else None


def _numbers(terms: Symbolic) -> list[Monomial]:
    return [Monomial(ball_of(c), ONE * int(p.p) / int(p.q), logs) for c, p, logs in terms]  # pyright: ignore[reportAttributeAccessIssue]
