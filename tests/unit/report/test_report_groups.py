"""Bounds, findings and the matrix."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from fsb_oracle.records import Status
from fsb_oracle.report.bounds import bound, largest_bound, noise_bound
from fsb_oracle.report.groups import findings, matrix, reasons
from fsb_oracle.report.view import message, printable, visible


def test_the_bound_is_that_of_the_weakest_conclusive_tier(make: SimpleNamespace) -> None:
    result = make.certified()
    assert noise_bound(result) == pytest.approx(4e-13)
    assert bound(result) == pytest.approx(0.0196)


def test_a_failure_excludes_nothing(make: SimpleNamespace) -> None:
    assert bound(make.unbiased(status=Status.fail, share=0.1)) is None
    assert largest_bound([make.variance("GAM-k-U", "tanh(z)", 0)]) is None


def test_a_spectrum_is_bounded_by_its_band_in_units_of_each_scale(make: SimpleNamespace) -> None:
    result = make.spectrum()
    details = result.details
    shares = [
        abs(end) / unit
        for side in ("lower", "upper")
        for end, unit in zip(details[side], details["scale"], strict=True)
    ]
    assert bound(result) == pytest.approx(max(shares))
    assert bound(replace(result, margin=0.001)) == 0.001
    # The scales fall with the frequency: dividing the largest bound by one of them would be far off.
    assert result.bias_bound / result.bias_scale > 1.2 * max(shares)


def test_findings_put_the_gravest_first_and_keep_every_case(make: SimpleNamespace) -> None:
    cases = [
        make.unbiased("mine:a", Status.fail, 0.03),
        make.unbiased("mine:a", Status.fail, -0.2, f="z**2"),
        make.unbiased("mine:b", Status.fail, 0.1),
        make.crash(),
    ]
    found = findings(make.record([*cases, *make.passes(5)]), (Status.fail, Status.error))
    assert [(finding.lead.subject, finding.size) for finding in found] == [
        ("mine:crashes", 1),
        ("mine:a", 2),
        ("mine:b", 1),
    ]
    assert found[1].lead.f == "z**2"
    assert {result.case for finding in found for result in (finding.lead, *finding.others)} == {r.case for r in cases}


def test_a_bias_that_is_not_a_number_leads(make: SimpleNamespace) -> None:
    broken = make.unbiased("mine:a", Status.fail, f="exp(z)", bias=None, reason="nonfinite")
    found = findings(make.record([make.unbiased("mine:a", Status.fail, 0.5), broken]), (Status.fail,))
    assert found[0].lead.case == broken.case


def test_matrix_cells_hold_the_worst_status_and_the_largest_bound(make: SimpleNamespace) -> None:
    torch = ("torch", "float64")
    record = make.record(
        [
            make.unbiased("GAM-k-U", share=0.001),
            make.unbiased("GAM-k-U", f="tanh(z)", bias_bound=0.015 * 0.48, details={}),
            make.unbiased("GAM-k-U", Status.fail, -0.3, engine=torch),
            make.unbiased("GAM-k-U", engine=torch, f="z"),
            make.exact_value("z"),
        ]
    )
    table = matrix(record)
    assert table.columns == ("numpy float64", "torch float64")
    (row,) = table.rows
    assert (row.subject, row.parameter) == ("GAM-k-U", "concentration")
    good, bad = row.cells["numpy float64"], row.cells["torch float64"]
    assert (good.status, good.figure) == (Status.pass_, "≤ 1.96 %")
    assert (bad.status, bad.figure, len(bad.results)) == (Status.fail, "bias 30 %", 2)
    assert bad.gravest(1)[0].status is Status.fail


def test_a_cell_says_what_holds_for_given_noise_only_if_every_case_says_it(make: SimpleNamespace) -> None:
    both = [make.certified(), make.certified(f="z")]
    cell = next(iter(matrix(make.record(both)).rows[0].cells.values()))
    assert cell.from_noise == "≤ 4e-11 %"
    mixed = matrix(make.record([*both, make.unbiased(f="z**2")]))
    assert next(iter(mixed.rows[0].cells.values())).from_noise == ""


def test_reasons_are_counted_most_frequent_first(make: SimpleNamespace) -> None:
    record = make.record([make.missing("z", "a"), make.missing("z**2", "b"), make.missing("z**3", "b")])
    assert [(reason, len(results)) for reason, results in reasons(record, Status.not_applicable)] == [
        ("b", 2),
        ("a", 1),
    ]


def test_steering_characters_become_visible(make: SimpleNamespace) -> None:
    assert visible("a\x1b[2Jb\u202ec\nd\te é") == "a\\x1b[2Jb\\u202ec\nd\te é"
    hostile = make.unbiased("evil\r\x00", details={"tiers": [], "note": ["\x07"]})
    shown = printable(make.record([hostile])).results[0]
    assert shown.subject == "evil\\r\\x00"
    assert shown.details["note"] == ["\\x07"]
    assert shown.status is Status.pass_


def test_the_command_is_taken_out_of_the_message(make: SimpleNamespace) -> None:
    result = make.unbiased(status=Status.fail, share=0.1)
    assert result.reproduce in result.message
    assert result.reproduce not in message(result)
    assert "exact -0.3371902811" in message(result)
