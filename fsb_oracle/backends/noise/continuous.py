"""Primitives with a density: the laws that every array library draws, and what is made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy
from sympy import I, exp, gamma, log, loggamma, pi

from fsb_oracle.backends.noise.kernels import turn_of_von_mises
from fsb_oracle.backends.noise.primitive import Noise, formula, log_complement, log_x, order, w, x
from fsb_oracle.backends.special_functions import besseli, expm1, hyp0f1, log_besseli


@dataclass(frozen=True)
class Uniform(Noise):
    """U(0, 1)."""

    support = "unit"
    log_density = formula(lambda: sympy.Integer(0))
    characteristic_function = formula(lambda: expm1(I * w) / (I * w))
    mellin = formula(lambda: 1 / (1 + order))
    mellin_strip = (-1, sympy.oo)

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        return backend.uniform(stream, shape, dtype)


@dataclass(frozen=True)
class Exponential(Noise):
    """Exp(1), mean 1."""

    support = "half-line"
    log_density = formula(lambda: -x)
    characteristic_function = formula(lambda: 1 / (1 - I * w))
    mellin = formula(lambda: gamma(1 + order))
    mellin_strip = (-1, sympy.oo)

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        return backend.exponential(stream, shape, dtype)


@dataclass(frozen=True)
class Normal(Noise):
    """N(0, 1)."""

    log_density = formula(lambda: -(x**2) / 2 - log(2 * pi) / 2)
    characteristic_function = formula(lambda: exp(-(w**2) / 2))

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        return backend.normal(stream, shape, dtype)


@dataclass(frozen=True)
class Laplace(Noise):
    """Laplace(0, 1), density exp(-|x|)/2."""

    breaks = (0,)
    log_density = formula(lambda: -sympy.Abs(x) - log(sympy.Integer(2)))
    characteristic_function = formula(lambda: 1 / (1 + w**2))

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        first, second = backend.split(stream, 2)
        magnitude = backend.exponential(second, shape, dtype)
        return backend.math.where(backend.uniform(first, shape, dtype) < 0.5, -magnitude, magnitude)


@dataclass(frozen=True)
class Rayleigh(Noise):
    """sqrt(2 e) with e ~ Exp(1), density x exp(-x^2/2)."""

    support = "half-line"
    log_density = formula(lambda: log_x - x**2 / 2)
    mellin = formula(lambda: 2 ** (order / 2) * gamma(1 + order / 2))
    mellin_strip = (-2, sympy.oo)
    characteristic_function = formula(
        lambda: 1 + I * w * sympy.sqrt(pi / 2) * exp(-(w**2) / 2) * (1 + sympy.erf(I * w / sympy.sqrt(2)))
    )

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        return backend.math.sqrt(2 * backend.exponential(stream, shape, dtype))


@dataclass(frozen=True)
class Gamma(Noise):
    """Gamma(concentration, rate 1)."""

    concentration: Any
    support = "half-line"

    @property
    def log_density(self) -> sympy.Expr:
        return (self.concentration - 1) * log_x - x - loggamma(self.concentration)

    @property
    def characteristic_function(self) -> sympy.Expr:
        return (1 - I * w) ** (-self.concentration)

    @property
    def mellin(self) -> sympy.Expr:
        return exp(loggamma(self.concentration + order) - loggamma(self.concentration))

    @property
    def mellin_strip(self) -> tuple[Any, Any]:  # pyright: ignore[reportIncompatibleVariableOverride]
        return (-self.concentration, sympy.oo)

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        return backend.gamma(stream, self.concentration, shape, dtype)


@dataclass(frozen=True)
class Beta(Noise):
    """Beta(concentration1, concentration0) on (0, 1)."""

    concentration1: Any
    concentration0: Any
    support = "unit"

    @property
    def log_density(self) -> sympy.Expr:
        a, b = self.concentration1, self.concentration0
        normaliser = loggamma(a + b) - loggamma(a) - loggamma(b)
        return (a - 1) * log_x + (b - 1) * log_complement + normaliser

    @property
    def mellin(self) -> sympy.Expr:
        a, total = self.concentration1, self.concentration1 + self.concentration0
        return exp(loggamma(a + order) - loggamma(a) + loggamma(total) - loggamma(total + order))

    @property
    def mellin_strip(self) -> tuple[Any, Any]:  # pyright: ignore[reportIncompatibleVariableOverride]
        return (-self.concentration1, sympy.oo)

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        return backend.beta(stream, self.concentration1, self.concentration0, shape, dtype)


@dataclass(frozen=True)
class NoncentralChi2(Noise):
    """Chi-squared with df + 2 n degrees of freedom, n ~ Poisson(noncentrality/2)."""

    df: Any
    noncentrality: Any
    support = "half-line"

    @property
    def log_density(self) -> sympy.Expr:
        half = self.df / 2
        series = log(hyp0f1(half, self.noncentrality * x / 4))
        normaliser = self.noncentrality / 2 + half * log(sympy.Integer(2)) + loggamma(half)
        return series + (half - 1) * log_x - x / 2 - normaliser

    @property
    def characteristic_function(self) -> sympy.Expr:
        return (1 - 2 * I * w) ** (-self.df / 2) * exp(I * self.noncentrality * w / (1 - 2 * I * w))

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        first, second = backend.split(stream, 2)
        count = backend.poisson(first, self.noncentrality / 2, shape, dtype)
        return 2 * backend.gamma(second, self.df / 2 + count, shape, dtype)


@dataclass(frozen=True)
class VonMises(Noise):
    """Von Mises(0, concentration) as the fraction of a turn from -pi: x on (0, 1) is the angle 2 pi (x - 1/2)."""

    loops = True
    concentration: Any
    support = "unit"

    @property
    def log_density(self) -> sympy.Expr:
        lag = 2 * sympy.cos(pi * x) ** 2  # 1 - cos of the angle
        return self.concentration * (1 - lag) - log_besseli(sympy.S.Zero, self.concentration)

    @property
    def characteristic_function(self) -> sympy.Expr:
        """At whole multiples of 2 pi, which are all the frequencies of a periodic f."""
        turned = besseli(sympy.Abs(w) / (2 * pi), self.concentration) / besseli(sympy.S.Zero, self.concentration)
        return exp(I * w / 2) * turned

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        return turn_of_von_mises(backend, stream, self.concentration, shape, dtype)
