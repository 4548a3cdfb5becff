"""Route 1: rigorous integration of f times the density times the score, in ball arithmetic.

`segments` integrates over the law's charts; moving ends of the support contribute f(end) p(end) d(end)/d(parameter).
The derivative in the parameter is taken inside the integral.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import log10
from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import Family
from fsb_oracle.families.family import MOST_CANCELLED, z
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle import algebraic
from fsb_oracle.oracle.cell import Cell, Piece
from fsb_oracle.oracle.charts import integrand
from fsb_oracle.oracle.lowering import PLAIN, arguments
from fsb_oracle.oracle.segments import integral
from fsb_oracle.oracle.singular import pole

GUARD_DIGITS = 15
MAXIMUM_WAVES = 300.0  # beyond, quadrature takes seconds, and the characteristic function answers at once


def applies(cell: Cell) -> bool:
    """Whether the law has a density in closed form, charts in which it is smooth, and not too many waves of f in it."""
    return cell.family.log_density is not None and bool(cell.family.charts) and _waves_within(cell) < MAXIMUM_WAVES


def _waves_within(cell: Cell) -> float:
    """How many radians the fastest sine or cosine of f runs through over one spread of the law."""
    speed = _fastest(cell.f.expression)
    return speed * cell.family.spread(cell.values) if speed else 0.0


@lru_cache(maxsize=1024)
def _fastest(f: sympy.Expr) -> float:
    """The largest constant speed of a sine's or cosine's argument."""
    speeds = [abs(sympy.diff(wave.args[0], z)) for wave in f.atoms(sympy.sin, sympy.cos)]  # pyright: ignore[reportArgumentType]
    return max((float(speed) for speed in speeds if speed.is_number), default=0.0)


def integrate(cell: Cell, digits: int, pieces: tuple[Piece, ...] | None = None) -> arb:
    """E f, or its derivative in the cell's parameter, to an absolute error of about 10**-digits (times a
    small scale).

    `pieces` replaces those of f: the velocity integrates indicators of many points without symbolic work.

    Raises:
        Unboundable: the integral does not converge, or no tail bound is known.
    """
    if pieces is None and (at := pole(cell)) is not None:
        raise Unboundable(f"f has a pole at z = {at}")
    own = algebraic.charts(cell) if pieces is None else ()
    pieces = cell.pieces if pieces is None else pieces
    with precision(max(digits, 0) + GUARD_DIGITS + spare_digits(cell)):
        parameters = arguments(cell.family, cell.values)
        total = boundary_terms(cell, parameters, pieces)
        if own:
            return total + integral(cell, parameters, pieces, algebraic.weighted, digits, own)
        return total + integral(cell, parameters, pieces, integrand, digits)


def cancelled_digits(cell: Cell) -> int:
    """How many digits cancel in the law's formulas. Raises Unboundable for too many."""
    found = cell.family.cancelled_digits(cell.values)
    if found == MOST_CANCELLED:
        raise Unboundable(f"so far out in a tail more than {MOST_CANCELLED} digits of the law's formulas cancel")
    return found


def spare_digits(cell: Cell) -> int:
    """Digits that cancel at extreme parameters, where exponents are large: a guess that costs time, never rigour."""
    sizes = [abs(value) for value in cell.values.values() if isinstance(value, Fraction) and value]
    return cancelled_digits(cell) + int(
        2 * max((abs(log10(size.numerator) - log10(size.denominator)) for size in sizes), default=0.0)
    )


@lru_cache(maxsize=4096)
def _flux(family: Family, f: sympy.Expr, parameter: str, upper: bool) -> Any:
    """What one end of the support contributes as it moves."""
    assert family.log_density is not None
    end = family.support.upper if upper else family.support.lower
    speed = sympy.diff(end, family.symbol(parameter))
    sign = 1 if upper else -1
    if speed == 0:
        return sympy.S.Zero
    density = sympy.exp(family.log_density)
    if density.xreplace({z: end}).has(sympy.nan, sympy.zoo):
        density = sympy.limit(density, z, end, "-" if upper else "+")
    return sympy.Mul(sign, f, density, speed).xreplace({z: end})


def boundary_terms(cell: Cell, parameters: tuple[Any, ...], pieces: tuple[Piece, ...]) -> arb:
    """f(end) p(end) d(end)/d(parameter) at each end of the support that moves with the parameter."""
    family, total = cell.family, arb(0)
    if cell.parameter is None or not family.support.moves:
        return total
    for upper, piece in ((False, pieces[0]), (True, pieces[-1])):
        flux = _flux(family, piece.expression, cell.parameter, upper)
        if flux != 0 and (piece.upper if upper else piece.lower) is None:
            value = acb(compile_expression(flux, family.symbols)(PLAIN, *parameters)).real
            if not value.is_finite():
                raise Unboundable("f is not finite at an end of the support that moves")
            total += value
    return total
