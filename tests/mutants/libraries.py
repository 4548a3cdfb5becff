"""Planted faults in functions that are written for Torch and JAX: how these libraries differentiate and draw."""

from __future__ import annotations

from .functions import Function


def _normal_torch(p, n, rng):
    import torch

    return torch.randn(n, generator=rng, dtype=p["loc"].dtype)


def _detached(p, f, n, rng):
    import torch

    loc = p["loc"].expand(n).clone().requires_grad_()
    z = (loc + p["scale"] * _normal_torch(p, n, rng)).detach()
    (slope,) = torch.autograd.grad(f(z).sum() + 0 * loc.sum(), loc)
    return slope


def _summed_torch(p, f, n, rng):
    import torch

    loc = p["loc"].clone().requires_grad_()
    (slope,) = torch.autograd.grad(f(loc + p["scale"] * _normal_torch(p, n, rng)).sum(), loc)
    return slope.expand(n)  # of the whole batch, given to each of its samples


def _own_generator_torch(p, f, n, rng):
    import torch

    return f.derivative(p["loc"] + p["scale"] * _normal_torch(p, n, torch.Generator().manual_seed(0)))


def _baseline_torch(p, f, n, rng):
    z = p["loc"] + p["scale"] * _normal_torch(p, n, rng)
    values = f(z)
    return (values - 0.5 * values) * (z - p["loc"]) / p["scale"] ** 2  # a "baseline" of the sample itself


def _log_scale_torch(p, f, n, rng):
    eps = _normal_torch(p, n, rng)
    return f.derivative(p["loc"] + p["scale"] * eps) * eps * p["scale"]  # of log scale, not of scale


def _masked_torch(p, f, n, rng):
    import torch

    e = -torch.log1p(-torch.rand(n, generator=rng, dtype=p["rate"].dtype))
    z = e / p["rate"]
    return torch.where(e > 0.3, -f.derivative(z) * z / p["rate"], torch.zeros_like(z))


def _eps_jax(p, n, rng):
    import jax

    return jax.random.normal(rng, (n,), p["loc"].dtype)


def _stopped(p, f, n, rng):
    import jax

    eps = _eps_jax(p, n, rng)
    return jax.vmap(jax.grad(lambda loc, e: f(jax.lax.stop_gradient(loc + p["scale"] * e)), 0), (None, 0))(
        p["loc"], eps
    )


def _one_key_for_two(p, f, n, rng):
    import jax

    dtype = p["rate"].dtype
    e, u = jax.random.exponential(rng, (n,), dtype), jax.random.uniform(rng, (n,), dtype)  # the same key twice
    return -f.derivative((e + (u - 0.5) * e) / p["rate"]) * e / p["rate"] ** 2


def _fixed_key(p, f, n, rng):
    import jax

    return f.derivative(p["loc"] + p["scale"] * _eps_jax(p, n, jax.random.key(0)))


def _log_scale_jax(p, f, n, rng):
    eps = _eps_jax(p, n, rng)
    return f.derivative(p["loc"] + p["scale"] * eps) * eps * p["scale"]


def _half_path_jax(p, f, n, rng):
    import jax

    eps = _eps_jax(p, n, rng)
    half = jax.lax.stop_gradient(0.5)
    return half * f.derivative(p["loc"] + p["scale"] * eps)  # a split loss of which one half is stopped


def _double_where_jax(p, f, n, rng):
    import jax
    import jax.numpy as jnp

    z = p["loc"] + p["scale"] * _eps_jax(p, n, rng)
    return jax.vmap(jax.grad(lambda x: jnp.where(x > 0, f(x), f(x) + 0 * jnp.sqrt(x))))(z)  # NaN for x < 0


TORCH, JAX = {"backend": "torch"}, {"backend": "jax"}
LIBRARIES = (
    Function("normal", "loc", "sample detached in Torch", "F03", _detached, TORCH),
    Function("normal", "loc", "gradient of the batch for each sample in Torch", "F06", _summed_torch, TORCH),
    Function("normal", "loc", "own generator of a fixed seed in Torch", "F38", _own_generator_torch, TORCH),
    Function("normal", "loc", "baseline holds the sample in Torch", "F09", _baseline_torch, TORCH | {"requires": "F0"}),
    Function("normal", "scale", "log scale for scale in Torch", "F05", _log_scale_torch, TORCH),
    Function("exponential", "rate", "small draws masked to zero in Torch", "F21", _masked_torch, TORCH),
    Function("normal", "loc", "gradient stopped in JAX", "F03", _stopped, JAX),
    Function("exponential", "rate", "one key for two draws in JAX", "F37", _one_key_for_two, JAX),
    Function("normal", "loc", "fixed key in JAX", "F38", _fixed_key, JAX),
    Function("normal", "scale", "log scale for scale in JAX", "F05", _log_scale_jax, JAX),
    Function("normal", "loc", "half of the loss stopped in JAX", "F03", _half_path_jax, JAX),
    Function("normal", "loc", "NaN of the branch not taken in JAX", "F22", _double_where_jax, JAX),
)
