"""A latent rate behind counts, learned by a Fourier rule of the gamma law under JAX.

64 counts x_i ~ Poisson(z / 20) with sum 294, z ~ Gamma(1, 1): the posterior is Gamma(1 + 294, 1 + 64 / 20).
`posterior()` finds it by stochastic ascent of the evidence bound, all of it under `jit`.
"""

import jax
import jax.numpy as jnp
from jax.scipy.special import digamma, gammaln

from fsb_oracle import fourier

NUM_SAMPLES = 20_000  # the bound is flat in the concentration: its noise must be small


def log_joint(z: jax.Array) -> jax.Array:
    """log p(x, z) up to a constant."""
    return 294 * jnp.log(z) - (1 + 64 / 20) * z


def bound(logs: jax.Array, key: jax.Array) -> jax.Array:
    """The evidence bound of Gamma(concentration, rate), at the logarithms of concentration and mean."""
    concentration, rate = jnp.exp(logs[0]), jnp.exp(logs[0] - logs[1])
    entropy = concentration - jnp.log(rate) + gammaln(concentration) + (1 - concentration) * digamma(concentration)
    return (
        fourier.expectation("gamma", log_joint, {"concentration": concentration, "rate": rate}, NUM_SAMPLES, key)
        + entropy
    )


@jax.jit
def posterior(key: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The fitted concentration and rate; exact: 295 and 4.2."""

    def step(logs: jax.Array, noise: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, None]:
        size, one = noise
        slope = jax.grad(bound)(logs, one)
        # the bound's curvature is about 1/2 in the first logarithm and 294 in the second
        return logs + size * jnp.clip(slope * jnp.array([2.0, 1 / 294]), -1, 1), None

    steps = 150
    sizes = 1 / (1 + jnp.arange(steps) / 3)
    logs, _ = jax.lax.scan(step, jnp.array([3.0, 3.0]), (sizes, jax.random.split(key, steps)))
    return jnp.exp(logs[0]), jnp.exp(logs[0] - logs[1])


if __name__ == "__main__":
    print("Gamma({:.1f}, {:.3f}); exact: Gamma(295, 4.2)".format(*posterior(jax.random.key(0))))
