"""The NumPy back end. Derivatives of f come from its expression: NumPy does not differentiate."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special

from fsb_oracle.backends import float_special
from fsb_oracle.backends.backend import DTYPES, Backend, FloatMath, lifted
from fsb_oracle.errors import UsageError

_TERMS = 1 << 14  # of sums of random length, drawn at a time: they stay in the cache
# no draw is 0, since rules divide by it and recipes take its logarithm
_TINY = {dtype: np.dtype(dtype).type(np.finfo(dtype).tiny) for dtype in DTYPES}
_LEAST_UNIFORM = {dtype: np.dtype(dtype).type(np.finfo(dtype).eps / 4) for dtype in DTYPES}
_PROPOSALS = 64  # at least, in a round of rejection: calls cost more than numbers


def _solve(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The solution x of matrix @ x = right over the last two axes; one matrix for all is factored once."""
    if matrix.ndim > 2 or right.ndim <= 2:
        return np.linalg.solve(matrix, right)
    columns = np.moveaxis(right, -2, 0)
    return np.moveaxis(np.linalg.solve(matrix, columns.reshape(len(matrix), -1)).reshape(columns.shape), 0, -2)


class NumpyMath(FloatMath):
    """NumPy and SciPy functions."""

    exp, log, sqrt = lifted(np.exp, math.exp), lifted(np.log, math.log), lifted(np.sqrt, math.sqrt)
    sin, cos, tan = lifted(np.sin, math.sin), lifted(np.cos, math.cos), lifted(np.tan, math.tan)
    sinh, cosh, tanh = lifted(np.sinh, math.sinh), lifted(np.cosh, math.cosh), lifted(np.tanh, math.tanh)
    atan = lifted(np.arctan, math.atan)
    erf, erfc = lifted(scipy.special.erf, math.erf), lifted(scipy.special.erfc, math.erfc)
    ndtri = staticmethod(scipy.special.ndtri)
    loggamma = lifted(scipy.special.gammaln, math.lgamma)
    gamma = lifted(scipy.special.gamma, math.gamma)
    digamma = staticmethod(scipy.special.digamma)
    besseli = staticmethod(scipy.special.iv)
    log_besseli = staticmethod(float_special.log_besseli)
    besseli_ratio = staticmethod(float_special.besseli_ratio)
    hyp0f1, hyp0f1_db = staticmethod(float_special.hyp0f1), staticmethod(float_special.hyp0f1_db)
    trigamma = staticmethod(lambda x: scipy.special.polygamma(1, x).astype(np.result_type(x)))
    log1p, expm1 = lifted(np.log1p, math.log1p), lifted(np.expm1, math.expm1)
    power = staticmethod(lambda x, y: x**y)
    abs, sign = staticmethod(np.abs), staticmethod(np.sign)
    maximum, minimum, where = staticmethod(np.maximum), staticmethod(np.minimum), staticmethod(np.where)
    stack = staticmethod(lambda parts: np.stack(np.broadcast_arrays(*parts), axis=-1))
    cholesky, solve, tril = staticmethod(np.linalg.cholesky), staticmethod(_solve), staticmethod(np.tril)
    identity = staticmethod(lambda size, like: np.eye(size, dtype=like.dtype))
    one_hot = staticmethod(lambda k, size: (k[..., None] == np.arange(size)).astype(k.dtype))
    largest = staticmethod(lambda x: np.max(x, axis=-1, keepdims=True))


class NumpyBackend(Backend):
    """Streams are `numpy.random.Generator`."""

    name = "numpy"
    math = NumpyMath()

    def array(self, value: Any, dtype: str) -> np.ndarray:
        return np.asarray(value, dtype=dtype)

    def dtype_of(self, array: Any) -> str:
        return str(np.asarray(array).dtype)

    def numpy(self, array: Any) -> np.ndarray:
        return np.asarray(array)

    def stream(self, sequence: np.random.SeedSequence) -> np.random.Generator:
        return np.random.Generator(np.random.Philox(sequence))

    def split(self, stream: np.random.Generator, count: int) -> list[np.random.Generator]:
        return [stream] * count

    def surely_none(self, mask: np.ndarray) -> bool:
        return not np.any(mask)

    def derivative(self, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        raise UsageError(
            "NumPy cannot differentiate a plain function: give f as an expression such as 'sin(3*z)', "
            "or as an object with a method derivative(z, order=1)"
        )

    def gradient(self, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        if hasattr(function, "gradient"):
            return function.gradient  # pyright: ignore[reportFunctionMemberAccess]
        raise UsageError(
            "NumPy cannot differentiate a plain function: give f as an expression such as 'sin(z0 + z1)', "
            "or as an object with a method gradient(z)"
        )

    def hessian(self, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        if hasattr(function, "hessian"):
            return function.hessian  # pyright: ignore[reportFunctionMemberAccess]
        raise UsageError(
            "NumPy cannot differentiate a plain function: give f as an expression such as 'sin(z0 + z1)', "
            "or as an object with a method hessian(z)"
        )

    def uniform(self, stream: Any, shape: tuple[int, ...], dtype: str) -> np.ndarray:
        return np.maximum(stream.random(shape, dtype), _LEAST_UNIFORM[dtype])

    def exponential(self, stream: Any, shape: tuple[int, ...], dtype: str) -> np.ndarray:
        return np.maximum(stream.standard_exponential(shape, dtype), _LEAST_UNIFORM[dtype])

    def normal(self, stream: Any, shape: tuple[int, ...], dtype: str) -> np.ndarray:
        return stream.standard_normal(shape, dtype)

    def gamma(self, stream: Any, concentration: Any, shape: tuple[int, ...], dtype: str) -> np.ndarray:
        # below 1 NumPy raises a uniform number to a power: one of float32 is 0 once in 2**24 draws
        least = concentration if isinstance(concentration, float) else np.min(concentration, initial=1)
        draws = stream.standard_gamma(concentration, shape, "float64" if least < 1 else dtype)
        return np.maximum(draws.astype(dtype, copy=False), _TINY[dtype])

    def beta(self, stream: Any, concentration1: Any, concentration0: Any, shape: Any, dtype: str) -> np.ndarray:
        return stream.beta(concentration1, concentration0, shape).astype(dtype)

    def poisson(self, stream: Any, rate: Any, shape: tuple[int, ...], dtype: str) -> np.ndarray:
        return stream.poisson(rate, shape).astype(dtype)

    def binomial(self, stream: Any, total_count: Any, probs: Any, shape: Any, dtype: str) -> np.ndarray:
        return stream.binomial(np.asarray(total_count).astype(int), probs, shape).astype(dtype)

    def accumulate(
        self, step: Any, count: Any, stream: Any, shape: tuple[int, ...], dtype: str, *parameters: Any
    ) -> np.ndarray:
        left = np.broadcast_to(count, shape).ravel().astype(int)
        total = np.zeros(left.shape)
        while np.any(left > 0):
            terms = np.clip(left, 0, max(1, _TERMS // np.count_nonzero(left > 0)))
            owners = np.repeat(np.arange(left.size), terms)
            drawn = step(stream, owners.shape, *_at(owners, parameters, shape))
            total += np.bincount(owners, np.broadcast_to(drawn, owners.shape), left.size)
            left = left - terms
        return total.astype(dtype).reshape(shape)

    def repeat(self, step: Any, stream: Any, shape: tuple[int, ...], dtype: str, *parameters: Any) -> np.ndarray:
        value = np.zeros(math.prod(shape), dtype)
        left = np.arange(value.size)
        while left.size:
            tries = max(1, _PROPOSALS // left.size)  # several at a time for the last few
            owners = np.repeat(left, tries)
            proposed, accepted = step(stream, owners.shape, *_at(owners, parameters, shape))
            if tries > 1:
                first = np.arange(left.size), accepted.reshape(-1, tries).argmax(axis=1)
                proposed, accepted = proposed.reshape(-1, tries)[first], accepted.reshape(-1, tries)[first]
            value[left] = proposed  # what is not accepted is overwritten
            left = left[~accepted]
        return value.reshape(shape)


def _at(owners: np.ndarray, parameters: tuple[Any, ...], shape: tuple[int, ...]) -> list[Any]:
    """Parameters that broadcast to `shape`, at some of its flat places."""
    return [np.broadcast_to(one, shape).ravel()[owners] if np.ndim(one) else one for one in parameters]


BACKEND = NumpyBackend()
