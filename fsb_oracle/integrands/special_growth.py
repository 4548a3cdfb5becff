"""Growth bounds of special functions on a half line, for `growth`: from known inequalities, each with its source."""

from __future__ import annotations

from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.special_functions import (
    besselk,
    besselk_dorder,
    expm1,
    hyp0f1,
    hyp0f1_db,
    log1mexp,
)
from fsb_oracle.integrands.bounds import Bound, NotYet, Unboundable, constant
from fsb_oracle.integrands.lines import Lines

BOUNDED = (
    expm1, log1mexp, hyp0f1, hyp0f1_db, besselk, besselk_dorder, sympy.gamma, sympy.digamma, sympy.polygamma,
)  # fmt: skip


def special_upper(lines: Lines, node: Any) -> Bound:
    """|node| <= the bound, for a node whose function is in `BOUNDED`. Raises NotYet or Unboundable."""
    if isinstance(node, expm1):
        return _expm1(lines, node.args[0])
    if isinstance(node, log1mexp):
        return _log1mexp(lines, node.args[0])
    if isinstance(node, (hyp0f1, hyp0f1_db)):
        return _hyp0f1(lines, node)
    if isinstance(node, (besselk, besselk_dorder)):
        return _besselk(lines, node)
    if isinstance(node, sympy.gamma):
        return _gamma(lines, node.args[0])
    if node.args[0] == 0:
        return _digamma(lines, node.args[1])
    raise Unboundable(f"{node.func.__name__} has no growth bound")


def _expm1(lines: Lines, argument: Any) -> Bound:
    """|exp(y) - 1| <= |y| max(1, exp(Re y)), and <= 1 + exp(Re y)."""
    value, slope = lines.line(argument, 1)
    rate = slope.max(arb(0))
    size = lines.upper(argument)
    if size.rate < 0 or (size.rate <= 0 and size.power < 0):
        return size * Bound(value.exp().max(arb(1)), arb(0), rate)
    return Bound(1 + value.exp(), arb(0), rate)


def _log1mexp(lines: Lines, argument: Any) -> Bound:
    """|log(1 - q)| <= |q|/(1 - |q|) for q = exp(y), |q| < 1: term by term."""
    value, slope = lines.line(argument, 1)
    if not (slope <= 0 and value < 0):
        raise NotYet
    largest = value.exp()
    return Bound(largest / (1 - largest), arb(0), slope)


def _hyp0f1(lines: Lines, node: Any) -> Bound:
    """For b > 0, y for |y| (the series has positive terms): 0F1(b; y) = 0F1(b + 1; y) + y/(b (b + 1)) 0F1(b + 2; y),
    where 0F1(c; y) <= cosh(2 sqrt(y)) for c >= 1/2, term by term; and d/db 0F1(b; y) <= y/b**2 0F1(b + 1; y).
    """
    parameter, y = lines.polynomial(node.args[0]), node.args[1]
    if parameter is None or len(parameter) > 1 or not parameter[0].real > 0:
        raise Unboundable(f"{node.func.__name__} has no growth bound")
    b, size = parameter[0].real, lines.upper(y)
    if size.power <= 0 and size.rate <= 0:
        exponential = constant((2 * size.size.sqrt()).exp())
    else:  # the tangent of the square root of max(1, |c0|) + |c1| x
        coefficients = lines.polynomial(y)
        if coefficients is None or len(coefficients) > 2:
            raise Unboundable(f"{node.func.__name__} has no growth bound")
        root = abs(coefficients[0]).max(arb(1)).sqrt()
        exponential = Bound((2 * root).exp(), arb(0), abs(coefficients[1]) / root)
    if isinstance(node, hyp0f1_db):
        return constant(1 / b**2) * size * exponential
    return Bound(1 + size.size / (b * (b + 1)), size.power.max(arb(0)), size.rate.max(arb(0))) * exponential


def _besselk(lines: Lines, node: Any) -> Bound:
    """|K(p, y)| <= K(|Re p|, Re y), and exp(y) K(p, y) falls for y > 0: K = INT_0^oo exp(-y cosh t) cosh(p t) dt; the
    derivative in the order is bounded by the next orders (Cauchy on the unit circle).
    """
    order, y = lines.polynomial(node.args[0]), node.args[1]
    if order is None or len(order) > 1:
        raise Unboundable("K of a changing order has no growth bound")
    real, rate = _real_part_below(lines, y)
    if not real > 0:
        raise NotYet
    highest = abs(order[0].real) + (1 if isinstance(node, besselk_dorder) else 0)
    size = acb(real).bessel_k(acb(highest)).real
    return Bound(size, arb(0), -rate)


def _real_part_below(lines: Lines, y: Any) -> tuple[arb, arb]:
    """(c, k) with Re y >= c + k x, k >= 0: a polynomial, or a positive multiple of the root of one in Re >= 0."""
    factor, core = lines.constant_factor(y) if isinstance(y, sympy.Mul) else (acb(1), y)
    if isinstance(core, sympy.Pow) and core.exp == sympy.S.Half and factor.imag == 0 and factor.real > 0:
        coefficients = lines.polynomial(core.base)
        if coefficients is not None and all(c.real >= 0 for c in coefficients):
            below = lines.lower(core.base)  # Re sqrt(q) >= sqrt(|q|/2) for Re q >= 0
            if below.power >= 0 and below.rate >= 0:
                return factor.real * (below.size / 2).sqrt(), arb(0)
        raise NotYet
    value, slope = lines.line(y, -1)
    if not slope <= 0:
        raise NotYet
    return -value, -slope


def _vertical(lines: Lines, argument: Any) -> list[Any]:
    """[c0, c1] of c0 + c1 x with Re c0 > 0 and Re c1 = 0."""
    coefficients = lines.polynomial(argument)
    if coefficients is None or len(coefficients) != 2 or not coefficients[0].real > 0 or coefficients[1].real != 0:
        raise Unboundable("gamma has no growth bound off vertical lines")
    return coefficients


def _gamma(lines: Lines, argument: Any) -> Bound:
    """|Gamma(a + i b)| <= sqrt(2 pi) |a + i b|**(a - 1/2) exp(-pi |b|/2) exp(1/(6 |a + i b|)): DLMF 5.6.9."""
    start, step = _vertical(lines, argument)
    if not start.imag * step.imag >= 0:
        raise NotYet
    a, half_pi = start.real, arb.pi() / 2
    power = a - arb(0.5)
    if not (power >= 0 or power < 0):
        raise NotYet
    size = (lines.upper(argument) if power >= 0 else lines.lower(argument)) ** power
    decay = Bound((-half_pi * abs(start.imag)).exp(), arb(0), -half_pi * abs(step.imag))
    return constant((2 * arb.pi()).sqrt() * (1 / (6 * a)).exp()) * size * decay


def _digamma(lines: Lines, argument: Any) -> Bound:
    """|digamma(y) - log y| <= 1/Re y: the kernel 1/(1 - exp(-t)) - 1/t of Binet's integral lies between 1/2 and 1."""
    start, _ = _vertical(lines, argument)
    logarithm = lines.upper(sympy.log(argument))
    return Bound(logarithm.size + 1 / start.real, logarithm.power.max(arb(0)), logarithm.rate.max(arb(0)))
