"""Functions of wide boxes in the complex plane, sharper than FLINT's balls, which are made for narrow ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.expressions import bind, compile_expression, fermi, softplus, squared
from fsb_oracle.oracle.lowering import reciprocal
from fsb_oracle.oracle.quadrature import ANALYTIC


def _square(x: arb) -> arb:
    """The range of the square itself: that of a wide ball's product with itself may reach below 0."""
    if x.rel_accuracy_bits() > NARROW:
        return x * x
    size = abs(x)
    low = arb(0) if x.contains(0) else size.lower()
    return (low * low).union(size.upper() ** 2)


NARROW = 6  # bits: a ball so narrow loses little in a product


class _BoxMath(type(ANALYTIC)):
    """As `quadrature.ANALYTIC`: not finite where a function is not proven analytic."""

    @staticmethod
    def squared(x: Any) -> acb:
        x = acb(x)
        return acb(_square(x.real) - _square(x.imag), 2 * x.real * x.imag)

    def sqrt(self, x: Any) -> acb:
        """With Re x > 0 the root is r + i Im x/(2 r), r^2 = (|x| + Re x)/2."""
        x = acb(x)
        if not x.real > 0:
            return super().sqrt(x)
        low, high = x.real.lower(), abs(x).upper()
        root = low.sqrt().union(((high + x.real.upper()) / 2).sqrt())
        return acb(root, x.imag / (2 * root))

    @staticmethod
    def erf(x: Any) -> acb:
        """|erf(x + iy) - erf(x)| <= 2 |y| exp(y^2 - x^2)/sqrt(pi)."""
        x = acb(x)
        real = x.real.lower().erf().union(x.real.upper().erf())
        away = 2 * abs(x.imag) * (_square(x.imag) - _square(x.real)).exp() / arb.pi().sqrt()
        reach = arb(0, away.upper())
        return acb(real + reach, reach)

    def softplus(self, x: Any) -> acb:
        """log(1 + exp(x + iy)), |y| < pi/2: 1 <= |1 + exp(x + iy)| <= 1 + exp(x), and its argument lies within y's."""
        x = acb(x)
        height = abs(x.imag).upper()
        if not 2 * height < arb.pi():
            return self.log(1 + x.exp())
        above = x.real.upper()
        top = (1 + above.exp()).log() if above < 0 else above + (1 + (-above).exp()).log()
        return acb(arb(0).union(top), arb(0, height))

    def erfc(self, x: Any) -> acb:
        return 1 - self.erf(x)


BOXES = _BoxMath(analytic=True)


def enclosing(expression: Any, symbols: tuple[sympy.Symbol, ...]) -> Callable[..., Any]:
    """An expression as a function of boxes."""
    return bind(compile_expression(_sharpened(expression), symbols), BOXES)


def _sharpened(node: Any) -> Any:
    """With the functions that boxes know more of."""
    if not node.args:
        return node
    args = [_sharpened(argument) for argument in node.args]
    if isinstance(node, sympy.log) and isinstance(inner := reciprocal(node.args[0]), fermi):
        return softplus(_sharpened(inner.args[0]))  # of 1 + exp(x)
    if isinstance(node, sympy.Pow) and node.exp.is_Integer and node.exp % 2 == 0:
        square: Any = squared(args[0])
        return square ** (node.exp / 2)
    return node.func(*args)


__all__ = ["BOXES", "enclosing"]
