"""f: an expression in z, with its derivatives, its kinks and jumps, and the class of rules that may be used on it."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property, lru_cache
from typing import Any, Literal

import sympy

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.errors import UsageError
from fsb_oracle.families.family import z
from fsb_oracle.families.numbers import round_to_dtype
from fsb_oracle.integrands.parser import parse_expression
from fsb_oracle.integrands.pieces import SWITCHES, breakpoints, jump_order, pieces, smooth_piece

SmoothnessClass = Literal["F0", "F1", "F2", "Fw"]
CLASS_WORDS = {
    "F0": "may have jumps",
    "F1": "may have kinks, no jumps",
    "F2": "has neither kinks nor jumps",
    "Fw": "is a polynomial or trigonometric",
}

# The standard probes: short names that stand in case ids.
NAMED = {
    "z": "z",
    "z2": "z**2",
    "z3": "z**3",
    "z4mz": "z**4 - z",
    "sin": "sin(z)",
    "sin3": "sin(3*z)",
    "cos": "cos(z)",
    "cos3": "cos(3*z)",
    "bump": "exp(-z**2)",
    "lorentz": "1/(1 + z**2)",
    "tanh": "tanh(z)",
    "relu": "Max(z - 1/2, 0)",
    "step": "Heaviside(z - 1/2)",
}


@dataclass(frozen=True)
class Integrand:
    """A test function. `expression` is exact; `text` is its canonical form."""

    expression: sympy.Expr

    @cached_property
    def text(self) -> str:
        return str(self.expression)

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The names of the sample's components that occur: z, or z0, z1, ..."""
        return tuple(sorted(map(str, self.expression.free_symbols)))

    @cached_property
    def slug(self) -> str:
        """The probe's name, or `f-` and 8 hex digits of the canonical text."""
        name = _names().get(self.expression)
        return name or f"f-{hashlib.blake2b(self.text.encode(), digest_size=4).hexdigest()}"

    @cached_property
    def breakpoints(self) -> tuple[sympy.Expr, ...]:
        return breakpoints(self.expression)

    @cached_property
    def has_breaks(self) -> bool:
        """Whether f is put together from pieces, of one variable or of several."""
        if self.expression.free_symbols <= {z}:
            return bool(self.breakpoints)
        return self.expression.has(*SWITCHES)

    @cached_property
    def pieces(self) -> list[tuple[sympy.Expr, sympy.Expr, sympy.Expr]]:
        """`(lower, upper, smooth expression)` between kinks and jumps."""
        return pieces(self.expression)

    def pieces_on(self, low: sympy.Expr, high: sympy.Expr) -> list[tuple[sympy.Expr, sympy.Expr, sympy.Expr]]:
        """The same where only the open interval (low, high) matters: sin(z) has finitely many zeros there."""
        try:
            return self.pieces
        except UsageError:
            return pieces(self.expression, low, high)

    def smooth_at(self, point: sympy.Expr) -> sympy.Expr:
        """The smooth expression that f is around a point that is no breakpoint."""
        return smooth_piece(self.expression, point)

    @cached_property
    def smoothness(self) -> SmoothnessClass:
        """The narrowest class f belongs to: F0 jumps, F1 kinks, F2 smooth, Fw polynomial or trigonometric."""
        order = jump_order(self.expression, self.breakpoints)
        if order < 2:
            return "F0" if order == 0 else "F1"
        trigonometric = [
            node
            for node in self.expression.atoms(sympy.Function)
            if not (isinstance(node, (sympy.sin, sympy.cos)) and sympy.diff(node.args[0], z, 2) == 0)
        ]
        if not trigonometric:
            generators = {node: sympy.Dummy() for node in self.expression.atoms(sympy.sin, sympy.cos)}
            if self.expression.xreplace(generators).is_polynomial():  # pyright: ignore[reportAttributeAccessIssue]
                return "Fw"
        return "F2"

    def admits(self, required: SmoothnessClass) -> bool:
        """Whether a rule or estimator made for the class `required` may be used on f."""
        order = ["F0", "F1", "F2", "Fw"]
        return order.index(self.smoothness) >= order.index(required)

    @cached_property
    def _derivatives(self) -> dict[int, sympy.Expr]:
        return {}

    def derivative(self, order: int = 1) -> sympy.Expr:
        """The almost-everywhere derivative: point masses at jumps and kinks are dropped, as autodiff drops them."""
        if order not in self._derivatives:
            result = sympy.diff(self.expression, z, order, simplify=False)
            deltas = result.atoms(sympy.DiracDelta)
            self._derivatives[order] = result.xreplace({delta: sympy.S.Zero for delta in deltas})  # pyright: ignore[reportArgumentType]
        return self._derivatives[order]

    @cached_property
    def steepest(self) -> float | None:
        """A bound on |f'|; None where none is seen."""
        return _magnitude(self.derivative())

    def lowered(self, order: int = 0) -> Any:
        """The function `(m, z) -> values` for a math namespace `m`: f, or its derivative of the given order."""
        return compile_expression(self.derivative(order) if order else self.expression, (z,))

    def rounded(self, dtype: str) -> Integrand:
        """f with its constants rounded to `dtype`: the function that code of that precision really computes."""
        return _rounded(self, dtype)


def _magnitude(expression: Any) -> float | None:
    """A bound on |expression| for all real z; None where its form shows none."""
    if expression.is_number:
        return float(abs(expression))
    if isinstance(expression, (sympy.sin, sympy.cos, sympy.tanh, sympy.sign, sympy.Heaviside)):
        return 1.0
    parts = [_magnitude(part) for part in expression.args]
    known = [part for part in parts if part is not None]
    if len(known) == len(parts):
        if isinstance(expression, sympy.Add):
            return sum(known)
        if isinstance(expression, sympy.Mul):
            return math.prod(known)
        if isinstance(expression, sympy.Pow) and expression.exp.is_Integer and expression.exp > 0:
            return known[0] ** int(expression.exp)
    return None


@lru_cache(maxsize=1024)  # a plan asks for the same dozen probes thousands of times
def _rounded(f: Integrand, dtype: str) -> Integrand:
    constants = {
        number: _rational(round_to_dtype(_fraction(number), dtype))
        for number in f.expression.atoms(sympy.Rational)
        if not number.is_Integer
    }
    return Integrand(f.expression.xreplace(constants)) if constants else f  # pyright: ignore[reportArgumentType]


def _fraction(number: sympy.Rational) -> Fraction:
    return Fraction(int(number.p), int(number.q))


def _rational(value: Any) -> sympy.Rational:
    return sympy.Rational(value.numerator, value.denominator)  # pyright: ignore[reportReturnType]


def plane_wave(frequency: Fraction, phase: Fraction, sine: bool = False) -> Integrand:
    """cos(w z + b), or sin(w z + b), for w > 0 and b >= 0: SymPy takes milliseconds to see what it knows."""
    speed, start = _rational(frequency), _rational(phase)
    argument = speed * z + start
    cos, sin = (function(argument, evaluate=False) for function in (sympy.cos, sympy.sin))
    turns = (cos, sin, -cos, -sin)  # the derivative of each is the one before
    first = int(sine)
    slopes = {order: speed**order * turns[first - order] for order in (1, 2, 3)}
    wave = Integrand(turns[first])
    vars(wave).update(smoothness="Fw", breakpoints=(), _derivatives=slopes)
    return wave


def integrand(text: str | Integrand, named: bool = True) -> Integrand:
    """f from its text: a named probe (`list integrands`) or an expression in z.

    Args:
        named: whether named probes count; for a vector, z2 is its third component.

    Raises:
        UsageError: the text cannot be read; the sentence says what is allowed.
    """
    if isinstance(text, Integrand):
        return text
    return _read(NAMED.get(text, text) if named else text)


@lru_cache(maxsize=1024)  # a plan asks for the same dozen probes thousands of times, and they know their class
def _read(text: str) -> Integrand:
    return Integrand(parse_expression(text))


@cache
def _names() -> dict[sympy.Expr, str]:
    """The names of the standard probes by their expressions."""
    return {integrand(name).expression: name for name in NAMED}
