"""What a law is, as data: parameters, support, density, characteristic function, sampling recipe, edge points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

import sympy

from fsb_oracle.backends.noise import Noise, w
from fsb_oracle.errors import UsageError, nearest
from fsb_oracle.families.numbers import decimal_text, exact_number

z = sympy.Symbol("z", real=True)

Parameters = dict[str, Fraction]


@dataclass(frozen=True)
class Domain:
    """The values that one parameter may take: a test and the words for it."""

    text: str
    contains: Callable[[Fraction], bool]
    assumptions: Mapping[str, bool]


REAL = Domain("a real number", lambda v: True, {"real": True})
POSITIVE = Domain("greater than 0", lambda v: v > 0, {"positive": True})
PROBABILITY = Domain("between 0 and 1 (both excluded)", lambda v: 0 < v < 1, {"positive": True})


@dataclass(frozen=True)
class Parameter:
    """A named parameter of a law and its domain."""

    name: str
    domain: Domain

    @property
    def symbol(self) -> sympy.Symbol:
        return sympy.Symbol(self.name, **self.domain.assumptions)


@dataclass(frozen=True)
class Support:
    """Where the law lives. `kind`: interval (open, ends may be infinite), integers (ends included) or point."""

    kind: Literal["interval", "integers", "point"]
    lower: sympy.Expr
    upper: sympy.Expr

    @property
    def moves(self) -> bool:
        """Whether an end depends on a parameter: the score estimator is then invalid."""
        return bool(self.lower.free_symbols | self.upper.free_symbols)


LINE = Support("interval", -sympy.oo, sympy.oo)
HALF_LINE = Support("interval", sympy.S.Zero, sympy.oo)
UNIT_INTERVAL = Support("interval", sympy.S.Zero, sympy.S.One)
COUNTS = Support("integers", sympy.S.Zero, sympy.oo)
BITS = Support("integers", sympy.S.Zero, sympy.S.One)


@dataclass(frozen=True)
class Recipe:
    """z as an expression in named noise primitives and the parameters."""

    noise: Mapping[str, Noise]
    expression: sympy.Expr

    def symbols(self) -> tuple[sympy.Symbol, ...]:
        return tuple(sympy.Symbol(name, real=True) for name in self.noise)


@dataclass(frozen=True)
class Family:
    """One law. Every formula is a SymPy expression in `z` (or the frequency `w`) and the parameters' symbols.

    Attributes:
        log_density: log p(z), or log P(Z = z) on integers; None for a point mass.
        characteristic_function: E exp(i w Z).
        strip: open interval of Im w in which the characteristic function is analytic.
        mean, variance: expressions, infinite where they do not exist.
        recipe: how to sample it from noise primitives.
        catalogue: the letters of the estimator literature as expressions in our parameters (gamma: k, s = 1/rate).
        constraint: joint condition on the parameters and its words.
        edges: parameter points at which implementations break, as text.
    """

    name: str
    parameters: tuple[Parameter, ...]
    support: Support
    log_density: sympy.Expr | None
    characteristic_function: sympy.Expr
    mean: sympy.Expr
    variance: sympy.Expr
    recipe: Recipe
    catalogue: Mapping[str, sympy.Expr]
    edges: tuple[Mapping[str, str], ...]
    strip: tuple[sympy.Expr, sympy.Expr] = (-sympy.oo, sympy.oo)
    constraint: tuple[sympy.Basic, str] | None = field(default=None)

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Family) and self.name == other.name

    @cached_property
    def symbols(self) -> tuple[sympy.Symbol, ...]:
        return tuple(parameter.symbol for parameter in self.parameters)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(parameter.name for parameter in self.parameters)

    def symbol(self, name: str) -> sympy.Symbol:
        return next(s for s in self.symbols if str(s) == name)

    @property
    def discrete(self) -> bool:
        return self.support.kind == "integers"

    def score(self, parameter: str) -> sympy.Expr:
        """d log p(z) / d parameter."""
        assert self.log_density is not None
        return sympy.diff(self.log_density, self.symbol(parameter))

    def characteristic_derivative(self, parameter: str) -> sympy.Expr:
        """d phi(w) / d parameter."""
        return sympy.diff(self.characteristic_function, self.symbol(parameter))

    def parse(self, values: Mapping[str, Any]) -> Parameters:
        """Exact parameter values from text or numbers, in the family's order.

        Raises:
            UsageError: a name is unknown or missing, a value is no number or out of its domain.
        """
        for name in values:
            if name not in self.names:
                raise UsageError(
                    f"{self.name} has no parameter {name!r}; it has {', '.join(self.names)}{nearest(name, self.names)}"
                )
        missing = [name for name in self.names if name not in values]
        if missing:
            raise UsageError(f"{self.name} needs {', '.join(self.names)}; {missing[0]!r} is missing")
        parsed = {name: exact_number(values[name], name) for name in self.names}
        for parameter in self.parameters:
            value = parsed[parameter.name]
            if not parameter.domain.contains(value):
                raise UsageError(
                    f"{self.name} parameter {parameter.name}={decimal_text(value)} must be {parameter.domain.text}"
                )
        if self.constraint is not None:
            condition, words = self.constraint
            if not condition.subs(self.substitution(parsed)):  # pyright: ignore[reportArgumentType, reportCallIssue]
                raise UsageError(f"{self.name} needs {words}, but {parameter_text(parsed)}")
        return parsed

    def substitution(self, values: Parameters) -> dict[sympy.Symbol, sympy.Rational]:
        """SymPy substitutions for exact parameter values."""
        return {
            s: sympy.Rational(values[str(s)].numerator, values[str(s)].denominator)  # pyright: ignore[reportReturnType]
            for s in self.symbols
        }

    def at(self, expression: sympy.Expr, values: Parameters) -> sympy.Expr:
        """An expression of this law with its parameters replaced by exact values."""
        return sympy.sympify(expression).subs(self.substitution(values))  # pyright: ignore[reportArgumentType, reportCallIssue]

    def spread(self, values: Parameters) -> float:
        """Standard deviation at `values` (units of z); 1 for a point mass. Frequencies are measured in 1/spread."""
        return float(sympy.sqrt(self.at(self.variance, values))) or 1.0


def parameter_text(values: Mapping[str, Fraction]) -> str:
    """`concentration=2.5,rate=1`: the parameters as they stand in case ids."""
    return ",".join(f"{name}={decimal_text(value)}" for name, value in values.items())


__all__ = [
    "BITS", "COUNTS", "HALF_LINE", "LINE", "POSITIVE", "PROBABILITY", "REAL", "UNIT_INTERVAL",
    "Domain", "Family", "Parameter", "Parameters", "Recipe", "Support", "parameter_text", "w", "z",
]  # fmt: skip
