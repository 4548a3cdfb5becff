"""Every rule and baseline is unbiased, for drawn parameters, integrands and dtypes."""

from .strategies import rule_cases


def test_unbiased(harness):
    harness.explore(rule_cases("unbiased", harness.backend), 120)
