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
from fsb_oracle.families.family import w
from fsb_oracle.integrands.terms import Point
from fsb_oracle.oracle.lowering import PLAIN, arguments

_SERIES = SeriesMath()


@lru_cache(maxsize=256)
def transformed(family: Family, parameter: str | None) -> sympy.Expr:
    """phi(w), or d phi(w)/d parameter."""
    return family.characteristic_function if parameter is None else family.characteristic_derivative(parameter)


def strip(family: Family, values: Parameters) -> tuple[sympy.Expr, sympy.Expr]:
    """The exact open interval of Im w in which phi is analytic."""
    return _strip(family, tuple(values.items()))


@lru_cache(maxsize=4096)
def _strip(family: Family, values: tuple[tuple[str, Any], ...]) -> tuple[sympy.Expr, sympy.Expr]:
    low, high = (family.at(end, dict(values)) for end in family.strip)
    return low, high


def exist(family: Family, values: Parameters, points: Sequence[Point]) -> bool:
    """Whether all the means exist: exp(rate Z) is integrable for -Re rate inside the strip."""
    low, high = strip(family, values)
    return all(_inside(low, -sympy.re(point.rate), high) for point in points)


@lru_cache(maxsize=4096)
def _inside(low: sympy.Expr, height: sympy.Expr, high: sympy.Expr) -> bool:
    return bool(low < height) and bool(height < high)


def mean(family: Family, values: Parameters, parameter: str | None, points: Sequence[Point]) -> arb:
    """SUM over the points of E c Z**n exp(rate Z), or its derivative, at the precision in force."""
    total = acb(0)
    for point in points:
        coefficient, rate = (compile_expression(sympy.sympify(e), ())(PLAIN) for e in (point.coefficient, point.rate))
        total += acb(coefficient) * _mean(family, values, parameter, point.power, acb(rate))
    return total.real


def _mean(family: Family, values: Parameters, parameter: str | None, n: int, rate: acb) -> acb:
    if family.name == "beta":
        return _beta_mean(family, values, parameter, n, rate)
    spare = 2 if family.name == "uniform" else 0  # 0/0 at w = 0 costs terms
    with series_length(n + 1 + spare):
        frequency = variable_at(acb(0, -1) * rate)
        phi = compile_expression(transformed(family, parameter), (w, *family.symbols))
        value = phi(_SERIES, frequency, *arguments(family, values))
        coefficient = value[n] if hasattr(value, "length") else (acb(value) if n == 0 else acb(0))
    return coefficient * factorial(n) * acb(0, -1) ** n


def moments(family: Family, values: Parameters, parameter: str | None, count: int) -> list[arb]:
    """E Z**n (or its derivative) for n < count, for a law whose phi is expanded at 0."""
    with series_length(max(count, 2)):
        phi = compile_expression(transformed(family, parameter), (w, *family.symbols))
        series = phi(_SERIES, variable_at(0), *arguments(family, values))
    turns = [acb(0, -1) ** n for n in range(4)]
    return [(series[n] * turns[n % 4]).real * factorial(n) for n in range(count)]


def size(family: Family, values: Parameters, parameter: str | None) -> arb:
    """A bound K on |E[Z**n]| and its derivative for a beta law: 1, and by Cauchy-Schwarz the root of the
    Fisher information.
    """
    if parameter is None:
        return arb(1)
    own, total = family.symbol(parameter), sum(family.symbols, sympy.S.Zero)
    information = sympy.polygamma(1, own) - sympy.polygamma(1, total)
    return compile_expression(information, family.symbols)(PLAIN, *arguments(family, values)).real.sqrt()


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
