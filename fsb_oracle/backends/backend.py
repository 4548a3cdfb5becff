"""What a back end is: an array namespace, random streams, noise draws and differentiation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from fsb_oracle.backends import noise as primitives
from fsb_oracle.errors import UsageError

DTYPES = ("float32", "float64")

Array = Any
Stream = Any
Shape = tuple[int, ...]


class Backend(ABC):
    """One array library. Streams are `numpy.random.Generator`, `torch.Generator` or JAX keys."""

    name: str
    math: Any

    @abstractmethod
    def array(self, value: Any, dtype: str) -> Array:
        """`value` (number or array) as an array of this library."""

    @abstractmethod
    def dtype_of(self, array: Array) -> str:
        """ "float32" or "float64"."""

    @abstractmethod
    def numpy(self, array: Array) -> np.ndarray:
        """The array as a NumPy array, detached from any graph, its dtype unchanged."""

    @abstractmethod
    def stream(self, sequence: np.random.SeedSequence) -> Stream:
        """A random stream that depends on nothing but `sequence`."""

    @abstractmethod
    def split(self, stream: Stream, count: int) -> list[Stream]:
        """`count` streams for successive draws; libraries with stateful generators return the same one."""

    @abstractmethod
    def derivative(self, function: Callable[[Array], Array]) -> Callable[[Array], Array]:
        """The derivative of an elementwise function, by automatic differentiation."""

    def scope(self, dtype: str) -> AbstractContextManager[Any]:
        """A context in which arrays of `dtype` can be made (JAX needs one for float64)."""
        return nullcontext()

    def global_seed(self, sequence: np.random.SeedSequence) -> AbstractContextManager[Any]:
        """A context in which the library's global generator, where it has one, is seeded; its state is restored."""
        return nullcontext()

    def jit(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The compiled function, where the library compiles."""
        return function

    # The basic draws; everything else is written in terms of these.
    @abstractmethod
    def uniform(self, stream: Stream, shape: Shape, dtype: str) -> Array: ...
    @abstractmethod
    def exponential(self, stream: Stream, shape: Shape, dtype: str) -> Array: ...
    @abstractmethod
    def normal(self, stream: Stream, shape: Shape, dtype: str) -> Array: ...
    @abstractmethod
    def gamma(self, stream: Stream, concentration: Any, shape: Shape, dtype: str) -> Array: ...
    @abstractmethod
    def beta(self, stream: Stream, concentration1: Any, concentration0: Any, shape: Shape, dtype: str) -> Array: ...
    @abstractmethod
    def poisson(self, stream: Stream, rate: Any, shape: Shape, dtype: str) -> Array: ...
    @abstractmethod
    def binomial(self, stream: Stream, total_count: Any, probs: Any, shape: Shape, dtype: str) -> Array: ...

    def draw(self, noise: primitives.Noise, stream: Stream, shape: Shape, dtype: str) -> Array:
        """Independent draws of a noise primitive whose parameters are numbers or arrays; shape `shape`."""
        m = self.math
        match noise:
            case primitives.Uniform():
                return self.uniform(stream, shape, dtype)
            case primitives.Exponential():
                return self.exponential(stream, shape, dtype)
            case primitives.Normal():
                return self.normal(stream, shape, dtype)
            case primitives.Rademacher():
                return self._choose(self.uniform(stream, shape, dtype), 0.5, -1, 1)
            case primitives.Laplace():
                first, second = self.split(stream, 2)
                sign = self.draw(primitives.Rademacher(), first, shape, dtype)
                return sign * self.exponential(second, shape, dtype)
            case primitives.Rayleigh():
                return m.sqrt(2 * self.exponential(stream, shape, dtype))
            case primitives.Gamma(concentration=concentration):
                return self.gamma(stream, concentration, shape, dtype)
            case primitives.Beta(concentration1=concentration1, concentration0=concentration0):
                return self.beta(stream, concentration1, concentration0, shape, dtype)
            case primitives.Bernoulli(probs=probs):
                return self._choose(self.uniform(stream, shape, dtype), probs, 1, 0)
            case primitives.Poisson(rate=rate):
                return self.poisson(stream, rate, shape, dtype)
            case primitives.NoncentralChi2(df=df, noncentrality=noncentrality):
                first, second = self.split(stream, 2)
                count = self.poisson(first, noncentrality / 2, shape, dtype)
                return 2 * self.gamma(second, df / 2 + count, shape, dtype)
            case primitives.Binomial(total_count=total_count, probs=probs):
                return self.binomial(stream, total_count, probs, shape, dtype)
            case primitives.NegativeBinomial(total_count=total_count, probs=probs):
                first, second = self.split(stream, 2)
                rate = self.gamma(first, total_count, shape, dtype) * (probs / (1 - probs))
                return self.poisson(second, rate, shape, dtype)
            case primitives.Logarithmic(probs=probs):
                return self._logarithmic(stream, probs, shape, dtype)
        raise UsageError(f"no sampler for the noise primitive {type(noise).__name__}")

    def _logarithmic(self, stream: Stream, probs: Any, shape: Shape, dtype: str) -> Array:
        """Kemp (1981), algorithm LS: geometric with a random probability, by inversion."""
        first, second = self.split(stream, 2)
        m, complement = self.math, 1 - probs
        mixed = complement ** self.uniform(first, shape, dtype)  # 1 minus the parameter of the geometric law
        number = 1 + self.exponential(second, shape, dtype) / -m.log(1 - mixed)
        return number - number % 1

    def _choose(self, u: Array, probability: Any, below: int, above: int) -> Array:
        """`below` with the given probability, else `above`, in the dtype of the uniforms `u`."""
        one = 0 * u + 1
        return self.math.where(u < probability, below * one, above * one)


def lifted(of_array: Callable[[Any], Any], of_number: Callable[[float], float]) -> Any:
    """A function of arrays that keeps plain Python numbers plain, so that a constant never changes an array's dtype."""

    def function(x: Any) -> Any:
        return of_number(x) if isinstance(x, (int, float)) else of_array(x)

    return staticmethod(function)


class FloatMath:
    """The part of a math namespace that all floating-point libraries share; constants are Python floats."""

    pi = float(np.pi)
    euler_gamma = float(np.euler_gamma)
    i = 1j

    @staticmethod
    def rational(p: int, q: int) -> float:
        return p / q

    def heaviside(self, x: Any) -> Any:
        return (self.sign(x) + 1) / 2  # Heaviside(0) = 1/2

    sign: Any
