"""e-BH: the list to look at, its bar, and how many false ones stand in it."""

from __future__ import annotations

import math

import numpy as np

from fsb_oracle.records import Result, Status, triage


def results(log_e):
    return [Result(f"case{i}", "s", "unbiased", Status.pass_, details={"log_e": v}) for i, v in enumerate(log_e)]


def test_the_k_th_e_value_must_reach_m_over_rate_times_k():
    bar = math.log(4 / 1e-3)  # m = 4
    found = triage(results([bar - math.log(2), bar - math.log(2) + 1e-9, 0.0, -1.0]))
    assert [item["case"] for item in found["cases"]] == ["case1", "case0"]
    assert triage(results([bar - math.log(2) - 1e-9, bar - 1e-9, 0.0, -1.0]))["cases"] == []
    assert found["tests"] == 4 and found["false_discovery_rate"] == 1e-3
    assert found["cases"][0]["log10_e"] == (bar - math.log(2) + 1e-9) / math.log(10)


def test_results_without_evidence_do_not_count_and_a_ledger_does():
    some = [*results([None, 20.0]), Result("exact", "s", "exact", Status.pass_)]
    assert triage(some)["tests"] == 1
    summed = Result("a", "s", "unbiased", Status.pass_, details={"log_e": 0.0, "ledger": {"epochs": 9, "log_e": 30.0}})
    assert [item["case"] for item in triage([summed])["cases"]] == ["a"]
    assert triage([]) == {"false_discovery_rate": 1e-3, "tests": 0, "cases": []}


def test_false_discoveries_are_rare_even_where_e_values_are_as_large_as_they_may_be():
    """e = 1/p for uniform p is more than an e-value may be; e = 1/(2 sqrt(p)) has mean 1: the hardest honest null."""
    generator = np.random.default_rng(0)
    listed = sum(bool(triage(results(-np.log(2 * np.sqrt(generator.random(200)))))["cases"]) for _ in range(400))
    assert listed <= 2  # 1e-3 of 400 expected at most
