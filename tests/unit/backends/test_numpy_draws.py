"""Draws on NumPy: none is 0; in rejection and in sums of random length every element has its own parameters, its own
count and its own draws."""

import numpy as np
import pytest
import sympy

from fsb_oracle.backends import DTYPES, get_backend
from fsb_oracle.backends.noise import Exponential, PoissonSum, TemperedStable

BACKEND = get_backend("numpy")


class Zeros:
    """A generator all of whose draws are rounded to 0."""

    def random(self, shape, dtype):
        return np.zeros(shape, dtype)

    standard_exponential = random

    def standard_gamma(self, concentration, shape, dtype):
        return np.zeros(shape, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_draw_that_the_library_rounds_to_0_has_a_finite_logarithm(dtype):
    drawn = (
        BACKEND.uniform(Zeros(), (3,), dtype),
        BACKEND.exponential(Zeros(), (3,), dtype),
        BACKEND.gamma(Zeros(), 0.5, (3,), dtype),
    )
    for values in drawn:
        assert values.dtype == dtype and np.all(np.isfinite(np.log(values))) and np.all(values < 1e-7)


def test_small_gamma_variables_of_float32_are_no_powers_of_24_random_bits():
    drawn = BACKEND.gamma(np.random.default_rng(3), np.array([0.5]), (1 << 22,), "float32")
    assert drawn.dtype == "float32"
    small = np.sqrt(drawn[drawn < 1e-8].astype(float)) * 2**24  # of a power of such a number it would be whole
    assert len(small) > 200 and np.mean(np.abs(small - np.round(small)) < 0.01) < 0.1


@pytest.mark.parametrize(
    ("shape", "lower"), [((), 0.0), ((0,), 0.5), ((3, 2), np.array([0, 0.99])), ((500, 2), np.array([0, 0.99]))]
)
def test_rejection_asks_for_what_is_left_with_its_own_parameters(shape, lower):
    asked = []

    def step(stream, size, lower):
        asked.append(size[0])
        proposed = stream.random(size)
        return proposed, proposed > lower

    value = BACKEND.repeat(step, np.random.default_rng(0), shape, "float64", lower)
    assert value.shape == shape and np.all(value > lower) and np.all(value < 1)
    if shape == (500, 2):
        assert asked[0] == 1000 and asked[1] < 600  # half of them want nothing more
        assert len(np.unique(value)) == value.size and np.mean(value[:, 0]) == pytest.approx(0.5, abs=0.07)


def test_sums_have_the_terms_that_were_counted():
    count = np.array([[0, 1, 5], [40_000, 3, 2]])
    found = BACKEND.accumulate(
        lambda stream, shape, one: one + np.zeros(shape), count, None, (2, 3), "float64", np.array([1.0, 10.0, 100.0])
    )
    assert np.array_equal(found, count * [1, 10, 100])


def test_a_batch_of_laws_has_the_moments_of_each():
    generator = np.random.default_rng(0)
    drawn = BACKEND.draw(TemperedStable(np.array([0.5, 1.5]), np.array([1.0, 0.5])), generator, (40_000, 2), "float64")
    expected = np.array([1.0, 0.5]) * np.array([np.sqrt(np.pi) / 2, np.sqrt(np.pi)])  # intensity Gamma(2 - alpha)
    assert drawn.var(axis=0) == pytest.approx(expected, rel=0.05)
    rates = np.array([0.5, 3.0])
    term = sympy.Symbol("scale") * sympy.Symbol("e")
    sums = PoissonSum(rates, {"e": Exponential()}, term, {"scale": np.array([1.0, 2.0])})
    drawn = BACKEND.draw(sums, generator, (40_000, 2), "float64")
    assert drawn.mean(axis=0) == pytest.approx(rates * [1, 2], rel=0.05)
