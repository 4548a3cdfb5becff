"""Sums of products of real powers of random variables: what a kernel computes when f is a monomial.

Coefficients stay exact rationals while the kernel computes with rationals only, so that what cancels is gone before
an expectation that would not exist is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import mul
from typing import Any

import numpy as np
from flint import acb, fmpq

from fsb_oracle.rules.vector_proof import ObjectMath

Monomial = tuple[
    tuple[str, Any], ...
]  # names in order, powers other than 0: int where whole (they hash fast), else fmpq


class NotAPolynomial(Exception):
    """The kernel computes something that is no sum of products of powers."""


@dataclass(frozen=True, eq=False)
class Polynomial:
    """Sum of coefficient x PROD variable^power."""

    terms: Mapping[Monomial, Any]

    @staticmethod
    def variable(name: str) -> Polynomial:
        return Polynomial({((name, 1),): fmpq(1)})

    @staticmethod
    def of(value: Any) -> Polynomial:
        return value if isinstance(value, Polynomial) else Polynomial({(): value})

    def __add__(self, other: Any) -> Polynomial:
        terms = dict(self.terms)
        for monomial, coefficient in Polynomial.of(other).terms.items():
            terms[monomial] = terms.get(monomial, 0) + coefficient
        return _without_zeros(terms)

    def __mul__(self, other: Any) -> Polynomial:
        if not isinstance(other, Polynomial):
            return _without_zeros({monomial: coefficient * other for monomial, coefficient in self.terms.items()})
        terms: dict[Monomial, Any] = {}
        for left, a in self.terms.items():
            for right, b in other.terms.items():
                monomial = _product(left, right)
                terms[monomial] = terms.get(monomial, 0) + a * b
        return _without_zeros(terms)

    def __neg__(self) -> Polynomial:
        return self * -1

    def __sub__(self, other: Any) -> Polynomial:
        return self + Polynomial.of(other) * -1

    def __rsub__(self, other: Any) -> Polynomial:
        return self * -1 + other

    def __truediv__(self, other: Any) -> Polynomial:
        return self * (other.power(-1) if isinstance(other, Polynomial) else 1 / other)

    def __rtruediv__(self, other: Any) -> Polynomial:
        return self.power(-1) * other

    def __pow__(self, count: int) -> Polynomial:
        return reduce(mul, [self] * count, Polynomial.of(fmpq(1)))

    __radd__, __rmul__ = __add__, __mul__

    def power(self, exponent: Any) -> Polynomial:
        """A real power of one product of powers, its coefficient being 1 or the exponent -1."""
        if len(self.terms) != 1:
            raise NotAPolynomial("a power of a sum")
        ((monomial, coefficient),) = self.terms.items()
        if exponent != -1 and coefficient != 1:
            raise NotAPolynomial("a real power of a coefficient")
        raised = tuple((name, _plain(p * exponent)) for name, p in monomial)
        return Polynomial({raised: 1 / coefficient})

    def exponential(self) -> Polynomial:
        """exp of a multiple of one variable, as a power of exp(variable)."""
        if len(self.terms) != 1:
            raise NotAPolynomial("exp of a sum")
        ((monomial, coefficient),) = self.terms.items()
        if len(monomial) != 1 or monomial[0][1] != 1:
            raise NotAPolynomial("exp of a product")
        return Polynomial({((f"exp {monomial[0][0]}", _plain(coefficient)),): fmpq(1)})

    def expectation(self, moment: Callable[[Monomial], Any]) -> acb:
        """The sum of coefficient x moment(monomial)."""
        return sum((acb(coefficient) * moment(monomial) for monomial, coefficient in self.terms.items()), acb(0))


def _without_zeros(terms: dict[Monomial, Any]) -> Polynomial:
    if any(coefficient == 0 for coefficient in terms.values()):
        terms = {monomial: coefficient for monomial, coefficient in terms.items() if coefficient != 0}
    return Polynomial(terms)


def _product(left: Monomial, right: Monomial) -> Monomial:
    powers = dict(left)
    for name, power in right:
        powers[name] = _plain(powers[name] + power) if name in powers else power
    return tuple(sorted((name, power) for name, power in powers.items() if power != 0))


def _plain(power: Any) -> Any:
    return int(power) if power == int(power) else power


class PolynomialMath(ObjectMath):
    """A math namespace for object arrays of exact rationals, balls and polynomials."""

    @staticmethod
    def rational(p: int, q: int) -> fmpq:
        return fmpq(p, q)

    def __getattr__(self, name: str) -> Any:
        on_balls = ObjectMath.__getattr__(self, name)
        of_polynomial = _OF_POLYNOMIALS.get(name)
        if of_polynomial is None:
            return on_balls

        def either(x: Any, *rest: Any) -> Any:
            return of_polynomial(x, *rest) if isinstance(x, Polynomial) else on_balls(x, *rest)

        return _elementwise(either)


def _elementwise(function: Callable[..., Any]) -> Callable[..., Any]:
    def apply(*values: Any) -> Any:
        return np.frompyfunc(function, len(values), 1)(*values)

    return apply


_OF_POLYNOMIALS: Mapping[str, Callable[..., Polynomial]] = {
    "exp": Polynomial.exponential,
    "sqrt": lambda x: x.power(fmpq(1, 2)),
    "power": Polynomial.power,
}
