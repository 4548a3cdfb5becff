"""The second moment of every rule and baseline is the exact one."""

from .strategies import rule_cases


def test_variance(harness):
    harness.explore(rule_cases("variance", harness.backend, dtypes=("float64",)), 40)
