"""The bias spectrum of every estimator under test is 0 within the margin at all frequencies."""

from dataclasses import replace

from .strategies import cases


def test_spectrum(harness):
    found = cases("spectrum", harness.subjects)
    if found is not None:
        found = found.map(lambda case: replace(case, f=None, tests=harness.profile.frequencies))
    harness.explore(found, 20)
