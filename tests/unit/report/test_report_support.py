"""The support table: every cell has a number and a reason, in text, JSON and markdown."""

from __future__ import annotations

import json

import pytest

from fsb_oracle.cli import main
from fsb_oracle.records import Record, Result, Status, write
from fsb_oracle.report.support import support, support_markdown, support_text

from .conftest import run


def result(subject="GAM-k-U", status=Status.pass_, dtype="float64", check="unbiased", **values):
    members = {
        "family": "gamma",
        "parameters": {"concentration": "2.5"},
        "parameter": "concentration",
        "f": "sin(3*z)",
        "backend": "numpy",
        "bias": 0.004,
        "bias_bound": 0.012,
        "bias_scale": 0.8,
        "margin": 0.02,
    } | values
    case = f"{check}/gamma/{members['parameters']}/{members['f']}/{subject}/{dtype}"
    return Result(case=case, subject=subject, check=check, status=status, dtype=dtype, **members)


RECORD = Record(
    run(),
    (
        result(),
        result(f="tanh(z)", bias_bound=0.0161),
        result(dtype="float32", status=Status.not_applicable, reason="rounding of f alone", bias=None, bias_bound=None),
        result("wrong", Status.fail, reason="biased", bias=-0.4, parameters={"concentration": "0.1"}),
        result("wrong", Status.fail, reason="biased", bias=0.2),
        result("wrong", Status.pass_),
        result("slow|one", Status.inconclusive, reason="tails", bias_bound=0.4),
        result("near", Status.within_margin, bias=0.008),
        result("crash", Status.error, reason="RuntimeError: boom", bias=None, bias_bound=None),
        result("GAM-k-U", check="proof", bias=None, bias_bound=None),
    ),
)


def test_every_cell_has_its_number_and_its_reason():
    cells = {(cell.estimator, cell.dtype): cell for cell in support(RECORD)}
    assert len(cells) == 6 and all(cell.reason for cell in cells.values())
    good = cells["GAM-k-U", "float64"]
    assert good.number == pytest.approx(0.0161 / 0.8) and good.checks == 2
    assert (good.short, good.reason) == ("≤ 2.1 %", "no larger bias in 2 checks")
    wrong = cells["wrong", "float64"]
    assert wrong.number == pytest.approx(0.5) and wrong.status == "fail"
    assert wrong.reason == "largest of 2 cases: unbiased at concentration=0.1, f = sin(3*z)"
    assert cells["slow|one", "float64"].short == "≤ 50 %" and "tails" in cells["slow|one", "float64"].reason
    assert cells["near", "float64"].short == "bias 1 %"
    crash = cells["crash", "float64"]
    assert crash.number is None and crash.short == "error" and "boom" in crash.reason
    absent = cells["GAM-k-U", "float32"]
    assert (absent.number, absent.short, absent.reason) == (None, "not applicable", "rounding of f alone")


def test_text_and_markdown_show_every_cell():
    cells = support(RECORD)
    text = support_text(cells)
    assert text.count("\n") == 1 + len(cells) and all(cell.reason in text for cell in cells)
    table = support_markdown(cells).splitlines()
    assert table[0] == "| estimator | law | gradient | numpy float64 | numpy float32 |"
    assert table[2] == "| GAM-k-U | gamma | concentration | ≤ 2.1 % [1] | not applicable [2] |"
    assert any(line.startswith("| slow\\|one |") for line in table)
    assert {line.count(" | ") for line in table if line.startswith("|")} == {4}
    assert "1. no larger bias in 2 checks" in table
    assert support_text([]) == "no checks of estimators in these records\n"


def test_the_verb(capsys, tmp_path):
    path = tmp_path / "record.json"
    write(RECORD, path)
    assert main(["matrix", str(path)]) == 0
    assert capsys.readouterr().out == support_text(support(RECORD))
    assert main(["matrix", str(path), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows == [cell.to_json_object() for cell in support(RECORD)]
    assert main(["matrix", str(path), "--markdown"]) == 0
    assert capsys.readouterr().out == support_markdown(support(RECORD))
    assert main(["matrix", str(path), "--json", "--markdown"]) == 2
    assert "give one of the two" in capsys.readouterr().err
    assert main(["matrix", str(tmp_path / "none.json")]) == 2
