"""The integrand of the density route in a chart's coordinate: f times the density times the score times |dz/dt|."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy
from flint import acb, arb
from sympy import exp, log

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import ball
from fsb_oracle.backends.special_functions import hyp0f1
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.charts import Chart, End, s, z
from fsb_oracle.oracle.lowering import PLAIN, Lowered, arguments, like_terms, lower


@lru_cache(maxsize=4096)
def integrand(family: Family, f: sympy.Expr, parameter: str | None, chart: Chart, end: End | None) -> Lowered:
    """f(z) times the density (times the score of `parameter`) times |dz/dt|, as a function of t, or of an
    end's s.
    """
    variable: sympy.Symbol = chart.variable
    point: Any = chart.point
    if end is not None:
        variable, point = s, chart.point.xreplace({chart.variable: end.approach})
    weight, log_rest = density_parts(family, parameter)
    product = in_chart(f, point) * in_chart(weight, point) * _measure(family, point, variable, log_rest)
    return lower(merged(product, variable), variable)


@lru_cache(maxsize=1024)  # whatever f and the parameter are
def _measure(family: Family, point: sympy.Expr, variable: sympy.Symbol, log_density: sympy.Expr) -> Any:
    return exponential(log_measure(family, point, variable, log_density), variable)


def merged(product: Any, variable: sympy.Symbol) -> Any:
    """One exponential instead of several, with like terms collected: exp(z) exp(-2 z) must not overflow on
    the way.
    """

    def collected(node: Any) -> Any:
        if not node.has(exp):
            return node
        arguments = [collected(argument) for argument in node.args]
        if any(new is not old for new, old in zip(arguments, node.args, strict=True)):
            node = node.func(*arguments)
        # the sign of -(a + b sinh(t))**2 is seen as it is
        return exponential(node.args[0], variable) if isinstance(node, exp) and not node.has(sympy.sinh) else node

    return collected(_one_exponential(product))


def _one_exponential(product: Any) -> Any:
    """exp(a) exp(b) as exp(a + b); SymPy's own simplification where there are other powers of a variable exponent."""
    if product.is_Add:
        return product.func(*map(_one_exponential, product.args))
    if any(isinstance(factor, sympy.Pow) and not factor.exp.is_number for factor in product.args):
        return sympy.powsimp(product, deep=False, combine="exp")
    exponents = [factor.args[0] for factor in sympy.Mul.make_args(product) if isinstance(factor, exp)]
    if len(exponents) < 2:
        return product
    others = [factor for factor in sympy.Mul.make_args(product) if not isinstance(factor, exp)]
    return sympy.Mul(*others, exp(sympy.Add(*exponents)))  # pyright: ignore[reportArgumentType]


@lru_cache(maxsize=4096)
def exponential(exponent: Any, variable: sympy.Symbol) -> Any:
    """exp of a sum with like terms collected: SymPy would write a single exp(-log(x)/2) as 1/sqrt(x), one more function
    to evaluate.
    """
    return exp(like_terms(sympy.expand(exponent), variable))


def density_parts(family: Family, parameter: str | None) -> tuple[Any, sympy.Expr]:
    """(a, b) with density = a exp(b), or its derivative in a parameter.

    A special function in the density stands in a, so that its derivative is not divided by it: it may have zeros.
    """
    assert family.log_density is not None
    terms = sympy.Add.make_args(family.log_density)
    special = [term for term in terms if isinstance(term, log) and isinstance(term.args[0], hyp0f1)]
    if not special:
        return sympy.S.One if parameter is None else family.score(parameter), family.log_density
    factor = sympy.Mul(*(term.args[0] for term in special))
    rest = sympy.Add(*(term for term in terms if term not in special))
    if parameter is None:
        return factor, rest
    symbol = family.symbol(parameter)
    return sympy.diff(factor, symbol) + factor * sympy.diff(rest, symbol), rest


@lru_cache(maxsize=1024)
def log_measure(
    family: Family, point: sympy.Expr, variable: sympy.Symbol, log_density: sympy.Expr | None = None
) -> sympy.Expr:
    """log of density (or of what is left of it) times |dz/dvariable|."""
    log_density = family.log_density if log_density is None else log_density
    assert log_density is not None
    speed = sympy.diff(point, variable)
    if speed.could_extract_minus_sign():
        speed = -speed
    logarithm = expand_logs(log(speed))
    return sympy.expand(in_chart(log_density, point) + _hyperbolic(logarithm))


@lru_cache(maxsize=4096)
def in_chart(expression: Any, point: sympy.Expr) -> Any:
    """With log z written out in the coordinate, so that no branch cut is left."""
    moved = expression.xreplace({z: point}).doit()
    return expand_logs(_hyperbolic(moved))


def expand_logs(expression: Any) -> Any:
    """As `sympy.expand_log`, but for quotients of logarithms of numbers, for which it searches most of its time."""
    if not expression.has(log):
        return expression
    return expression.expand(log=True, mul=False, power_exp=False, power_base=False, multinomial=False, basic=False)


def _hyperbolic(expression: Any) -> Any:
    """Functions of sinh(t), t > 0, in forms that stay sharp on balls around large t: log(1 + sinh(t)**2) and cosh(t) by
    exp(-2 t), quotients by tanh(t), asinh(sinh(t)) as t.
    """
    for t in {node.args[0] for node in expression.atoms(sympy.sinh, sympy.cosh)}:
        log_cosh = t + log(1 + exp(-2 * t)) - log(2)
        simpler = {log(1 + sympy.sinh(t) ** 2): 2 * log_cosh, log(sympy.cosh(t)): log_cosh}
        simpler |= {sympy.asinh(sympy.sinh(t)): t, 1 + sympy.sinh(t) ** 2: sympy.cosh(t) ** 2}
        expression = expression.xreplace(simpler)
        if expression.has(sympy.cosh(t)):
            expression = expression.xreplace({sympy.sinh(t): sympy.tanh(t) * sympy.cosh(t)})
        expression = expression.xreplace({sympy.cosh(t): exp(t) * (1 + exp(-2 * t)) / 2})
        if isinstance(t, log):
            expression = expression.xreplace({sympy.sinh(t): (exp(t) - exp(-t)) / 2})
    return expression


def density_at(family: Family, values: Parameters, point: Fraction) -> arb:
    """The density at an exact point, at the precision in force."""
    log_density = compile_expression(family.log_density, (z, *family.symbols))
    return acb(log_density(PLAIN, acb(ball(point)), *arguments(family, values))).exp().real
