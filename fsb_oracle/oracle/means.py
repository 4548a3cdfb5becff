"""E Z**n exp(rate Z) and its derivative in a parameter: Taylor coefficients of the characteristic function,
no quadrature.

E Z**n exp(rate Z) = (-i)**n phi^(n)(-i rate). Power series in ball arithmetic give the derivatives; the beta
law's phi = 1F1 is entire and is expanded at 0, with a remainder bounded by the size of its moments.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import ceil, factorial, lgamma, log
from typing import Any

import sympy
from flint import acb, arb, ctx

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.backends.flint_series import SeriesMath, series_length, variable_at
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.family import order, w
from fsb_oracle.integrands.terms import Point, point_terms
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.density import GUARD_DIGITS
from fsb_oracle.oracle.lowering import PLAIN, arguments

_SERIES = SeriesMath()


@lru_cache(maxsize=256)
def transformed(family: Family, parameter: str | None) -> sympy.Expr:
    """phi(w), or d phi(w)/d parameter, of a law whose phi has a closed form."""
    assert family.characteristic_function is not None
    return family.characteristic_function if parameter is None else family.characteristic_derivative(parameter)


def strip(family: Family, values: Parameters) -> tuple[sympy.Expr, sympy.Expr]:
    """The exact open interval of Im w in which phi is analytic."""
    return _strip(family, tuple(values.items()))


@lru_cache(maxsize=4096)
def _strip(family: Family, values: tuple[tuple[str, Any], ...]) -> tuple[sympy.Expr, sympy.Expr]:
    low, high = (family.at(end, dict(values)) for end in family.strip)
    return low, high


def exist(family: Family, values: Parameters, points: Sequence[Point]) -> bool:
    """Whether all the means exist, and have a formula.

    exp(rate Z) is integrable for -Re rate inside the strip; z**n exp(i k Z) also for n below the tail index. On a
    circle only waves of whole frequencies are functions.
    """
    return all(_exists(family, tuple(values.items()), point.power, point.rate) for point in points)


@lru_cache(maxsize=4096)
def _exists(family: Family, values: tuple[tuple[str, Any], ...], power: int, rate: sympy.Expr) -> bool:
    height, frequency = _parts(rate)
    if family.support.period is not None:
        return height == 0 and power == 0 and bool(frequency.is_integer)
    if family.characteristic_function is not None:
        if height == 0 and _strip_around_zero(family):
            return True
        low, high = _strip(family, values)
        if bool(low < height) and bool(height < high):
            return True
    if height != 0 or not power < family.at(family.tail_index, dict(values)):
        return False
    if frequency == 0:
        return power == 0 or family.moment is not None
    return family.characteristic_function is not None


@lru_cache(maxsize=4096)
def _parts(rate: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """The height and the frequency of exp(rate z)."""
    return -sympy.re(rate), sympy.im(rate)


@lru_cache(maxsize=256)
def _strip_around_zero(family: Family) -> bool:
    """Whether the strip holds the real line at all parameters, by their signs."""
    low, high = family.strip
    return bool(low.is_extended_negative and high.is_extended_positive)


def tails_allow(cell: Cell) -> bool:
    """Whether no heavy tail makes E |f| infinite, as far as the powers in f tell: z**n needs n below the tail index.

    A formula may have a value where the expectation does not exist: finite parts, conditional means.
    """
    family = cell.family
    if family.tail_index == sympy.oo or not cell.pieces:
        return True
    index = family.at(family.tail_index, cell.values)
    sides = ((cell.pieces[0], family.support.lower), (cell.pieces[-1], family.support.upper))
    for (piece, end), light in zip(sides, family.light_tails, strict=True):
        if not end.is_infinite or family.at(light, cell.values) == sympy.true:  # pyright: ignore[reportArgumentType]
            continue
        points = point_terms(piece.expression) or []
        if any(sympy.re(point.rate) == 0 and not point.power < index for point in points):
            return False
    return True


def mean(family: Family, values: Parameters, parameter: str | None, points: Sequence[Point]) -> arb:
    """SUM over the points of E c Z**n exp(rate Z), or its derivative, at the precision in force."""
    total = acb(0)
    for point in points:
        coefficient, rate = (compile_expression(sympy.sympify(e), ())(PLAIN) for e in (point.coefficient, point.rate))
        total += acb(coefficient) * _mean(family, values, parameter, point.power, acb(rate))
    return total.real


def _mean(family: Family, values: Parameters, parameter: str | None, n: int, rate: acb) -> acb:
    if rate == 0 and (n == 0 or family.moment is not None):
        return _moment(family, values, parameter, n)
    if family.name == "beta":
        return _beta_mean(family, values, parameter, n, rate)
    if family.holds_on_half_plane and rate.imag < 0:
        return _mean(family, values, parameter, n, rate.conjugate()).conjugate()
    spare = 4 if rate == 0 else 0  # 0/0 at w = 0 costs terms
    with series_length(n + 1 + spare):
        frequency = variable_at(acb(0, -1) * rate)
        phi = compile_expression(transformed(family, parameter), (w, *family.symbols))
        value = phi(_SERIES, frequency, *arguments(family, values))
        coefficient = value[n] if hasattr(value, "length") else (acb(value) if n == 0 else acb(0))
    return coefficient * factorial(n) * acb(0, -1) ** n


def _moment(family: Family, values: Parameters, parameter: str | None, n: int) -> acb:
    """E Z**n in closed form."""
    if n == 0:
        return acb(1 if parameter is None else 0)
    formula = _moment_formula(family, parameter, n)
    return acb(compile_expression(formula, family.symbols)(PLAIN, *arguments(family, values)))


@lru_cache(maxsize=1024)
def _moment_formula(family: Family, parameter: str | None, n: int) -> sympy.Expr:
    assert family.moment is not None
    formula = family.moment.subs(order, n).doit()
    return formula if parameter is None else sympy.diff(formula, family.symbol(parameter))


def applies(cell: Cell) -> bool:
    """Whether f is a polynomial, and the law has its moments in closed form but no characteristic function."""
    if cell.family.characteristic_function is not None or cell.family.moment is None or len(cell.pieces) != 1:
        return False
    points = point_terms(cell.pieces[0].expression)
    return points is not None and exist(cell.family, cell.values, points)


def evaluate(cell: Cell, digits: int) -> arb:
    """E f, or its derivative, from the moments; `applies` must hold."""
    points = point_terms(cell.pieces[0].expression)
    assert points is not None
    with precision(max(digits, 0) + GUARD_DIGITS):
        return mean(cell.family, cell.values, cell.parameter, points)


def moments(family: Family, values: Parameters, parameter: str | None, count: int) -> list[arb]:
    """E Z**n (or its derivative) for n < count, for a law whose phi is expanded at 0."""
    with series_length(max(count, 2)):
        phi = compile_expression(transformed(family, parameter), (w, *family.symbols))
        series = phi(_SERIES, variable_at(0), *arguments(family, values))
    turns = [acb(0, -1) ** n for n in range(4)]
    return [(series[n] * turns[n % 4]).real * factorial(n) for n in range(count)]


def size(family: Family, values: Parameters, parameter: str | None) -> arb:
    """K: |phi(w)| <= K max exp(-z Im w) over the bounded support, with 1 for phi itself; or so its derivative."""
    if parameter is None:
        return arb(1)
    bound = compile_expression(family.wave_bounds[parameter], family.symbols)
    return acb(bound(PLAIN, *arguments(family, values))).real


def _beta_mean(family: Family, values: Parameters, parameter: str | None, n: int, rate: acb) -> acb:
    """SUM_m moment(n + m) rate**m/m!, whose terms rise to exp(|rate|) before they fall."""
    if rate == 0:
        return acb(moments(family, values, parameter, n + 1)[n])
    reach = ceil(float(abs(rate).upper()))
    digits = ctx.dps
    with precision(digits + ceil(0.9 * reach) + 5):
        count = terms_needed(reach, digits)
        term, total = acb(1), acb(0)
        for m, moment in enumerate(moments(family, values, parameter, n + count)[n:]):
            total += moment * term
            term *= rate / (m + 1)
        rest = (size(family, values, parameter) * remainder(abs(rate), count)).upper()
        return total + acb(arb(0, rest), arb(0, rest))


def terms_needed(reach: float, digits: int) -> int:
    """A number of Taylor terms of exp at |x| <= reach that leaves less than 10**-digits."""
    count = ceil(reach) + 4
    while count * log(max(reach, 1e-300)) - lgamma(count + 1) + reach > -2.4 * digits:
        count += 4
    return count


def remainder(x: Any, count: int) -> arb:
    """SUM_{m >= count} x**m/m! <= x**count/count! exp(x)."""
    x = arb(x)
    return x**count / arb(factorial(count)) * x.exp()
