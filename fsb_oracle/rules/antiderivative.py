"""Antiderivatives in closed form of the expressions that powers of f' are made of; no search, no heuristics.

Known are sums of polynomials times exponentials, sines and cosines of linear arguments; polynomials times Gaussians;
polynomials in one tanh; rational functions; and all of these piecewise.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any

import sympy
from sympy import Heaviside, S, cos, erf, exp, sin, sqrt
from sympy.integrals.rationaltools import ratint

from fsb_oracle.families.family import z
from fsb_oracle.integrands.pieces import pieces
from fsb_oracle.integrands.terms import REWRITABLE, monomial

MAXIMUM_DEGREE = 40  # of a rational function's denominator


@lru_cache(maxsize=512)
def antiderivative(expression: sympy.Expr, order: int = 1) -> sympy.Expr | None:
    """A continuous H with d^order H / d z^order = expression almost everywhere, or None if its form is not known."""
    for _ in range(order):
        parts = [(lower, _smooth(piece)) for lower, _, piece in pieces(expression)]
        if any(part is None for _, part in parts):
            return None
        result: Any = parts[0][1]
        for (_, before), (start, after) in pairwise(parts):
            gain: Any = after - before  # pyright: ignore[reportOptionalOperand, reportOperatorIssue]
            result += Heaviside(z - start) * (gain - gain.xreplace({z: start}))
        expression = result
    return expression


def _smooth(expression: sympy.Expr) -> sympy.Expr | None:
    """The antiderivative of an expression without kinks or jumps."""
    exponential, others = S.Zero, []
    rewritten = expression.replace(lambda e: isinstance(e, REWRITABLE), lambda e: e.rewrite(exp))
    for term in sympy.Add.make_args(sympy.powsimp(sympy.expand(rewritten), combine="exp")):
        found = _exponential_term(term)
        if found is None:
            others.append(term)
        else:
            exponential += found
    rest = sympy.Add(*others)
    if rest == 0:
        return exponential
    found = _in_tanh(rest)
    if found is None:
        found = _rational(rest)
    return None if found is None else exponential + found


def _exponential_term(term: Any) -> sympy.Expr | None:
    """INT c z**n exp(q(z)) dz for q of degree 0, 1 or 2 (with a negative leading coefficient); its real part."""
    split = monomial(term)
    if split is None:
        return None
    constant, power, exponent = split
    if not exponent.is_polynomial(z):
        return None
    quadratic = sympy.Poly(exponent, z)
    if quadratic.degree() > 2:
        return None
    c0, c1, c2 = (quadratic.coeff_monomial(z**n) for n in range(3))
    if c2 != 0:
        return _gaussian(constant, power, -c2, c1, c0) if c2.is_negative and c1.is_real else None
    scale = constant * exp(c0)
    if c1 == 0:
        return sympy.re(sympy.expand_complex(scale)) * z ** (power + 1) / (power + 1)
    rate_real, rate_imag = sympy.expand_complex(c1).as_real_imag()
    total, factor = S.Zero, scale / c1
    for n in range(power, -1, -1):  # z**n/r - n z**(n-1)/r**2 + ...
        real, imag = sympy.expand_complex(factor).as_real_imag()
        total += z**n * exp(rate_real * z) * (real * cos(rate_imag * z) - imag * sin(rate_imag * z))
        factor = -factor * n / c1
    return total


def _gaussian(constant: Any, power: int, a: Any, b: Any, c: Any) -> sympy.Expr:
    """constant * INT z**power exp(-a z**2 + b z + c) dz, from INT (2 a z - b) exp(q) = -exp(q)."""
    bell = exp(-a * z**2 + b * z + c)
    found = [sqrt(sympy.pi / a) / 2 * exp(c + b**2 / (4 * a)) * erf(sqrt(a) * z - b / (2 * sqrt(a)))]
    for n in range(1, power + 1):
        lower = (n - 1) * found[n - 2] if n > 1 else S.Zero
        found.append((b * found[n - 1] + lower - z ** (n - 1) * bell) / (2 * a))
    return sympy.expand(constant * found[power])


def _in_tanh(expression: sympy.Expr) -> sympy.Expr | None:
    """INT of a polynomial in tanh(slope z + shift): T_n = T_(n-2) - tanh**(n-1)/(slope (n - 1))."""
    tanhs = expression.atoms(sympy.tanh)
    if len(tanhs) != 1:
        return None
    (node,) = tanhs
    slope, symbol = sympy.diff(node.args[0], z), sympy.Dummy()
    inner: Any = expression.xreplace({node: symbol})
    if slope.has(z) or inner.has(z) or not inner.is_polynomial(symbol):
        return None
    coefficients = sympy.Poly(inner, symbol).all_coeffs()[::-1]
    integrals = [z, sympy.log(sympy.cosh(node.args[0])) / slope]
    for n in range(2, len(coefficients)):
        integrals.append(integrals[n - 2] - node ** (n - 1) / (slope * (n - 1)))
    return sympy.Add(*(c * integral for c, integral in zip(coefficients, integrals, strict=False)))


def _rational(expression: sympy.Expr) -> sympy.Expr | None:
    if not expression.is_rational_function(z):
        return None
    numerator, denominator = sympy.fraction(sympy.together(expression))
    polynomials = [sympy.Poly(part, z) for part in (numerator, denominator)]
    if polynomials[1].degree() > MAXIMUM_DEGREE or not all(p.domain.is_QQ or p.domain.is_ZZ for p in polynomials):
        return None
    found: Any = ratint(numerator / denominator, z, real=True)
    return None if found.has(sympy.RootSum) else found
