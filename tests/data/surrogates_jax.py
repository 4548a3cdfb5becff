"""Surrogate losses in JAX, mapped over keys."""

import jax
import jax.numpy as jnp

from fsb_oracle import estimator, surrogate

POINT = [{"loc": [0.1, -0.2], "scale_tril": [[1, 0], [0.3, 1.4]]}]


def draw(params, num_samples, rng):
    noise = jax.random.normal(rng, (num_samples, 2), params["loc"].dtype)
    return params["loc"] + noise @ params["scale_tril"].T


@estimator(family="multivariate_normal", parameters=["loc", "scale_tril"], backend="jax", unit="call", points=POINT)
@surrogate
def pathwise_loss(params, f, num_samples, rng):
    return f(draw(params, num_samples, rng)).mean()


@estimator(family="multivariate_normal", parameters=["loc"], backend="jax", points=POINT)
def gradient_of_each(params, f, num_samples, rng):
    z = draw(params, num_samples, rng)
    return {"loc": jax.vmap(jax.grad(f))(z)}


@estimator(family="categorical", parameters=["logits"], backend="jax", unit="call", samples_per_call=4)
def reinforce_with_a_branch(params, f, num_samples, rng):
    """Cannot be traced: it asks for the value of a sample."""
    logits = params["logits"]
    z = jax.random.categorical(rng, logits, shape=(num_samples,))
    score = jax.nn.one_hot(z, len(logits), dtype=logits.dtype) - jax.nn.softmax(logits)
    if float(z.sum()) < 0:
        raise AssertionError
    return {"logits": (f(z)[:, None] * score).mean(0)}


@estimator(family="categorical", parameters=["logits"], backend="jax", unit="call", samples_per_call=4)
def self_included_baseline(params, f, num_samples, rng):
    logits = params["logits"]
    z = jax.random.categorical(rng, logits, shape=(num_samples,))
    score = jax.nn.one_hot(z, len(logits), dtype=logits.dtype) - jax.nn.softmax(logits)
    return {"logits": jnp.mean((f(z) - f(z).mean())[:, None] * score, 0)}
