"""Laws on the integers: the rigorous sum over the mass function (route 1), and the discrete Fourier transform
(route 2).

Route 1 sums f(n) P(n) (times the score) over a window of n and bounds what is left by geometric series on
both sides. Route 2 recovers the masses of a window from phi at N equidistant frequencies; the trapezoid rule
on the circle is exact but for aliasing, which is at most the mass outside the window. Only phi takes part in
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import Family
from fsb_oracle.families.family import w, z
from fsb_oracle.integrands.bounds import NotYet, Unboundable
from fsb_oracle.integrands.growth import upper_bound
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.density import GUARD_DIGITS
from fsb_oracle.oracle.lowering import PLAIN, arguments, lower
from fsb_oracle.oracle.means import transformed

MAXIMUM_TERMS = 200_000
_FROM_ZERO = 100  # below this mean the sum simply starts at 0


@dataclass(frozen=True)
class Window:
    """low <= n < high, and a bound on the sum of |f score P| outside."""

    low: int
    high: int
    beyond: arb


def integrate(cell: Cell, digits: int) -> arb:
    """Route 1: the sum of f times the mass function (times the score), to an absolute error of about
    10**-digits.

    Raises:
        Unboundable: the sum does not converge, or no tail bound is known.
    """
    with precision(max(digits, 0) + GUARD_DIGITS):
        window = _window(cell, cell.f.expression, arb(10) ** -digits)
        values, score, total = _values(cell, window), _score(cell), arb(0)
        for n, value, mass in zip(range(window.low, window.high), values, _masses(cell, window), strict=True):
            if value != 0:
                total += value * score(n) * mass
        return total + arb(0, window.beyond.upper())


def transform(cell: Cell, digits: int) -> arb:
    """Route 2: the same number from phi, or its derivative, at N equidistant frequencies."""
    with precision(max(digits, 0) + GUARD_DIGITS):
        window = _window(cell, cell.f.expression, arb(10) ** -digits / 2)
        values = _values(cell, window)
        largest = max((abs(value).upper() for value in values), key=lambda size: size)
        alias = _window(cell, sympy.S.One, arb(10) ** -digits / (2 * largest + 1))
        if alias.low < window.low or alias.high > window.high:
            window = Window(min(alias.low, window.low), max(alias.high, window.high), window.beyond)
            values = _values(cell, window)
            largest = max((abs(value).upper() for value in values), key=lambda size: size)
        count = window.high - window.low
        phi = compile_expression(transformed(cell.family, cell.parameter), (w, *cell.family.symbols))
        parameters, step = arguments(cell.family, cell.values), 2 * arb.pi() / count
        spectrum = [acb(phi(PLAIN, acb(step * j), *parameters)) for j in range(count // 2 + 1)]
        spectrum += [spectrum[count - j].conjugate() for j in range(count // 2 + 1, count)]
        masses, total = acb.dft(spectrum), arb(0)
        for n, value in zip(range(window.low, window.high), values, strict=True):
            total += value * masses[n % count].real
        return total / count + arb(0, (window.beyond + largest * alias.beyond).upper())


def _masses(cell: Cell, window: Window) -> list[arb]:
    """P(n) in the window, from near the mean outwards: no underflow, and errors stay relative."""
    family, parameters = cell.family, arguments(cell.family, cell.values)
    top = min(max(window.low, int(family.at(family.mean, cell.values))), window.high - 1)
    ratio = compile_expression(_ratio(family), (z, *family.symbols))
    masses = {top: _mass(cell, top)}
    for n in range(top, window.high - 1):
        masses[n + 1] = masses[n] * acb(ratio(PLAIN, n, *parameters)).real
    for n in range(top - 1, window.low - 1, -1):
        masses[n] = masses[n + 1] / acb(ratio(PLAIN, n, *parameters)).real
    return [masses[n] for n in range(window.low, window.high)]


def _mass(cell: Cell, n: int) -> arb:
    log_mass = compile_expression(cell.family.log_density, (z, *cell.family.symbols))
    return acb(log_mass(PLAIN, acb(n), *arguments(cell.family, cell.values))).exp().real


@lru_cache(maxsize=64)
def _ratio(family: Family) -> Any:
    """P(z + 1)/P(z), simplified from the log-density."""
    assert family.log_density is not None
    step = family.log_density.xreplace({z: z + 1}) - family.log_density
    gammas = step.replace(sympy.loggamma, lambda x: sympy.log(sympy.gamma(x)))
    return sympy.gammasimp(sympy.simplify(sympy.exp(sympy.expand(gammas))))


@lru_cache(maxsize=64)
def _score_expression(family: Family, parameter: str | None) -> sympy.Expr:
    return sympy.S.One if parameter is None else sympy.expand(family.score(parameter))


def _score(cell: Cell) -> Any:
    score = compile_expression(_score_expression(cell.family, cell.parameter), (z, *cell.family.symbols))
    parameters = arguments(cell.family, cell.values)
    return lambda n: acb(score(PLAIN, n, *parameters)).real


def _values(cell: Cell, window: Window) -> list[arb]:
    """f(n) in the window; at a jump f itself is evaluated, with Heaviside(0) = 1/2 and sign(0) = 0."""
    breaks, values = {int(b) for b in cell.f.breakpoints if b.is_Integer}, []
    pieces = [(_ceiling(upper), compile_expression(expression, (z,))) for _, upper, expression in cell.f.pieces]
    for n in range(window.low, window.high):
        while n >= pieces[0][0] and n not in breaks and len(pieces) > 1:
            pieces.pop(0)
        if n in breaks:
            value = compile_expression(cell.f.expression.xreplace({z: sympy.Integer(n)}).doit(), ())(PLAIN)
        else:
            value = pieces[0][1](PLAIN, acb(n))
        value = acb(value)
        if not value.is_finite() or not value.imag.contains(0):
            raise Unboundable(f"f = {cell.f.text} is not a finite real number at z = {n}")
        values.append(value.real)
    return values


def _ceiling(point: sympy.Expr) -> int | float:
    return float("inf") if point == sympy.oo else int(sympy.ceiling(point))


def _window(cell: Cell, f: sympy.Expr, tolerance: arb) -> Window:
    """A window outside of which the sum of |f| |score| P is below the tolerance; f is the cell's or 1."""
    family, mean = cell.family, int(cell.family.at(cell.family.mean, cell.values))
    if family.support.upper != sympy.oo:
        return Window(0, int(family.support.upper) + 1, arb(0))
    last_break = max([0, *(_ceiling(b) for b in cell.f.breakpoints)]) if f != 1 else 0
    expression = f if f == 1 else cell.f.pieces[-1][2]
    high, step = max(int(last_break), mean) + 2, max(4, int(family.spread(cell.values)))
    lowered = lower(sympy.expand_log(expression * _score_expression(family, cell.parameter)), z)
    constants = lowered.values(family.symbols, arguments(family, cell.values))
    while high < MAXIMUM_TERMS:
        beyond = _geometric(cell, dict(zip(lowered.symbols, constants, strict=True)), lowered.expression, high)
        if beyond is not None and beyond < tolerance:
            low, below = _lower_end(cell, f, mean, step, tolerance)
            return Window(low, high, beyond + below)
        high += step
    raise Unboundable(f"the sum over {cell.text} cannot be bounded within {MAXIMUM_TERMS} terms")


def _geometric(cell: Cell, values: dict[sympy.Symbol, Any], expression: sympy.Expr, start: int) -> arb | None:
    """P(start) |f score| / (1 - q), where q bounds the ratio of successive terms from there on; None if q >=
    1.
    """
    family = cell.family
    try:
        bound = upper_bound(expression, z, start, values)
    except NotYet:
        return None
    ratio = compile_expression(_ratio(family), (z, *family.symbols))(PLAIN, acb(start), *arguments(family, cell.values))
    # ((2 + n)/(1 + n))**power exp(rate) is largest at n = start; so is the ratio of a log-concave mass
    # function
    growth = (arb(start + 2) / (start + 1)) ** bound.power.max(arb(0)) * bound.rate.exp()
    q = acb(ratio).real * growth
    return bound.size * _mass(cell, start) / (1 - q) if q < 1 else None


def _lower_end(cell: Cell, f: sympy.Expr, mean: int, step: int, tolerance: arb) -> tuple[int, arb]:
    """Where the sum may start, and a bound on what lies below: largest |f score| there times a geometric
    series of masses.
    """
    if mean < _FROM_ZERO:
        return 0, arb(0)
    family, parameters = cell.family, arguments(cell.family, cell.values)
    ratio = compile_expression(_ratio(family), (z, *family.symbols))
    score = compile_expression(_score_expression(family, cell.parameter), (z, *family.symbols))
    pieces = ((-sympy.oo, sympy.oo, f),) if f == 1 else cell.f.pieces
    functions = [
        compile_expression(expression, (z,)) for lower, upper, expression in pieces if upper > 0 and lower < mean
    ]
    low = mean - step
    while low > 0:
        reach = acb(arb(0).union(arb(low)))
        largest = sum((abs(acb(function(PLAIN, reach))) for function in functions), arb(0))
        q = 1 / acb(ratio(PLAIN, acb(low - 1), *parameters)).real  # P falls at least this fast below `low`
        below = largest * abs(acb(score(PLAIN, reach, *parameters))) * _mass(cell, low) * q / (1 - q)
        if q < 1 and below < tolerance:
            return low, below
        low -= step
    return 0, arb(0)
