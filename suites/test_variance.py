"""The second moment of every estimator under test is the exact one."""

from .strategies import cases


def test_variance(harness):
    harness.explore(cases("variance", harness.subjects, dtypes=("float64",)), 40)
