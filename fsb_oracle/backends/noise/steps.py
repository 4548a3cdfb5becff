"""Primitives by which rules of laws on the integers step upwards."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import I, exp, log

from fsb_oracle.backends.noise.primitive import Noise, w, x

NEGLIGIBLE = 1e-22  # mass beyond which the tail of a lattice law is cut in float64


def log1p(m: Any, y: Any) -> Any:
    """log(1 + y) with the digits of y near 0 (Higham 2002, section 1.14.1), on any math namespace."""
    above = 1 + y
    exact = above == 1
    return m.where(exact, y, m.log(above) * (y / m.where(exact, 1 + 0 * above, above - 1)))


def _whole_part(number: Any) -> Any:
    return number - number % 1


@dataclass(frozen=True)
class Geometric(Noise):
    """The number of failures before the first success of probability `probs`: 0, 1, 2, ..."""

    probs: Any
    support = "integers"

    @property
    def log_density(self) -> sympy.Expr:
        return log(self.probs) + x * log(1 - self.probs)

    @property
    def characteristic_function(self) -> sympy.Expr:
        return self.probs / (1 - (1 - self.probs) * exp(I * w))

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        """By inversion: the whole part of an exponential variable."""
        return _whole_part(backend.exponential(stream, shape, dtype) / -log1p(backend.math, -self.probs))


@dataclass(frozen=True)
class BelowGeometric(Noise):
    """Uniform on 0, ..., n - 1, where n = 1, 2, ... is the number of trials up to a success of probability `probs`.

    Given u ~ U(0, 1) it is geometric with success probability p/(p + (1 - p) u): Poisson variables with the mean u e
    (1 - p)/p, e ~ Exp(1), are its gamma mixture.
    """

    probs: Any
    support = "integers"

    @property
    def has_density(self) -> bool:
        return True  # in float64

    @property
    def atoms(self) -> tuple[tuple[int, Any], ...] | None:
        """In float64 the masses, a tail of the logarithmic series; there is no closed form."""
        if not isinstance(self.probs, float):
            return None
        import numpy as np

        q = 1 - self.probs
        count = np.arange(1, 2 + math.ceil(math.log(NEGLIGIBLE) / math.log(q)))
        masses = np.cumsum((self.probs * q ** (count - 1.0) / count)[::-1])[::-1]
        return tuple(enumerate(masses))

    @property
    def characteristic_function(self) -> sympy.Expr:
        p, q = self.probs, 1 - self.probs
        return p / q * (log(p) - log(1 - q * exp(I * w))) / (exp(I * w) - 1)

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        first, second = backend.split(stream, 2)
        odds = self.probs / ((1 - self.probs) * (1 - backend.uniform(first, shape, dtype)))
        return _whole_part(backend.exponential(second, shape, dtype) / log1p(backend.math, odds))
