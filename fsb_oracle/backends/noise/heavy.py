"""Primitives of laws that are known by their characteristic function: powers of uniform variables, stable jumps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy
from sympy import I, exp, gamma, log, loggamma, sqrt

from fsb_oracle.backends.expressions import hyp1f1
from fsb_oracle.backends.noise.primitive import Noise, formula, log_complement, log_x, order, w, x
from fsb_oracle.backends.special_functions import uppergamma

_index = sympy.Symbol("index")


@dataclass(frozen=True)
class TaylorPart(Noise):
    """Beta(1, 2): where f'' is taken in f(z + x) - f(z) - x f'(z) = (x^2/2) E f''(z + v x)."""

    support = "unit"
    log_density = formula(lambda: log(sympy.Integer(2)) + log_complement)
    characteristic_function = formula(lambda: hyp1f1(1, 3, I * w))  # pyright: ignore[reportAssignmentType]

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        return 1 - backend.math.sqrt(backend.uniform(stream, shape, dtype))


@dataclass(frozen=True)
class UniformRoot(Noise):
    """u^(1/order), u ~ U(0, 1), which is Beta(order, 1); it may round to 0 where the order is small."""

    order: Any
    support = "unit"

    @property
    def log_density(self) -> sympy.Expr:
        return log(self.order) + (self.order - 1) * log_x

    @property
    def characteristic_function(self) -> sympy.Expr:
        return hyp1f1(self.order, self.order + 1, I * w)  # pyright: ignore[reportReturnType]

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        # at the order 0 it is 0
        return (1 - backend.uniform(stream, shape, dtype)) ** (1 / backend.math.maximum(self.order, 1e-30))


@dataclass(frozen=True)
class ReciprocalGamma(Noise):
    """1/g with g ~ Gamma(3/2)."""

    support = "half-line"
    log_density = formula(lambda: -sympy.Rational(5, 2) * log_x - 1 / x - loggamma(sympy.Rational(3, 2)))
    characteristic_function = formula(lambda: (1 + 2 * sqrt(-I * w)) * exp(-2 * sqrt(-I * w)))
    mellin = formula(lambda: gamma(sympy.Rational(3, 2) - order) / gamma(sympy.Rational(3, 2)))
    mellin_strip = (-sympy.oo, sympy.Rational(3, 2))

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        return 1 / backend.gamma(stream, 1.5, shape, dtype)


@dataclass(frozen=True)
class Pareto(Noise):
    """u^(-1/alpha) on (1, oo), density alpha x^(-1 - alpha)."""

    alpha: Any

    @property
    def characteristic_function(self) -> sympy.Expr:
        return _pareto_transform(self.alpha)

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        return (1 - backend.uniform(stream, shape, dtype)) ** (-1 / self.alpha)


@dataclass(frozen=True)
class ParetoProduct(Noise):
    """The product of two independent Pareto(alpha) variables, density alpha^2 log(x) x^(-1 - alpha) on (1, oo)."""

    alpha: Any

    @property
    def characteristic_function(self) -> sympy.Expr:
        """-alpha^2 d/d(alpha) INT_1^oo exp(i w x) x^(-1 - alpha) dx."""
        slope = sympy.diff(_pareto_transform(_index) / _index, _index)
        return -(self.alpha**2) * slope.xreplace({_index: self.alpha})

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        first, second = (1 - backend.uniform(one, shape, dtype) for one in backend.split(stream, 2))
        return (first * second) ** (-1 / self.alpha)


@dataclass(frozen=True)
class TemperedStable(Noise):
    """The sum of jumps x at the rate intensity x^(-1 - alpha) exp(-x); compensated, on the line, where alpha > 1.

    Drawn as a sum of parts so small that rejection from a one-sided stable law accepts one proposal in six or more
    (for alpha < 1, one in e or more).
    """

    loops = True
    alpha: Any
    intensity: Any

    @property
    def characteristic_function(self) -> sympy.Expr:
        return exp(self.intensity * gamma(-self.alpha) * ((1 - I * w) ** self.alpha - 1))

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        m, alpha = backend.math, self.alpha
        # -log E exp(-X) of the stable law X with these jumps, but for its sign
        exponent = self.intensity * m.exp(m.loggamma(2 - alpha)) / (alpha * m.abs(1 - alpha))
        parts = m.maximum(exponent + (-exponent) % 1, 1)

        def propose(key: Any, shape: tuple[int, ...], alpha: Any, exponent: Any) -> tuple[Any, Any]:
            return _TemperedPart(alpha, exponent).propose(backend, key, shape, dtype)

        def one(key: Any, shape: tuple[int, ...], alpha: Any, exponent: Any) -> Any:
            return backend.repeat(propose, key, shape, dtype, alpha, exponent)

        return backend.accumulate(one, parts, stream, shape, dtype, alpha, exponent / parts)


@dataclass(frozen=True)
class _TemperedPart:
    """A stable law with E exp(-s X) = exp(-+ exponent s^alpha), to be tempered by exp(-X)."""

    alpha: Any
    exponent: Any

    def propose(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> tuple[Any, Any]:
        """A proposal and whether it is accepted.

        Kanter 1975 for alpha < 1, Chambers, Mallows and Stuck 1976 for both. For alpha > 1 the exponential variable e
        is drawn with mean 2: then exp(-e/2 - X) is at most exp(2^(alpha - 1) exponent), and that is the ratio to the
        law wanted.
        """
        m, alpha, below = backend.math, self.alpha, self.alpha < 1
        first, second, third = backend.split(stream, 3)
        angle = m.pi * (1 - backend.uniform(first, shape, dtype))
        e = backend.exponential(second, shape, dtype)
        mean = m.where(below, 1 + 0 * e, 2 + 0 * e)
        power = (1 - alpha) / alpha
        log_size = (
            (m.log(self.exponent) - m.log(m.maximum(m.sin(angle), 1e-30))) / alpha
            + power * m.log(m.maximum(m.sin(m.abs(1 - alpha) * angle), 1e-30))
            - power * m.log(m.maximum(mean * e, 1e-30))
        )
        # a proposal beyond exp(80) is not accepted
        proposal = m.sign(1 - alpha) * m.sin(alpha * angle) * m.exp(m.minimum(log_size, 80.0))
        bound = m.where(below, 0 * e, e + 2 ** (alpha - 1) * self.exponent)
        return proposal, backend.exponential(third, shape, dtype) >= proposal + bound


def _pareto_transform(alpha: Any) -> Any:
    return alpha * (-I * w) ** alpha * uppergamma(-alpha, -I * w)
