"""The verdict sentence, the notes and the counts."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from fsb_oracle.records import Status
from fsb_oracle.report.bounds import bound
from fsb_oracle.report.verdict import budget, tiles, verdict
from fsb_oracle.report.view import unit


def test_all_passed(make: SimpleNamespace) -> None:
    said = verdict(make.record(make.passes(12)))
    assert said.status is Status.pass_
    assert said.sentence == (
        "All 12 checks passed: no bias above 2 % of S was missed, except with probability 0.001 each; "
        "the run's false-fail budget is 1e-6."
    )


def test_failures_name_the_subjects(make: SimpleNamespace) -> None:
    results = [make.unbiased("a:b", Status.fail, f=f"z**{n}") for n in range(2)]
    said = verdict(make.record([*results, make.crash(), *make.passes(9)]))
    assert said.status is Status.error
    assert said.sentence == "3 of 12 checks failed: a:b (2), mine:crashes (1)."


def test_the_folders_of_a_file_take_no_room_in_the_sentence(make: SimpleNamespace) -> None:
    results = [make.unbiased("examples/deep/mine.py:wrong", Status.fail), *make.passes(1)]
    assert verdict(make.record(results)).sentence == "1 of 2 checks failed: mine.py:wrong (1)."


def test_within_margin_is_sized(make: SimpleNamespace) -> None:
    small = [make.unbiased("lib:X", Status.within_margin, share) for share in (0.002, -0.004)]
    said = verdict(make.record([*small, *make.passes(2)]))
    assert said.status is Status.within_margin
    assert said.headline == "No check failed, and 2 of 4 checks found a real bias inside the margin"
    assert said.guarantee.startswith("the largest is 0.4 % of S, in lib:X; no bias above 2 % of S was missed")


def test_a_bias_of_a_derivative_is_not_in_units_of_S(make: SimpleNamespace) -> None:
    said = verdict(make.record([make.pointwise(2.5, "float64")]))
    assert said.guarantee.startswith("it is 0.00194 % of the mean derivative, in torch.distributions:Gamma; the run")


def test_vectors_compared_sample_by_sample_are_not_in_units_of_S(make: SimpleNamespace) -> None:
    field = make.unbiased(check="continuity", tier="0a", bias_bound=0.9)
    assert unit(field) == "the mean derivative"
    assert bound(field) is None
    assert unit(make.unbiased(check="continuity")) == "S"


def test_inconclusive_is_neither_good_nor_bad(make: SimpleNamespace) -> None:
    open_result = make.unbiased("GAM-k-SB", Status.inconclusive, 0.3)
    said = verdict(make.record([open_result, *make.passes(3)]))
    assert said.status is Status.inconclusive
    assert said.headline == "No check failed, but 1 of 4 checks stayed inconclusive, in GAM-k-SB (1)"
    assert "no bias above 2 % of S was missed by the others" in said.guarantee
    small = make.pointwise(2.5, "float64")
    beside = verdict(make.record([open_result, small]))
    assert small.status is Status.within_margin
    assert beside.guarantee.startswith("the largest real bias inside the margin is 0.00194 %")


def test_known_failures_are_not_hidden(make: SimpleNamespace) -> None:
    said = verdict(make.record([make.unbiased(status=Status.known_failure, share=0.1), *make.passes(1)]))
    assert said.headline == "No check of 2 failed, apart from 1 known failure"


def test_nothing_ran(make: SimpleNamespace) -> None:
    assert verdict(make.record([])).sentence == "Nothing ran."
    said = verdict(make.record([make.missing("z"), make.missing("z**2")]))
    assert said.sentence == "Nothing was tested, since 2 checks did not apply."
    assert said.status is Status.not_applicable


def test_an_interrupted_run_does_not_claim_a_pass(make: SimpleNamespace) -> None:
    said = verdict(make.record(make.passes(3), planned=400, interrupted=True))
    assert said.status is Status.inconclusive
    assert said.headline == "Interrupted after 3 of 400 planned checks; all 3 checks passed"


def test_notes(make: SimpleNamespace) -> None:
    tiers = [{"tier": tier, "status": status, "bias": 0.0, "bias_bound": 1e-9, "message": ""}
             for tier, status in (("0b", "pass"), ("3", "inconclusive"))]  # fmt: skip
    alone = make.unbiased(tier="0b", details={"tiers": tiers})
    unavailable = {name: f"No module named {name!r}" for name in ("torch", "jax")}
    record = make.record([make.unbiased(weak=True), alone, make.missing("z")], unavailable=unavailable)
    # nothing asked for jax
    assert verdict(record).notes == (
        "torch was not tested: No module named 'torch'",
        "1 result is weak: the bias still possible is not smaller than the gradient itself; "
        "another case makes up for it",
        "1 result rests on quadrature alone: sampling stayed inconclusive there",
    )


def test_checks_whose_own_margin_is_wider_are_not_covered_by_the_sentence(make: SimpleNamespace) -> None:
    noisy = make.unbiased("HCA-g-D", family="half_cauchy", bias_bound=3.1 * 0.48, margin=3.5, details={})
    said = verdict(make.record([*make.passes(11), noisy]))
    assert (
        "no bias above 2 % of S was missed, except with probability 0.001 each; 1 check excludes only larger ones"
        in (said.guarantee)
    )
    assert said.notes[0] == (
        "1 check excludes only a bias above the run's margin, since one sample is too noisy there: "
        "one above 3.1 S (HCA-g-D · half_cauchy concentration)"
    )


def test_tiles_count_every_result_once(make: SimpleNamespace) -> None:
    record = make.rich()
    counts = {tile.name: tile.total for tile in tiles(record)}
    assert counts["planned"] == len(record.results)
    statuses = [tile.total for tile in tiles(record) if tile.status is not None]
    assert sum(statuses) == len(record.results)
    assert counts["ran"] + counts["not applicable"] == counts["planned"]
    assert (counts["fail"], counts["error"], counts["within margin"]) == (4, 1, 7)


def test_cases_to_look_at_are_a_note_and_no_verdict(make: SimpleNamespace) -> None:
    cases = [{"case": "a", "status": "pass", "log10_e": 7.25}, {"case": "b", "status": "fail", "log10_e": 99.0}]
    triage = {"false_discovery_rate": 1e-3, "tests": 12, "cases": cases}
    said = verdict(make.record(make.passes(12), triage=triage))
    assert said.status is Status.pass_
    assert "1 check to look at, with evidence of a bias too small to decide on: a (10^7.2)" in said.notes
    others = verdict(make.record(make.passes(12), triage={**triage, "cases": cases[1:]})).notes
    assert not any("to look at" in note for note in others)


def test_rare_statuses_take_no_room_where_they_do_not_occur(make: SimpleNamespace) -> None:
    names = [tile.name for tile in tiles(make.record(make.passes(1)))]
    assert "known failure" not in names
    assert "inconclusive" in names


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.12, "1e-6 declared, 3.4e-7 spent, 12 % of it only asymptotic"),
        (None, "1e-6 declared, 3.4e-7 spent"),
    ],
)
def test_budget(make: SimpleNamespace, share: float | None, text: str) -> None:
    rates = {"declared": 1e-6, "spent": 3.4e-7, "asymptotic_share": share}
    assert budget(make.record([], false_fail_rate=rates)) == text
