"""`fourier.expectation` under JAX: a pure function of a key, under jit, vmap and grad."""

import jax
import numpy as np
import pytest

from fsb_oracle import UsageError, fourier
from fsb_oracle.backends import get_backend

from .example_posterior import assert_posterior, load
from .expectation_cases import CASES, IDS, NUM_SAMPLES, assert_exact

pytestmark = pytest.mark.jax


def of_normal(loc, scale, weight, key, num_samples=100):
    params = {"loc": loc, "scale": scale}  # compiles in no time, unlike laws that are drawn by rejection
    return fourier.expectation("normal", lambda z: jax.numpy.sin(weight * z), params, num_samples, key)


@pytest.mark.parametrize(("family", "params", "f", "rule"), CASES, ids=IDS)
def test_value_and_gradient_are_exact(family, params, f, rule):
    def mean(leaves, key):
        return fourier.expectation(family, f, leaves, NUM_SAMPLES, key, rule)

    leaves = {name: jax.numpy.float32(value) for name, value in params}
    value, gradient = jax.value_and_grad(mean)(leaves, jax.random.key(1))
    assert value.dtype == jax.numpy.float32
    assert_exact(value, gradient, family, params, f, rule)


def test_float64():
    family, params, f, _ = CASES[2]
    with jax.enable_x64(True):
        leaves = {name: jax.numpy.float64(value) for name, value in params}
        mean = jax.value_and_grad(lambda at: fourier.expectation(family, f, at, NUM_SAMPLES, jax.random.key(1)))
        value, gradient = mean(leaves)
        assert {x.dtype for x in (value, *gradient.values())} == {np.dtype("float64")}
        assert_exact(value, gradient, family, params, f, None)


@pytest.fixture(scope="module")
def derivatives():
    """Of the parameters, which come from upstream code, and of a weight inside f."""

    def upstream(raw, weight, key):
        return of_normal(raw, jax.nn.softplus(raw), weight, key).sum()

    return jax.value_and_grad(upstream, (0, 1))


def test_jit_gives_the_same_numbers(derivatives):
    at = jax.numpy.array([0.1, 1.0]), jax.numpy.float32(3.0), jax.random.key(3)
    plain, compiled = derivatives(*at), jax.jit(derivatives)(*at)
    for one, other in zip(jax.tree.leaves(plain), jax.tree.leaves(compiled), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_vmap_over_parameters_and_keys(derivatives):
    raw, keys = jax.numpy.array([-0.5, 0.1, 1.0]), jax.random.split(jax.random.key(3), 3)
    mapped = jax.vmap(derivatives, (0, None, 0))(raw, 3.0, keys)
    one_by_one = [derivatives(x, 3.0, key) for x, key in zip(raw, keys, strict=True)]
    for i, one in enumerate(one_by_one):
        for found, expected in zip(jax.tree.leaves(mapped), jax.tree.leaves(one), strict=True):
            np.testing.assert_allclose(found[i], expected, rtol=1e-4, atol=1e-5)


def test_the_key_decides_and_differentiation_does_not(derivatives):
    at = jax.numpy.float32(0.1), jax.numpy.float32(3.0)
    first, again, other = (derivatives(*at, jax.random.key(seed)) for seed in (1, 1, 2))
    assert jax.tree.leaves(first) == jax.tree.leaves(again)
    assert jax.tree.leaves(first) != jax.tree.leaves(other)
    alone = of_normal(at[0], jax.nn.softplus(at[0]), at[1], jax.random.key(1))
    assert first[0] == alone


def test_forward_mode_and_a_batch_that_broadcasts():
    loc, scale = jax.numpy.array([[0.5], [2.5]]), jax.numpy.array([1.5, 1.5, 1.5])

    def mean(loc, scale):
        return of_normal(loc, scale, jax.numpy.float32(3.0), jax.random.key(1))

    rows = jax.jacrev(mean, (0, 1))(loc, scale)
    assert (rows[0].shape, rows[1].shape) == ((2, 3, 2, 1), (2, 3, 3))
    _, forward = jax.jvp(lambda at: mean(at, scale), (loc,), (jax.numpy.ones_like(loc),))
    np.testing.assert_allclose(forward, rows[0].sum((2, 3)), rtol=1e-5, atol=1e-6)


def test_vectors():
    params = {"loc": jax.numpy.array([0.5, -1.0]), "covariance_matrix": jax.numpy.array([[1.0, 0.3], [0.3, 2.0]])}

    def mean(at, key):
        return fourier.expectation("multivariate_normal", lambda z: (z**2).sum(-1), at, NUM_SAMPLES, key)

    gradient = jax.jit(jax.grad(mean))(params, jax.random.key(1))
    np.testing.assert_allclose(gradient["loc"], [1.0, -2.0], atol=0.1)
    np.testing.assert_allclose(gradient["covariance_matrix"], np.eye(2), atol=0.05)


def test_second_derivatives_are_refused_except_those_of_f():
    at = jax.numpy.float32(2.5), jax.numpy.float32(1.5), jax.numpy.float32(3.0)

    def mean(*leaves):
        return of_normal(*leaves, jax.random.key(1)) ** 2

    for first, second in ((0, 0), (0, 1), (2, 0)):
        with pytest.raises(UsageError, match="no second ones"):
            jax.grad(jax.grad(mean, first), second)(*at)
    assert np.isfinite(jax.grad(jax.grad(mean, 2), 2)(*at))
    # the rule is linear in f, so that its slope in a weight of f is the rule's own
    step = 1e-2
    slope = jax.grad(mean, 0)
    difference = (slope(at[0], at[1], at[2] + step) - slope(at[0], at[1], at[2] - step)) / (2 * step)
    np.testing.assert_allclose(jax.grad(slope, 2)(*at), difference, rtol=2e-3)


def test_what_has_no_gradient_says_so_when_asked():
    def mean(trials, probability):
        return get_backend("jax").attach(
            probability, [trials, probability], [None, 2.0 * probability], ("a count", None)
        )

    at = jax.numpy.float32(5.0), jax.numpy.float32(0.5)
    assert jax.grad(mean, 1)(*at) == 2.0  # 1 of the value's own, 1 attached
    with pytest.raises(UsageError, match="a count"):
        jax.grad(mean, 0)(*at)


def test_the_example_finds_the_posterior():
    assert_posterior(*load("gamma_poisson_jax").posterior(jax.random.key(0)))
