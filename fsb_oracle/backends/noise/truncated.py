"""Primitives of laws that are cut, exceed a threshold, or live in logit space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import sympy
from sympy import Abs, Max, erfc, exp, log, pi, sqrt

from fsb_oracle.backends.noise.kernels import drop
from fsb_oracle.backends.noise.primitive import Noise, evaluate, x

_low, _high = sympy.symbols("low high", real=True)


def _upper_tail(point: Any) -> Any:
    """P(X > point) of a standard normal X."""
    return erfc(point / sqrt(sympy.Integer(2))) / 2


def _near_and_far(low: Any, high: Any) -> tuple[Any, Any]:
    """The interval, reflected where that brings it to the right: its upper tails are then no differences of ones."""
    return Max(low, -high), Max(-low, high)


def normal_mass(low: Any, high: Any) -> sympy.Expr:
    """P(low < X < high) of a standard normal X, with its digits in either tail."""
    near, far = _near_and_far(low, high)
    return _upper_tail(near) - _upper_tail(far)


_TAIL, _MASS = _upper_tail(_near_and_far(_low, _high)[0]), normal_mass(_low, _high)


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
        m, letters = backend.math, {"low": self.low, "high": self.high}
        tail = evaluate(_TAIL, m, letters) - backend.uniform(stream, shape, dtype) * evaluate(_MASS, m, letters)
        outward = -m.ndtri(tail)  # from the reflected interval's near end on
        value = m.where(self.low + self.high < 0, -outward, outward)
        return m.minimum(m.maximum((value - self.low) / (self.high - self.low), 0.0), 1.0)


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

    log_density: ClassVar[sympy.Expr] = -Abs(x) - 2 * log(1 + exp(-Abs(x)))

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        """The logarithm of the quotient of two exponential variables: no tail is cut, and none is infinite."""
        m = backend.math
        above, below = (backend.exponential(one, shape, dtype) for one in backend.split(stream, 2))
        return m.log(above) - m.log(below)
