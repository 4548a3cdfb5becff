"""Exit codes of `verify`: the first of the list that applies, each by a run that ends so."""

from __future__ import annotations

import pytest

from fsb_oracle.cli import main
from fsb_oracle.records import Status, read

ESTIMATOR = """
from fsb_oracle import estimator


@estimator(family="normal", parameters=["loc"])
def subject(params, f, num_samples, rng):
    z = rng.normal(float(params["loc"]), float(params["scale"]), num_samples).astype(params["loc"].dtype)
    return {{"loc": {returned}}}
"""
RIGHT, WRONG = "f.derivative(z)", "2 * f.derivative(z)"
BROKEN = "f.derivative(z)[1:]"
HEAVY = "f.derivative(z) + rng.standard_cauchy(num_samples)"  # no mean: sampling cannot decide
NEARLY = """
from fsb_oracle import estimator


@estimator(family="normal", parameters=["loc"], noise={"z": "family"})
def subject(params, f, z):
    return {"loc": f.derivative(z) * (1 + 1e-10)}
"""  # quadrature sees it
CASE = "unbiased/normal/*/loc/relu/*float64"


@pytest.fixture
def verify(tmp_path, monkeypatch, capsys):
    def run(returned: str, *words: str) -> int:
        path = tmp_path / "subject.py"
        path.write_text(ESTIMATOR.format(returned=returned))
        code = main(["verify", path.name, "--profile", "smoke", "--margin", "0.1", "--select", CASE, *words])
        assert "Traceback" not in capsys.readouterr().err
        return code

    monkeypatch.chdir(tmp_path)
    return run


def test_0_all_passed(verify):
    assert verify(RIGHT) == 0


def test_1_a_failure_or_an_error(verify):
    assert verify(WRONG) == verify(BROKEN) == 1


def test_1_comes_before_5(verify):
    assert verify(WRONG, "--min-checks", "100") == 1


def test_a_bias_within_the_margin_is_1_with_strict_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nearly.py").write_text(NEARLY)
    words = [
        "verify",
        "nearly.py",
        "--profile",
        "smoke",
        "--margin",
        "0.2",
        "--select",
        "unbiased/*loc=0.3*sin3*float64",
    ]
    assert main([*words, "--record", "record.json"]) == 0
    assert {result.status for result in read("record.json").results} == {Status.within_margin}
    assert main([*words, "--strict"]) == 1


def test_2_a_mistake(verify):
    assert verify(RIGHT, "--margin", "-1") == verify(RIGHT, "--jobs", "x") == 2
    assert verify(RIGHT, "--resume", "none.json") == verify(RIGHT, "--ledger", "no/such/folder.db") == 2


def test_5_nothing_ran_or_too_little(verify):
    assert verify(RIGHT, "--select", "nothing") == 5
    assert verify(RIGHT, "--min-checks", "100") == 5


def test_3_inconclusive_and_5_before_3(verify, monkeypatch):
    from dataclasses import replace

    from fsb_oracle.checks import PROFILES

    monkeypatch.setitem(PROFILES, "smoke", replace(PROFILES["smoke"], cap=100_000))
    assert verify(HEAVY) == 3
    assert verify(HEAVY, "--min-checks", "100") == 5


def test_130_interrupted_before_all(verify, monkeypatch):
    from fsb_oracle.runs import run

    def interrupted(*_):
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(run, "decided", interrupted)
    assert verify(WRONG) == 130
