"""A whitelist parser: the text of f becomes a SymPy expression and is never evaluated as Python."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from typing import Any

import sympy

from fsb_oracle.errors import UsageError, nearest
from fsb_oracle.families.family import z
from fsb_oracle.families.numbers import exact_number

MAXIMUM_LENGTH = 2_000
MAXIMUM_POWER = 1_000  # 9**9**9 must be refused, not computed

FUNCTIONS = {
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tan": sympy.tan,
    "sinh": sympy.sinh,
    "cosh": sympy.cosh,
    "tanh": sympy.tanh,
    "exp": sympy.exp,
    "log": sympy.log,
    "sqrt": sympy.sqrt,
    "atan": sympy.atan,
    "erf": sympy.erf,
    "erfc": sympy.erfc,
    "asinh": sympy.asinh,
    "sech": lambda x: 1 / sympy.cosh(x),
    "csch": lambda x: 1 / sympy.sinh(x),
    "coth": lambda x: 1 / sympy.tanh(x),
    "sec": lambda x: 1 / sympy.cos(x),
    "csc": lambda x: 1 / sympy.sin(x),
    "cot": lambda x: 1 / sympy.tan(x),
    "Abs": sympy.Abs,
    "sign": sympy.sign,
    "Heaviside": sympy.Heaviside,
    "Max": sympy.Max,
    "Min": sympy.Min,
}
_MANY = {"Max", "Min"}
_COMPARISONS = {ast.Lt: sympy.Lt, ast.LtE: sympy.Le, ast.Gt: sympy.Gt, ast.GtE: sympy.Ge}
_PIECEWISE = "Piecewise takes pairs such as Piecewise((z**2, z < 1), (z, True)), the last of them with True"
_COMPONENT = re.compile(r"z\d{1,2}")  # z0 of a vector, z01 of a matrix
NAMES = {"z": z, "pi": sympy.pi, "E": sympy.E}
_OPERATORS = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
}


def parse_expression(text: str) -> sympy.Expr:
    """The SymPy expression in `z` that `text` denotes; decimals are exact (0.1 is 1/10).

    Raises:
        UsageError: a syntax error, an unknown name or function, or anything that is not arithmetic in z.
    """
    if len(text) > MAXIMUM_LENGTH:
        raise UsageError(f"the expression has {len(text)} characters; at most {MAXIMUM_LENGTH} are read")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise UsageError(f"cannot read the expression {text!r}: write it as in sin(3*z) or exp(-z**2)") from None
    try:
        expression = _read(tree.body, text.strip())
    except RecursionError:
        raise UsageError("the expression is nested too deeply") from None
    if expression.has(sympy.zoo, sympy.nan, sympy.oo, -sympy.oo):
        raise UsageError(f"the expression {text!r} divides by zero or is not finite")
    if expression.has(sympy.I):
        raise UsageError(f"the expression {text!r} is not real for real z")
    return expression


def _read(node: ast.expr, text: str) -> sympy.Expr:
    match node:
        case ast.Constant(value=value) if isinstance(value, (int, float)) and not isinstance(value, bool):
            source = ast.get_source_segment(text, node) or str(value)
            number = exact_number(source.replace("_", ""), "constant")
            return sympy.Rational(number.numerator, number.denominator)
        case ast.Name(id=name):
            if name in NAMES:
                return NAMES[name]
            if _COMPONENT.fullmatch(name):
                return sympy.Symbol(name, real=True)
            known = [*NAMES, *FUNCTIONS, "Piecewise"]
            raise UsageError(f"unknown name {name!r} in f; there are z, pi, E and functions{nearest(name, known)}")
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_read(operand, text)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _read(operand, text)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_read(left, text), _read(right, text))
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            below = _read(right, text)
            if below == 0:
                raise UsageError(f"the expression {text!r} divides by zero")
            return _read(left, text) / below
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_read(left, text), _read(right, text))
        case ast.BinOp(op=ast.BitXor()):
            raise UsageError("'^' is not a power here: write z**2")
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return _call(name, args, text)
    raise UsageError(f"{_excerpt(node, text)!r} is not allowed in f: only numbers, z, + - * / ** and named functions")


def _call(name: str, nodes: list[ast.expr], text: str) -> sympy.Expr:
    if name == "Piecewise":
        return _piecewise(nodes, text)
    if name not in FUNCTIONS:
        known = [*FUNCTIONS, "Piecewise"]
        raise UsageError(f"unknown function {name!r} in f; there are {', '.join(known)}{nearest(name, known)}")
    args = [_read(node, text) for node in nodes]
    if not args or (len(args) != 1 and name not in _MANY):
        raise UsageError(
            f"{name} takes {'one or more arguments' if name in _MANY else 'one argument'}, not {len(args)}"
        )
    return FUNCTIONS[name](*args)


def _piecewise(args: list[ast.expr], text: str) -> sympy.Expr:
    """(value, condition) pairs, of which the first whose condition holds counts."""
    pairs = []
    for node in args:
        if not isinstance(node, ast.Tuple) or len(node.elts) != 2:
            raise UsageError(f"{_PIECEWISE}; {_excerpt(node, text)!r} is none")
        pairs.append((_read(node.elts[0], text), _condition(node.elts[1], text)))
    if not pairs or pairs[-1][1] is not sympy.true:
        raise UsageError(_PIECEWISE)
    return sympy.Piecewise(*pairs)  # pyright: ignore[reportReturnType]


def _condition(node: ast.expr, text: str) -> Any:
    match node:
        case ast.Constant(value=bool(value)):
            return sympy.true if value else sympy.false
        case ast.Compare(left=left, ops=operators, comparators=others) if all(
            type(o) in _COMPARISONS for o in operators
        ):
            values = [_read(side, text) for side in (left, *others)]
            return sympy.And(
                *(_COMPARISONS[type(o)](a, b) for o, (a, b) in zip(operators, pairwise(values), strict=True))
            )
        case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr() as op, right=right):
            both = sympy.And if isinstance(op, ast.BitAnd) else sympy.Or
            return both(_condition(left, text), _condition(right, text))
        case ast.Call(func=ast.Name(id="And" | "Or" as name), args=args, keywords=[]):
            return (sympy.And if name == "And" else sympy.Or)(*(_condition(argument, text) for argument in args))
    raise UsageError(
        f"{_excerpt(node, text)!r} is not a condition: write z < 1, z >= 0, -1 < z <= 1, And(z > 0, z < 1) or True"
    )


def _power(base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
    if exponent.is_number and abs(exponent) > MAXIMUM_POWER:
        raise UsageError(f"the power {exponent} is too large; at most {MAXIMUM_POWER} is read")
    if base == 0 and exponent.is_negative:
        raise UsageError("the expression divides by zero")
    return base**exponent


def _excerpt(node: ast.expr, text: str) -> str:
    return (ast.get_source_segment(text, node) or type(node).__name__)[:60]
