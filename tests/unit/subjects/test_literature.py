"""Estimators of the literature pass, and the slips that were made in them fail."""

import importlib.util
from pathlib import Path

import pytest

import fsb_oracle
from fsb_oracle.records import Status

FILE = Path(__file__).parents[2] / "data" / "literature.py"
spec = importlib.util.spec_from_file_location("literature", FILE)
literature = importlib.util.module_from_spec(spec)
spec.loader.exec_module(literature)


@pytest.mark.parametrize(
    ("name", "slip"),
    [
        ("rebar", None),
        ("rebar", "conditional noise is constant"),
        ("rebar", "relaxed gradient omitted"),
        ("rebar", "conditional gradient omitted"),
        ("rebar", "eta on the score part alone"),
        ("generalised", None),
        ("generalised", "correction dropped"),
    ],
)
def test_only_the_right_one_passes(name, slip):
    declared = literature.as_estimator(getattr(literature, name), slip)
    record = fsb_oracle.verify(declared, profile="smoke", select="unbiased/*/relu/*float64")
    found = {result.status for result in record.results}
    assert found == {Status.pass_} if slip is None else Status.fail in found, [r.message for r in record.results]
