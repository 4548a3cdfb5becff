"""Every rule and baseline is unbiased, for drawn parameters, integrands and dtypes."""

from hypothesis import given
from hypothesis import strategies as st

from .properties import examples
from .strategies import rule_cases

EXAMPLES = 120


@examples(EXAMPLES)
@given(data=st.data())
def test_unbiased(data, harness):
    harness.assert_holds(data.draw(rule_cases("unbiased", harness.backend), label="case"), EXAMPLES)
