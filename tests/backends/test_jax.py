"""The JAX back end: parity with NumPy, jit, vmap, explicit keys."""

import jax
import numpy as np
import pytest

from fsb_oracle.backends import DTYPES, get_backend
from fsb_oracle.estimators import fourier

from .parity import assert_parity, parity_parameters

pytestmark = pytest.mark.jax


@pytest.mark.parametrize(("other", "reference", "dtype"), parity_parameters("jax"))
def test_parity(other, reference, dtype):
    assert_parity(other, reference, dtype)


def _gradient(concentration, key):
    params = {"concentration": concentration, "rate": jax.numpy.float32(1.0)}
    return fourier.gradient("gamma", jax.numpy.sin, params, 64, key)["concentration"]


def test_jit_gives_the_same_numbers():
    concentration, key = jax.numpy.float32(2.5), jax.random.key(3)
    plain, compiled = _gradient(concentration, key), jax.jit(_gradient)(concentration, key)
    np.testing.assert_allclose(plain, compiled, rtol=1e-5, atol=1e-6)


def test_vmap_over_parameters_and_keys():
    concentrations, keys = jax.numpy.array([0.5, 2.5, 7.0]), jax.random.split(jax.random.key(3), 3)
    mapped = jax.vmap(_gradient)(concentrations, keys)
    assert mapped.shape == (3, 64)
    one_by_one = [_gradient(c, k) for c, k in zip(concentrations, keys, strict=True)]
    np.testing.assert_allclose(mapped, np.stack(one_by_one), rtol=1e-5, atol=1e-6)


def test_the_key_decides():
    first, again, other = (_gradient(jax.numpy.float32(2.5), jax.random.key(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_uniform_draw_that_the_library_rounds_to_0_has_a_finite_logarithm(monkeypatch, dtype):
    monkeypatch.setattr(jax.random, "uniform", lambda key, shape, dtype: jax.numpy.zeros(shape, dtype))
    backend = get_backend("jax")
    with backend.scope(dtype):
        drawn = backend.numpy(backend.uniform(jax.random.key(0), (3,), dtype))
    assert np.all(np.isfinite(np.log(drawn))) and np.all(drawn < 1e-7)
