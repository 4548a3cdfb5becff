"""Gamma-shape gradients a second on the CPU: GAM-k-U against the derivative that Torch and JAX have for their samples.

Both sides give the mean gradient of f = sin over the samples, in float32; under JAX both are compiled.
"""

import pytest

from fsb_oracle.estimators import fourier

torch = pytest.importorskip("torch")
jax = pytest.importorskip("jax")

SIZES = (1_000, 10_000, 100_000, 1_000_000)
SIDES = ("GAM-k-U", "library")
pytestmark = [pytest.mark.parametrize("num_samples", SIZES), pytest.mark.parametrize("side", SIDES)]


def _measured(benchmark, library, num_samples, side, run):
    benchmark.group = f"gamma-shape gradients, {num_samples} samples, float32, f = sin, {library}"
    benchmark.extra_info["side"] = "peer" if side == "library" else "ours"
    benchmark.pedantic(run, rounds=20, iterations=max(1, 10_000 // num_samples), warmup_rounds=2)


def test_torch(benchmark, num_samples, side):
    generator = torch.Generator().manual_seed(0)
    concentration, rate = torch.tensor(2.5), torch.tensor(1.0)

    def ours():
        given = {"concentration": concentration, "rate": rate}
        return fourier.gradient("gamma", torch.sin, given, num_samples, generator, rule="GAM-k-U")[
            "concentration"
        ].mean()

    def library():
        leaf = concentration.expand(num_samples).clone().requires_grad_(True)
        torch.sin(torch.distributions.Gamma(leaf, rate).rsample()).mean().backward()
        return leaf.grad.sum()

    _measured(benchmark, "Torch", num_samples, side, library if side == "library" else ours)


def test_jax(benchmark, num_samples, side):
    @jax.jit
    def ours(concentration, key):
        given = {"concentration": concentration, "rate": 1.0}
        return fourier.gradient("gamma", jax.numpy.sin, given, num_samples, key, "GAM-k-U")["concentration"].mean()

    @jax.jit
    @jax.grad
    def library(concentration, key):
        return jax.numpy.sin(jax.random.gamma(key, concentration, (num_samples,))).mean()

    run = library if side == "library" else ours
    at = jax.numpy.float32(2.5), jax.random.key(0)
    run(*at).block_until_ready()  # compiled
    _measured(benchmark, "JAX", num_samples, side, lambda: run(*at).block_until_ready())
