"""The implicit pathwise estimator f'(z) v(z) where v is a special function: its moments as balls.

Between two cuts the moments are integrated rigorously in the logarithm of the distance to an end of the support;
beyond the cuts |v| is bounded by an elementary expression, whose moments the oracle integrates.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy
from flint import acb, arb, ctx
from sympy import Heaviside

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import FlintMath, ball, precision
from fsb_oracle.errors import UsageError
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.family import z
from fsb_oracle.integrands import Integrand
from fsb_oracle.oracle.quadrature import safe
from fsb_oracle.rules.certified_variance import DIGITS, GUARD_DIGITS, CertifiedMoments, moved
from fsb_oracle.rules.collapse import expectation_of, gradient_of, number
from fsb_oracle.rules.panels import Panel, panels
from fsb_oracle.rules.symbolic import Law, NoCollapse
from fsb_oracle.rules.velocity_series import Side, sides

EVALUATIONS = 2_000  # of an integrand on one panel
MOST_EVALUATIONS = 12_000  # of an integrand on all panels: ordinary cells need a tenth
LEAST_DIGITS = 9
ATTEMPTS = 3  # to cut far enough out


def certified_implicit(
    family: Family, parameters: Parameters, f: Integrand, parameter: str, digits: int = DIGITS
) -> CertifiedMoments | None:
    """Moments of one draw of f'(z) v(z) with the exact velocity v; None where v is not known as a series.

    The mean is the exact gradient: with F the distribution function, INT f' v p = -INT f' dF/d(parameter). So
    E g^2 and E [g^2 (g^2 - 4 a g + 6 a^2)], a near the mean, give the central moments.
    """
    parts = sides(family, parameters, parameter)
    if parts is None or not f.admits("F1"):
        return None
    try:
        mean = gradient_of(family, parameters, f.expression, parameter, digits).ball
        about = Fraction(0 if mean.contains(0) else float(mean.mid()))
        law = Law(family, parameters)
        with precision(digits + GUARD_DIGITS):
            a = ball(about)
            second, quartic = _expectations(parts, law, f, digits, about)
            # E (g - a)^2 and E (g - a)^4, with E g the mean
            return moved(mean, a, second - 2 * a * mean + a * a, quartic - 4 * a * a * a * mean + a * a * a * a)
    except (NoCollapse, UsageError):
        return None


def _expectations(parts: tuple[Side, ...], law: Law, f: Integrand, digits: int, about: Fraction) -> tuple[arb, arb]:
    """E g^2 and E g^2 (g^2 - 4 a g + 6 a^2) of g = f' v.

    Raises:
        NoCollapse: a tail cannot be made small, or the integral is too hard.
        UsageError: an integral does not exist.
    """
    second, quartic = arb(0), arb(0)
    for side in parts:
        n = side.first(digits)
        for _ in range(ATTEMPTS):
            found = _of_side(side, law, f, digits, about, n)
            if not all(middle.is_finite() for middle, _ in found):
                raise NoCollapse("the integral of the velocity did not converge")
            if all(tail <= abs(middle).upper() * arb(10) ** -digits for middle, tail in found):
                break
            n *= 2
        second, quartic = (
            total + middle + arb(0, tail) for total, (middle, tail) in zip((second, quartic), found, strict=True)
        )
    if not all(total.rad() <= abs(total) * arb(10) ** -LEAST_DIGITS for total in (second, quartic)):
        raise NoCollapse("too few digits of the integral of the velocity are certain")
    return second, quartic


def _of_side(
    side: Side, law: Law, f: Integrand, digits: int, about: Fraction, n: int
) -> tuple[tuple[arb, arb], tuple[arb, arb]]:
    """Both moments between the inner point and the n-th cut, each with a bound on what lies beyond."""
    a, cut = ball(about), side.cut(n)
    tails = _tail(side, law, f, cut, 2), _tail(side, law, f, cut, 4)
    with precision(ctx.dps + side.loss(cut)):
        covered = _panels(side, cut, digits)
        second = _between(side, covered, f, cut, digits, lambda g: g * g)
        quartic = _between(side, covered, f, cut, digits, lambda g: g * g * (g * (g - 4 * a) + 6 * a * a))
    beyond = 2 * tails[1] + 10 * a * a * tails[0]  # g^2 - 4 a g + 6 a^2 <= 2 g^2 + 10 a^2
    return (second, tails[0].upper()), (quartic, beyond.upper())


def _tail(side: Side, law: Law, f: Integrand, cut: Any, power: int) -> arb:
    """A bound on E |f' v|^power beyond the cut: from the largest value where f' is bounded there, else an integral."""
    bound = side.bound(cut)
    if bound is None:
        raise NoCollapse("the velocity is not bounded")
    slope = f.derivative(1)
    if side.end != sympy.oo:
        reach = acb(number(side.end).union(number(cut)))
        low, high = (cut, side.end) if side.above else (side.end, cut)
        values = [
            abs(acb(compile_expression(expression, (z,))(FlintMath(), reach))).upper()
            for start, end, expression in Integrand(slope).pieces
            if start < high and end > low
        ]
        largest = max(values) * number(bound.xreplace({z: cut}))
        if largest.is_finite():
            return (largest**power * number(side.mass(cut))).upper()
    outside = Heaviside(z - cut if side.above else cut - z)
    return expectation_of(law, outside * (slope * bound) ** power, 3).ball.upper()


def _between(side: Side, covered: list[Panel], f: Integrand, cut: Any, digits: int, power: Callable[[acb], acb]) -> arb:
    """The integral of power(f' v) p between the inner point and the cut."""
    low, high = (side.inner, cut) if side.above else (cut, side.inner)
    total, calls = arb(0), 0
    for start, end, expression in Integrand(f.derivative(1)).pieces:
        start, end = sympy.Max(start, low), sympy.Min(end, high)
        if expression == 0 or not start < end:
            continue
        function = compile_expression(expression, (z,))
        ends = (side.coordinate(acb(number(point))).real for point in (start, end))
        first, last = sorted(ends, key=lambda t: float(t.mid()))

        def contribution(m: FlintMath, t: acb, panel: Panel, function: Any = function) -> acb:
            nonlocal calls
            calls += 1
            return power(function(m, side.point(t)) * panel.velocity(t)) * side.measure(t)

        inside = [(panel, first.max(arb(panel.start)), last.min(arb(panel.end))) for panel in covered]
        inside = [(panel, a, b) for panel, a, b in inside if not a >= b]
        sizes = (abs(contribution(FlintMath(), acb(((a + b) / 2).mid()), panel)) * (b - a) for panel, a, b in inside)
        tolerance = arb(10) ** -(digits + 3) * sum(sizes, arb(0)).upper()
        for panel, a, b in inside:
            if calls > MOST_EVALUATIONS:
                raise NoCollapse("the integral of the velocity takes too long")
            total += acb.integral(
                safe(contribution, panel),
                acb(a),
                acb(b),
                rel_tol=arb(10) ** -(digits + 3),
                abs_tol=tolerance,
                eval_limit=EVALUATIONS,
            ).real
    return total


def _panels(side: Side, cut: Any, digits: int) -> list[Panel]:
    """Panels from the inner point to the cut, and a little further."""
    ends = (float(side.coordinate(acb(number(point))).real.mid()) for point in (side.inner, cut))
    start, end = sorted(ends)
    return list(panels(side, start - 1e-9, end + 1e-9, digits + 3))
