"""The bias spectrum of every rule and baseline is 0 within the margin at all frequencies."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from .properties import examples
from .strategies import rule_cases

EXAMPLES = 20


@examples(EXAMPLES)
@given(data=st.data())
def test_spectrum(data, harness):
    case = data.draw(rule_cases("spectrum", harness.backend), label="case")
    harness.assert_holds(replace(case, f=None, tests=harness.profile.frequencies), EXAMPLES)
