"""Every planted fault turns the proof and the run red, without being told which f or parameter shows it."""

from __future__ import annotations

import pytest

from fsb_oracle.checks import CHECKS, PROFILES, Settings
from fsb_oracle.records import Status
from fsb_oracle.rules import list_rules
from fsb_oracle.rules.proof import integrated_variables, proof_frequencies, proof_points, prove
from fsb_oracle.runs.decide import decide
from fsb_oracle.subjects.rules import RuleSubject
from fsb_oracle.verdicts.budget import Budget

from .planted import CONSTANTS, DEEP, FEW, GENERATED, MUTANTS, NAMED, SAMPLED

PROFILE = PROFILES["default"]
SETTINGS = Settings(
    PROFILE.name,
    PROFILE.margin,
    PROFILE.variance_margin,
    PROFILE.false_pass_rate,
    PROFILE.cap,
    margin_given=False,
)


def test_every_rule_has_mutants():
    """Constants and generated ones for every rule; named ones, of the mistakes that people make, for the first laws."""
    ids = {rule.id for rule in list_rules()}
    assert {mutant.rule_id for mutant in NAMED} <= ids
    assert {mutant.rule_id for mutant in GENERATED} == ids
    assert len(CONSTANTS) == 3 * len(ids)
    for rule in list_rules():
        assert len([mutant for mutant in GENERATED if mutant.rule_id == rule.id]) == 1 + len(rule.noise)


DIGITS = 10  # enough to tell a fault from a rule


# proofs over several variables take seconds a mutant: by default `test_a_changed_constant_breaks_the_proof` has them
QUICK = [rule for rule in list_rules() if DEEP or integrated_variables(rule) <= 1]


@pytest.mark.parametrize("rule", QUICK, ids=lambda rule: rule.id)
def test_the_proof_fails(rule):
    """At one point and one frequency, for every mutant of the rule; the rule itself passes there."""
    at = proof_points(rule)[:2][-1]
    frequency = proof_frequencies(rule, at, 6)[2:3]
    assert prove(rule, at, frequency, DIGITS).holds
    survivors = [
        mutant.fault
        for mutant in (*MUTANTS, *GENERATED)
        if mutant.rule_id == rule.id and prove(mutant.rule, at, frequency, DIGITS).holds
    ]
    assert not survivors


@pytest.mark.parametrize("mutant", [mutant for mutant in NAMED if mutant.rule_id in FEW], ids=str)
def test_the_check_fails(mutant):
    subject = RuleSubject(mutant.rule, "numpy")
    cases = CHECKS["proof"].plan(subject, PROFILE)
    assert cases
    assert any(decide(case, SETTINGS, Budget(1e-6, {case.id: 0})).status is Status.fail for case in cases)


@pytest.mark.parametrize("mutant", SAMPLED, ids=str)
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


@pytest.mark.parametrize("mutant", [m for m in SAMPLED if m.fault != "constant times 1.01"], ids=str)
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
