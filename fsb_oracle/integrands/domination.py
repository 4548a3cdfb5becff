"""A bound on f of several variables everywhere: |f(z)| <= size (1 + r)**degree exp(rate r) with r = SUM |z_i|.

By recursion over the expression; tails of joint laws are cut with it. All numbers are balls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import FlintMath
from fsb_oracle.integrands.bounds import Unboundable

_BALLS = FlintMath()


@dataclass(frozen=True)
class Domination:
    """size (1 + r)**degree exp(rate r)."""

    size: arb
    degree: arb
    rate: arb

    def __add__(self, other: Domination) -> Domination:
        return Domination(self.size + other.size, self.degree.max(other.degree), self.rate.max(other.rate))

    def __mul__(self, other: Domination) -> Domination:
        return Domination(self.size * other.size, self.degree + other.degree, self.rate + other.rate)

    def __pow__(self, power: arb) -> Domination:
        return Domination(self.size**power, self.degree * power, self.rate * power)

    def exponential(self, extra: arb) -> tuple[arb, arb]:
        """`(size, rate)` with |f| <= size exp(rate r): a power costs `extra` > 0 of the rate, if there is one.

        (1 + r)**k exp(-e r) is largest at r = k/e - 1, where it is below (k/e)**k, or at 0.
        """
        if self.degree == 0:
            return self.size, self.rate
        ratio = (self.degree / extra).max(arb(1))
        return self.size * ratio**self.degree, self.rate + extra


def domination(f: Any) -> Domination:
    """The bound of an expression in real variables.

    Raises:
        Unboundable: f has a pole, grows faster than exponentially, or holds a function without a bound.
    """
    if not f.free_symbols:
        return _constant(abs(_number(f)))
    if isinstance(f, sympy.Symbol):
        return Domination(arb(1), arb(1), arb(0))
    if isinstance(f, (sympy.Add, sympy.Max, sympy.Min)):
        return _all([domination(argument) for argument in f.args])
    if isinstance(f, sympy.Mul):
        result = _constant(arb(1))
        for argument in f.args:
            result = result * domination(argument)
        return result
    if isinstance(f, sympy.exp):
        value, slope = line(f.args[0])
        return Domination(value.exp(), arb(0), slope.max(arb(0)))
    if isinstance(f, sympy.Pow) and f.exp.is_Rational:
        power = _number(f.exp)
        if f.exp > 0:
            return domination(f.base) ** power
        return _constant(least(f.base) ** power)
    if isinstance(f, sympy.Abs):
        return domination(f.args[0])
    return _function(f)


def _function(f: Any) -> Domination:
    if isinstance(f, (sympy.sin, sympy.cos, sympy.tanh, sympy.erf, sympy.sign, sympy.Heaviside)):
        return _constant(arb(1))
    if isinstance(f, (sympy.erfc, sympy.atan)):
        return _constant(arb(2))
    if isinstance(f, (sympy.sinh, sympy.cosh)):
        x: Any = f.args[0]
        return domination(sympy.exp(x)) + domination(sympy.exp(-x))
    if isinstance(f, sympy.log):  # |log x| <= |log least| + log+ x where x >= least > 0
        return _constant(abs(least(f.args[0]).log())) + _log_above(f.args[0])
    raise Unboundable(f"{f.func.__name__} has no bound in several variables")


def _log_above(f: Any) -> Domination:
    """max(log|f|, 0)."""
    try:
        above = domination(f)
    except Unboundable:
        if isinstance(f, sympy.exp):
            return domination(f.args[0])
        if not isinstance(f, (sympy.Add, sympy.Mul)):
            raise
        spread = arb(len(f.args)).log() if isinstance(f, sympy.Add) else arb(0)
        return _all([_constant(spread), *map(_log_above, f.args)])
    return Domination(abs((1 + above.size).log()) + above.degree + above.rate, arb(1), arb(0))


def line(f: Any) -> tuple[arb, arb]:
    """`(value, slope)` with f <= value + slope r, slope >= 0."""
    value, slope = arb(0), arb(0)
    terms = sympy.Add.make_args(f)
    if not all(nonnegative(-term) or not term.free_symbols for term in terms):  # squares are kept where that will do
        terms = sympy.Add.make_args(sympy.expand(f))
    for term in terms:
        if nonnegative(-term):
            continue
        if not term.free_symbols:
            value += _number(term)
            continue
        bound = domination(term)
        if bound.rate == 0 and bound.degree == 0:
            value += bound.size
        elif bound.rate == 0 and bound.degree <= 1:
            value, slope = value + bound.size, slope + bound.size
        else:
            return _quadratic_line(f)
    return value, slope


def _quadratic_line(f: Any) -> tuple[arb, arb]:
    """A quadratic polynomial whose second-order part is negative semidefinite is below its linear part."""
    variables = sorted(f.free_symbols, key=str)
    if not f.is_polynomial(*variables) or sympy.Poly(f, *variables).total_degree() > 2:
        raise Unboundable(f"exp({f}) grows too fast in several variables")
    hessian = sympy.hessian(f, variables)
    if not (-hessian).is_positive_semidefinite:
        raise Unboundable(f"exp({f}) grows too fast in several variables")
    zero = {v: sympy.S.Zero for v in variables}
    slope = arb(0)
    for v in variables:
        slope = slope.max(abs(_number(sympy.diff(f, v).xreplace(zero))))
    return _number(f.xreplace(zero)), slope


def least(f: Any) -> arb:
    """A positive lower bound of f.

    Raises:
        Unboundable: none is known.
    """
    total = arb(0)
    for term in sympy.Add.make_args(f):
        if not term.free_symbols:
            total += _number(term)
        elif isinstance(term, sympy.cosh):
            total += 1
        elif isinstance(term, sympy.Pow) and term.exp.is_Rational and term.exp > 0 and not nonnegative(term.base):
            if not nonnegative(term):
                raise Unboundable(f"{f} may be 0")
        elif isinstance(term, sympy.Pow) and term.exp.is_Rational and term.exp > 0:
            total += _least_or_zero(term.base) ** _number(term.exp)
        elif not nonnegative(term):
            below = domination(term)
            if below.degree != 0 or below.rate != 0:
                raise Unboundable(f"{f} may be 0")
            total -= below.size
    if not total > 0:
        raise Unboundable(f"{f} may be 0")
    return total


def _least_or_zero(f: Any) -> arb:
    try:
        return least(f)
    except Unboundable:
        return arb(0)


def nonnegative(f: Any) -> bool:
    """Whether f >= 0 by its form."""
    if not f.free_symbols:
        return bool(f.is_nonnegative)
    if isinstance(f, (sympy.Abs, sympy.exp, sympy.cosh, sympy.Heaviside)):
        return True
    if isinstance(f, sympy.Pow):
        return bool(f.exp.is_Integer and f.exp % 2 == 0) or nonnegative(f.base)
    if isinstance(f, (sympy.Add, sympy.Mul, sympy.Min)):
        return all(nonnegative(argument) for argument in f.args)
    if isinstance(f, sympy.Max):
        return any(nonnegative(argument) for argument in f.args)
    return False


def _constant(size: arb) -> Domination:
    return Domination(size, arb(0), arb(0))


def _all(bounds: list[Domination]) -> Domination:
    result = bounds[0]
    for bound in bounds[1:]:
        result = result + bound
    return result


def _number(exact: Any) -> arb:
    return acb(compile_expression(sympy.sympify(exact), ())(_BALLS)).real
