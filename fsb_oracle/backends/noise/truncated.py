"""Primitives of laws that are cut, exceed a threshold, or live in logit space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Abs, exp, log, pi

from fsb_oracle.backends.noise.kernels import drop
from fsb_oracle.backends.noise.primitive import Noise, formula, x
from fsb_oracle.backends.special_functions import normal_mass


@dataclass(frozen=True)
class TruncatedNormal(Noise):
    """A standard normal X, given low < X < high, as the fraction x = (X - low)/(high - low) of the way."""

    low: Any
    high: Any
    support = "unit"

    def generic(self) -> TruncatedNormal:
        return TruncatedNormal(*sympy.symbols("parameter_low parameter_high", real=True))

    @property
    def log_density(self) -> sympy.Expr:
        low, high = sympy.sympify(self.low), sympy.sympify(self.high)
        normaliser = log(high - low) - log(2 * pi) / 2 - log(normal_mass(low, high))
        return normaliser - (low + (high - low) * x) ** 2 / 2

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        """By inversion, in the tail in which it keeps its digits."""
        m, low, high = backend.math, self.low, self.high
        right = low + high > 0
        end = m.where(right, low, -high)  # the one nearer to 0, of the interval or of its mirror image
        tail = m.normal_tail(end) - backend.uniform(stream, shape, dtype) * m.normal_mass(low, high)
        outward = -m.ndtri(tail)
        value = m.where(right, outward, -outward)
        return m.minimum(m.maximum((value - low) / (high - low), 0.0), 1.0)


@dataclass(frozen=True)
class GeneralizedPareto(Noise):
    """Density (1 + concentration x)^(-1 - 1/concentration) on the half-line."""

    concentration: Any
    support = "half-line"
    turn = 0

    @property
    def log_density(self) -> sympy.Expr:
        return -(1 + 1 / self.concentration) * log(1 + self.concentration * x)

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        m, power = backend.math, self.concentration * backend.exponential(stream, shape, dtype)
        return drop(m, power) * m.exp(power) / self.concentration


@dataclass(frozen=True)
class Logistic(Noise):
    """Density exp(-x)/(1 + exp(-x))^2."""

    log_density = formula(lambda: -Abs(x) - 2 * log(1 + exp(-Abs(x))))

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        """The logarithm of the quotient of two exponential variables: no tail is cut, and none is infinite."""
        m = backend.math
        above, below = (backend.exponential(one, shape, dtype) for one in backend.split(stream, 2))
        return m.log(above) - m.log(below)
