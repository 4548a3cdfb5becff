"""What can be read off a SymPy node alone, remembered: which parts are constant, which are polynomials."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import sympy

from fsb_oracle.backends.expressions import compile_expression, fermi

_SIZE = 65536
RECIPROCALS = (fermi, sympy.sech)


@lru_cache(maxsize=_SIZE)
def depends(node: Any, variable: sympy.Symbol) -> bool:
    """Whether the variable occurs in the node."""
    return node == variable or any(depends(argument, variable) for argument in node.args)


@lru_cache(maxsize=_SIZE)
def is_polynomial(node: Any, variable: sympy.Symbol) -> bool:
    """Whether the node is a polynomial in the variable by its structure; other symbols count as constants."""
    if node == variable or not depends(node, variable):
        return True
    if isinstance(node, (sympy.Add, sympy.Mul)):
        return all(is_polynomial(argument, variable) for argument in node.args)
    power = isinstance(node, sympy.Pow) and bool(node.exp.is_Integer and node.exp > 0)
    return power and is_polynomial(node.base, variable)


@lru_cache(maxsize=_SIZE)
def kind_of(node: Any, variable: sympy.Symbol) -> str:
    """What a node is as a polynomial: variable, constant, sum, product or power; other if it is none."""
    if node == variable:
        return "variable"
    if not depends(node, variable):
        return "constant"
    if not is_polynomial(node, variable):
        return "other"
    return "sum" if isinstance(node, sympy.Add) else "product" if isinstance(node, sympy.Mul) else "power"


@lru_cache(maxsize=_SIZE)
def constant_function(node: Any) -> tuple[Callable[..., Any], tuple[sympy.Symbol, ...]]:
    """A constant node as a compiled function of its symbols, and these."""
    symbols = tuple(node.free_symbols)
    return compile_expression(node, symbols), symbols


@lru_cache(maxsize=_SIZE)
def terms_of_sum(node: Any, variable: sympy.Symbol) -> tuple[Any, ...]:
    """The terms of a sum, the polynomial ones added up first: their leading coefficients may cancel."""
    polynomial = [a for a in node.args if is_polynomial(a, variable)]
    others = [a for a in node.args if not is_polynomial(a, variable)]
    return (node.func(*polynomial, evaluate=False), *others) if polynomial else tuple(others)


@lru_cache(maxsize=_SIZE)
def factored(node: Any, variable: sympy.Symbol) -> tuple[tuple[Any, ...], Any]:
    """The constant factors of a product, and the product of the others."""
    if not isinstance(node, sympy.Mul):
        return (), node
    free = tuple(a for a in node.args if not depends(a, variable))
    return free, node.func(*(a for a in node.args if depends(a, variable))) if free else node


_ENTIRE = (sympy.exp, sympy.sin, sympy.cos, sympy.sinh, sympy.cosh, sympy.erf, sympy.erfc)


@lru_cache(maxsize=_SIZE)
def is_entire(node: Any, variable: sympy.Symbol) -> bool:
    """Whether the node is an entire function of the variable by its structure."""
    if is_polynomial(node, variable):
        return True
    if isinstance(node, (sympy.Add, sympy.Mul, *_ENTIRE)):
        return all(is_entire(argument, variable) for argument in node.args)
    power = isinstance(node, sympy.Pow) and bool(node.exp.is_Integer and node.exp > 0)
    return power and is_entire(node.base, variable)


@lru_cache(maxsize=_SIZE)
def denominator(node: Any) -> Any:
    """1 + exp(x) of fermi(x), cosh(x) of sech(x)."""
    x = node.args[0]
    return 1 + sympy.exp(x) if isinstance(node, fermi) else sympy.cosh(x)
