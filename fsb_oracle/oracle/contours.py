"""Contours for Parseval's identity: at which height the line runs, and in which direction a ray leaves it.

The height keeps clear of the poles of fhat and makes |fhat phi| small on the imaginary axis (a rough saddle
point). A line at that height integrates fhat less an asymptote of f, whose mean must be added; only heights
at which that mean exists are open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from math import inf, isfinite, log
from typing import Any

import sympy
from flint import acb, arb
from sympy import I, exp

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import Family
from fsb_oracle.families.family import w
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.integrands.terms import Jumps, Point, Smooth, Spectrum
from fsb_oracle.oracle.lowering import PLAIN, arguments, like_terms
from fsb_oracle.oracle.means import exist, strip

u = sympy.Symbol("u", positive=True)
eta = sympy.Symbol("eta", real=True)
direction = sympy.Symbol("direction")
_STEPS = tuple(2.0**k for k in range(-10, 12))
_PARTS = tuple(sorted((*(2.0**-k for k in range(1, 11)), 0.15, 0.35, 0.7, 0.85)))


@dataclass(frozen=True)
class Line:
    """Terms exp(-i w position) amplitude to integrate on Im w = height, what to add, and how many digits
    cancel there.
    """

    terms: tuple[tuple[sympy.Expr, sympy.Expr], ...]
    height: float
    asymptote: tuple[Point, ...]
    digits: int
    half_line: bool = False  # the formula holds for Re w > 0 alone


@lru_cache(maxsize=1024)
def lines(family: Family, values: tuple[tuple[str, Any], ...], found: Spectrum) -> tuple[Line, ...]:
    """One line for each part of the spectrum of f that is not a point."""
    return tuple(_smooth(family, values, term) for term in found.smooth) + tuple(
        _jumps(family, values, term) for term in found.jumps
    )


def _smooth(family: Family, values: tuple[tuple[str, Any], ...], term: Smooth) -> Line:
    terms = ((term.amplitude, term.position),)
    if term.half_line:
        return Line(terms, 0.0, (), 0, True)
    pole = bool(term.lower or term.upper)
    height, digits = _height(family, values, terms, 0.0, float(term.strip), (term.lower, term.upper), pole)
    asymptote = () if not pole else term.upper if height > 0 else term.lower
    return Line(terms, height, asymptote, digits)


def _jumps(family: Family, values: tuple[tuple[str, Any], ...], term: Jumps) -> Line:
    terms = tuple((edge.amplitude, edge.position) for edge in term.edges)
    pole = -float(term.rate)
    height, digits = _height(family, values, terms, pole, inf, (term.lower, term.upper), True)
    return Line(terms, height, term.upper if height > pole else term.lower, digits)


def _height(
    family: Family,
    values: tuple[tuple[str, Any], ...],
    terms: Sequence[tuple[sympy.Expr, sympy.Expr]],
    centre: float,
    reach: float,
    asymptotes: tuple[tuple[Point, ...], tuple[Point, ...]],
    pole: bool,
) -> tuple[float, int]:
    """The best of some heights within `reach` of `centre` (where fhat has its pole), and the digits that
    cancel there.
    """
    parameters = dict(values)
    low, high = (float(end) for end in strip(family, parameters))
    step = 1 / family.spread(parameters)
    below, above = asymptotes
    sides: list[list[float]] = [] if pole or (low < 0 < high and not _is_regular(family, parameters)) else [[0.0]]
    for bottom, top, asymptote in ((centre, centre + reach, above), (centre, centre - reach, below)):
        bottom, top = min(max(low, bottom), high), min(max(low, top), high)
        if bottom != top and exist(family, parameters, asymptote):
            sides.append(_between(bottom, top, step))
    if not sides:
        raise Unboundable("no contour: no asymptote of f has a mean")
    with precision(10):
        cost, best = min(map(partial(_least, _log_size(family, parameters, terms)), sides))
    return best, max(0, int(cost / log(10)) + 1) if isfinite(cost) else 0


def _is_regular(family: Family, parameters: dict[str, Any]) -> bool:
    """Whether phi can be evaluated near 0: the formula of a logistic law is 0/0 there. (That of a bounded one is not
    evaluated on lines.)
    """
    if family.support.bounded:
        return True
    phi = compile_expression(family.characteristic_function, (w, *family.symbols))
    try:
        with precision(10):
            return acb(phi(PLAIN, acb(0), *arguments(family, parameters))).is_finite()
    except (ArithmeticError, ValueError):
        return False


def _least(cost: Callable[[float], float], heights: Sequence[float]) -> tuple[float, float]:
    """The least cost and its height: |fhat phi| is convex on the imaginary axis between two poles."""
    cost = cache(cost)
    first, last = 0, len(heights) - 1
    while last > first:
        middle = (first + last) // 2
        first, last = (first, middle) if cost(heights[middle]) <= cost(heights[middle + 1]) else (middle + 1, last)
    return cost(heights[first]), heights[first]


def _between(start: float, end: float, step: float) -> list[float]:
    """Heights between two limits, at distances from the first that grow geometrically, never close to the second."""
    if isfinite(end - start):
        return [start + (end - start) * part for part in _PARTS]
    sign = 1 if end > start else -1
    return [start + sign * step * k for k in _STEPS]


def _log_size(
    family: Family, parameters: dict[str, Any], terms: Sequence[tuple[sympy.Expr, sympy.Expr]]
) -> Callable[[float], float]:
    """log of SUM |fhat| |phi| at w = i height, roughly, at the precision in force; infinite where it cannot be
    evaluated.
    """
    phi = compile_expression(family.characteristic_function, (w, *family.symbols))
    amplitudes = [compile_expression(amplitude, (w,)) for amplitude, _ in terms]
    positions = [acb(compile_expression(sympy.sympify(position), ())(PLAIN)).real for _, position in terms]
    values, instead_of_0 = arguments(family, parameters), 1e-6 / family.spread(parameters)

    def log_size(height: float) -> float:
        at = acb(0, height or instead_of_0)  # 0/0 at 0, for a uniform law
        try:
            hats = [abs(a(PLAIN, at)) * (p * height).exp() for a, p in zip(amplitudes, positions, strict=True)]
            size = (sum(hats, arb(0)) * abs(phi(PLAIN, at, *values))).mid()
            found = float(size.log()) if size > 0 else inf
        except (ArithmeticError, ValueError):
            return inf
        return found if isfinite(found) else inf

    return log_size


@lru_cache(maxsize=256)
def wave_derivatives(family: Family, parameter: str | None) -> tuple[tuple[sympy.Expr, sympy.Expr], ...]:
    """(phase, amplitude) of phi's waves, or of their derivatives."""
    parts = family.waves
    assert parts is not None
    if parameter is None:
        return parts
    symbol = family.symbol(parameter)
    return tuple(
        (phase, _as_fraction(I * w * sympy.diff(phase, symbol) * factor + sympy.diff(factor, symbol)))
        for phase, factor in parts
    )


def _as_fraction(amplitude: sympy.Expr) -> sympy.Expr:
    """A rational function as one fraction with its denominator in factors."""
    if not is_rational(amplitude):
        return amplitude
    above, below = sympy.fraction(sympy.together(amplitude))
    return sympy.expand(above) / below


@lru_cache(maxsize=1024)
def is_rational(amplitude: sympy.Expr) -> bool:
    return bool(amplitude.is_rational_function(w))


@lru_cache(maxsize=4096)
def on_ray(expression: sympy.Expr) -> sympy.Expr:
    """The expression on w = i eta + direction u, times dw/du, in a form that stays sharp on wide balls.

    Exponents and the arguments of logarithms become polynomials in u, a power (1 - i w/rate)**-concentration
    is written with the logarithm that its derivative shares, and linear factors get the slope 1: boxes around
    u then stay upright.
    """
    moved = sympy.powsimp(expression.xreplace({w: I * eta + direction * u}), combine="exp")
    moved = moved.replace(_symbolic_power, lambda e: exp(e.exp * sympy.log(e.base)))
    moved = moved.replace(_linear_power, lambda e: _turned(e.base, e.exp))
    moved = moved.replace(
        lambda e: isinstance(e, sympy.log) and e.args[0].is_polynomial(u),
        lambda e: sympy.log(_collected(e.args[0])),
    )
    return moved.replace(lambda e: isinstance(e, exp), lambda e: exp(_collected(e.args[0]))) * direction


def _collected(node: sympy.Expr) -> sympy.Expr:
    return like_terms(sympy.expand(node), u)


def _symbolic_power(node: sympy.Expr) -> bool:
    return isinstance(node, sympy.Pow) and not node.exp.is_Rational and u in node.base.free_symbols


def _linear_power(node: sympy.Expr) -> bool:
    if not isinstance(node, sympy.Pow) or not node.exp.is_Integer or node.exp >= 0 or node.base == u:
        return False
    slope = sympy.diff(node.base, u)
    return slope != 0 and u not in slope.free_symbols


def _turned(base: sympy.Expr, power: sympy.Expr) -> sympy.Expr:
    """(slope u + c)**power as slope**power (u + c/slope)**power."""
    slope = sympy.diff(base, u)
    return slope**power * (u + sympy.expand(base - slope * u) / slope) ** power
