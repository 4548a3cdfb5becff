"""The oracle's questions: E f, its gradient in each parameter, and the velocity of the quantiles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import FlintMath, ball, precision
from fsb_oracle.errors import NoExactValue, UsageError, nearest
from fsb_oracle.families import Family, Parameters, resolve_family
from fsb_oracle.families.family import w, z
from fsb_oracle.families.numbers import decimal_text, exact_number
from fsb_oracle.integrands import Integrand, integrand
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle import (
    circle,
    conditional,
    cumulative,
    density,
    incomplete_beta,
    incomplete_gamma,
    joint,
    means,
    point_mass,
    rotated,
    spectral,
)
from fsb_oracle.oracle.audit import spectral as audit_route
from fsb_oracle.oracle.cell import Cell, Piece
from fsb_oracle.oracle.certificate import ENOUGH, Route, certify, scaled_digits
from fsb_oracle.oracle.charts import density_at
from fsb_oracle.oracle.existence import real_on_support, refusal
from fsb_oracle.oracle.lattice import sums, transform
from fsb_oracle.oracle.periodic import check_period
from fsb_oracle.oracle.value import Exact, Value

MAXIMUM_DIGITS = 2_000


def exact(
    family: str | Family,
    parameters: Mapping[str, Any],
    f: str | Integrand,
    digits: int = 30,
    audit: bool = False,
) -> Exact:
    """E f and its gradient in every continuous parameter, each in a certified ball with `digits` relative
    digits.

    Args:
        family: a law or its name.
        parameters: name -> exact number (text such as "10/7", int, Fraction; a float is its binary value).
        f: an integrand, or its text.
        digits: relative digits, from 1 to 2000.
        audit: also integrate the characteristic function with mpmath; its value must lie in the ball.

    Raises:
        UsageError: the input is not valid, or the expectation does not exist or cannot be bounded; one
            sentence.
        OracleError: two routes contradict each other.
    """
    cell = _cell(family, parameters, f, digits)
    value = _certified(cell, digits, audit)
    gradient = {name: _certified(cell.derivative(name), digits, audit) for name in cell.family.continuous_names}
    return Exact(cell.family.name, cell.values, cell.f.text, digits, value, gradient)


def expectation(
    family: str | Family, parameters: Mapping[str, Any], f: str | Integrand, digits: int = 30, routes: int = ENOUGH
) -> Value:
    """E f alone; arguments and errors as in `exact` and `gradient`."""
    return _certified(_cell(family, parameters, f, digits), digits, False, routes)


def gradient(
    family: str | Family,
    parameters: Mapping[str, Any],
    f: str | Integrand,
    parameter: str,
    digits: int = 30,
    audit: bool = False,
    routes: int = ENOUGH,
) -> Value:
    """d E f / d parameter alone; arguments and errors as in `exact`.

    Args:
        routes: how many independent routes must reach the digits; 1 is quicker, and its ball is no less rigorous.
    """
    cell = _cell(family, parameters, f, digits)
    _check_parameter(cell.family, parameter)
    return _certified(cell.derivative(parameter), digits, audit, routes)


def velocity(
    family: str | Family,
    parameters: Mapping[str, Any],
    parameter: str,
    points: Sequence[Any],
    digits: int = 16,
) -> list[Value]:
    """-(dF/d parameter)/p at each point z: how fast that quantile moves, the derivative of implicit
    reparameterisation.

    dF is minus the gradient of P(Z > z), or the gradient of P(Z < z): the smaller tail is integrated, so that
    relative digits hold there.

    Args:
        points: numbers inside the support; a float is its exact binary value.

    Raises:
        NoExactValue: no route bounds the tail's derivative.
        UsageError: the law has no density, or a point lies outside of the support.
    """
    cell = _cell(family, parameters, "1", digits)
    _check_parameter(cell.family, parameter)
    if cell.family.support.kind != "interval":
        raise UsageError(f"{cell.family.name} has no density: the velocity of its quantiles does not exist")
    try:
        return [_velocity(cell.derivative(parameter), exact_number(point, "point"), digits) for point in points]
    except Unboundable as reason:
        raise NoExactValue(f"the velocity of quantiles cannot be computed for {cell.text}: {reason}") from None


def wave_gradient(
    family: Family,
    parameters: Parameters,
    parameter: str,
    frequency: Fraction,
    phase: Fraction,
    digits: int = 18,
) -> Value:
    """d E cos(w Z + b) / d parameter = Re(exp(i b) d phi(w) / d parameter), from the law's characteristic
    function alone.

    The closed form behind the bias spectrum; quick, because no expression in z is taken apart.
    """
    function = compile_expression(family.characteristic_derivative(parameter), (w, *family.symbols))

    def evaluated(goal: int, scale: arb) -> arb:
        with precision(goal + density.GUARD_DIGITS):
            values = (acb(ball(parameters[name])) for name in family.names)
            derivative = function(FlintMath(), acb(ball(frequency)), *values)
            return ((acb(0, 1) * acb(ball(phase))).exp() * derivative).real

    return certify([Route("closed-form", evaluated)], digits, lambda: arb(1))


def _cell(family: str | Family, parameters: Mapping[str, Any], f: str | Integrand, digits: int) -> Cell:
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= MAXIMUM_DIGITS:
        raise UsageError(f"digits={digits} must be a whole number from 1 to {MAXIMUM_DIGITS}")
    law, values = resolve_family(family, parameters) if isinstance(family, str) else family.resolve(parameters)
    f = integrand(f, named=str(law.samples[0]) == "z")
    _check_variables(law, f)
    check_period(law, f)
    return Cell(law, values, f)


def _check_variables(family: Family, f: Integrand) -> None:
    own = tuple(map(str, family.samples))
    for name in f.variables:
        if name not in own:
            have = f"the one variable {own[0]}" if len(own) == 1 else f"the variables {', '.join(own)}"
            raise UsageError(f"f uses {name}, but {family.name} has {have}")


def _check_parameter(family: Family, parameter: str) -> None:
    if parameter not in family.names:
        raise UsageError(
            f"{family.name} has no parameter {parameter!r}; it has {', '.join(family.names)}"
            f"{nearest(parameter, family.names)}"
        )
    if parameter not in family.continuous_names:
        raise UsageError(f"{family.name} has no gradient in {parameter}: it is a whole number")


def _certified(cell: Cell, digits: int, audit: bool, enough: int = ENOUGH) -> Value:
    if not means.tails_allow(cell):
        raise NoExactValue(f"E {cell.f.text} does not exist for {cell.text}")
    try:
        value = certify(_routes(cell), digits, partial(_natural_scale, cell), enough)
    except Unboundable as reason:
        if joint.diverges(cell):
            raise NoExactValue(f"E {cell.f.text} does not exist for {cell.text}") from None
        raise refusal(cell, reason) from None
    return audit_route.audited(cell, value, digits) if audit and not joint.composed(cell.family) else value


def routes_of(cell: Cell) -> list[Route]:
    """The routes that apply, in the order in which they are tried."""
    return list(_routes(cell))


def _routes(cell: Cell) -> Iterator[Route]:
    """The same, one by one: whether a route applies is asked when it is needed."""
    composed = joint.routes(cell, routes_of)
    if composed is not None:
        yield from composed
        return
    if not real_on_support(cell):
        raise Unboundable("f is not real")
    yield from (Route(name, partial(integrate, cell)) for name, applies, integrate in _ROUTES if applies(cell))


def _has_density(cell: Cell) -> bool:
    return rotated.applies(cell) or density.applies(cell)


def _comes_last(cell: Cell) -> bool:
    """Whether closed forms and mixtures are quicker than a density on turned rays."""
    return rotated.applies(cell) and spectral.by_points(cell) and conditional.applies(cell)


def _by_density(cell: Cell, digits: int, scale: arb) -> arb:
    digits = scaled_digits(digits, scale)
    return rotated.integrate(cell, digits) if rotated.applies(cell) else density.integrate(cell, digits)


def _has_cdf(cell: Cell) -> bool:
    return rotated.applies_by_parts(cell) if rotated.applies(cell) else cumulative.applies(cell)


def _has_quick_cdf(cell: Cell) -> bool:
    """Whether integration by parts leaves no integral, or one over a bounded support."""
    steps = all(piece.expression.is_number for piece in cell.pieces)
    return (steps or cell.family.support.bounded) and _has_cdf(cell)


def _by_cdf(cell: Cell, digits: int, scale: arb) -> arb:
    digits = scaled_digits(digits, scale)
    return rotated.integrate_by_parts(cell, digits) if rotated.applies(cell) else cumulative.integrate(cell, digits)


def _by_mixture(cell: Cell, digits: int, scale: arb) -> arb:
    return conditional.integrate(cell, scaled_digits(digits, scale))


def _by_spectrum(cell: Cell, digits: int, scale: arb) -> arb:
    return spectral.integrate(cell, digits, scale)  # looked up at the call: the tests plant faults there


# name, whether the route applies to a cell, and its ball (cell, digits, scale); the cheapest come first
_ROUTES: tuple[tuple[str, Callable[[Cell], bool], Callable[[Cell, int, arb], arb]], ...] = (
    ("closed-form", point_mass.applies, lambda cell, digits, scale: point_mass.evaluate(cell, digits)),
    ("closed-form", sums.corrected_applies, sums.corrected),
    ("lattice", lambda cell: sums.applies(cell) and not sums.comes_last(cell), sums.integrate),
    ("closed-form", means.applies, lambda cell, digits, scale: means.evaluate(cell, digits)),
    ("spectral", spectral.comes_first, _by_spectrum),
    ("density", lambda cell: _has_density(cell) and not _comes_last(cell), _by_density),
    ("cdf", _has_quick_cdf, _by_cdf),
    ("closed-form", incomplete_beta.applies, lambda cell, digits, scale: incomplete_beta.evaluate(cell, digits)),
    ("closed-form", incomplete_gamma.applies, lambda cell, digits, scale: incomplete_gamma.evaluate(cell, digits)),
    ("spectral", lambda cell: spectral.applies(cell) and not spectral.comes_first(cell), _by_spectrum),
    ("spectral", circle.applies, lambda cell, digits, scale: circle.integrate(cell, digits)),
    ("mixture", conditional.applies, _by_mixture),
    ("density", lambda cell: _has_density(cell) and _comes_last(cell), _by_density),
    ("cdf", lambda cell: _has_cdf(cell) and not _has_quick_cdf(cell), _by_cdf),
    ("spectral", transform.applies, transform.integrate),
    ("lattice", sums.comes_last, sums.integrate),
)


def _natural_scale(cell: Cell) -> arb:
    """sqrt(E f^2), the size against which a value counts as 0; 1 where it cannot be had."""
    try:
        with precision(30):
            size = arb(0)
            for route in routes_of(cell.squared())[:1]:
                size = route.ball(3, arb(1)).upper()
            return size.sqrt() if size.is_finite() and size > 0 else arb(1)
    except (Unboundable, UsageError):
        return arb(1)


def _velocity(cell: Cell, point: Fraction, digits: int) -> Value:
    family, values = cell.family, cell.values
    z0 = sympy.Rational(point.numerator, point.denominator)
    low, high = (family.at(end, values) for end in (family.support.lower, family.support.upper))
    if not low < z0 < high:
        raise UsageError(f"point={decimal_text(point)} lies outside of the support of {cell.text}")
    above = bool(z0 > family.centre(values))
    sign = 1 if above else -1
    piece = Piece(z0, None, sympy.S.One) if above else Piece(None, z0, sympy.S.One)

    def closed_form(goal: int, scale: arb) -> arb:
        assert cell.parameter is not None and family.survival is not None and family.cdf is not None
        tail = sympy.diff(family.survival if above else family.cdf, family.symbol(cell.parameter))
        function = compile_expression(tail, (z, *family.symbols))
        with precision(goal + density.GUARD_DIGITS + family.cancelled_digits(values)):
            arguments = (acb(ball(values[name])) for name in family.names)
            change = (acb(0) + function(FlintMath(), acb(ball(point)), *arguments)).real
            return sign * change / density_at(family, values, point)

    def integrated(goal: int, scale: arb) -> arb:
        change = density.integrate(cell, goal, (piece,))
        with precision(goal + density.GUARD_DIGITS + family.cancelled_digits(values)):
            return sign * change / density_at(family, values, point)

    if family.cdf is not None and family.survival is not None:
        return certify([Route("closed-form", closed_form)], digits, lambda: arb(1))
    return certify([Route("density", integrated)], digits, lambda: arb(1))
