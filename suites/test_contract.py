"""Every estimator under test keeps the contract: sizes, range, keys, precision, state and batches."""

from .strategies import cases


def test_contract(harness):
    harness.explore(cases("contract", harness.subjects), 36)
