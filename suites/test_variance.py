"""The second moment of every rule and baseline is the exact one."""

from hypothesis import given
from hypothesis import strategies as st

from .properties import examples
from .strategies import rule_cases

EXAMPLES = 40


@examples(EXAMPLES)
@given(data=st.data())
def test_variance(data, harness):
    harness.assert_holds(
        data.draw(rule_cases("variance", harness.backend, dtypes=("float64",)), label="case"), EXAMPLES
    )
