"""Sharp enclosures of integrands on wide balls: the exponents of concentrated densities to second order.

On a ball X = m + d, an exponent such as k (t - exp(t)) with a large k is enclosed badly: k t and k exp(t) cancel.
Its Taylor form

    h(X) in h(m) + h'(m) d + h''(X) d**2/2

is wrong by k d**2 only, so that the integrator meets the width 1/sqrt(k) of the density after few bisections.
The nodes of a quadrature are thin balls and are evaluated directly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import sympy
from flint import acb, acb_series, arb
from sympy.core.function import ArgumentIndexError

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_series import SeriesMath, series_length
from fsb_oracle.errors import UsageError
from fsb_oracle.integrands.structure import depends
from fsb_oracle.oracle.lowering import Lowered

_THIN = arb(2) ** -64
_SHARP = arb(4)  # an exponent known as well as this costs the integrator nothing: it needs a size, not a value
_SERIES = SeriesMath()


@lru_cache(maxsize=4096)
def sharpened(lowered: Lowered) -> Callable[..., acb]:
    """The same function `(m, x, *constants)` as `lowered.function`, with smaller values on wide balls x.

    Exponents must be twice differentiable on real balls x; with the `analytic` flag of m it is checked that they are
    analytic on x.
    """
    exponents = tuple(_exponents(lowered.expression, lowered.variable))
    if not exponents:
        return lowered.function
    wide, direct = _Wide(lowered, exponents), lowered.function

    def function(m: Any, x: acb, *constants: Any) -> acb:
        return direct(m, x, *constants) if arb(x.rad()) < _THIN else wide(m, x, constants)

    return function


def _exponents(node: Any, variable: sympy.Symbol) -> dict[Any, None]:
    """The arguments of the outermost exponentials that are not straight lines in the variable."""
    if not depends(node, variable):
        return {}
    if isinstance(node, sympy.exp) and _is_bent(node.args[0], variable):
        return {node.args[0]: None}
    return {found: None for argument in node.args for found in _exponents(argument, variable)}


def _is_bent(exponent: Any, variable: sympy.Symbol) -> bool:
    return any(_bent(term, variable) for term in sympy.Add.make_args(exponent))


def _bent(term: Any, variable: sympy.Symbol) -> bool:
    """Whether a term is more than a constant times the variable."""
    return (
        depends(term, variable)
        and term != variable
        and not (term.is_Mul and all(factor == variable or not depends(factor, variable) for factor in term.args))
    )


class _Wide:
    """The integrand on wide balls; compiled at the first of them."""

    def __init__(self, lowered: Lowered, exponents: tuple[Any, ...]) -> None:
        self.lowered, self.exponents = lowered, exponents
        self.signature = (lowered.variable, *lowered.symbols)

    @cached_property
    def parts(self) -> tuple[Callable[..., Any], list[_Exponent]]:
        """The integrand as a function of the exponentials' values too, and the exponents."""
        names = tuple(sympy.Symbol(f"e{i}") for i in range(len(self.exponents)))
        outer = self.lowered.expression.xreplace(dict(zip(map(sympy.exp, self.exponents), names, strict=True)))
        inner = [_exponent(exponent, self.signature) for exponent in self.exponents]
        return compile_expression(outer, (*self.signature, *names)), inner

    def __call__(self, m: Any, x: acb, constants: tuple[Any, ...]) -> acb:
        outer, inner = self.parts
        return outer(m, x, *constants, *(_exp(_enclosed(exponent, m, x, constants)) for exponent in inner))


def _exp(exponent: acb) -> acb:
    """exp of a ball, by way of its midpoint: of wide balls flint keeps 30 bits, too few for an exponent of -1e16."""
    if not exponent.is_finite():
        return exponent.exp()
    middle = acb(exponent.real.mid(), exponent.imag.mid())
    return middle.exp() * (exponent - middle).exp()


@dataclass(frozen=True)
class _Exponent:
    """An exponent, and its first and half its second derivative where those have a compiled form."""

    value: Callable[..., Any]
    slope: Callable[..., Any] | None = None
    bend: Callable[..., Any] | None = None


@lru_cache(maxsize=4096)
def _exponent(expression: Any, signature: tuple[sympy.Symbol, ...]) -> _Exponent:
    value = compile_expression(expression, signature)
    if expression.has(sympy.Abs, sympy.sign, sympy.Heaviside, sympy.Piecewise, sympy.Max, sympy.Min):
        return _Exponent(value)
    try:
        slope = sympy.diff(expression, signature[0])
        bend = sympy.diff(slope, signature[0]) / 2
        return _Exponent(value, compile_expression(slope, signature), compile_expression(bend, signature))
    except (UsageError, ArgumentIndexError):
        return _Exponent(value)


def _enclosed(exponent: _Exponent, m: Any, x: acb, constants: tuple[Any, ...]) -> acb:
    """The exponent on a ball, directly and by its Taylor form: both hold, so their intersection does."""
    direct = acb(exponent.value(m, x, *constants))
    if not direct.is_finite() or arb(direct.real.rad()) < _SHARP:
        return direct
    middle = acb(x.real.mid(), x.imag.mid())
    try:
        at_middle, slope, bend = _taylor(exponent, m, x, middle, constants)
    except (ArithmeticError, ValueError, TypeError):  # a derivative of something in it does not exist on this ball
        return direct
    d = x - middle
    taylor = at_middle + slope * d + bend * d**2
    if not taylor.is_finite():
        return direct
    return acb(direct.real.intersection(taylor.real), direct.imag.intersection(taylor.imag))


def _taylor(exponent: _Exponent, m: Any, x: acb, middle: acb, constants: tuple[Any, ...]) -> tuple[acb, acb, acb]:
    """The exponent and its slope at the middle of a ball, and half its second derivative on the ball."""
    if exponent.slope is not None and exponent.bend is not None:
        slope, bend = exponent.slope(m, middle, *constants), exponent.bend(m, x, *constants)
        return acb(exponent.value(m, middle, *constants)), acb(slope), acb(bend)
    with series_length(3):
        at_middle = exponent.value(_SERIES, acb_series([middle, acb(1)], 2), *constants)
        on_ball = exponent.value(_SERIES, acb_series([x, acb(1)], 3), *constants)
    return at_middle[0], at_middle[1], on_ball[2]
