"""Rigorous integrals (1/pi) Re INT SUM c w**power log(w)**logs kernel(w) exp(SUM d w**q) dw/w along a ray from 0.

On w = exp(x - i theta) the integrand is entire in x, and decays like an exponential for x -> -oo. Where it does not
(power <= 0) the integral is Hadamard's finite part: exp(-b w), whose finite part is known, takes the place of the
exponential near 0. The finite part on the ray is that on the real line, because only the difference is turned.
"""

from __future__ import annotations

import cmath
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import exp, log
from typing import Any

from flint import acb, acb_poly, arb, fmpq

from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle.half_plane.kernels import Csch, Kernel, One
from fsb_oracle.oracle.half_plane.monomials import Monomial, vanishes
from fsb_oracle.oracle.quadrature import enclosed_integral, safe

ANGLES = (0.0, 0.15, -0.15, 0.3, -0.3, 0.5, -0.5, 0.75, -0.75)
LOG_SIZE = 3  # log x <= 3 x**(1/8) for x >= 1
LATEST = 3000.0
ONE = Fraction(1)


@dataclass(frozen=True)
class Wave:
    """SUM factors * kernel * exp(SUM exponent), to be integrated in dw/w."""

    factors: tuple[Monomial, ...]
    exponent: tuple[Monomial, ...]
    kernel: Kernel

    @cached_property
    def polar(self) -> tuple[Monomial, ...]:
        """Factors that are not integrable at 0."""
        _, gain = self.kernel.near(0.0)
        return tuple(m for m in self.factors if m.power + gain <= 0)

    @cached_property
    def entire(self) -> bool:
        """Whether there is no branch point at 0, so that w itself will do as the coordinate."""
        terms = (*self.factors, *self.exponent)
        return all(m.power.denominator == 1 and m.power > 0 and m.logs == 0 for m in terms)

    @cached_property
    def floats(self) -> list[tuple[complex, float, int]]:
        """The exponent, with the kernel's, in floating point."""
        rate = float(self.kernel.far(0.0)[1].mid())
        own = [(complex(t.coefficient.mid()), float(t.power), t.logs) for t in self.exponent]
        return [*own, (complex(-rate), 1.0, 0)] if rate else own

    def sloped(self, theta: float) -> list[tuple[arb, Monomial]]:
        """(a, term) with Re(term) = -a r**power on the ray; a term with a logarithm must be imaginary there."""
        found = []
        for term in self.exponent:
            turn = acb(0, -arb(theta) * _rational(term.power)).exp() if theta else acb(1)
            slope = -(term.coefficient * turn).real
            if term.logs and (theta or not vanishes(slope)):
                raise Unboundable("the tail of the integral cannot be bounded")
            found.append((slope, term))
        return found


def _rational(power: Any) -> arb:
    return arb(fmpq(power.numerator, power.denominator))


def ray_integral(wave: Wave, theta: float, tolerance: arb, digits: int) -> arb:
    """The integral to about the absolute tolerance, at the precision in force.

    Raises:
        Unboundable: the integrand is too singular at 0, or does not decay.
    """
    right = _search(lambda x: _far(wave, theta, x), _reach(wave, theta, tolerance), 1, tolerance)
    total = arb(0)
    waves = [wave]
    scale = arb(1)
    if wave.polar:
        if not isinstance(wave.kernel, (One, Csch)):
            raise Unboundable("the integral is too singular at w = 0")
        scale = arb(2) ** round(log(max(3 - _log(tolerance), 1.0) * exp(-right[0])) / log(2))
        taken = tuple(Monomial(-m.coefficient, m.power, m.logs) for m in wave.polar)
        substitute = Wave(taken, (Monomial(acb(-scale), ONE),), One())
        waves.append(substitute)
        other = _search(lambda x: _far(substitute, theta, x), right[0], 1, tolerance)
        right = (max(right[0], other[0]), right[1] + other[1])
        total += sum((_finite_part(m, scale) for m in wave.polar), acb(0)).real
    if wave.entire and not wave.polar:
        end = acb(right[0], -theta).exp()
        value = enclosed_integral(safe(_in_w(wave)), acb(0), end, tolerance, digits).real
        return (total + value + arb(0, right[1].upper())) / arb.pi()
    left = _search(lambda x: _near(wave, theta, x, scale), min(right[0] - 1, 0.0), -1, tolerance)
    start, end = acb(left[0], -theta), acb(right[0], -theta)
    value = enclosed_integral(safe(_callback(waves)), start, end, tolerance, digits).real
    return (total + value + arb(0, (left[1] + right[1]).upper())) / arb.pi()


def _in_w(wave: Wave) -> Callable[[Any, acb], acb]:
    """The integrand in w, not in log w."""
    sizes = [max(int(m.power) for m in terms) + 1 for terms in (wave.factors, wave.exponent)]
    factors, exponent = ([acb(0)] * size for size in sizes)
    for coefficients, terms, shift in ((factors, wave.factors, 1), (exponent, wave.exponent, 0)):
        for m in terms:
            coefficients[int(m.power) - shift] += m.coefficient
    front, inner = acb_poly(factors), acb_poly(exponent)

    def integrand(m: Any, w: acb) -> acb:
        value = front(w) * inner(w).exp()
        return value if isinstance(wave.kernel, One) else value * wave.kernel(w)

    return integrand


def _callback(waves: Sequence[Wave]) -> Callable[[Any, acb], acb]:
    powers = sorted({m.power for wave in waves for m in (*wave.factors, *wave.exponent)})
    place = {power: k for k, power in enumerate(powers)}
    plans = [(_plan(wave.factors, place), _plan(wave.exponent, place), wave.kernel) for wave in waves]
    raised: list[tuple[int | None, arb]] = [(p.numerator if p.denominator == 1 else None, _rational(p)) for p in powers]

    def integrand(m: Any, y: acb) -> acb:
        w = y.exp()
        table = [w if n == 1 else w**n if n is not None else (q * y).exp() for n, q in raised]

        def added(plan: list[tuple[acb, int, int]]) -> acb:
            total = acb(0)
            for coefficient, k, logs in plan:
                total += coefficient * table[k] * y**logs if logs else coefficient * table[k]
            return total

        total = acb(0)
        for factors, exponent, kernel in plans:
            value = added(factors) * added(exponent).exp()
            total += value if isinstance(kernel, One) else value * kernel(w)
        return total

    return integrand


def _plan(terms: tuple[Monomial, ...], place: dict[Fraction, int]) -> list[tuple[acb, int, int]]:
    return [(t.coefficient, place[t.power], t.logs) for t in terms]


# --- the angle, by floating-point numbers ------------------------------------------------------------------------


def best_angle(wave: Wave, tolerance: arb) -> tuple[float, float]:
    """The angle with the fewest oscillations up to the cut, and log of the largest exponential on the ray."""
    found = []
    for theta in ANGLES if wave.kernel.turns else ANGLES[:1]:
        try:
            slopes = [(t.power, a) for a, t in wave.sloped(theta) if a != 0]
            if wave.kernel.far(theta)[1] == 0 and not (slopes and max(slopes, key=lambda pair: pair[0])[1] > 0):
                continue  # what grows fastest must fall
            reach = _reach(wave, theta, tolerance)
        except Unboundable:
            continue
        path = [_exponent(wave, theta, reach - 0.1 * k**1.5) for k in range(15)]
        peak = max(value.real for value in path)
        found.append((abs(path[0].imag) + 3 * max(peak, 0.0) + abs(theta), theta, max(peak, 0.0)))
    if not found:
        raise Unboundable("phi does not decay on any ray")
    return min(found)[1:]


def _exponent(wave: Wave, theta: float, x: float) -> complex:
    y = complex(x, -theta)
    return sum((c * cmath.exp(q * y) * y**j if j else c * cmath.exp(q * y) for c, q, j in wave.floats), 0j)


def _reach(wave: Wave, theta: float, tolerance: arb) -> float:
    """About the x from which on the exponential is below the tolerance."""
    goal, high, step = max(3 - _log(tolerance), 1.0), -8.0, 4.0
    try:
        while _exponent(wave, theta, high).real < -goal:
            high -= 8.0
        while _exponent(wave, theta, high).real > -goal:
            high += step
            if high > LATEST:
                raise Unboundable("phi does not decay on this ray")
        low = high - step
        for _ in range(6):
            middle = (low + high) / 2
            low, high = (middle, high) if _exponent(wave, theta, middle).real > -goal else (low, middle)
    except OverflowError:
        raise Unboundable("phi does not decay on this ray") from None
    return high


def _log(value: arb) -> float:
    return float(value.mid().log())


# --- the cuts ----------------------------------------------------------------------------------------------------


def _search(bound: Callable[[float], arb | None], start: float, sign: int, tolerance: arb) -> tuple[float, arb]:
    """An end of the path, beyond which the integral is certainly below the tolerance, and the bound there."""
    x, step = start, 0.05
    for _ in range(60):
        beyond = bound(x)
        if beyond is not None and beyond < tolerance:
            return x, beyond
        x, step = x + sign * step, step * 1.3
    raise Unboundable("the tail of the integral cannot be bounded")


def _far(wave: Wave, theta: float, x: float) -> arb | None:
    """A bound on the integral beyond r = exp(x); None if there is none yet.

    With u = (r/R)**q for a falling term -a r**q, every rising one b r**p has p <= q, so that it rises by less than
    b R**p (p/q)(u - 1), and INT_1^oo u**m exp(-T (u - 1)) du <= 1/(T - m). As |y| <= |x| + theta + log(r/R) <=
    (|x| + theta + 3) (r/R)**(1/8), a logarithm costs an eighth of a power.
    """
    sizes, rate = wave.kernel.far(theta)
    slopes = [(a * (arb(x) * _rational(t.power)).exp(), _rational(t.power)) for a, t in wave.sloped(theta)]
    if rate != 0:
        slopes.append((rate * arb(x).exp(), arb(1)))
    level = (-sum((a for a, _ in slopes), arb(0))).exp()
    best = None
    for fall, q in slopes:
        rises = [(a, p) for a, p in slopes if not a >= 0]
        if not fall > 0 or not all(p <= q for _, p in rises):
            continue
        slope = fall + sum((a * p / q for a, p in rises), arb(0))
        total: arb | None = arb(0)
        for m in wave.factors:
            for size, power in sizes:
                exponent = _rational(m.power) + power
                rest = slope - ((exponent + arb(m.logs) / 8) / q - 1).max(arb(0))
                if not rest > 0:
                    total = None
                    break
                logs = (abs(arb(x)) + abs(theta) + LOG_SIZE) ** m.logs
                total += abs(m.coefficient) * size * (arb(x) * exponent).exp() * logs / (q * rest)
            if total is None:
                break
        if total is not None and (best is None or total < best):
            best = total
    return None if best is None else (best * level).upper()


def _near(wave: Wave, theta: float, x: float, scale: arb) -> arb | None:
    """A bound on the integral below r = exp(x), where |exp(L)| <= growth; None if there is none yet.

    Of a polar factor, |exp(L) - exp(-scale w)| <= (|L| + scale r) growth is left.
    """
    size, gain = wave.kernel.near(theta)
    slopes = wave.sloped(theta)
    growth = sum((-a * (arb(x) * _rational(t.power)).exp() for a, t in slopes if not a >= 0), arb(0)).exp()
    difference = [*wave.exponent, Monomial(acb(scale), ONE)]
    if isinstance(wave.kernel, Csch):
        difference.append(Monomial(acb(wave.kernel.rate**2 / 6), Fraction(2)))
    terms = [m for m in wave.factors if m not in wave.polar]
    terms += [m * d for m in wave.polar for d in difference]
    total, reach = arb(0), abs(arb(x)) + abs(theta)
    for m in terms:
        power = m.power + gain
        if power <= 0:
            raise Unboundable("the integral is too singular at w = 0")
        decay = _rational(power) - m.logs / reach
        if not decay > 0:
            return None
        total += abs(m.coefficient) * (arb(x) * _rational(power)).exp() * reach**m.logs / decay
    return (total * size * growth).upper()


def _finite_part(m: Monomial, scale: arb) -> acb:
    """The finite part of INT_0^oo c w**(power - 1) log(w)**logs exp(-scale w) dw: Gamma(power) scale**-power, and
    derivatives.
    """
    if m.logs > 1 or m.power <= -1:
        raise Unboundable("the integral is too singular at w = 0")
    shifted = arb.const_euler() + scale.log()
    if m.power == 0:
        return m.coefficient * (-shifted if m.logs == 0 else shifted**2 / 2 + arb.pi() ** 2 / 12)
    power = _rational(m.power)
    value = power.gamma() * (-power * scale.log()).exp()
    return m.coefficient * value * (power.digamma() - scale.log() if m.logs else 1)
