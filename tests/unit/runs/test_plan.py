"""What a profile runs of our own rules, and that nothing is left out in silence."""

from collections import Counter

import pytest

from fsb_oracle.backends import unavailable
from fsb_oracle.checks import get_profile
from fsb_oracle.runs.plan import make_plan


@pytest.mark.jax
@pytest.mark.torch
def test_smoke_asks_other_back_ends_for_one_mean_of_each_parameter():
    plan = make_plan(["fsb_oracle"], get_profile("smoke"), "unbiased/gamma/*")
    others = [case for case in plan.cases if case.subject.backend_name != "numpy"]
    counts = Counter((case.subject.name, case.subject.backend_name, case.parameter) for case in others)
    assert {backend for _, backend, _ in counts} == {name for name in ("torch", "jax") if unavailable(name) is None}
    assert set(counts.values()) == {1}
    assert {case.dtype for case in others} == {"float32"}


def test_smoke_says_how_many_cases_it_leaves_to_the_default_profile():
    everything = "*"
    smoke = make_plan(["fsb_oracle"], get_profile("smoke"), everything, ("numpy",))
    (scope,) = [result for result in smoke.not_applicable if result.case.startswith("scope/")]
    left = int(next(word for word in scope.reason.split() if word.isdigit()))
    ran = sum(case.subject.secondary for case in smoke.cases)
    assert left > 0
    assert ran > 0  # other rules are not left out whole
    assert all(
        case.check in ("proof", "unbiased") and case.dtype == "float64"
        for case in smoke.cases
        if case.subject.secondary
    )
