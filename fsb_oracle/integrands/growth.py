"""Rigorous growth bounds on a half line, by recursion over an expression tree.

For s >= start, with x = s - start and r = (1 + s)/(1 + start), a `Bound` states

    |g(s)| <= size * r**power * exp(rate * x)

(or >=, for a lower bound). Bounds of sums, products, powers, exponentials and logarithms follow from those of
their parts. An exponent is bounded by a straight line in x, so that Gaussian decay counts from `start` on, or by one
in log r, where it falls like a power of r below 1: the later the start, the sharper the bound. All numbers are balls,
so every comparison that a bound rests on is certain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.expressions import inverse
from fsb_oracle.backends.special_functions import expm1, hyp0f1
from fsb_oracle.integrands.bounds import (
    Bound,
    NotYet,
    Unboundable,
    constant,
    largest,
    polynomial_lower,
    polynomial_upper,
)
from fsb_oracle.integrands.lines import BALLS, Lines
from fsb_oracle.integrands.special_growth import BOUNDED, special_upper
from fsb_oracle.integrands.structure import RECIPROCALS, denominator, terms_of_sum

# |log(1 + y)| <= 8/e (1 + y)**(1/8): a logarithm costs an eighth of a power
_LOG_POWER, _LOG_SIZE = arb(1) / 8, arb(3)


# bound of the function, and the slope at 0 that bounds |function(y)|/|y|; both for real arguments
_FUNCTION_BOUNDS: dict[str, tuple[Any, Any]] = {
    "sin": (lambda: 1, lambda: 1),
    "cos": (lambda: 1, None),
    "tanh": (lambda: 1, lambda: 1),
    "atan": (lambda: arb.pi() / 2, lambda: 1),
    "erf": (lambda: 1, lambda: arb(2)),
    "sign": (lambda: 1, None),
    "Heaviside": (lambda: 1, None),
}


_RISING = (sympy.exp, sympy.sinh, sympy.cosh)


def _series_below(node: Any) -> Any:
    """A polynomial below exp, sinh or cosh of y >= 0: high enough to exceed what an exponent may hold against it."""
    first, step = (0, 1) if isinstance(node, sympy.exp) else (int(isinstance(node, sympy.sinh)), 2)
    y: Any = node.args[0]
    return sympy.Add(*(y**k / sympy.factorial(k) for k in range(first, 8, step)))


def upper_bound(
    expression: sympy.Expr,
    variable: sympy.Symbol,
    start: float,
    values: Mapping[sympy.Symbol, acb] | None = None,
) -> Bound:
    """|expression| <= the bound, for variable >= start >= 0; `values` are those of the other symbols.

    Raises:
        NotYet: a later start is needed.
        Unboundable: the expression holds something that has no bound of this form.
    """
    return _Growth(variable, arb(start), values or {}).upper(expression)


def lower_bound(
    expression: sympy.Expr,
    variable: sympy.Symbol,
    start: float,
    values: Mapping[sympy.Symbol, acb] | None = None,
) -> Bound:
    """|expression| >= the bound, for variable >= start >= 0. Raises as `upper_bound` does."""
    return _Growth(variable, arb(start), values or {}).lower(expression)


class _Growth(Lines):
    """One recursion: the bounds of every node for one start and one set of values."""

    def __init__(self, variable: sympy.Symbol, start: arb, values: Mapping[sympy.Symbol, acb]) -> None:
        super().__init__(variable, start, values)
        self.uppers: dict[int, tuple[Any, Bound]] = {}  # by identity, as polynomials are

    # --- upper bounds
    # ---------------------------------------------------------------------------------------------

    def upper(self, node: Any) -> Bound:
        found = self.uppers.get(id(node))
        if found is None:
            found = self.uppers[id(node)] = (node, self._upper(node))
        return found[1]

    def _upper(self, node: Any) -> Bound:
        coefficients = self.polynomial(node)
        if coefficients is not None:
            return polynomial_upper(coefficients, self.start)
        if isinstance(node, sympy.Add):
            parts = [self.upper(part) for part in terms_of_sum(node, self.variable)]
            size = sum((p.size for p in parts), arb(0))
            return Bound(size, largest([p.power for p in parts]), largest([p.rate for p in parts]))
        if isinstance(node, sympy.Mul):
            result = constant(1)
            for argument in node.args:
                result = result * self.upper(argument)
            return result
        if isinstance(node, sympy.Pow):
            return self._power(node, self.upper, self.lower)
        if isinstance(node, inverse):
            return self.lower(node.args[0]) ** arb(-1)
        if isinstance(node, RECIPROCALS):
            return self.lower(denominator(node)) ** arb(-1)
        if isinstance(node, sympy.exp):
            return self._exponential(node.args[0], 1)
        if isinstance(node, sympy.Abs):
            return self.upper(node.args[0])
        if isinstance(node, sympy.log):
            return self._log_upper(node)
        if isinstance(node, sympy.asinh):
            return self._asinh_upper(node)
        if isinstance(node, sympy.erfc):
            return self._erfc_upper(node)
        if isinstance(node, sympy.loggamma):
            return self._loggamma_upper(node)
        if isinstance(node, BOUNDED):
            return special_upper(self, node)
        return self._function_upper(node)

    def _exponential(self, exponent: Any, sign: int) -> Bound:
        """Upper (sign 1) or lower (-1) bound of |exp(exponent)|; a term c log g in it is |g|**c."""
        result, rest = constant(1), []
        for term in sympy.Add.make_args(exponent):
            factor, core = self.constant_factor(term) if isinstance(term, sympy.Mul) else (acb(1), term)
            if isinstance(core, sympy.log) and factor.imag == 0 and (factor.real > 0 or factor.real < 0):
                bound = self.upper if bool(factor.real > 0) == (sign > 0) else self.lower
                result = result * bound(core.args[0]) ** factor.real
            elif sign < 0 and isinstance(core, _RISING) and factor.real > 0 and self.nonnegative(core.args[0]):
                rest.append(term.xreplace({core: _series_below(core)}))
            elif (turned := self.turned(term, sign)) is not None and turned[1] < 1:
                value, power = turned  # no line falls with r**power, but r**power >= 1 + power log r
                result = result * Bound((sign * value).exp(), sign * value * power, arb(0))
            else:
                rest.append(term)
        if rest:
            value, slope = self.line(sympy.Add(*rest, evaluate=False) if len(rest) > 1 else rest[0], sign)
            result = result * Bound((sign * value).exp(), arb(0), sign * slope)
        return result

    def _power(self, node: Any, same: Any, other: Any) -> Bound:
        """|b**e| for a real exponent e, which is |b|**e."""
        exponent = self.polynomial(node.exp)
        if exponent is None or len(exponent) > 1 or exponent[0].imag != 0:
            raise Unboundable(f"the power {node} has an exponent that is not constant")
        real = exponent[0].real
        if real >= 0:
            return same(node.base) ** real
        if real < 0:
            return other(node.base) ** real
        raise NotYet

    def _log_upper(self, node: Any) -> Bound:
        above, below = self.upper(node.args[0]), self.lower(node.args[0])
        size = largest([abs(above.size.log()), abs(below.size.log())])
        if not self.nonnegative(node.args[0]):
            size += arb.pi()  # the argument of a complex number
        power = largest([abs(above.power), abs(below.power)])
        rate = largest([abs(above.rate), abs(below.rate)])
        return self._logarithmic(size, power, rate)

    def _asinh_upper(self, node: Any) -> Bound:
        """|asinh y| <= |y| and <= log(1 + 2 |y|), for real y."""
        bound = self.upper(node.args[0])
        if not self.real(node.args[0]):
            raise Unboundable("asinh of a complex argument has no growth bound")
        if bound.rate < 0 or (bound.rate <= 0 and bound.power < 0):
            return bound
        return self._logarithmic((1 + 2 * bound.size).log(), bound.power.max(arb(0)), bound.rate.max(arb(0)))

    def _erfc_upper(self, node: Any) -> Bound:
        """0 < erfc(y) <= exp(-y**2) for y >= 0, < 2 for every real y; |erfc(y)| <= |exp(-y**2)| where Re y >= 0, and
        erfc(y) = 2 - erfc(-y) elsewhere (DLMF 7.8, 7.4).
        """
        y = node.args[0]
        if self.real(y):
            return self._exponential(-(y**2), 1) if self.nonnegative(y) else constant(2)
        coefficients = self.polynomial(y)
        if coefficients is None:
            raise Unboundable("erfc of a complex argument has no growth bound")
        if all(c.real >= 0 for c in coefficients):
            return self._exponential(-(y**2), 1)
        if not all(c.real <= 0 for c in coefficients):
            raise NotYet
        reflected = self._exponential(-(y**2), 1)
        return Bound(2 + reflected.size, reflected.power.max(arb(0)), reflected.rate.max(arb(0)))

    def _loggamma_upper(self, node: Any) -> Bound:
        """|log Gamma(y)| <= y**2 for y >= 1: -1/8 < log Gamma(y) <= (y - 1) log y, by Gamma(y + 1) = y Gamma(y)."""
        if not self.real(node.args[0]):
            raise Unboundable("loggamma of a complex argument has no growth bound")
        value, slope = self.line(node.args[0], -1)
        if not (-value >= 1 and -slope >= 0):
            raise NotYet
        return self.upper(node.args[0]) ** arb(2)

    def _logarithmic(self, size: arb, power: arb, rate: arb) -> Bound:
        """A bound of size + power log r + rate x."""
        if rate == 0:
            return Bound(size, arb(0), arb(0)) if power == 0 else Bound(size + _LOG_SIZE * power, _LOG_POWER, arb(0))
        return Bound(size + power + rate * (1 + self.start), arb(1), arb(0))

    def _function_upper(self, node: Any) -> Bound:
        name = node.func.__name__
        if name not in _FUNCTION_BOUNDS and name not in ("sinh", "cosh"):
            raise Unboundable(f"{name} has no growth bound")
        if not self.real_arguments(node):
            raise Unboundable(f"{name} of a complex argument has no growth bound")
        if name in ("sinh", "cosh"):
            size, rate = arb(0), arb(0)
            for sign in (1, -1):
                value, slope = self.line(node.args[0], sign)
                size, rate = size + value.exp() / 2, largest([rate, slope])
            return Bound(size, arb(0), rate)
        limit, slope = _FUNCTION_BOUNDS[name]
        if slope is not None:  # |sin y| <= |y|, which is the better bound where y decays
            argument = self.upper(node.args[0])
            if argument.rate < 0 or (argument.rate <= 0 and argument.power < 0):
                return constant(slope()) * argument
        return constant(limit())

    # --- lower bounds
    # ---------------------------------------------------------------------------------------------

    def lower(self, node: Any) -> Bound:
        coefficients = self.polynomial(node)
        if coefficients is not None:
            return polynomial_lower(coefficients, self.start)
        if isinstance(node, sympy.Mul):
            result = constant(1)
            for argument in node.args:
                result = result * self.lower(argument)
            return result
        if isinstance(node, sympy.Pow):
            return self._power(node, self.lower, self.upper)
        if isinstance(node, inverse):
            return self.upper(node.args[0]) ** arb(-1)
        if isinstance(node, RECIPROCALS):
            return self.upper(denominator(node)) ** arb(-1)
        if isinstance(node, sympy.exp):
            return self._exponential(node.args[0], -1)
        if isinstance(node, sympy.Abs):
            return self.lower(node.args[0])
        if isinstance(node, sympy.Add):
            return self._sum_lower(node)
        if isinstance(node, (sympy.sinh, sympy.cosh)):
            return self._hyperbolic_lower(node)
        if isinstance(node, (sympy.tanh, sympy.log)) and self.real(node.args[0]):
            return self._increasing_lower(node)
        if isinstance(node, expm1):
            return self._expm1_lower(node)
        if isinstance(node, hyp0f1) and self.nonnegative(node.args[1]):
            return constant(1)
        raise NotYet

    def _sum_lower(self, node: Any) -> Bound:
        """One term dominates: |sum| >= its lower bound minus the upper bounds of the others.

        Where it is itself non-negative, other non-negative terms need not be subtracted: 1 + y**2 >= 1.
        """
        parts = terms_of_sum(node, self.variable)
        positive = [self.nonnegative(part) for part in parts]
        found: list[Bound] = []
        for i, part in enumerate(parts):
            others = [self.upper(p) for j, p in enumerate(parts) if j != i and not (positive[i] and positive[j])]
            try:
                own = self.lower(part)
            except NotYet:
                continue
            size = own.size - sum((u.size for u in others), arb(0))
            if size > 0 and all(u.power <= own.power and u.rate <= own.rate for u in others):
                found.append(Bound(size, own.power, own.rate))
        if not found:
            raise NotYet
        return max(found, key=lambda bound: (float(bound.rate.mid()), float(bound.power.mid())))

    def _expm1_lower(self, node: Any) -> Bound:
        """|exp(y) - 1| >= exp(x) - 1 >= exp(x) (1 - exp(-v)) where Re y >= x >= v > 0."""
        value, slope = self.line(node.args[0], -1)
        if not (-value > 0 and -slope >= 0):
            raise NotYet
        return Bound((-value).exp() * (1 - value.exp()), arb(0), -slope)

    def _hyperbolic_lower(self, node: Any) -> Bound:
        """|sinh(u + iv)|, |cosh(u + iv)| >= sinh|u|, with |u| above a rising line; cosh of a real number is
        >= 1.
        """
        for sign in (1, -1):
            try:
                value, slope = self.line(node.args[0], -sign)
            except NotYet:
                continue
            if -value > 0 and -slope > 0:
                return Bound((-value).sinh(), arb(0), -slope)
        if isinstance(node, sympy.cosh) and self.real(node.args[0]):
            return constant(1)
        raise NotYet

    def _increasing_lower(self, node: Any) -> Bound:
        value, slope = self.line(node.args[0], -1)
        if not (-value > 0 and -slope >= 0):
            raise NotYet
        least = BALLS.tanh(-value).real if isinstance(node, sympy.tanh) else (-value).log()
        if not least > 0:
            raise NotYet
        return constant(least)
