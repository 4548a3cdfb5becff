"""A surrogate loss as an estimator: automatic differentiation of it gives the gradient in every parameter."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from fsb_oracle.errors import UsageError


def surrogate(loss: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
    """Turn `loss(params, f, num_samples, rng)`, a scalar whose derivative estimates the gradient, into an estimator.

    Under Torch the parameters are leaves that require gradients, and a function that calls `.backward()` itself may
    return None. Under JAX the loss is differentiated by `jax.grad`. To be decorated in turn:

        @estimator(family="gamma", parameters=["rate"], backend="torch", unit="call")
        @surrogate
        def loss(params, f, num_samples, rng): ...

    Returns:
        A function of the same arguments that returns `{parameter: derivative}` for each parameter that is an array.

    Raises:
        UsageError: the parameters are neither Torch tensors nor JAX arrays.
    """

    @wraps(loss)
    def differentiated(params: dict[str, Any], f: Any, num_samples: int, rng: Any) -> dict[str, Any]:
        arrays = {name: value for name, value in params.items() if hasattr(value, "dtype")}
        libraries = {type(value).__module__.partition(".")[0] for value in arrays.values()}
        if libraries == {"torch"}:
            return _by_torch(loss, params, arrays, f, num_samples, rng)
        if libraries <= {"jax", "jaxlib"}:
            import jax

            return jax.grad(lambda leaves: loss({**params, **leaves}, f, num_samples, rng))(arrays)
        raise UsageError("a surrogate loss needs backend='torch' or 'jax': NumPy does not differentiate")

    return differentiated


def _by_torch(
    loss: Callable[..., Any], params: dict[str, Any], arrays: dict[str, Any], f: Any, num_samples: int, rng: Any
) -> dict[str, Any]:
    leaves = {name: value.detach().clone().requires_grad_(True) for name, value in arrays.items()}
    value = loss({**params, **leaves}, f, num_samples, rng)
    if value is not None and value.requires_grad:
        value.backward()
    return {name: 0 * leaf.detach() if leaf.grad is None else leaf.grad for name, leaf in leaves.items()}


__all__ = ["surrogate"]
