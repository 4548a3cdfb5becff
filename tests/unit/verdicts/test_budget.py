"""The false-fail rate of a run: declared once, split before anything runs, never overspent."""

from __future__ import annotations

import pytest

from fsb_oracle.errors import UsageError
from fsb_oracle.verdicts.budget import Budget

BUDGET = Budget(1e-6, {"spectrum": 32, "unbiased": 1, "exact": 0, "variance": 3})


def test_the_shares_add_up_to_what_was_declared() -> None:
    assert sum(BUDGET.share(case) for case in BUDGET.cells) == pytest.approx(1e-6, rel=1e-12)
    assert BUDGET.share("spectrum") == pytest.approx(32 / 36 * 1e-6)
    assert BUDGET.per_test("spectrum") == pytest.approx(BUDGET.per_test("unbiased"))
    assert BUDGET.share("exact") == 0


def test_a_case_replayed_alone_with_its_share_gets_the_same_rate() -> None:
    for case in ("spectrum", "unbiased", "variance"):
        replay = Budget(float(repr(BUDGET.share(case))), {case: BUDGET.cells[case]})
        assert replay.share(case) == BUDGET.share(case)
        assert replay.per_test(case) == BUDGET.per_test(case)


def test_what_is_spent() -> None:
    assert BUDGET.spent([]) == 0
    assert BUDGET.spent(BUDGET.cells) == BUDGET.declared
    line = BUDGET.record({"unbiased": "H", "variance": "R", "exact": None})
    assert line == pytest.approx({"declared": 1e-6, "spent": 4 / 36 * 1e-6, "asymptotic_share": 0.25})
    assert Budget(1e-6, {"exact": 0}).record({"exact": None}) == {
        "declared": 1e-6,
        "spent": 0.0,
        "asymptotic_share": 0.0,
    }


def test_a_case_of_several_tests_is_asymptotic_in_part() -> None:
    ran = {"spectrum": "HR", "variance": "R", "exact": None, "unbiased": "H"}
    assert BUDGET.counts(ran) == {"tests_ran": 36, "tests_asymptotic": 17}
    assert BUDGET.record(ran)["asymptotic_share"] == 17 / 36


def test_the_plan_cannot_change_afterwards() -> None:
    cells = {"a": 1, "b": 1}
    budget = Budget(1e-6, cells)
    cells["c"] = 2
    assert budget.tests == 2
    with pytest.raises(TypeError):
        budget.cells["c"] = 2  # type: ignore[index]


def test_what_a_budget_refuses() -> None:
    with pytest.raises(UsageError, match="false_fail_rate is 2"):
        Budget(2.0, {})
    with pytest.raises(UsageError, match="'a' has -1 random tests"):
        Budget(1e-6, {"a": -1})
    with pytest.raises(UsageError, match="no false-fail rate"):
        BUDGET.per_test("exact")
