"""Lower a SymPy expression, once, to a function that runs on every arithmetic.

Laws, integrands and parameter maps are declared as SymPy expressions. `compile_expression` turns one into straight-line
Python that calls a *math namespace* `m` (`m.exp`, `m.loggamma`, ...). Each back end supplies such a namespace, and
so do ball
arithmetic (`flint_math`) and mpmath (`mpmath_math`): one declaration serves arrays and proofs alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import sympy
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import Boolean

from fsb_oracle.backends.special_functions import LOWERED
from fsb_oracle.errors import UsageError


class hyp1f1(sympy.Function):
    """Kummer's function 1F1(a; b; x), with derivatives in its parameters (which SymPy's own `hyper` lacks)."""

    nargs = 3

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        a, b, x = self.args
        return {
            1: hyp1f1_da(a, b, x),
            2: hyp1f1_db(a, b, x),
            3: a / b * hyp1f1(a + 1, b + 1, x),  # pyright: ignore[reportOperatorIssue]
        }[argindex]


class hyp1f1_da(sympy.Function):
    """d/da 1F1(a; b; x)."""

    nargs = 3


class hyp1f1_db(sympy.Function):
    """d/db 1F1(a; b; x)."""

    nargs = 3


class inverse(sympy.Function):
    """1/x, kept apart from powers: (1/x)**n of a wide ball x is finite where 1/(x**n) is not."""

    nargs = 1


class squared(sympy.Function):
    """x**2, for arithmetics that know more of it than that of a product."""

    nargs = 1


class softplus(sympy.Function):
    """log(1 + exp(x)), for arithmetics that know more of it than that of a logarithm."""

    nargs = 1


class fermi(sympy.Function):
    """1/(1 + exp(x)), kept together: on wide balls with a large Re x it is sharp by exp(-x)/(1 + exp(-x)) alone."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        return -self * (1 - self)  # pyright: ignore[reportOperatorIssue]


FUNCTIONS = {
    inverse: "inverse",
    squared: "squared",
    softplus: "softplus",
    fermi: "fermi",
    sympy.sech: "sech",
    hyp1f1: "hyp1f1",
    hyp1f1_da: "hyp1f1_da",
    hyp1f1_db: "hyp1f1_db",
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.tan: "tan",
    sympy.sinh: "sinh",
    sympy.cosh: "cosh",
    sympy.tanh: "tanh",
    sympy.atan: "atan",
    sympy.asinh: "asinh",
    sympy.erf: "erf",
    sympy.erfc: "erfc",
    sympy.Abs: "abs",
    sympy.sign: "sign",
    sympy.Heaviside: "heaviside",
    sympy.loggamma: "loggamma",
    sympy.gamma: "gamma",
    sympy.digamma: "digamma",
    **{function: function.__name__ for function in LOWERED},
}
_NO_VALUES = (Boolean, ExprCondPair, sympy.Tuple)
_RELATIONS = {sympy.Lt: "<", sympy.Le: "<=", sympy.Gt: ">", sympy.Ge: ">=", sympy.Eq: "=="}


@lru_cache(maxsize=4096)
def compile_expression(expression: sympy.Expr, arguments: tuple[sympy.Symbol, ...]) -> Callable[..., Any]:
    """The function `(m, *arguments) -> value` of a SymPy expression, for a math namespace `m`; of a `sympy.Tuple`, a
    tuple of values.

    Common subexpressions are computed once. Exact numbers stay exact until they reach `m`, so that ball arithmetic
    rounds them at the precision in force when the function is called.

    Raises:
        UsageError: the expression holds a function that has no lowering, or a symbol that is not an argument.
    """
    unknown = sorted(str(symbol) for symbol in expression.free_symbols - set(arguments))
    if unknown:
        raise UsageError(f"unknown symbol {unknown[0]!r} in {expression}")
    names: dict[sympy.Basic, str] = {symbol: f"a{i}" for i, symbol in enumerate(arguments)}
    header = f"def lowered(m, {', '.join(names.values())}):"
    lines = []
    for number, node in enumerate(_repeated(expression)):
        lines.append(f"    t{number} = {_emit(node, names)}")
        names[node] = f"t{number}"
    lines.append(f"    return {_emit(expression, names)}")
    function = _defined("lowered", [header, *lines])
    function.lines = tuple(lines)
    return function


def _repeated(expression: sympy.Basic) -> list[sympy.Basic]:
    """The values that occur more than once, each after those that it holds."""
    seen: set[sympy.Basic] = set()
    found: dict[sympy.Basic, None] = {}
    order: list[sympy.Basic] = []

    def visit(node: sympy.Basic) -> None:
        if node.is_Atom:
            return
        if node in seen:
            if not isinstance(node, _NO_VALUES):
                found[node] = None
            return
        seen.add(node)
        for part in _parts(node):
            visit(part)
        order.append(node)

    visit(expression)
    return [node for node in order if node in found]


def _parts(node: sympy.Basic) -> Sequence[sympy.Basic]:
    """What a node is computed from: 1/x**2 from x**2, as `_emit` writes it."""
    if isinstance(node, sympy.Mul):
        return [_denominator(factor) or factor for factor in node.args]
    return (_denominator(node),) if _is_quotient(node) else node.args


def _is_quotient(node: sympy.Basic) -> bool:
    """Whether it is 1/x**n or 1/sqrt(x)."""
    return isinstance(node, sympy.Pow) and (
        node.exp == sympy.Rational(-1, 2) or (isinstance(node.exp, sympy.Integer) and node.exp < 0)
    )


def _denominator(factor: sympy.Basic) -> Any:
    """x**2 of 1/x**2; None of what is no such power."""
    if isinstance(factor, sympy.Pow) and factor.exp.could_extract_minus_sign():
        return factor.base**-factor.exp
    return None


def bind(function: Callable[..., Any], m: Any, *constants: Any) -> Callable[..., Any]:
    """`function(m, x, ..., *constants)` of a compiled expression as a function of its first arguments alone: what
    depends on the others is looked up once, for integrands that are evaluated hundreds of times.
    """
    return _binder(function, len(constants))(m, *constants)


@lru_cache(maxsize=4096)
def _binder(function: Any, constants: int) -> Callable[..., Callable[..., Any]]:
    body = "\n".join(function.lines)
    called = sorted(set(re.findall(r"\bm\.(\w+)", body)))
    names = [f"a{i}" for i in range(function.__code__.co_argcount - 1)]
    free = len(names) - constants
    lines = [
        f"def bound(m, {', '.join(names[free:])}):",
        *(f"    m_{name} = m.{name}" for name in called),
        f"    def lowered({', '.join(names[:free])}):",
        *(f"    {line}" for line in re.sub(r"\bm\.(\w+)", r"m_\1", body).split("\n")),
        "    return lowered",
    ]
    return _defined("bound", lines)


def _defined(name: str, lines: Sequence[str]) -> Any:
    scope: dict[str, Any] = {}
    # no name of Python's can be reached but the import that Torch makes from the calling frame at its first `where`
    builtins = {"__builtins__": {"__import__": __import__}}
    exec(compile("\n".join(lines), "<compiled expression>", "exec"), builtins, scope)
    return scope[name]


def _emit(node: sympy.Basic, names: dict[sympy.Basic, str]) -> str:
    """Python source of one node; every name in it is ours, so nothing a user wrote is ever executed."""
    if node in names:
        return names[node]  # pyright: ignore[reportArgumentType]
    if isinstance(node, sympy.Integer):
        # in 32 bits JAX takes no integer beyond these; logarithms take integers that no float holds
        return f"m.rational({node.p}, 1)" if 1 << 31 <= abs(node.p) < 1 << 1000 else f"({node.p})"
    if isinstance(node, sympy.Rational):
        return f"m.rational({node.p}, {node.q})"
    if node is sympy.pi:
        return "m.pi"
    if node is sympy.E:
        return "m.exp(m.rational(1, 1))"
    if node is sympy.EulerGamma:
        return "m.euler_gamma"
    if node is sympy.I:
        return "m.i"
    if isinstance(node, sympy.Mul):
        return _emit_product(node, names)
    if _is_quotient(node):
        return f"(1 / {_emit(_denominator(node), names)})"  # a power of 1 would still be computed
    if isinstance(node, sympy.Piecewise):
        return _emit_piecewise(node, names)
    if isinstance(node, sympy.log):
        coefficient, rest = node.args[0].as_coeff_Mul(rational=True)
        above, below = sympy.fraction(coefficient)
        if max(above, below) >= 1 << 1000 and coefficient > 0:  # as from a gamma function: no float holds its parts
            return f"(m.log({above}) - m.log({below}) + {_emit(sympy.log(rest), names)})"
    args = [_emit(a, names) for a in node.args]
    if isinstance(node, sympy.Tuple):
        return f"({', '.join(args)},)"
    if isinstance(node, sympy.Add):
        return f"({' + '.join(args)})"
    if isinstance(node, sympy.Pow):
        return _emit_power(node, args)
    if isinstance(node, (sympy.Max, sympy.Min)):
        return _nest("m.maximum" if isinstance(node, sympy.Max) else "m.minimum", args)
    if isinstance(node, sympy.polygamma):
        if node.args[0] == 0:
            return f"m.digamma({args[1]})"
        if node.args[0] == 1:
            return f"m.trigamma({args[1]})"
    if isinstance(node, sympy.Heaviside):
        return f"m.heaviside({args[0]})"
    if isinstance(node, (sympy.And, sympy.Or)):
        return f"({(' & ' if isinstance(node, sympy.And) else ' | ').join(args)})"
    if type(node) in _RELATIONS:
        return f"({args[0]} {_RELATIONS[type(node)]} {args[1]})"
    if type(node) in FUNCTIONS:
        return f"m.{FUNCTIONS[type(node)]}({', '.join(args)})"
    raise UsageError(f"{node.func.__name__} has no lowering to arrays or balls")


def _emit_product(node: sympy.Mul, names: dict[sympy.Basic, str]) -> str:
    """Factors with a negative power become one division: 1/x rounds once, x**-1 may not exist for integers."""
    above, below = [], []
    for factor in node.args:
        denominator = None if factor in names else _denominator(factor)
        (above if denominator is None else below).append(_emit(denominator or factor, names))
    top = " * ".join(above) or "1"
    return f"({top})" if not below else f"({top} / ({' * '.join(below)}))"


def _emit_power(node: sympy.Pow, args: Sequence[str]) -> str:
    base, exponent = args
    if node.exp == sympy.Rational(1, 2):
        return f"m.sqrt({base})"
    if isinstance(node.exp, sympy.Integer):
        return f"({base} ** {int(node.exp)})"
    return f"m.power({base}, {exponent})"


def _nest(function: str, args: Sequence[str]) -> str:
    text = args[0]
    for other in args[1:]:
        text = f"{function}({text}, {other})"
    return text


def _emit_piecewise(node: sympy.Piecewise, names: dict[sympy.Basic, str]) -> str:
    branches = [(_emit(value, names), condition) for value, condition in node.args]  # pyright: ignore[reportGeneralTypeIssues]
    text = branches[-1][0]
    for value, condition in reversed(branches[:-1]):
        text = f"m.where({_emit(condition, names)}, {value}, {text})"
    return text
