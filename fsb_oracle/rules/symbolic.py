"""A rule's kernel run on symbols: what it computes, as an expression in its noise and in values of f.

The same kernel that back ends call with arrays is called with SymPy symbols and a test function whose values are
symbols too. How f enters, and which noise it meets, is thereby read off the rule itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from typing import Any

import sympy
from sympy import sqrt

from fsb_oracle.backends import noise as primitives
from fsb_oracle.backends.expressions import FUNCTIONS
from fsb_oracle.backends.noise import Noise
from fsb_oracle.families import Family, Parameters, get_family
from fsb_oracle.families.family import z
from fsb_oracle.integrands import Integrand
from fsb_oracle.rules.rule import Rule


class NoCollapse(Exception):
    """The moments of this contribution are not sums of products of one-dimensional integrals, or none is known."""


class SymbolicMath:
    """SymPy as a math namespace: exact numbers and symbols."""

    pi = sympy.pi
    i = sympy.I
    euler_gamma = sympy.EulerGamma
    sqrt = staticmethod(sympy.sqrt)
    maximum = staticmethod(sympy.Max)
    minimum = staticmethod(sympy.Min)

    @staticmethod
    def rational(p: int, q: int) -> sympy.Expr:
        return sympy.Rational(p, q)

    @staticmethod
    def power(base: Any, exponent: Any) -> Any:
        return sympy.Pow(base, exponent)

    @staticmethod
    def trigamma(value: Any) -> Any:
        return sympy.polygamma(1, value)

    @staticmethod
    def gamma_half_step(x: Any) -> Any:
        return sympy.gamma(x + sympy.Rational(1, 2)) / sympy.gamma(x)

    @staticmethod
    def digamma_step(x: Any, step: Any) -> Any:
        return sympy.digamma(x + step) - sympy.digamma(x)

    def __getattr__(self, name: str) -> Any:
        for function, lowered in FUNCTIONS.items():
            if lowered == name:
                return function
        raise AttributeError(name)


@dataclass(frozen=True)
class Law:
    """A random variable as the oracle knows it: E h(X) = E[weight(Z) h(Z)] for Z of a family at exact parameters."""

    family: Family
    parameters: Parameters
    weight: sympy.Expr = sympy.S.One

    def __hash__(self) -> int:
        return hash((self.family, tuple(self.parameters.items()), self.weight))


@dataclass(frozen=True)
class Evaluation:
    """f, or a derivative of f, at a point."""

    order: int
    point: sympy.Expr

    def of(self, f: Integrand) -> sympy.Expr:
        return _replaced(f.derivative(self.order) if self.order else f.expression, {z: self.point})


class _Recorder:
    """A test function whose values are symbols; it remembers what was asked."""

    def __init__(self) -> None:
        self.evaluations: dict[sympy.Symbol, Evaluation] = {}

    def __call__(self, point: Any) -> sympy.Symbol:
        return self.derivative(point, 0)

    def derivative(self, point: Any, order: int = 1) -> sympy.Symbol:
        asked = Evaluation(order, sympy.sympify(point))
        for symbol, known in self.evaluations.items():
            if known == asked:
                return symbol
        symbol = sympy.Symbol(f"value_{len(self.evaluations)}", real=True)
        self.evaluations[symbol] = asked
        return symbol


@dataclass(frozen=True)
class Trace:
    """A kernel's contribution in symbols.

    Attributes:
        contribution: an expression in the symbols of `evaluations`, `laws` and `atoms`.
        evaluations: what each symbol that stands for a value of f is.
        laws: independent variables with a law that the oracle can integrate over.
        atoms: independent variables with finitely many values, as (value, probability).
    """

    contribution: sympy.Expr
    evaluations: Mapping[sympy.Symbol, Evaluation]
    laws: Mapping[sympy.Symbol, Law]
    atoms: Mapping[sympy.Symbol, tuple[tuple[sympy.Expr, sympy.Expr], ...]] = field(default_factory=dict)

    def of(self, f: Integrand) -> sympy.Expr:
        """The contribution for this f."""
        return _replaced(self.contribution, {symbol: e.of(f) for symbol, e in self.evaluations.items()})

    def cases(self) -> Iterator[tuple[sympy.Expr, Trace]]:
        """(probability, trace) for each combination of the finitely valued variables."""
        for combination in product(*self.atoms.values()):
            values = {symbol: value for symbol, (value, _) in zip(self.atoms, combination, strict=True)}
            probability = sympy.Mul(*(p for _, p in combination))
            evaluations = {
                symbol: replace(e, point=_replaced(e.point, values)) for symbol, e in self.evaluations.items()
            }
            yield probability, Trace(_replaced(self.contribution, values), evaluations, self.laws)


def _replaced(expression: sympy.Expr, values: Mapping[Any, Any]) -> sympy.Expr:
    return expression.xreplace(dict(values))  # pyright: ignore[reportReturnType]


def trace(rule: Rule, parameters: Parameters) -> Trace:
    """The rule's kernel at exact parameter values, run on symbols.

    Raises:
        NoCollapse: the kernel holds a rounded number, or a noise primitive whose law the oracle does not know.
    """
    m, numbers = SymbolicMath(), {name: _rational(value) for name, value in parameters.items()}
    laws: dict[sympy.Symbol, Law] = {}
    atoms: dict[sympy.Symbol, Any] = {}
    arguments: dict[str, sympy.Symbol] = {}
    for name, primitive in rule.noise_at(m, numbers).items():
        symbol = sympy.Symbol(f"noise_{name}", **_assumptions(primitive))
        arguments[name] = symbol
        if primitive.atoms is not None:
            atoms[symbol] = tuple((sympy.sympify(v), sympy.sympify(p)) for v, p in primitive.atoms)
        else:
            laws[symbol] = law_of(primitive)
    point: Any = None
    if rule.uses_z:
        if rule.law.support.kind == "point":
            point = rule.law.at(rule.law.mean, parameters)
        else:
            laws[z] = Law(rule.law, parameters)
            point = z
    recorder = _Recorder()
    contribution = sympy.sympify(rule.apply(m, numbers, recorder, point, arguments))
    if contribution.has(sympy.Float):
        raise NoCollapse(f"{rule.id} holds a rounded number")
    used = contribution.free_symbols.union(*(e.point.free_symbols for e in recorder.evaluations.values()))
    return Trace(
        contribution,
        recorder.evaluations,
        {symbol: law for symbol, law in laws.items() if symbol in used},
        {symbol: values for symbol, values in atoms.items() if symbol in used},
    )


def law_of(primitive: Noise) -> Law:
    """The law of a noise primitive whose parameters are exact numbers.

    Raises:
        NoCollapse: the oracle has no such law.
    """
    values = [_fraction(value) for value in vars(primitive).values()]
    match primitive:
        case primitives.Rayleigh():  # density x exp(-x**2/2) for x > 0
            half_line = sqrt(2 * sympy.pi) * z * sympy.Heaviside(z)
            return Law(get_family("normal"), {"loc": Fraction(0), "scale": Fraction(1)}, half_line)
        case primitives.Normal():
            return Law(get_family("normal"), {"loc": Fraction(0), "scale": Fraction(1)})
        case primitives.Laplace():
            return Law(get_family("laplace"), {"loc": Fraction(0), "scale": Fraction(1)})
        case primitives.Exponential():
            return Law(get_family("exponential"), {"rate": Fraction(1)})
        case primitives.Uniform():
            return Law(get_family("uniform"), {"low": Fraction(0), "high": Fraction(1)})
        case primitives.Gamma():
            return Law(get_family("gamma"), {"concentration": values[0], "rate": Fraction(1)})
        case primitives.Beta():
            return Law(get_family("beta"), dict(zip(("concentration1", "concentration0"), values, strict=True)))
        case primitives.Poisson():
            return Law(get_family("poisson"), {"rate": values[0]})
    raise NoCollapse(f"the oracle has no law of {primitive}")


def _assumptions(primitive: Noise) -> dict[str, bool]:
    return {"positive": True} if primitive.support in ("half-line", "unit") else {"real": True}


def _fraction(value: Any) -> Fraction:
    number = sympy.sympify(value)
    if not number.is_Rational:
        raise NoCollapse(f"a noise parameter is {number}, not rational")
    return Fraction(int(number.p), int(number.q))


def _rational(value: Fraction) -> sympy.Expr:
    return sympy.Rational(value.numerator, value.denominator)
