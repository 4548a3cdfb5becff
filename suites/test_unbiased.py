"""Every estimator under test is unbiased, for drawn parameters, integrands and dtypes."""

from .strategies import cases


def test_unbiased(harness):
    harness.explore(cases("unbiased", harness.subjects), 120)
