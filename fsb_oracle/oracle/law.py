"""The law itself: log-density and both tail probabilities at given points, and entropy, what a library's methods must
return."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import FlintMath, ball, precision
from fsb_oracle.errors import NoExactValue, UsageError
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.family import z
from fsb_oracle.families.numbers import exact_number
from fsb_oracle.integrands import Integrand, integrand
from fsb_oracle.oracle import density
from fsb_oracle.oracle.cell import Cell, Piece
from fsb_oracle.oracle.certificate import Route, certify
from fsb_oracle.oracle.exact import expectation
from fsb_oracle.oracle.value import Value

GUARD_DIGITS = 10
MOST_TERMS = 20_000  # of a sum over integers


def log_density(family: Family, values: Parameters, points: Sequence[Any], digits: int = 16) -> list[Value]:
    """log p at each point (on integers log P(Z = z)); `digits` are relative.

    Raises:
        UsageError: the law has several variables, or no density in closed form.
    """
    if family.log_density is None or len(family.samples) != 1:
        raise UsageError(f"{family.name} has no density of one variable in closed form")
    return [_evaluated(family, values, family.log_density, exact_number(point, "point"), digits) for point in points]


def tails(
    family: Family, values: Parameters, points: Sequence[Any], digits: int = 12
) -> list[tuple[float, float]] | None:
    """P(Z <= z) and P(Z > z) at each point, each to relative `digits` in its own tail; None where they are not known.

    From the law's own closed form, else by integration (on integers, summation) of the density over the smaller tail.
    """
    exact = [exact_number(point, "point") for point in points]
    if family.cdf is not None and family.survival is not None:
        return [_beyond(family, values, point) or _closed(family, values, point, digits) for point in exact]
    if family.log_density is None or len(family.samples) != 1:
        return None
    if family.discrete:
        return _summed(family, values, exact)
    if family.support.kind != "interval" or not family.charts:
        return None
    cell = Cell(family, values, integrand("1"))
    return [_integrated(cell, point, digits) for point in exact]


def entropy(family: Family, values: Parameters, digits: int = 12) -> float | None:
    """-E log p, in nats (on integers of the masses); None where it is not known.

    Terms that do not depend on z need no mean; the others are an expectation as any other.
    """
    if family.log_density is None or len(family.samples) != 1:
        return None
    constant, varying = family.at(family.log_density, values).as_independent(z, as_Add=True)
    if family.support.period is not None:
        varying = _whole_turns(varying)
    known: Any = sympy.N(constant, 20)
    digits += max(0, int(sympy.log(1 + abs(known), 10)))  # the two parts cancel
    try:
        mean = sympy.Rational(expectation(family, values, Integrand(varying), digits).value) if varying != 0 else 0
    except NoExactValue:
        return None
    return -float(mean + sympy.N(constant, digits + GUARD_DIGITS))


def _whole_turns(expression: sympy.Expr) -> Any:
    """sin(x)**2 as (1 - cos(2 x))/2: of half angles what repeats after a turn is seen to do so."""
    return expression.replace(
        lambda part: part.is_Pow and part.exp == 2 and isinstance(part.base, sympy.sin),
        lambda part: (1 - sympy.cos(2 * part.base.args[0])) / 2,
    )


def _evaluated(family: Family, values: Parameters, expression: sympy.Expr, point: Fraction, digits: int) -> Value:
    function = compile_expression(expression, (z, *family.symbols))

    def evaluated(goal: int, scale: arb) -> arb:
        with precision(goal + GUARD_DIGITS + family.cancelled_digits(values)):
            at = (acb(ball(values[name])) for name in family.names)
            return (acb(0) + function(FlintMath(), acb(ball(point)), *at)).real

    return certify([Route("closed-form", evaluated)], digits, lambda: arb(1))


def _closed(family: Family, values: Parameters, point: Fraction, digits: int) -> tuple[float, float]:
    assert family.cdf is not None and family.survival is not None
    below, above = (_evaluated(family, values, side, point, digits) for side in (family.cdf, family.survival))
    return float(below), float(above)


def _beyond(family: Family, values: Parameters, point: Fraction) -> tuple[float, float] | None:
    """The tails at or beyond an end of the support, where closed forms are not defined; None inside."""
    if family.support.kind != "interval":
        return None
    at = sympy.Rational(point.numerator, point.denominator)
    low, high = (family.at(end, values) for end in (family.support.lower, family.support.upper))
    if low < at < high:
        return None
    return (0.0, 1.0) if at <= low else (1.0, 0.0)


def _integrated(cell: Cell, point: Fraction, digits: int) -> tuple[float, float]:
    family, values = cell.family, cell.values
    at = sympy.Rational(point.numerator, point.denominator)
    outside = _beyond(family, values, point)
    if outside is not None:
        return outside
    above = bool(at > family.centre(values))
    piece = Piece(at, None, sympy.S.One) if above else Piece(None, at, sympy.S.One)

    def tail(goal: int, scale: arb) -> arb:
        return density.integrate(cell, goal, (piece,))

    smaller = float(certify([Route("density", tail)], digits, lambda: arb(1)))
    return (1 - smaller, smaller) if above else (smaller, 1 - smaller)


def _summed(family: Family, values: Parameters, points: list[Fraction]) -> list[tuple[float, float]] | None:
    """Sums of masses from the lower end; the upper tail is what is left, to the absolute precision of the sum."""
    low = Fraction(int(family.at(family.support.lower, values)))
    last = max(points)
    if last - low > MOST_TERMS:
        return None
    assert family.log_density is not None
    function = compile_expression(family.log_density, (z, *family.symbols))
    cumulated: dict[Fraction, tuple[float, float]] = {}
    with precision(40):
        at = [acb(ball(values[name])) for name in family.names]
        total, k, wanted = arb(0), low, {Fraction(int(point)) for point in points}
        while k <= last:
            total += (acb(0) + function(FlintMath(), acb(ball(k)), *at)).exp().real
            if k in wanted:
                cumulated[k] = (float(total.mid()), float((1 - total).mid()))
            k += 1
    return [cumulated.get(Fraction(int(point)), (0.0, 1.0)) for point in points]


__all__ = ["log_density", "tails"]
