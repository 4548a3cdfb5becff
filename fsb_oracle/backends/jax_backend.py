"""The JAX back end: pure functions of explicit keys, jit-able and vmap-able. f is differentiated by `jax.jvp`."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from fsb_oracle.backends.backend import Backend, FloatMath, lifted


class JaxMath(FloatMath):
    """jax.numpy and jax.scipy functions."""

    exp, log, sqrt = lifted(jnp.exp, math.exp), lifted(jnp.log, math.log), lifted(jnp.sqrt, math.sqrt)
    sin, cos, tan = lifted(jnp.sin, math.sin), lifted(jnp.cos, math.cos), lifted(jnp.tan, math.tan)
    sinh, cosh, tanh = lifted(jnp.sinh, math.sinh), lifted(jnp.cosh, math.cosh), lifted(jnp.tanh, math.tanh)
    atan = lifted(jnp.arctan, math.atan)
    erf, erfc = lifted(jax.scipy.special.erf, math.erf), lifted(jax.scipy.special.erfc, math.erfc)
    loggamma = lifted(jax.scipy.special.gammaln, math.lgamma)
    digamma = staticmethod(jax.scipy.special.digamma)
    trigamma = staticmethod(lambda x: jax.scipy.special.polygamma(1, x))
    power = staticmethod(jnp.power)
    abs, sign = staticmethod(jnp.abs), staticmethod(jnp.sign)
    maximum, minimum, where = staticmethod(jnp.maximum), staticmethod(jnp.minimum), staticmethod(jnp.where)


class JaxBackend(Backend):
    """Streams are JAX keys; a key is used once."""

    name = "jax"
    math = JaxMath()

    def array(self, value: Any, dtype: str) -> jax.Array:
        return jnp.asarray(value, dtype=dtype)

    def dtype_of(self, array: Any) -> str:
        return str(array.dtype)

    def numpy(self, array: Any) -> np.ndarray:
        return np.asarray(array)

    def stream(self, sequence: np.random.SeedSequence) -> jax.Array:
        words = np.asarray(sequence.generate_state(2, np.uint32))
        return jax.random.wrap_key_data(jnp.asarray(words), impl="threefry2x32")

    def split(self, stream: jax.Array, count: int) -> list[jax.Array]:
        return list(jax.random.split(stream, count))

    def derivative(self, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def differentiated(z: Any) -> Any:
            return jax.jvp(function, (z,), (jnp.ones_like(z),))[1]

        return differentiated

    def scope(self, dtype: str) -> AbstractContextManager[Any]:
        return jax.enable_x64(dtype == "float64")

    def jit(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return jax.jit(function)

    def uniform(self, stream: Any, shape: tuple[int, ...], dtype: str) -> jax.Array:
        return jax.random.uniform(stream, shape, dtype)

    def exponential(self, stream: Any, shape: tuple[int, ...], dtype: str) -> jax.Array:
        return jax.random.exponential(stream, shape, dtype)

    def normal(self, stream: Any, shape: tuple[int, ...], dtype: str) -> jax.Array:
        return jax.random.normal(stream, shape, dtype)

    def gamma(self, stream: Any, concentration: Any, shape: tuple[int, ...], dtype: str) -> jax.Array:
        return jax.random.gamma(stream, self._fixed(concentration), shape, dtype)

    def beta(self, stream: Any, concentration1: Any, concentration0: Any, shape: Any, dtype: str) -> jax.Array:
        return jax.random.beta(stream, self._fixed(concentration1), self._fixed(concentration0), shape, dtype)

    def poisson(self, stream: Any, rate: Any, shape: tuple[int, ...], dtype: str) -> jax.Array:
        return jax.random.poisson(stream, self._fixed(rate), shape).astype(dtype)

    def binomial(self, stream: Any, total_count: Any, probs: Any, shape: tuple[int, ...], dtype: str) -> jax.Array:
        return jax.random.binomial(stream, self._fixed(total_count), self._fixed(probs), shape, dtype)

    @staticmethod
    def _fixed(value: Any) -> Any:
        """A draw is a constant to differentiation: rules carry the whole gradient."""
        return jax.lax.stop_gradient(value)


BACKEND = JaxBackend()
