"""Functions of wide boxes in the complex plane, sharper than FLINT's balls, which are made for narrow ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.expressions import bind, compile_expression, squared
from fsb_oracle.oracle.quadrature import ANALYTIC


def _square(x: arb) -> arb:
    """Never below 0."""
    return x * x if not x.contains(0) else arb(0).union(abs(x).upper() ** 2)


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

    def erfc(self, x: Any) -> acb:
        return 1 - self.erf(x)


BOXES = _BoxMath(analytic=True)


def enclosing(expression: Any, symbols: tuple[sympy.Symbol, ...]) -> Callable[..., Any]:
    """An expression as a function of boxes."""
    return bind(compile_expression(_squares(expression), symbols), BOXES)


def _squares(node: Any) -> Any:
    if not node.args:
        return node
    args = [_squares(argument) for argument in node.args]
    if isinstance(node, sympy.Pow) and node.exp.is_Integer and node.exp % 2 == 0:
        return sympy.Pow(squared(args[0]), node.exp / 2)
    return node.func(*args)


__all__ = ["BOXES", "enclosing"]
