"""Expressions in one variable with everything that does not depend on it hoisted out and evaluated once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy

from fsb_oracle.backends.expressions import compile_expression, fermi, inverse
from fsb_oracle.backends.flint_math import FlintMath, ball
from fsb_oracle.families import Family, Parameters
from fsb_oracle.integrands.structure import depends

PLAIN = FlintMath()
ANALYTIC = FlintMath(analytic=True)


@dataclass(frozen=True)
class Lowered:
    """`expression` in `variable` and constant symbols; `constants` are those symbols' own expressions in the
    parameters.
    """

    variable: sympy.Symbol
    expression: sympy.Expr
    symbols: tuple[sympy.Symbol, ...]
    constants: tuple[sympy.Expr, ...]
    function: Callable[..., Any]

    def values(
        self, parameters: tuple[sympy.Symbol, ...], arguments: tuple[Any, ...], m: Any = PLAIN
    ) -> tuple[Any, ...]:
        """The constants at parameter values, on the math namespace `m`, at the precision in force."""
        return tuple(compile_expression(constant, parameters)(m, *arguments) for constant in self.constants)


@lru_cache(maxsize=4096)
def lower(expression: sympy.Expr, variable: sympy.Symbol) -> Lowered:
    """Hoist constants such as loggamma(concentration) out of `expression` and compile what is left.

    The function is called as `function(m, variable, *constants)`.
    """
    found: dict[sympy.Expr, sympy.Symbol] = {}

    def constant(node: sympy.Expr) -> sympy.Expr:
        if node.is_Integer:
            return node
        if node not in found:
            found[node] = sympy.Symbol(f"c{len(found)}", real=node.is_real)
        return found[node]

    def visit(node: Any) -> Any:
        if isinstance(node, sympy.Add):
            node = like_terms(node, variable)  # (1 - c) g(x) is sharp where g(x) - c g(x) is not
        if not depends(node, variable):
            return constant(node)
        if not node.args:
            return node
        if isinstance(node, sympy.Pow) and node.exp.is_Rational:
            known = reciprocal(node.base) if node.exp.is_Integer and node.exp < 0 else None
            if known is not None:
                return known.func(visit(known.args[0]), evaluate=False) ** -node.exp
            if node.exp.is_Integer and node.exp <= -2:
                return inverse(visit(node.base)) ** -node.exp
            return sympy.Pow(visit(node.base), node.exp)
        if isinstance(node, (sympy.Add, sympy.Mul)):
            free = [argument for argument in node.args if not depends(argument, variable)]
            bound = [visit(argument) for argument in node.args if depends(argument, variable)]
            return node.func(constant(node.func(*free)), *bound) if free else node.func(*bound)
        return node.func(*(visit(argument) for argument in node.args))

    hoisted = visit(expression)
    symbols, constants = tuple(found.values()), tuple(found)
    return Lowered(variable, hoisted, symbols, constants, compile_expression(hoisted, (variable, *symbols)))


@lru_cache(maxsize=4096)
def like_terms(expression: Any, variable: sympy.Symbol) -> Any:
    """A sum with one term for each function of the variable in it; `sympy.collect` takes ten times as long."""
    coefficients: dict[Any, list[Any]] = {}
    for term in sympy.Add.make_args(expression):
        coefficient, rest = _split(term, variable)
        coefficients.setdefault(rest, []).append(coefficient)
    if all(len(own) == 1 for own in coefficients.values()):
        return expression
    return sympy.Add(*(sympy.Mul(sympy.Add(*own), rest) for rest, own in coefficients.items()))


def _split(term: Any, variable: sympy.Symbol) -> tuple[Any, Any]:
    """The factors that are free of the variable, and those that are not."""
    if not depends(term, variable):
        return term, sympy.S.One
    if not isinstance(term, sympy.Mul):
        return sympy.S.One, term
    free = [factor for factor in term.args if not depends(factor, variable)]
    bound = [factor for factor in term.args if depends(factor, variable)]
    return (sympy.Mul(*free), sympy.Mul(*bound)) if free else (sympy.S.One, term)


def reciprocal(base: Any) -> Any:
    """1/(1 + exp(x)) and 1/cosh(x) as one function, or None: they stay sharp on wide balls."""
    if isinstance(base, sympy.cosh):
        return sympy.sech(base.args[0], evaluate=False)
    if base.is_Add and len(base.args) == 2 and base.args[0] == 1 and isinstance(base.args[1], sympy.exp):
        return fermi(base.args[1].args[0])
    return None


def arguments(family: Family, values: Parameters) -> tuple[Any, ...]:
    """The parameter values as balls at the precision in force, in the family's order."""
    from flint import acb

    return tuple(acb(ball(values[name])) for name in family.names)
