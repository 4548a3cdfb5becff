"""Layers and Khinchine laws of unimodal densities, for rules that need no derivative of f. Samplers are exact.

The layer of a density p with its mode at 0 is the law of X with P(X > x) = p(x)/p(0); its Khinchine law has the density
-x p'(x), and uniform times it has the density p. If phi belongs to p, phi(w) + w phi'(w) belongs to its Khinchine law.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Abs, I, digamma, exp, gamma, log, loggamma, pi, sinh, sqrt, tanh

from fsb_oracle.backends.expressions import hyp1f1
from fsb_oracle.backends.noise.kernels import alternating, drop, signed
from fsb_oracle.backends.noise.primitive import Noise, formula, log_x, w, x
from fsb_oracle.backends.special_functions import besselk, uppergamma


@dataclass(frozen=True)
class LogisticLayer(Noise):
    """The layer of the standard logistic density: P(X > x) = 1/cosh(x/2)^2."""

    support = "half-line"
    log_density = formula(lambda: log(tanh(x / 2)) + log(sympy.Integer(4)) - x - 2 * log(1 + exp(-x)))
    characteristic_function = formula(lambda: 1 + 2 * I * w - 4 * w**2 * alternating(1 - I * w))

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        e = backend.exponential(stream, shape, dtype)
        return e + 2 * backend.math.log(1 + backend.math.sqrt(drop(backend.math, e)))


@dataclass(frozen=True)
class LogisticKhinchine(Noise):
    """The Khinchine law of the standard logistic density p: density x tanh(x/2) p(x) on the line."""

    loops = True
    breaks = (0,)
    log_density = formula(lambda: log(x * tanh(x / 2)) - Abs(x) - 2 * log(1 + exp(-Abs(x))))
    characteristic_function = formula(lambda: pi * w / sinh(pi * w) * (2 - pi * w / tanh(pi * w)))

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        sign, rest = backend.split(stream, 2)

        def step(stream: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
            first, second = backend.split(stream, 2)
            g = backend.gamma(first, 2.0, shape, dtype)
            falling = backend.math.exp(-g)
            return g, backend.uniform(second, shape, dtype) * (1 + falling) ** 3 < 1 - falling

        return signed(backend, sign, backend.repeat(step, rest, shape, dtype), shape, dtype)


@dataclass(frozen=True)
class GumbelLayerAbove(Noise):
    """The layer of the standard Gumbel density above its mode 0: P(X > x) = exp(1 - x - exp(-x))."""

    loops = True
    support = "half-line"
    log_density = formula(lambda: log(drop(sympy, x)) + drop(sympy, x) - x)
    characteristic_function = formula(
        lambda: hyp1f1(sympy.Integer(2), 3 - I * w, sympy.Integer(1)) / ((1 - I * w) * (2 - I * w))
    )

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        m = backend.math

        def step(stream: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
            first, second = backend.split(stream, 2)
            e = backend.exponential(first, shape, dtype)
            # exp(-x) = 1 - sqrt(1 - exp(-e)), the smaller of two uniforms, accepted with probability exp(-exp(-x))
            proposal = e + m.log(1 + m.sqrt(drop(m, e)))
            return proposal, backend.uniform(second, shape, dtype) < m.exp(-m.exp(-proposal))

        return backend.repeat(step, stream, shape, dtype)


@dataclass(frozen=True)
class GumbelLayerBelow(Noise):
    """The layer of the standard Gumbel density below its mode 0: P(X > x) = exp(1 + x - exp(x))."""

    support = "half-line"
    log_density = formula(lambda: log(drop(sympy, x)) + 2 * x + 1 - exp(x))
    characteristic_function = formula(lambda: sympy.E * (uppergamma(I * w + 2, 1) - uppergamma(I * w + 1, 1)))  # pyright: ignore

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        return backend.math.log(1 + backend.gamma(stream, 2.0, shape, dtype))


@dataclass(frozen=True)
class GumbelKhinchine(Noise):
    """The Khinchine law of the standard Gumbel density."""

    loops = True
    breaks = (0,)
    log_density = formula(lambda: log(Abs(x) * drop(sympy, Abs(x))) + (Abs(x) - 3 * x) / 2 - exp(-x))
    characteristic_function = formula(lambda: gamma(1 - I * w) * (1 - I * w * digamma(1 - I * w)))

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        m = backend.math

        def step(stream: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
            first, second, third, fourth = backend.split(stream, 4)
            # t = exp(-x) has the density (t - 1) log(t) exp(-t), at most -log t below 1, (t - 1)^2 exp(-t) above
            above = backend.gamma(first, 2.0, shape, dtype)
            excess = backend.gamma(second, 3.0, shape, dtype)
            below = m.log(1 + excess)
            first_part = backend.uniform(third, shape, dtype) < 1 / (1 + 2 * float(sympy.exp(-1)))
            chance = m.where(first_part, drop(m, above) * m.exp(-m.exp(-above)), below / excess)
            return m.where(first_part, above, -below), backend.uniform(fourth, shape, dtype) < chance

        return backend.repeat(step, stream, shape, dtype)


@dataclass(frozen=True)
class StudentKhinchine(Noise):
    """The Khinchine law of Student's density with df degrees of freedom."""

    df: Any
    breaks = (0,)

    @property
    def log_density(self) -> sympy.Expr:
        normaliser = loggamma((self.df + 1) / 2) - loggamma(self.df / 2) - log(pi * self.df) / 2
        tail = (self.df + 3) / 2 * log(1 + x**2 / self.df)
        return normaliser + log((self.df + 1) / self.df) + 2 * log_x - tail

    @property
    def characteristic_function(self) -> sympy.Expr:
        """phi + w phi' of Student's law."""
        order, point = self.df / 2, sqrt(self.df) * Abs(w)
        size = 2 * exp(order * log(point / 2) - loggamma(order))
        return size * (besselk(order, point) - point * besselk(order - 1, point))  # pyright: ignore

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        first, second, third = backend.split(stream, 3)
        above = backend.gamma(first, 1.5, shape, dtype)
        below = backend.gamma(second, self.df / 2, shape, dtype)
        return signed(backend, third, backend.math.sqrt(self.df * above / below), shape, dtype)
