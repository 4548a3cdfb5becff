"""The JAX back end: pure functions of explicit keys, jit-able and vmap-able. f is differentiated by `jax.jvp`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import fields
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from fsb_oracle.backends import jax_attachment
from fsb_oracle.backends.backend import Backend, FloatMath, lifted
from fsb_oracle.backends.noise import Noise


class JaxMath(FloatMath):
    """jax.numpy and jax.scipy functions."""

    exp, log, sqrt = lifted(jnp.exp, math.exp), lifted(jnp.log, math.log), lifted(jnp.sqrt, math.sqrt)
    sin, cos, tan = lifted(jnp.sin, math.sin), lifted(jnp.cos, math.cos), lifted(jnp.tan, math.tan)
    sinh, cosh, tanh = lifted(jnp.sinh, math.sinh), lifted(jnp.cosh, math.cosh), lifted(jnp.tanh, math.tanh)
    atan = lifted(jnp.arctan, math.atan)
    erf, erfc = lifted(jax.scipy.special.erf, math.erf), lifted(jax.scipy.special.erfc, math.erfc)
    ndtri = staticmethod(jax.scipy.special.ndtri)
    loggamma = lifted(jax.scipy.special.gammaln, math.lgamma)
    digamma = staticmethod(jax.scipy.special.digamma)
    trigamma = staticmethod(lambda x: jax.scipy.special.polygamma(1, x))
    log1p, expm1 = lifted(jnp.log1p, math.log1p), lifted(jnp.expm1, math.expm1)
    power = staticmethod(jnp.power)
    abs, sign = staticmethod(jnp.abs), staticmethod(jnp.sign)
    maximum, minimum, where = staticmethod(jnp.maximum), staticmethod(jnp.minimum), staticmethod(jnp.where)
    stack = staticmethod(lambda parts: jnp.stack(jnp.broadcast_arrays(*parts), axis=-1))
    cholesky, solve, tril = staticmethod(jnp.linalg.cholesky), staticmethod(jnp.linalg.solve), staticmethod(jnp.tril)
    identity = staticmethod(lambda size, like: jnp.eye(size, dtype=like.dtype))
    one_hot = staticmethod(lambda k, size: (k[..., None] == jnp.arange(size)).astype(k.dtype))
    largest = staticmethod(lambda x: jnp.max(x, axis=-1, keepdims=True))


class JaxBackend(Backend):
    """Streams are JAX keys; a key is used once."""

    name = "jax"
    math = JaxMath()
    compiles_by_shape = True

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

    def constant(self, value: Any) -> Any:
        return jax.lax.stop_gradient(value)

    def differentiates(self, value: Any) -> bool:
        return isinstance(value, Tracer)

    def attach(self, value: Any, parameters: Any, gradients: Any, reasons: Any) -> jax.Array:
        return jax_attachment.attach(value, parameters, gradients, reasons)

    def derivative(self, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def differentiated(z: Any) -> Any:
            return jax.jvp(function, (z,), (jnp.ones_like(z),))[1]

        return differentiated

    def gradient(self, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return jax.grad(lambda z: jnp.sum(function(z)))  # samples do not mix

    def hessian(self, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        slope = self.gradient(function)

        def second(z: Any) -> Any:
            basis = jnp.eye(z.shape[-1], dtype=z.dtype)
            columns = [jax.jvp(slope, (z,), (jnp.broadcast_to(e, z.shape),))[1] for e in basis]
            return jnp.stack(columns, axis=-1)

        return second

    def scope(self, dtype: str) -> AbstractContextManager[Any]:
        return jax.enable_x64(dtype == "float64")

    def global_state(self) -> dict[str, Any]:
        return super().global_state() | {
            "JAX's switch for 64 bits": jax.config.jax_enable_x64,  # pyright: ignore[reportAttributeAccessIssue]
            "JAX's switch for NaN errors": jax.config.jax_debug_nans,  # pyright: ignore[reportAttributeAccessIssue]
        }

    def jit(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return jax.jit(function)

    def draw(self, noise: Noise, stream: Any, shape: tuple[int, ...], dtype: str) -> jax.Array:
        """Loops are compiled once for each kind of primitive and shape: one that is run as it comes is compiled anew
        each time."""
        if not noise.loops:
            return noise.draw(self, stream, shape, dtype)
        arrays: list[Any] = []
        form = _form(noise, arrays)
        return _compiled_draw(form, tuple(shape), dtype)(stream, arrays)

    def uniform(self, stream: Any, shape: tuple[int, ...], dtype: str) -> jax.Array:
        # never 0, since rules divide by it and recipes take its logarithm
        return jnp.maximum(jax.random.uniform(stream, shape, dtype), jnp.finfo(dtype).eps / 4)

    def exponential(self, stream: Any, shape: tuple[int, ...], dtype: str) -> jax.Array:
        # jax.random.exponential is 0 once in 2**23 draws, and rules divide by it
        return jnp.maximum(jax.random.exponential(stream, shape, dtype), jnp.finfo(dtype).eps / 4)

    def normal(self, stream: Any, shape: tuple[int, ...], dtype: str) -> jax.Array:
        return jax.random.normal(stream, shape, dtype)

    def gamma(self, stream: Any, concentration: Any, shape: tuple[int, ...], dtype: str) -> jax.Array:
        # a draw that underflows is not 0, since rules divide by it
        draws = jax.random.gamma(stream, self._fixed(concentration, stream, shape, dtype), shape, dtype)
        return jnp.maximum(draws, jnp.finfo(dtype).tiny)

    def beta(self, stream: Any, concentration1: Any, concentration0: Any, shape: Any, dtype: str) -> jax.Array:
        a, b = (self._fixed(value, stream, shape, dtype) for value in (concentration1, concentration0))
        return jax.random.beta(stream, a, b, shape, dtype)

    def poisson(self, stream: Any, rate: Any, shape: tuple[int, ...], dtype: str) -> jax.Array:
        return jax.random.poisson(stream, self._fixed(rate, stream, shape, dtype), shape).astype(dtype)

    def binomial(self, stream: Any, total_count: Any, probs: Any, shape: tuple[int, ...], dtype: str) -> jax.Array:
        n, p = (self._fixed(value, stream, shape, dtype) for value in (total_count, probs))
        return jax.random.binomial(stream, n, p, shape, dtype)

    def accumulate(
        self, step: Any, count: Any, stream: Any, shape: tuple[int, ...], dtype: str, *parameters: Any
    ) -> jax.Array:
        def add(number: Any, state: Any) -> Any:
            key, used = jax.random.split(state[0])
            return key, state[1] + jnp.where(number < count, step(used, shape, *parameters), 0)

        steps = jnp.max(jax.lax.stop_gradient(jnp.asarray(count)), initial=0).astype(int)
        return jax.lax.stop_gradient(jax.lax.fori_loop(0, steps, add, (stream, jnp.zeros(shape, dtype)))[1])

    def repeat(self, step: Any, stream: Any, shape: tuple[int, ...], dtype: str, *parameters: Any) -> jax.Array:
        def again(state: Any) -> Any:
            key, value, accepted = state
            key, used = jax.random.split(key)
            another, good = step(used, shape, *parameters)
            return key, jnp.where(accepted, value, another), accepted | good

        start = (stream, jnp.zeros(shape, dtype), jnp.zeros(shape, bool))
        return jax.lax.stop_gradient(jax.lax.while_loop(lambda state: ~jnp.all(state[2]), again, start)[1])

    @staticmethod
    def _fixed(value: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        """A parameter of a draw, which is a constant to differentiation: rules carry the whole gradient.

        In the shape of the draws, so that a sampler is compiled once for all its parameters; not inside a larger
        computation, where XLA would fold arrays of constants for minutes.
        """
        value = jax.lax.stop_gradient(value)
        return value if isinstance(stream, Tracer) else jnp.broadcast_to(jnp.asarray(value, dtype), shape)


BACKEND = JaxBackend()


def _form(value: Any, arrays: list[Any]) -> Any:
    """What is left of a primitive, hashable, when its arrays are moved to `arrays`, in the order of its fields."""
    if isinstance(value, Noise):
        return type(value), tuple(_form(getattr(value, field.name), arrays) for field in fields(value))
    if isinstance(value, Mapping):
        return dict, tuple((name, _form(member, arrays)) for name, member in value.items())
    if hasattr(value, "shape"):
        arrays.append(value)
        return jax.Array
    return type(value), value  # 1 and 1.0 are equal, but not the same constants


def _filled(form: Any, arrays: Iterator[Any]) -> Any:
    """The inverse of `_form`."""
    if form is jax.Array:
        return next(arrays)
    kind, rest = form
    if kind is dict:
        return {name: _filled(member, arrays) for name, member in rest}
    return kind(*(_filled(member, arrays) for member in rest)) if issubclass(kind, Noise) else rest


@lru_cache(maxsize=1024)
def _compiled_draw(form: Any, shape: tuple[int, ...], dtype: str) -> Callable[..., jax.Array]:
    return jax.jit(lambda stream, arrays: _filled(form, iter(arrays)).draw(BACKEND, stream, shape, dtype))
