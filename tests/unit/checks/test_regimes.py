"""The map of exact variances: what is planned, what it says, and a broken claim that it must find."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fsb_oracle.checks import Settings, get_profile, regimes
from fsb_oracle.records import Status
from fsb_oracle.rules import get_rule
from fsb_oracle.rules.rule import Claim
from fsb_oracle.subjects.rules import RuleSubject

SETTINGS = Settings("smoke", 0.02, 0.02, 1e-3, 1000)


def planned(id: str, backend: str = "numpy", profile: str = "smoke"):
    return regimes.plan(RuleSubject(get_rule(id), backend), get_profile(profile))


def test_one_map_for_each_recommended_rule_on_numpy() -> None:
    (case,) = planned("NOR-sig-Ua")
    assert case.tests == 0
    assert planned("NOR-sig-Upm") == []  # not recommended
    assert planned("NOR-mu-D") == []  # a location changes no variance
    assert planned("NOR-sig-Ua", "torch") == []  # the same kernel
    assert planned("CHI-nu-U") == []  # not among the laws of the profile
    assert len(planned("CHI-nu-U", profile="deep")) == 1


def test_the_map_shows_both_sides() -> None:
    (case,) = planned("POI")
    result = regimes.check(case, SETTINGS, 0.0)
    assert result.status is Status.pass_
    found = {entry["id"]: entry for entry in result.details["ratios"]}
    assert set(found) == {"score", "score-best", "measure-valued"}
    ratios = [ratio for row in found["score"]["ratio"] for ratio in row if ratio is not None]
    assert min(ratios) < 0.01
    assert max(ratios) > 10
    assert len(found["score"]["ratio"]) == len(result.details["values"])
    assert "against score: smaller at" in result.message


@pytest.mark.parametrize("id", ["POI"])
def test_a_claim_that_does_not_hold_is_found(id: str) -> None:
    (case,) = planned(id)
    boastful = replace(case.subject.rule, lower_variance_than=(Claim("score", "any f", "wishful thinking"),))
    subject = RuleSubject(boastful, "numpy")
    result = regimes.check(replace(case, subject=subject), SETTINGS, 0.0)
    assert result.status is Status.fail
    assert result.reason == "variance-claim"
    assert "never above that of score" in result.message
