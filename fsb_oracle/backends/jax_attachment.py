"""Give a JAX array a derivative that was estimated elsewhere."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
from jax.custom_derivatives import SymbolicZero

from fsb_oracle.backends.attachment import SECOND_DERIVATIVE
from fsb_oracle.errors import UsageError


@partial(jax.custom_jvp, nondiff_argnums=(3,))
def _attached(value: Any, parameters: Any, gradients: Any, reasons: tuple[str | None, ...]) -> Any:
    return value


@partial(_attached.defjvp, symbolic_zeros=True)
def _attached_jvp(reasons: Any, primals: Any, tangents: Any) -> Any:
    value, parameters, gradients = primals
    value_tangent, parameter_tangents, _ = tangents
    total = jax.numpy.zeros_like(value)
    if not isinstance(value_tangent, SymbolicZero):
        # what f's own weights receive depends on the parameters through the law of z
        total = value_tangent * _once(jax.numpy.ones_like(value), parameters)
    for tangent, gradient, reason in zip(parameter_tangents, gradients, reasons, strict=True):
        if isinstance(tangent, SymbolicZero):
            continue
        if gradient is None:
            raise UsageError(reason)
        own_axes = tuple(range(value.ndim, gradient.ndim))  # of a vector or a matrix
        total = total + (tangent * _once(gradient, parameters)).sum(own_axes)
    return value, total


@jax.custom_jvp
def _once(gradient: Any, parameters: Any) -> Any:
    """The gradient, which also depends on the parameters, in a way that nobody knows."""
    return gradient


@partial(_once.defjvp, symbolic_zeros=True)
def _once_jvp(primals: Any, tangents: Any) -> Any:
    gradient_tangent, parameter_tangents = tangents
    if not all(isinstance(tangent, SymbolicZero) for tangent in parameter_tangents):
        raise UsageError(SECOND_DERIVATIVE)
    return primals[0], gradient_tangent


def attach(value: Any, parameters: list[Any], gradients: list[Any], reasons: tuple[str | None, ...]) -> Any:
    """`value` with `gradients` as its derivatives in `parameters`, as `Backend.attach`."""
    return _attached(value, tuple(parameters), tuple(gradients), reasons)
