"""Every planted fault in a rule turns its proof red."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fsb_oracle.checks import CHECKS
from fsb_oracle.records import Status
from fsb_oracle.rules import list_rules, proved
from fsb_oracle.rules.proof import integrated_variables, proof_frequencies, proof_points, prove
from fsb_oracle.runs.decide import decide
from fsb_oracle.subjects.rules import RuleSubject

from .killing import PROFILE, SETTINGS, share
from .planted import CONSTANTS, DEEP, GENERATED, MUTANTS, NAMED


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


def test_no_mutant_has_a_certificate(monkeypatch):
    """Whatever the file says of the rules: the smoke profile proves every mutant, as `test_the_proof_fails` does."""
    entries = {id: replace(entry, sources=proved.sources()) for id, entry in proved.table().items()}
    monkeypatch.setattr(proved, "table", lambda: entries)
    at = {rule.id: proof_points(rule)[:2][-1] for rule in list_rules()}
    assert all(proved.certificate(rule, at[rule.id]) for rule in list_rules())
    certified = [m for m in (*MUTANTS, *GENERATED, *CONSTANTS) if proved.certificate(m.rule, at[m.rule_id])]
    assert not certified


CHECKED = [mutant for mutant in NAMED if mutant.rule_id in ("NOR-sig-Upm", "GAM-s-S", "BET-a-VSB", "POI")]


@pytest.mark.parametrize("mutant", [mutant for mutant in CHECKED if mutant.provable], ids=str)
def test_the_check_fails(mutant):
    subject = RuleSubject(mutant.rule, "numpy")
    cases = CHECKS["proof"].plan(subject, PROFILE)
    assert cases
    assert any(decide(case, SETTINGS, share(case)).status is Status.fail for case in cases)
