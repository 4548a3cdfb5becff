"""Auxiliary laws of the rules: normalised kernels of Levy measures, and what they are made of. Samplers are exact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Abs, EulerGamma, I, digamma, exp, log, loggamma, pi, polygamma, tanh

from fsb_oracle.backends.noise.primitive import Noise, formula, log_x, w, x

TINY = sympy.Rational(1, 10**300)  # keeps logarithms finite where x itself has underflowed to 0


def drop(m: Any, t: Any) -> Any:
    """1 - exp(-t) for t >= 0, with its digits near 0, on any math namespace (or SymPy itself)."""
    half = m.tanh(t / 2)
    return 2 * half / (1 + half)


def _zeta(backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
    """N with P(n) = 6/(pi n)^2, by rejection from P(n) = 1/(n (n + 1)): Devroye 1986, X.6.1."""

    def step(stream: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
        first, second = backend.split(stream, 2)
        number = 1 / (1 - backend.uniform(first, shape, dtype))
        number = number - number % 1
        return number, 2 * backend.uniform(second, shape, dtype) <= 1 + 1 / number

    return backend.repeat(step, stream, shape, dtype)


def signed(backend: Any, stream: Any, magnitude: Any, shape: tuple[int, ...], dtype: str) -> Any:
    return backend.math.where(backend.uniform(stream, shape, dtype) < 0.5, -magnitude, magnitude)


def turn_of_von_mises(backend: Any, stream: Any, concentration: Any, shape: tuple[int, ...], dtype: str) -> Any:
    """The angle of a von Mises(0, concentration) variable as a fraction of a turn from -pi on: Best and Fisher 1979.

    The proposal is a wrapped Cauchy law of parameter rho.
    """
    m = backend.math
    square = m.sqrt(1 + 4 * concentration * concentration)
    root = m.sqrt(1 + square)
    rho = 2 * concentration * root / ((1 + square) * (root + 2**0.5))
    narrowing = (1 - rho) / (1 + rho)

    def step(stream: Any, shape: tuple[int, ...], concentration: Any, rho: Any, narrowing: Any) -> tuple[Any, Any]:
        first, second = backend.split(stream, 2)
        slope = narrowing * m.tan((backend.uniform(first, shape, dtype) - 0.5) * m.pi)  # tan(angle/2)
        lag = 2 * slope * slope / (1 + slope * slope)  # 1 - cos(angle)
        height = concentration * ((1 - rho) ** 2 / (2 * rho) + lag)
        accepted = m.log(height) - height + 1 + backend.exponential(second, shape, dtype) >= 0
        return 0.5 + m.atan(slope) / m.pi, accepted

    return backend.repeat(step, stream, shape, dtype, concentration, rho, narrowing)


def alternating(a: Any) -> Any:
    """SUM over n >= 0 of (-1)^n/(n + a)."""
    return (digamma((a + 1) / 2) - digamma(a / 2)) / 2


def alternating_squares(a: Any) -> Any:
    """SUM over n >= 0 of (-1)^n/(n + a)^2."""
    return (polygamma(1, a / 2) - polygamma(1, (a + 1) / 2)) / 4


@dataclass(frozen=True)
class ExponentialOverZeta(Noise):
    """e/N with e ~ Exp(1) and P(N = n) = 6/(pi n)^2."""

    loops = True
    support = "half-line"
    log_density = formula(lambda: log(-log(drop(sympy, x + TINY))) + log(6 / pi**2))
    characteristic_function = formula(lambda: 6 * I * (digamma(1 - I * w) + EulerGamma) / (pi**2 * w))

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        first, second = backend.split(stream, 2)
        return backend.exponential(first, shape, dtype) / _zeta(backend, second, shape, dtype)


@dataclass(frozen=True)
class LaplaceOverZeta(Noise):
    """xi/N with xi ~ Laplace(0, 1) and P(N = n) = 6/(pi n)^2."""

    breaks = (0,)
    log_density = formula(lambda: log(-log(drop(sympy, Abs(x) + TINY))) + log(3 / pi**2))
    characteristic_function = formula(lambda: 3 * (pi * w / tanh(pi * w) - 1) / (pi * w) ** 2)

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        first, second = backend.split(stream, 2)
        return signed(backend, first, backend.draw(ExponentialOverZeta(), second, shape, dtype), shape, dtype)


@dataclass(frozen=True)
class SizeBiasedLogistic(Noise):
    """|Z| of a standard logistic Z, biased by itself: density x p(x)/log 2 on the half-line."""

    loops = True
    support = "half-line"
    log_density = formula(lambda: log_x - x - 2 * log(1 + exp(-x)) - log(log(sympy.Integer(2))))
    characteristic_function = formula(
        lambda: (alternating(1 - I * w) + I * w * alternating_squares(1 - I * w)) / log(sympy.Integer(2))
    )

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        def step(stream: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
            first, second = backend.split(stream, 2)
            g = backend.gamma(first, 2.0, shape, dtype)
            return g, backend.uniform(second, shape, dtype) * (1 + backend.math.exp(-g)) ** 2 < 1

        return backend.repeat(step, stream, shape, dtype)


@dataclass(frozen=True)
class BetaJump(Noise):
    """Density proportional to exp(-start x) (1 - exp(-gap x))/(1 - exp(-x)) on the half-line.

    exp(-X) has the density v^(start - 1) (1 - v^gap)/(1 - v) up to its mass, digamma(start + gap) - digamma(start).
    """

    loops = True
    start: Any
    gap: Any
    support = "half-line"

    @property
    def log_density(self) -> sympy.Expr:
        mass = digamma(self.start + self.gap) - digamma(self.start)
        return -self.start * x + log(drop(sympy, self.gap * x)) - log(drop(sympy, x)) - log(mass)

    @property
    def characteristic_function(self) -> sympy.Expr:
        start, end = self.start, self.start + self.gap
        return (digamma(end - I * w) - digamma(start - I * w)) / (digamma(end) - digamma(start))

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        """By rejection from (1 - exp(-gap x)) exp(-start x) (1 + 1/x); at least 3 of 4 proposals are accepted."""
        m, start, end = backend.math, self.start, self.start + self.gap
        masses = self.gap / (start * end), m.log(end / start)  # of the terms with 1 and with 1/x

        def step(
            stream: Any, shape: tuple[int, ...], start: Any, end: Any, plain: Any, inverse: Any
        ) -> tuple[Any, Any]:
            first, second, third, fourth, fifth = backend.split(stream, 5)
            e = backend.exponential(first, shape, dtype)
            convolved = e / start + backend.exponential(second, shape, dtype) / end
            mixed = e / (start * m.exp(backend.uniform(third, shape, dtype) * inverse))
            of_first = backend.uniform(fourth, shape, dtype) * (plain + inverse) < plain
            proposal = m.where(of_first, convolved, mixed)
            return proposal, backend.uniform(fifth, shape, dtype) * (1 + proposal) * drop(m, proposal) < proposal

        return backend.repeat(step, stream, shape, dtype, start, end, *masses)


@dataclass(frozen=True)
class FoldedExponential(Noise):
    """Density proportional to exp(-rate x)/(1 + exp(-x)) on the half-line."""

    loops = True
    rate: Any
    support = "half-line"

    @property
    def log_density(self) -> sympy.Expr:
        return -self.rate * x - log(1 + exp(-x)) - log(alternating(self.rate))

    @property
    def characteristic_function(self) -> sympy.Expr:
        return alternating(self.rate - I * w) / alternating(self.rate)

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        def step(stream: Any, shape: tuple[int, ...], rate: Any) -> tuple[Any, Any]:
            first, second = backend.split(stream, 2)
            proposal = backend.exponential(first, shape, dtype) / rate
            return proposal, backend.uniform(second, shape, dtype) * (1 + backend.math.exp(-proposal)) < 1

        return backend.repeat(step, stream, shape, dtype, self.rate)


@dataclass(frozen=True)
class LogGamma(Noise):
    """log g with g ~ Gamma(concentration); it never underflows."""

    concentration: Any

    @property
    def log_density(self) -> sympy.Expr:
        return self.concentration * x - exp(x) - loggamma(self.concentration)

    @property
    def characteristic_function(self) -> sympy.Expr:
        return exp(loggamma(self.concentration + I * w) - loggamma(self.concentration))

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        """The logarithm of Gamma(concentration + 1) times the power 1/concentration of a uniform variable."""
        first, second = backend.split(stream, 2)
        larger = backend.gamma(first, self.concentration + 1, shape, dtype)
        return backend.math.log(larger) - backend.exponential(second, shape, dtype) / self.concentration
