"""Every planted fault turns the proof and the run red, without being told which f or parameter shows it."""

from __future__ import annotations

import pytest

from fsb_oracle.checks import CHECKS, PROFILES, Settings
from fsb_oracle.records import Status
from fsb_oracle.rules import list_rules
from fsb_oracle.runs.verify import decide
from fsb_oracle.subjects.rules import RuleSubject
from fsb_oracle.verdicts.budget import Budget

from .planted import CONSTANTS, MUTANTS, NAMED

PROFILE = PROFILES["default"]
SETTINGS = Settings(
    PROFILE.name,
    PROFILE.margin,
    PROFILE.variance_margin,
    PROFILE.false_pass_rate,
    PROFILE.cap,
    margin_given=False,
)


def test_every_rule_has_a_named_mutant_and_the_three_constants():
    ids = {rule.id for rule in list_rules()}
    assert {mutant.rule_id for mutant in NAMED} == ids
    assert len(CONSTANTS) == 3 * len(ids)


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_the_proof_fails(mutant):
    subject = RuleSubject(mutant.rule, "numpy")
    cases = CHECKS["proof"].plan(subject, PROFILE)
    assert cases
    assert Status.fail in {decide(case, SETTINGS, Budget(1e-6, {case.id: 0})).status for case in cases}


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_the_run_fails(mutant):
    """Quadrature and sampling find the fault by themselves: the proof is not asked."""
    subject = RuleSubject(mutant.rule, "numpy")
    cases = [case for name in ("unbiased", "spectrum") for case in CHECKS[name].plan(subject, PROFILE)]
    budget = Budget(1e-6, {case.id: case.tests for case in cases})
    for case in cases:
        result = decide(case, SETTINGS, budget)
        if result.status is Status.fail:
            assert mutant.rule_id in result.message and result.reproduce
            return
    pytest.fail(f"{mutant} survived {len(cases)} cases")


@pytest.mark.parametrize("mutant", [m for m in MUTANTS if m.fault != "constant times 1.01"], ids=str)
def test_sampling_alone_fails(mutant, monkeypatch):
    """A black box shows no noise: the same fault must be found by tier 3 (a relative bias of 1 % is below its
    margin)."""
    subject = RuleSubject(mutant.rule, "numpy")
    monkeypatch.setattr(subject, "noise_at", lambda *arguments: None)
    monkeypatch.setattr(subject, "claimed_rule", lambda *arguments: None)  # nobody knows its variance: class H
    cases = [case for name in ("unbiased", "spectrum") for case in CHECKS[name].plan(subject, PROFILE)]
    budget = Budget(1e-6, {case.id: case.tests for case in cases})
    if mutant.infinite_variance:  # no sample decides: the verdict says so, and none of its cases is green
        results = [
            decide(case, SETTINGS, budget) for case in cases if case.f is not None and case.f.slug in ("sin3", "bump")
        ]
        assert {(r.status, r.reason) for r in results} == {(Status.inconclusive, "tails")}
        return
    assert any(decide(case, SETTINGS, budget).status is Status.fail for case in cases), f"{mutant} survived"
