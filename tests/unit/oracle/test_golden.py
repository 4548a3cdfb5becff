"""The golden values of d E f / d theta, 12 digits each, by the oracle's own routes."""

from fractions import Fraction

import pytest

from fsb_oracle.oracle import gradient

from ..golden import GOLDEN

# one rigorous route each so far; the others have two
ONE_ROUTE = {"normal_inverse_gaussian", "variance_gamma", "stable", "tempered_stable", "student_t"}


@pytest.mark.parametrize(("family", "parameters", "parameter", "factor", "f", "golden"), GOLDEN)
def test_golden_value(family, parameters, parameter, factor, f, golden):
    value = gradient(family, parameters, f, parameter)
    ours = Fraction(value.value) * factor
    assert abs(ours - golden) <= Fraction(5, 10**12) * abs(golden)
    assert value.reached
    assert value.digits >= 30
    assert value.level >= (1 if family in ONE_ROUTE else 2)
