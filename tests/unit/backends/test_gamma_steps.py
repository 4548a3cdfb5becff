"""Steps of log Gamma and digamma keep their digits where a difference of two values has none left."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsb_oracle.backends import get_backend
from fsb_oracle.backends.flint_math import FlintMath

POSITIVE = st.floats(-20, 9).map(lambda exponent: 10.0**exponent)
NUMPY = get_backend("numpy").math


def exact_digamma_step(x, step):
    with mpmath.workdps(80):
        return mpmath.digamma(mpmath.mpf(x) + mpmath.mpf(step)) - mpmath.digamma(mpmath.mpf(x))


def exact_half_step(x):
    with mpmath.workdps(80):
        return mpmath.exp(mpmath.loggamma(mpmath.mpf(x) + 0.5) - mpmath.loggamma(mpmath.mpf(x)))


@given(POSITIVE)
def test_half_a_step_of_gamma_in_float64(x):
    assert float(NUMPY.gamma_half_step(x)) == pytest.approx(float(exact_half_step(x)), rel=8e-15)


@given(POSITIVE, POSITIVE)
def test_a_step_of_digamma_in_float64(x, step):
    assert float(NUMPY.digamma_step(x, step)) == pytest.approx(float(exact_digamma_step(x, step)), rel=8e-15)


@pytest.mark.parametrize("x", [0.01, 1.0, 500.0, 1e6])
def test_float32_is_right_to_float32(x):
    single = np.float32(x)
    assert NUMPY.gamma_half_step(single).dtype == np.float32
    assert float(NUMPY.gamma_half_step(single)) == pytest.approx(float(exact_half_step(float(single))), rel=2e-6)
    step = NUMPY.digamma_step(single, np.float32(0.25))
    assert step.dtype == np.float32 and float(step) == pytest.approx(
        float(exact_digamma_step(float(single), 0.25)), rel=2e-6
    )


def test_balls_hold_the_exact_values():
    """Proofs use the functions themselves, not the series."""
    m = FlintMath()
    assert m.gamma_half_step(m.rational(1, 2)).overlaps(1 / m.sqrt(m.pi))
    assert m.digamma_step(m.rational(1, 1), m.rational(2, 1)).overlaps(m.rational(3, 2))
