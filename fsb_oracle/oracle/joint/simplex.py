"""Dirichlet moments and exponentials in closed form: monomials z^n exp(c.z), with complex c and real powers n.

E z^n g(Z) = E z^n times the mean of g under concentration + n, E z^n is a ratio of gamma functions, and
E exp(c.Z) = SUM_m [t^m] PROD (1 - c_j t)^(-a_j) / (a_0)_m, whose terms are below max|c_j|^m/m! in size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

import sympy
from flint import acb, acb_series, arb, ctx

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import ball, precision
from fsb_oracle.backends.flint_series import series_length
from fsb_oracle.errors import UsageError
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.certificate import Route
from fsb_oracle.oracle.density import GUARD_DIGITS
from fsb_oracle.oracle.joint.quadratics import Term, terms
from fsb_oracle.oracle.lowering import PLAIN
from fsb_oracle.oracle.means import remainder, terms_needed

MAXIMUM_REACH = 2_000  # of max|c_j|: so many terms are needed


@dataclass(frozen=True)
class _Slope:
    """A number and its derivative in the concentration of the cell."""

    value: acb
    slope: acb

    def __mul__(self, other: _Slope) -> _Slope:
        return _Slope(self.value * other.value, self.slope * other.value + self.value * other.slope)


def closed_form(cell: Cell, f: sympy.Expr) -> list[Route]:
    """The route to E f, or its derivative, if f is a sum of such terms; else none."""
    samples = cell.family.samples
    found = terms(f, samples, rational=True)
    if found is None or not all(term.is_linear for term in found):
        return []
    concentration = [cell.values[name] for name in cell.family.names]
    index = None if cell.parameter is None else cell.family.names.index(cell.parameter)

    def evaluated(digits: int, scale: arb) -> arb:
        with precision(max(digits, 0) + GUARD_DIGITS):
            total = acb(0)
            for term in found:
                if any(a + _fraction(n) <= 0 for a, n in zip(concentration, term.powers, strict=True)):
                    raise UsageError(f"E {cell.f.text} does not exist for {cell.text}")
                result = _mean(term, concentration, index)
                total += result.value if index is None else result.slope
            return total.real

    return [Route("closed-form", evaluated)]


def _mean(term: Term, concentration: Sequence[Fraction], index: int | None) -> _Slope:
    powers = [_fraction(n) for n in term.powers]
    coefficient = _number(term.coefficient) * _number(term.constant).exp()
    moment = _moment(powers, concentration, index)
    raised = [a + n for a, n in zip(concentration, powers, strict=True)]
    wave = _exponential([_number(c) for c in term.linear], raised, index)
    return _Slope(coefficient, acb(0)) * moment * wave


def _moment(powers: Sequence[Fraction], concentration: Sequence[Fraction], index: int | None) -> _Slope:
    """E z^n = PROD (a_i)_(n_i) / (a_0)_(|n|)."""
    value, slope = arb(1), arb(0)
    for i, (a, n) in enumerate(zip(concentration, powers, strict=True)):
        rise, logarithmic = _rising(a, n)
        value *= rise
        slope += logarithmic if i == index else 0
    rise, logarithmic = _rising(sum(concentration, Fraction(0)), sum(powers, Fraction(0)))
    value /= rise
    return _Slope(acb(value), acb(value * (slope - logarithmic)))


def _rising(a: Fraction, n: Fraction) -> tuple[arb, arb]:
    """Gamma(a + n)/Gamma(a), and the derivative of its logarithm in a."""
    if n.denominator == 1 and n >= 0:
        value, slope = arb(1), arb(0)
        for k in range(int(n)):
            value *= ball(a + k)
            slope += 1 / ball(a + k)
        return value, slope
    value = (ball(a + n).lgamma() - ball(a).lgamma()).exp()
    return value, ball(a + n).digamma() - ball(a).digamma()


def _exponential(linear: Sequence[acb], concentration: Sequence[Fraction], index: int | None) -> _Slope:
    """E exp(c.Z): c is taken relative to a centre, as the components of Z add up to 1."""
    if all(c == 0 for c in linear):
        return _Slope(acb(1), acb(0))
    centre = sum((acb(c.real.mid(), c.imag.mid()) for c in linear), acb(0)) / len(linear)
    centre = acb(centre.real.mid(), centre.imag.mid())
    shifted = [c - centre for c in linear]
    reach = max((float(abs(c).upper()) for c in shifted), default=0.0)
    if reach > MAXIMUM_REACH:
        raise UsageError(f"exponents up to {MAXIMUM_REACH} are supported under a Dirichlet law")
    digits = ctx.dps
    count = terms_needed(reach, digits)
    with precision(digits + ceil(0.9 * reach) + 5), series_length(count):
        result = _series(linear, centre, concentration, index, count)
        rest = remainder(max((abs(c) for c in shifted), key=lambda size: float(size.upper())), count).upper()
        largest = arb(1)
        if index is not None:  # Cauchy-Schwarz with the Fisher information
            own, total = ball(concentration[index]), ball(sum(concentration, Fraction(0)))
            largest = (acb(own).polygamma(1).real - acb(total).polygamma(1).real).sqrt()
        front = centre.exp()
        return _Slope(front * _widened(result.value, rest), front * _widened(result.slope, (rest * largest).upper()))


def _series(
    linear: Sequence[acb], centre: acb, concentration: Sequence[Fraction], index: int | None, count: int
) -> _Slope:
    logs = [acb_series([1, -(c - centre)], count).log() for c in linear]
    exponent = acb_series([0], count)
    for a, logarithm in zip(concentration, logs, strict=True):
        exponent = exponent - logarithm * acb(ball(a))
    series = exponent.exp()
    moved = series * logs[index] * -1 if index is not None else series
    total = ball(sum(concentration, Fraction(0)))
    value, slope, rise, harmonic = acb(0), acb(0), arb(1), arb(0)
    for m in range(count):
        value += series[m] / rise
        if index is not None:
            slope += (moved[m] - series[m] * harmonic) / rise
        harmonic += 1 / (total + m)
        rise *= total + m
    return _Slope(value, slope)


def _widened(value: acb, radius: arb) -> acb:
    return value + acb(arb(0, radius), arb(0, radius))


def _fraction(power: Any) -> Fraction:
    rational: Any = sympy.Rational(power)
    return Fraction(int(rational.p), int(rational.q))


def _number(exact: Any) -> acb:
    return acb(compile_expression(sympy.sympify(exact), ())(PLAIN))
