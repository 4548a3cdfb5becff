"""The bias spectrum of every rule and baseline is 0 within the margin at all frequencies."""

from dataclasses import replace

from .strategies import rule_cases


def test_spectrum(harness):
    cases = rule_cases("spectrum", harness.backend)
    harness.explore(cases.map(lambda case: replace(case, f=None, tests=harness.profile.frequencies)), 20)
