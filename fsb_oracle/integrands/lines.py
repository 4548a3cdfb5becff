"""Straight lines above and below real expressions on a half line, and what is known of their signs.

With x = s - start: `line(g, 1)` is (value, slope) with Re g <= value + slope x, and `line(g, -1)` bounds -Re
g. Exponents need them: |exp(g)| <= exp(value + slope x).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.flint_math import FlintMath
from fsb_oracle.integrands.bounds import Bound, NotYet, Unboundable, added, multiplied, polynomial_line
from fsb_oracle.integrands.structure import RECIPROCALS, constant_function, factored, kind_of, terms_of_sum

BALLS = FlintMath()


class Lines:
    """Polynomials, signs and straight lines of the nodes of a tree, for one start and one set of values."""

    def __init__(self, variable: sympy.Symbol, start: arb, values: Mapping[sympy.Symbol, acb]) -> None:
        self.variable, self.start, self.values = variable, start, values
        # by identity, which is much quicker than SymPy's equality; the node is kept, so that its id stays its own
        self.polynomials: dict[int, tuple[Any, list[acb] | None]] = {}

    # --- polynomials in x, as coefficient lists
    # -------------------------------------------------------------------

    def polynomial(self, node: Any) -> list[acb] | None:
        """Coefficients of x**0, x**1, ... if the node is a polynomial, else None."""
        found = self.polynomials.get(id(node))
        if found is None:
            found = self.polynomials[id(node)] = (node, self._polynomial(node))
        return found[1]

    def _polynomial(self, node: Any) -> list[acb] | None:
        kind = kind_of(node, self.variable)
        if kind == "other":
            return None
        if kind == "variable":
            return [acb(self.start), acb(1)]
        if kind == "constant":
            if node.is_Symbol:
                return [self.values[node]]
            function, symbols = constant_function(node)
            return [acb(function(BALLS, *(self.values[s] for s in symbols)))]
        if kind != "power":
            combine = added if kind == "sum" else multiplied
            result = None
            for argument in node.args:
                part = self.polynomial(argument) or [acb(0)]
                result = part if result is None else combine(result, part)
            return result
        base, result = self.polynomial(node.base) or [acb(0)], [acb(1)]
        for _ in range(int(node.exp)):
            result = multiplied(result, base)
        return result

    def real(self, node: Any) -> bool:
        """Whether the node is certainly real for all s >= start."""
        coefficients = self.polynomial(node)
        if coefficients is not None:
            return all(c.imag == 0 for c in coefficients)
        if isinstance(node, (sympy.log, sympy.Pow)) and not (isinstance(node, sympy.Pow) and node.exp.is_Integer):
            return all(self.real(a) for a in node.args) and self.nonnegative(node.args[0])
        return all(self.real(argument) for argument in node.args)

    def nonnegative(self, node: Any) -> bool:
        """Whether the node is certainly real and >= 0 for all s >= start."""
        coefficients = self.polynomial(node)
        if coefficients is not None:
            return all(c.imag == 0 and c.real >= 0 for c in coefficients)
        if isinstance(node, (sympy.exp, sympy.cosh, sympy.Abs, *RECIPROCALS)):
            return self.real(node.args[0])
        if isinstance(node, sympy.Pow) and node.exp.is_Integer and node.exp % 2 == 0:
            return self.real(node.base)
        if isinstance(node, sympy.Add) and not all(self.nonnegative(a) for a in node.args):
            try:  # 1 - exp(-s): the real part is bounded below by a line that does not fall
                value, slope = self.line(node, -1)
                return self.real_arguments(node) and bool(value <= 0) and bool(slope <= 0)
            except (NotYet, Unboundable):
                return False
        if isinstance(node, (sympy.Add, sympy.Mul)):
            return all(self.nonnegative(argument) for argument in node.args)
        return isinstance(node, sympy.Pow) and self._constant_real(node.exp) and self.nonnegative(node.base)

    def _constant_real(self, node: Any) -> bool:
        coefficients = self.polynomial(node)
        return coefficients is not None and len(coefficients) == 1 and coefficients[0].imag == 0

    def real_arguments(self, node: Any) -> bool:
        return all(self.real(argument) for argument in node.args)

    # --- straight lines above sign * Re g
    # -------------------------------------------------------------------------

    def line(self, node: Any, sign: int) -> tuple[arb, arb]:
        """(value, slope) with sign * Re g(s) <= value + slope * x."""
        coefficients = self.polynomial(node)
        if coefficients is not None:
            return polynomial_line([sign * c.real for c in coefficients])
        if isinstance(node, sympy.Add):
            lines = [self.line(part, sign) for part in terms_of_sum(node, self.variable)]
            return sum((v for v, _ in lines), arb(0)), sum((k for _, k in lines), arb(0))
        turned = self.turned(node, sign)
        if turned is not None:
            value, power = turned
            # r**power >= 1 + power x/(1 + start) from power 1 on
            return value, value * power / (1 + self.start) if power >= 1 else arb(0)
        if isinstance(node, sympy.Mul):
            factor, rest = self.constant_factor(node)
            if factor == 0:
                return arb(0), arb(0)
            if rest is not node and factor.imag == 0 and (factor.real > 0 or factor.real < 0):
                value, slope = self.line(rest, sign if factor.real > 0 else -sign)
                size = abs(factor.real)
                return size * value, size * slope
        if isinstance(node, sympy.log):
            return self._log_line(node, sign)
        if sign < 0 and isinstance(node, sympy.exp) and (falling := self._exponential_line(node)) is not None:
            return falling
        if sign < 0 and self.nonnegative(node):
            return arb(0), arb(0)
        return self._line_from_size(node)

    def _exponential_line(self, node: Any) -> tuple[arb, arb] | None:
        """Above -exp(g): exp(a + k x) >= exp(a) (1 + k x) for a rising line below a real g; None if there is none."""
        if not self.real(node.args[0]):
            return None
        try:
            value, slope = self.line(node.args[0], -1)
        except (NotYet, Unboundable):
            return None
        size = (-value).exp()
        return (-size, size * slope) if slope <= 0 and size.is_finite() else None

    def turned(self, node: Any, sign: int) -> tuple[arb, arb] | None:
        """(value, power), value < 0 and power >= 0, with sign * Re g <= value * r**power.

        For g = c PROD q**p with linear complex q, whose arguments turn monotonically; None if g is none, or may rise.

        With a the largest cosine that the argument of the product takes, Re <= a |product|, and a < 0.
        """
        if not isinstance(node, (sympy.Mul, sympy.Pow, sympy.exp)):
            return None
        factor, rest = self.constant_factor(node) if isinstance(node, sympy.Mul) else (acb(1), node)
        angle = (sign * factor).arg()
        for part in sympy.Mul.make_args(rest):
            inner, power = self._linear_power(part)
            real = power.imag == 0  # exactly: a ball around 0 will not do
            if inner is None or not real or power.real == 0:
                return None
            first, last = inner[0].arg(), inner[1].arg()
            if not abs(first - last) < 3 or inner[0].contains(0) or inner[1].contains(0):
                return None
            angle += power.real * first.union(last)
        largest = angle.cos().upper()
        if not largest < 0:
            return None
        bound = self.lower(rest)
        value = largest * abs(factor) * bound.size
        if not bound.rate >= 0 or not bound.power >= 0:
            return None
        return value, bound.power

    def _linear_power(self, node: Any) -> tuple[list[acb] | None, acb]:
        """(q0, q1), p of (q0 + q1 x)**p, also where it is written exp(p log(q0 + q1 x))."""
        base, exponent = node, acb(1)
        if isinstance(node, sympy.Pow) and (found := self.polynomial(node.exp)) is not None and len(found) == 1:
            base, exponent = node.base, found[0]
        elif isinstance(node, sympy.exp):
            factor, core = self.constant_factor(node.args[0])
            if isinstance(core, sympy.log):
                base, exponent = core.args[0], factor
        inner = self.polynomial(base)
        return (inner, exponent) if inner is not None and len(inner) == 2 else (None, exponent)

    def _log_line(self, node: Any, sign: int) -> tuple[arb, arb]:
        """Re log g = log|g|, also for complex g."""
        bound = self.upper(node.args[0]) if sign > 0 else self.lower(node.args[0])
        value, slope = sign * bound.size.log(), sign * bound.rate
        power = sign * bound.power  # log r <= x/(1 + start), and >= 0
        return value, slope + (arb(0) if power <= 0 else power.max(arb(0)) / (1 + self.start))

    def _line_from_size(self, node: Any) -> tuple[arb, arb]:
        bound = self.upper(node)
        if not bound.rate <= 0 or not bound.power <= 1:
            raise NotYet
        return bound.size, arb(0) if bound.power <= 0 else bound.size / (1 + self.start)

    def constant_factor(self, node: Any) -> tuple[acb, Any]:
        free, rest = factored(node, self.variable)
        factor = acb(1)
        for argument in free:
            factor *= (self.polynomial(argument) or [acb(0)])[0]
        return factor, rest

    def upper(self, node: Any) -> Bound:
        """|node| <= the bound."""
        raise NotImplementedError

    def lower(self, node: Any) -> Bound:
        """|node| >= the bound."""
        raise NotImplementedError
