"""Primitives on the integers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import sympy
from sympy import I, exp, log, loggamma

from fsb_oracle.backends.noise.primitive import Noise, evaluate, formula, w, x


def _choose(backend: Any, u: Any, probability: Any, below: int, above: int) -> Any:
    """`below` with the given probability, else `above`, in the dtype of the uniforms `u`."""
    one = 0 * u + 1
    return backend.math.where(u < probability, below * one, above * one)


@dataclass(frozen=True)
class Rademacher(Noise):
    """+1 or -1 with probability 1/2 each."""

    support = "integers"
    atoms: ClassVar[tuple[tuple[int, sympy.Expr], ...]] = ((-1, sympy.Rational(1, 2)), (1, sympy.Rational(1, 2)))
    characteristic_function = formula(lambda: sympy.cos(w))

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        return _choose(backend, backend.uniform(stream, shape, dtype), 0.5, -1, 1)


@dataclass(frozen=True)
class Bernoulli(Noise):
    """1 with probability `probs`, else 0."""

    probs: Any
    support = "integers"

    @property
    def atoms(self) -> tuple[tuple[int, sympy.Expr], ...]:
        return ((0, 1 - self.probs), (1, self.probs))

    @property
    def characteristic_function(self) -> sympy.Expr:
        return 1 - self.probs + self.probs * exp(I * w)

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        return _choose(backend, backend.uniform(stream, shape, dtype), self.probs, 1, 0)


@dataclass(frozen=True)
class Poisson(Noise):
    """Poisson(rate) on 0, 1, 2, ..."""

    rate: Any
    support = "integers"

    @property
    def log_density(self) -> sympy.Expr:
        return x * log(self.rate) - self.rate - loggamma(x + 1)

    @property
    def characteristic_function(self) -> sympy.Expr:
        return exp(self.rate * (exp(I * w) - 1))

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        return backend.poisson(stream, self.rate, shape, dtype)


@dataclass(frozen=True)
class Binomial(Noise):
    """The number of successes in `total_count` trials of probability `probs`."""

    total_count: Any
    probs: Any
    support = "integers"

    @property
    def log_density(self) -> sympy.Expr:
        ways = loggamma(self.total_count + 1) - loggamma(x + 1) - loggamma(self.total_count - x + 1)
        return ways + x * log(self.probs) + (self.total_count - x) * log(1 - self.probs)

    @property
    def characteristic_function(self) -> sympy.Expr:
        return (1 - self.probs + self.probs * exp(I * w)) ** self.total_count

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        return backend.binomial(stream, self.total_count, self.probs, shape, dtype)


@dataclass(frozen=True)
class NegativeBinomial(Noise):
    """Poisson with a gamma distributed rate, of mean total_count probs/(1 - probs), on 0, 1, 2, ..."""

    total_count: Any
    probs: Any
    support = "integers"

    @property
    def log_density(self) -> sympy.Expr:
        ways = loggamma(x + self.total_count) - loggamma(x + 1) - loggamma(sympy.sympify(self.total_count))
        return ways + x * log(self.probs) + self.total_count * log(1 - self.probs)

    @property
    def characteristic_function(self) -> sympy.Expr:
        return ((1 - self.probs) / (1 - self.probs * exp(I * w))) ** self.total_count

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        first, second = backend.split(stream, 2)
        rate = backend.gamma(first, self.total_count, shape, dtype) * (self.probs / (1 - self.probs))
        return backend.poisson(second, rate, shape, dtype)


@dataclass(frozen=True)
class Logarithmic(Noise):
    """P(n) proportional to probs**n/n on 1, 2, 3, ..."""

    probs: Any
    support = "integers"

    @property
    def log_density(self) -> sympy.Expr:
        return x * log(self.probs) - log(x) - log(-log(1 - self.probs))  # infinite at 0, where there is no mass

    @property
    def characteristic_function(self) -> sympy.Expr:
        return log(1 - self.probs * exp(I * w)) / log(1 - self.probs)

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        """Kemp (1981), algorithm LS: geometric with a random probability, by inversion."""
        first, second = backend.split(stream, 2)
        m, complement = backend.math, 1 - self.probs
        mixed = complement ** backend.uniform(first, shape, dtype)  # 1 minus the parameter of the geometric law
        number = 1 + backend.exponential(second, shape, dtype) / -m.log(1 - mixed)
        return number - number % 1


@dataclass(frozen=True, eq=False)
class Categorical(Noise):
    """The index k from 0 on with probability `probs[k]`; `probs` is a sequence, or an array with that as last axis."""

    probs: Any
    support = "integers"

    def at(self, m: Any, letters: dict[str, Any]) -> Categorical:
        if not isinstance(self.probs, tuple):
            return self
        return Categorical(tuple(evaluate(p, m, letters) for p in self.probs))

    def generic(self) -> Categorical:
        return self  # it is always enumerated

    def copy(self, index: tuple[int, ...], size: tuple[int, ...]) -> Categorical:
        import numpy as np

        return Categorical(tuple(np.broadcast_to(self.probs, (*size, self.probs.shape[-1]))[index]))

    @property
    def atoms(self) -> tuple[tuple[int, sympy.Expr], ...]:
        return tuple(enumerate(self.probs))

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        probs = self.probs
        if isinstance(probs, tuple):
            probs = backend.math.stack([backend.array(p, dtype) for p in probs])
        u = backend.uniform(stream, shape, dtype)
        # the last boundary is 1, whatever the sums round to
        above = [u > probs[..., : k + 1].sum(-1) for k in range(probs.shape[-1] - 1)]
        return sum((backend.math.where(mask, 1 + 0 * u, 0 * u) for mask in above), 0 * u)
