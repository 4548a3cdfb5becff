"""A whitelist parser: the text of f becomes a SymPy expression and is never evaluated as Python."""

from __future__ import annotations

import ast

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
    "Abs": sympy.Abs,
    "sign": sympy.sign,
    "Heaviside": sympy.Heaviside,
    "Max": sympy.Max,
    "Min": sympy.Min,
}
_MANY = {"Max", "Min"}
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
            known = [*NAMES, *FUNCTIONS]
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
            return _call(name, [_read(argument, text) for argument in args])
    raise UsageError(f"{_excerpt(node, text)!r} is not allowed in f: only numbers, z, + - * / ** and named functions")


def _call(name: str, args: list[sympy.Expr]) -> sympy.Expr:
    if name not in FUNCTIONS:
        raise UsageError(f"unknown function {name!r} in f; there are {', '.join(FUNCTIONS)}{nearest(name, FUNCTIONS)}")
    if not args or (len(args) != 1 and name not in _MANY):
        raise UsageError(
            f"{name} takes {'one or more arguments' if name in _MANY else 'one argument'}, not {len(args)}"
        )
    return FUNCTIONS[name](*args)


def _power(base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
    if exponent.is_number and abs(exponent) > MAXIMUM_POWER:
        raise UsageError(f"the power {exponent} is too large; at most {MAXIMUM_POWER} is read")
    if base == 0 and exponent.is_negative:
        raise UsageError("the expression divides by zero")
    return base**exponent


def _excerpt(node: ast.expr, text: str) -> str:
    return (ast.get_source_segment(text, node) or type(node).__name__)[:60]
