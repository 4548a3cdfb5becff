"""Sums of an expression over equidistant points, with its exponentials by recurrence.

On x_k = x_0 + k h, exp of a polynomial of degree 2 or less is v_(k+1) = v_k r_k, r_(k+1) = r_k s: two products
instead of an exponential. In ball arithmetic the radii grow by a few bits in each block, at whose start the values
are computed afresh.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from math import inf
from typing import Any

import sympy
from flint import acb, arb, fmpq

from fsb_oracle.backends.expressions import bind, compile_expression, fermi, inverse
from fsb_oracle.integrands.structure import is_polynomial
from fsb_oracle.oracle.lowering import Lowered
from fsb_oracle.oracle.quadrature import PLAIN

BLOCK = 128
NodeSum = Callable[[acb, arb, int], acb]


class _RealMath:
    """Functions of real balls; an argument outside of a function's domain gives NaN, and then no sum."""

    exp, log, sqrt, sin, cos, tan = map(staticmethod, (arb.exp, arb.log, arb.sqrt, arb.sin, arb.cos, arb.tan))
    sinh, cosh, atan, erf, erfc = map(staticmethod, (arb.sinh, arb.cosh, arb.atan, arb.erf, arb.erfc))
    inverse = staticmethod(lambda x: 1 / x)

    @staticmethod
    def tanh(x: arb) -> arb:
        if x.contains(0):
            return x.tanh()
        e = (-2 * abs(x)).exp()
        value = (1 - e) / (1 + e)
        return value if x > 0 else -value

    @staticmethod
    def fermi(x: arb) -> arb:
        return 1 / (1 + x.exp())

    @staticmethod
    def sech(x: arb) -> arb:
        return 1 / x.cosh()

    rational = staticmethod(lambda p, q: arb(fmpq(p, q)))


REAL = _RealMath()


@dataclass(frozen=True)
class _Tabled:
    """An expression with symbols for some of its exponentials, and the exponents' coefficients q0, q1, q2."""

    function: Callable[..., Any]
    coefficients: tuple[tuple[Callable[..., Any], ...], ...]


@lru_cache(maxsize=4096)
def _tabled(lowered: Lowered) -> _Tabled:
    variable, tables = lowered.variable, dict[Any, sympy.Symbol]()

    def table(exponent: Any) -> Any:
        exponent = sympy.expand(exponent)
        return tables.setdefault(exponent, sympy.Symbol(f"e{len(tables)}"))

    def visit(node: Any) -> Any:
        if not node.has(variable) or node == variable:
            return node
        inner: Any = node.args[0] if node.args else None
        if isinstance(node, sympy.exp) and _bends(inner, variable) <= 2:
            return table(inner)
        if isinstance(node, (sympy.tanh, sympy.sinh, sympy.cosh, sympy.sech, fermi)) and _bends(inner, variable) <= 1:
            if isinstance(node, sympy.tanh):
                below: Any = 1 + table(2 * inner)
                return 1 - 2 * inverse(below)  # pyright: ignore[reportOperatorIssue]
            e = table(inner)
            if isinstance(node, (sympy.sech, fermi)):
                return inverse(1 + e) if isinstance(node, fermi) else 2 * e * inverse(1 + e**2)
            return (e + inverse(e)) / 2 if isinstance(node, sympy.cosh) else (e - inverse(e)) / 2
        return node.func(*map(visit, node.args), evaluate=False) if node.args else node

    expression = visit(lowered.expression)
    own = tuple(tables.values())
    function = compile_expression(expression, (variable, *own, *lowered.symbols))
    coefficients = []
    for exponent in tables:
        found = sympy.Poly(exponent, variable)
        coefficients.append(
            tuple(compile_expression(found.coeff_monomial(variable**k), lowered.symbols) for k in range(3))
        )
    return _Tabled(function, tuple(coefficients))


def _bends(exponent: Any, variable: sympy.Symbol) -> float:
    """The degree of a polynomial; infinite for anything else."""
    return float(sympy.Poly(exponent, variable).degree()) if is_polynomial(exponent, variable) else inf


def grid_sum(lowered: Lowered, constants: tuple[Any, ...], real: bool) -> NodeSum | None:
    """The function (first, step, count) -> SUM_{k < count} lowered(first + k step), at the precision in force; None
    where the expression holds a function that has no real form here.

    Args:
        real: whether the expression and its constants are real, and so is the first point.
    """
    tabled = _tabled(lowered)
    m: Any = REAL if real else PLAIN
    values = tuple(acb(c).real for c in constants) if real else constants
    exponents = [
        [acb(q(PLAIN, *constants)).real if real else acb(q(PLAIN, *constants)) for q in own]
        for own in tabled.coefficients
    ]

    try:
        at_point = bind(tabled.function, m, *values)
    except AttributeError:
        return None

    def total(first: acb, step: arb, count: int) -> acb:
        start: Any = first.real if real else first
        result: Any = arb(0) if real else acb(0)
        for begin in range(0, count, BLOCK):
            x, size = start + begin * step, min(BLOCK, count - begin)
            points = (x + k * step for k in range(size))
            tables = [_exponentials(own, x, step, size) for own in exponents]
            result = sum(map(at_point, points, *tables), result)
        return acb(result)

    return total


def _exponentials(own: list[Any], x: Any, step: arb, size: int) -> Iterator[Any]:
    """exp(q0 + q1 y + q2 y**2) at y = x + k step."""
    q0, q1, q2 = own
    value = (q0 + (q1 + q2 * x) * x).exp()
    ratio = ((q1 + q2 * (2 * x + step)) * step).exp()
    if q2 == 0:
        for _ in repeat(None, size):
            yield value
            value = value * ratio
        return
    growth = (2 * q2 * step * step).exp()
    for _ in repeat(None, size):
        yield value
        value, ratio = value * ratio, ratio * growth
