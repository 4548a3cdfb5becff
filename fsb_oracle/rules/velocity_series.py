"""The velocity -(dF/d parameter)/p of the gamma and beta shapes in ball arithmetic, and bounds at both ends.

Near an end of the support the distribution function is a power times a hypergeometric function (DLMF 8.5.1, 8.17.7),
whose derivative in a parameter is the second coefficient of a power series of length 2. The bounds follow from
v(z) = -INT_0^z score(y) p(y)/p(z) dy and its mirror image, with p(y)/p(z) bounded by a power or an exponential.
The same integral says that v' = -score - v (log p)', which continues v from one point as a power series.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import sympy
from flint import acb, acb_series, arb, ctx
from sympy import S, exp, log, sqrt

from fsb_oracle.backends.flint_math import ball, precision
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.family import z
from fsb_oracle.rules.collapse import number

_LOG_RISES = sympy.Rational(1, 8)
NOWHERE = acb(arb("nan"))  # outside of the disk in which a series converges


@dataclass(frozen=True)
class Side:
    """A part of the support in a coordinate t, between an inner point and an end of the support.

    Attributes:
        inner: the inner point, as z.
        point, coordinate: z as a function of t, and its inverse, on complex balls.
        measure: density times |dz/dt| at t.
        relative: v/scale at t, a hypergeometric series; scale(t) is the distance to the lower end (mirrored: upper).
        equation: (S, A) with d(v/scale)/dt = S + A (v/scale), as power series in t.
        bound: for a cut, a multiple of z or of sqrt(y) that bounds |v| between the cut and the end, where y is the
            distance to that end; None if the cut is too early.
        cut: the n-th place to cut, as z, nearer to the end as n rises.
        above: whether the end is the upper one.
        end: the end, as z.
        mass: for a cut, a bound on the probability between the cut and the end.
        first: the n of the first cut to try for so many digits.
        loss: digits that the series loses at a cut.
    """

    inner: sympy.Rational
    point: Callable[[acb], acb]
    coordinate: Callable[[acb], acb]
    measure: Callable[[acb], acb]
    relative: Callable[[acb], acb]
    scale: Callable[[acb], acb]
    equation: Callable[[acb_series], tuple[acb_series, acb_series]]
    bound: Callable[[Any], Any]
    cut: Callable[[int], Any]
    above: bool
    end: Any
    mass: Callable[[Any], Any]
    first: Callable[[int], int]
    loss: Callable[[Any], int] = lambda cut: 0


def sides(family: Family, parameters: Parameters, parameter: str) -> tuple[Side, ...] | None:
    """The two parts of the support; None for laws whose velocity is not known here as a series."""
    if (family.name, parameter) == ("gamma", "concentration"):
        return _gamma_sides(parameters["concentration"], parameters["rate"])
    if family.name == "beta":
        a, b = parameters["concentration1"], parameters["concentration0"]
        own = parameter == "concentration1"
        return _beta_side(a, b, own, mirrored=False), _beta_side(b, a, not own, mirrored=True)
    return None


def _dual(a: list[list[Any]], b: list[list[Any]], x: acb) -> tuple[acb, acb]:
    """pFq at x, and its derivative along the second entries of the parameters [value, direction]."""
    cap, ctx.cap = ctx.cap, max(ctx.cap, 2)
    try:
        series = acb_series.hypgeom([acb_series(p, 2) for p in a], [acb_series(p, 2) for p in b], acb_series([x], 2))
        return series[0], series[1]
    finally:
        ctx.cap = cap


def _first(exponent: Any, digits: int) -> int:
    """16**-(n + 1) to the power `exponent` + 2 below 10**-(digits + 6): v^2 times the mass beyond the cut."""
    return math.ceil((digits + 6) / (2 + float(exponent)) / math.log10(16))


def _multiple(largest: Any, unit: Any) -> Any:
    """A rational number that is not below largest/unit."""
    with precision(30):
        quotient = float(number(largest / unit).upper())
    return sympy.Rational(quotient * (1 + 1e-12))


def _exact(value: Fraction) -> Any:
    return sympy.Rational(value.numerator, value.denominator)


def _gamma_sides(concentration: Fraction, rate: Fraction) -> tuple[Side, ...]:
    """Below and above z = max(concentration, 1)/rate, both with t = log(rate z)."""
    k, r = _exact(concentration), _exact(rate)
    offset, middle = abs(sympy.digamma(k)), sympy.Max(k, 1)

    def measure(t: acb) -> acb:
        shape = acb(ball(concentration))
        return (shape * t - t.exp() - shape.lgamma()).exp()

    def relative(t: acb) -> acb:
        # F = x**k exp(-x)/Gamma(k + 1) 1F1(1; k + 1; x) with x = rate z
        shape = acb(ball(concentration))
        value, derivative = _dual([[acb(1), acb(0)]], [[shape + 1, acb(1)]], t.exp())
        return -((t - (shape + 1).digamma()) * value + derivative) / shape

    def equation(t: acb_series) -> tuple[acb_series, acb_series]:
        shape = acb(ball(concentration))
        return shape.digamma() - t, t.exp() - shape

    def lower(cut: Any) -> Any:
        # p(y)/p(z) <= exp(rate cut) (y/z)**(k - 1) for y < z < cut; sqrt(x) (A - log x) rises where A > 0, x < exp(-2)
        if not cut * r <= _LOG_RISES:
            return None
        return _multiple(exp(r * cut) * cut * ((offset - log(r * cut)) / k + 1 / k**2), sqrt(cut)) * sqrt(z)

    def upper(cut: Any) -> Any:
        # p(z + u)/p(z) <= exp(-decay u) and log(z + u) <= log z + u/z; log(x)/x falls where x > e
        decay = r - sympy.Max(k - 1, 0) / cut
        if not (cut * r >= 3 and decay > 0):
            return None
        return _multiple((offset + log(r * cut)) / decay + 1 / (cut * decay**2), cut) * z

    def loss(cut: Any) -> int:
        x = cut * r  # of 1F1(1; k + 1; x) ~ Gamma(k + 1) exp(x)/x**k
        return max(0, int((x - k * log(x) + sympy.loggamma(k + 1)).evalf() / 2.3)) + 3

    def point(t: acb) -> acb:
        return t.exp() / acb(ball(rate))

    def coordinate(at: acb) -> acb:
        return (at * acb(ball(rate))).log()

    def first(digits: int) -> int:
        mode, n = float(middle), 0
        while True:  # until the density has fallen by that much, and a bit more for the velocity
            x = float(above(n) * r)
            if (x - mode) - (mode - 1) * math.log(x / mode) > 2.3 * (digits + 8):
                return n
            n += 1

    def mass(cut: Any) -> Any:
        return exp(k * log(r * cut) - sympy.loggamma(k + 1))

    width = sympy.ceiling(sqrt(middle))
    part = partial(Side, middle / r, point, coordinate, measure, relative, point, equation)
    below, above = (lambda n: sympy.Rational(1, 16 ** (n + 1)) / r), (lambda n: (middle + (n + 3) * (width + 4)) / r)
    return (
        part(lower, below, False, S.Zero, mass, lambda digits: _first(k, digits)),
        part(upper, above, True, sympy.oo, lambda cut: S.One, first, loss),
    )


def _beta_side(first: Fraction, second: Fraction, own: bool, mirrored: bool) -> Side:
    """y = z near 0, or y = 1 - z near 1; y ~ Beta(first, second), differentiated in first (`own`) or second.

    t = -log y, from log 2 on.
    """
    a, b = _exact(first), _exact(second)
    y = 1 - z if mirrored else z

    def measure(t: acb) -> acb:
        p, q = acb(ball(first)), acb(ball(second))
        normaliser = (p + q).lgamma() - p.lgamma() - q.lgamma()
        return (normaliser - p * t + (q - 1) * (1 - (-t).exp()).log()).exp()

    sign = -1 if mirrored else 1

    def relative(t: acb) -> acb:
        # F = y**a (1 - y)**b/(a B(a, b)) 2F1(a + b, 1; a + 1; y)
        p, q, small = acb(ball(first)), acb(ball(second)), (-t).exp()
        if not abs(small) < 0.95:
            return NOWHERE
        value, derivative = _dual([[p + q, acb(1)], [acb(1), acb(0)]], [[p + 1, acb(1 if own else 0)]], small)
        log_part = -t - 1 / p - p.digamma() if own else (1 - small).log() - q.digamma()
        return -sign * (1 - small) / p * ((log_part + (p + q).digamma()) * value + derivative)

    def scale(t: acb) -> acb:
        return (-t).exp()

    def equation(t: acb_series) -> tuple[acb_series, acb_series]:
        p, q, small = acb(ball(first)), acb(ball(second)), (-t).exp()
        score = (-t - p.digamma() if own else (1 - small).log() - q.digamma()) + (p + q).digamma()
        return sign * score, p - (q - 1) * small / (1 - small)

    def bound(cut: Any) -> Any:
        # p(x)/p(y) <= (x/y)**(a - 1) (1 - edge)**-max(b - 1, 0) for x < y < edge
        edge = 1 - cut if mirrored else cut
        if not edge <= _LOG_RISES:
            return None
        factor = (1 - edge) ** -sympy.Max(b - 1, 0) * edge / a
        offset = abs(sympy.digamma(a if own else b) - sympy.digamma(a + b))
        largest = factor * ((offset - log(edge) + 1 / a) if own else (offset - log(1 - edge)))
        return _multiple(largest, sqrt(edge)) * sqrt(y)

    def point(t: acb) -> acb:
        return 1 - (-t).exp() if mirrored else (-t).exp()

    def coordinate(at: acb) -> acb:
        return -((1 - at) if mirrored else at).log()

    def cut(n: int) -> Any:
        edge = sympy.Rational(1, 16 ** (n + 1))
        return 1 - edge if mirrored else edge

    half: Any = sympy.Rational(1, 2)
    loss = int(b / 3) + 3

    def mass(cut: Any) -> Any:
        edge = 1 - cut if mirrored else cut
        normaliser = sympy.loggamma(a + b) - sympy.loggamma(a + 1) - sympy.loggamma(b)
        return exp(a * log(edge) + normaliser - sympy.Max(1 - b, 0) * log(1 - edge))

    end = S.One if mirrored else S.Zero
    part = partial(Side, half, point, coordinate, measure, relative, scale, equation)
    return part(bound, cut, mirrored, end, mass, lambda digits: _first(a, digits), lambda cut: loss)
