"""Oscillating f under a law whose tails are too heavy for the real axis: the density along rays that leave its centre.

For k > 0, exp(i k z) falls exponentially in the upper half-plane. Where a law declares `rays`, its density is analytic
between the axis and each ray and z**n p(z) vanishes at infinity there (Jordan's lemma), so that E Z**n exp(i k Z) is
the integral along the rays. f is real: the waves of k < 0 are the conjugates. The derivative in a parameter is taken
inside the integral, at fixed points z of the plane.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy
from flint import acb, arb
from sympy import I, exp, log, sin

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import Family
from fsb_oracle.families.charts import Chart, End, Ray, s, z
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.integrands.terms import Point, collected, point_terms
from fsb_oracle.oracle.cell import Cell, Piece
from fsb_oracle.oracle.charts import density_parts, expand_logs, integrand, merged
from fsb_oracle.oracle.cumulative import by_survival
from fsb_oracle.oracle.density import GUARD_DIGITS, boundary_terms, spare_digits
from fsb_oracle.oracle.lowering import PLAIN, Lowered, arguments, lower
from fsb_oracle.oracle.segments import Weighted, integral

Waves = tuple[Point, ...]


def applies(cell: Cell) -> bool:
    """Whether the law has rays, and f is a sum of z**n times waves, at least one of which oscillates."""
    return bool(cell.family.rays) and cell.family.log_density is not None and _waves(cell) is not None


def _waves(cell: Cell) -> tuple[Waves, Waves] | None:
    """The terms of f that do not oscillate, and those of positive frequency."""
    return _split(cell.pieces[0].expression) if len(cell.pieces) == 1 else None


@lru_cache(maxsize=1024)
def _split(expression: sympy.Expr) -> tuple[Waves, Waves] | None:
    points = point_terms(expression)
    if points is None or any(sympy.re(point.rate) != 0 for point in points):
        return None
    still = tuple(point for point in points if point.rate == 0)
    waves = tuple(point for point in points if sympy.im(point.rate).is_positive)
    return (still, waves) if waves else None


def integrate(cell: Cell, digits: int) -> arb:
    """E f, or its derivative in the cell's parameter, to an absolute error of about 10**-digits.

    Raises:
        Unboundable: E |f| is infinite, or a tail cannot be bounded.
    """
    still, waves = _checked(cell)
    with precision(max(digits, 0) + GUARD_DIGITS + spare_digits(cell)):
        parameters = arguments(cell.family, cell.values)
        total = boundary_terms(cell, parameters, cell.pieces)
        total += integral(cell, parameters, _on_axis(cell, cell.pieces[0].expression, still), integrand, digits)
        return total + _over_rays(cell, parameters, waves, None, digits)


def _on_axis(cell: Cell, f: sympy.Expr, still: Waves) -> tuple[Piece, ...]:
    """What is integrated on the real axis: all of f below the origin of the law's only ray, and what does not oscillate
    of it beyond."""
    polynomial = sympy.Add(*(point.expression for point in still))
    law = cell.family
    starts = [law.at(ray.origin, cell.values) for ray in law.rays]
    if len(starts) == 1 and starts[0] > law.at(law.support.lower, cell.values):
        return Piece(None, starts[0], f), Piece(starts[0], None, polynomial)
    return (Piece(None, None, polynomial),)


def applies_by_parts(cell: Cell) -> bool:
    """Whether E f = f(low) + INT f' P(Z > z) dz can end on the law's only ray; for laws without a characteristic
    function, which is the simpler second route.
    """
    law = cell.family
    one = len(law.rays) == 1 and law.at(law.support.lower, cell.values).is_finite
    return bool(one) and law.survival is not None and law.characteristic_function is None and applies(cell)


def integrate_by_parts(cell: Cell, digits: int) -> arb:
    """The same from the distribution function alone: f' times P(Z > z), or its derivative. Raises as `integrate`."""
    still, waves = _checked(cell)
    low = cell.family.at(cell.family.support.lower, cell.values)
    with precision(max(digits, 0) + GUARD_DIGITS + spare_digits(cell)):
        parameters = arguments(cell.family, cell.values)
        total = arb(0)
        if cell.parameter is None:
            total = acb(compile_expression(cell.pieces[0].expression.xreplace({z: low}).doit(), ())(PLAIN)).real
        pieces = _on_axis(cell, cell.pieces[0].expression, still)
        on_axis = tuple(Piece(p.lower, p.upper, sympy.diff(p.expression, z)) for p in pieces)
        total += integral(cell, parameters, on_axis, by_survival, digits)
        slopes = tuple(collected([term for wave in waves for term in _slope(wave)]))
        return total + _over_rays(cell, parameters, slopes, cell.family.survival, digits)


def _slope(wave: Point) -> list[Point]:
    """The derivative of c z**n exp(rate z)."""
    terms = [Point(wave.coefficient * wave.rate, wave.power, wave.rate)]
    if wave.power:
        terms.append(Point(wave.coefficient * wave.power, wave.power - 1, wave.rate))
    return terms


def _checked(cell: Cell) -> tuple[Waves, Waves]:
    found = _waves(cell)
    assert found is not None
    index = cell.family.at(cell.family.tail_index, cell.values)
    if not all(point.power < index for part in found for point in part):
        raise Unboundable("E |f| is infinite")
    return found


def _over_rays(cell: Cell, parameters: tuple[Any, ...], waves: Waves, mass: sympy.Expr | None, digits: int) -> arb:
    """Twice the real part of the integrals of the waves times `mass` (the density by default) along the law's rays."""
    piece = Piece(None, None, sympy.Add(*(point.expression for point in waves)))
    total = arb(0)
    for ray in cell.family.rays:
        total += integral(cell, parameters, (piece,), _along(ray, waves, mass), digits, (ray.chart,))
    return total


def _along(ray: Ray, waves: Waves, mass: sympy.Expr | None) -> Weighted:
    return lambda family, f, parameter, chart, end: on_ray(family, waves, mass, parameter, ray, end)


@lru_cache(maxsize=4096)
def on_ray(
    family: Family, waves: Waves, mass: sympy.Expr | None, parameter: str | None, ray: Ray, end: End | None
) -> Lowered:
    """Twice the waves times the density or another mass (or its derivative) along the ray; its real part counts.

    Near an end: a bound of it, with |exp(i k z)| in place of the waves.
    """
    chart: Chart = ray.chart
    variable, r = (
        (chart.variable, chart.point) if end is None else (s, chart.point.xreplace({chart.variable: end.approach}))
    )
    turn = exp(I * ray.side * ray.angle)
    point = ray.origin + ray.side * turn * r
    logarithm = {log(z - ray.origin): expand_logs(log(r)) + I * ray.angle} if ray.side == 1 else {}

    def moved(expression: Any) -> Any:
        return _beyond_kink(expression, ray).xreplace(logarithm).xreplace({z: point})

    f: Any = sympy.S.Zero
    for wave in waves:
        phase = wave.rate * point if end is None else sympy.im(wave.rate) * -sin(ray.angle) * r
        f += 2 * wave.coefficient * point**wave.power * exp(sympy.expand(phase))
    if mass is None:
        weight, log_rest = density_parts(family, parameter)
        weighted = moved(weight) * exp(sympy.expand(moved(log_rest)))
    else:
        weighted = moved(mass if parameter is None else sympy.diff(mass, family.symbol(parameter)))
    return lower(merged(f * weighted * turn * sympy.diff(r, variable), variable), variable)


def _beyond_kink(expression: Any, ray: Ray) -> Any:
    """Max(x, 0) as x and its derivative as 1, where x = log z - log(origin) rises from 0 on a ray to the right of a
    positive origin."""
    if ray.side != 1 or ray.origin == 0:
        return expression
    x = log(z) - log(ray.origin)
    return expression.xreplace({sympy.Max(x, 0): x, sympy.Heaviside(x): sympy.S.One})
