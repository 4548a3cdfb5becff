"""The ledger: small biases surface over epochs, an epoch counts once, and other bits at the same seed are a failure."""

from __future__ import annotations

import math
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from fsb_oracle import UsageError
from fsb_oracle.records import Record, Status
from fsb_oracle.runs.ledger import Ledger
from fsb_oracle.verdicts.budget import Budget

from .small import Small, comparable

SELECT = "unbiased/normal/loc=0.3*/sin3/*float64"


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return Small.write(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def record(small):
    return small.run(select=SELECT)


def budget_of(record):
    return Budget(1e-6, {result.case: 1 for result in record.results})


def at(record: Record, seed: int, log_e: float, **changes: object) -> Record:
    """The record as another epoch might have given it: one result, with this evidence."""
    result = record.results[0]
    again = replace(result, details={**result.details, "log_e": log_e}, **changes)
    return Record({**record.run, "seed": seed}, (again,))


def test_evidence_adds_up_over_epochs_until_it_reaches_the_budget(record, tmp_path):
    ledger, budget = Ledger(str(tmp_path / "l.db")), budget_of(record)
    nightly = math.log(1e6) / 4 + 1e-9
    found = [ledger.enter(at(record, seed, nightly), budget).results[0] for seed in range(5)]
    assert [result.status for result in found] == [Status.pass_] * 3 + [Status.fail] * 2
    assert [result.details["ledger"]["epochs"] for result in found] == [1, 2, 3, 4, 5]
    assert found[3].reason == "biased" and "over 4 epochs, against a budget of 10^6.0" in found[3].message
    assert record.results[0].message in found[3].message


def test_evidence_against_a_bias_counts_too(record, tmp_path):
    ledger, budget = Ledger(str(tmp_path / "l.db")), budget_of(record)
    values = [math.log(1e6) - 1, -5.0, 2.0, 5.0]
    statuses = [ledger.enter(at(record, seed, value), budget).results[0].status for seed, value in enumerate(values)]
    assert statuses == [Status.pass_] * 3 + [Status.fail]


def test_an_epoch_counts_once(small, record, tmp_path):
    path = tmp_path / "l.db"
    first, again = (small.run(select=SELECT, ledger=path) for _ in range(2))
    assert comparable(first) == comparable(again)
    assert all(result.details["ledger"]["epochs"] == 1 for result in again.results)
    assert all(result.details["ledger"]["log_e"] == result.details["log_e"] for result in again.results)
    third = small.run(select=SELECT, ledger=path, seed=1)
    assert [result.details["ledger"]["epochs"] for result in third.results] == [2] * len(third.results)
    expected = [
        math.fsum(p) for p in zip(*[[x.details["log_e"] for x in r.results] for r in (first, third)], strict=True)
    ]
    assert [result.details["ledger"]["log_e"] for result in third.results] == expected


def test_an_interrupted_epoch_does_not_count_until_it_is_complete(small, tmp_path):
    def stop(progress):
        raise KeyboardInterrupt

    path, kept = tmp_path / "l.db", tmp_path / "record.json"
    small.run(select=SELECT, ledger=path, record=kept, progress=stop)
    assert sqlite3.connect(path).execute("SELECT count(*) FROM evidence").fetchone() == (0,)
    finished = small.run(select=SELECT, resume=kept, ledger=path)
    assert {result.details["ledger"]["epochs"] for result in finished.results} == {1}
    again = small.run(select=SELECT, ledger=path)
    assert {result.status for result in again.results} == {Status.pass_}  # the same bits as after the interruption


def test_other_bits_at_the_same_epoch_are_nondeterministic(record, tmp_path):
    ledger, budget = Ledger(str(tmp_path / "l.db")), budget_of(record)
    ledger.enter(at(record, 0, 1.0), budget)
    bias = record.results[0].bias
    (other,) = ledger.enter(at(record, 0, 1.0, bias=math.nextafter(bias, 1)), budget).results
    assert (other.status, other.reason) == (Status.fail, "nondeterministic")
    assert "at the same seed" in other.message and other.details["ledger"] == {"epochs": 1, "log_e": 1.0}
    (slower,) = ledger.enter(at(record, 0, 1.0, seconds=99.0), budget).results
    assert slower.status is Status.pass_  # time is no bit of a result
    elsewhere = at(record, 0, 1.0, bias=math.nextafter(bias, 1))
    elsewhere.run["machine"] = {**elsewhere.run["machine"], "processor": "another model"}
    assert ledger.enter(elsewhere, budget).results[0].status is Status.pass_


@pytest.mark.parametrize(
    "change",
    [
        lambda run: run["plan"].update(code="0"),
        lambda run: run["plan"].update(cases="0"),
        lambda run: run["versions"].update(numpy="1.0"),
        lambda run: run["options"].update(margin={"value": 0.01, "source": "default"}),
    ],
    ids=["code", "cases", "version", "margin"],
)
def test_other_code_or_another_plan_starts_anew(record, tmp_path, change):
    from copy import deepcopy

    ledger, budget = Ledger(str(tmp_path / "l.db")), budget_of(record)
    ledger.enter(at(record, 0, 5.0), budget)
    other = at(record, 1, 5.0)
    run = deepcopy(other.run)
    change(run)
    (result,) = ledger.enter(Record(run, other.results), budget).results
    assert result.details["ledger"] == {"epochs": 1, "log_e": 5.0}


def test_a_quarter_of_the_margin_passes_each_epoch_and_fails_over_them(record, tmp_path, monkeypatch):
    """Planted: a bias that no single epoch shows. The correct estimator passes as often."""
    monkeypatch.chdir(tmp_path)  # case ids, and so all draws, do not depend on where this is
    allowed = min(result.margin * result.bias_scale for result in record.results)
    options = {"select": SELECT, "false_fail_rate": 1e-3}
    wrong, right = (Small.write(Path(name), spoilt=f" + {bias}") for name, bias in (("w", allowed / 4), ("r", 0)))
    alone = [wrong.run(seed=seed, **options) for seed in range(3)]
    assert {result.status for run in alone for result in run.results} == {Status.pass_}
    statuses = {}
    for name, small in (("wrong", wrong), ("right", right)):
        runs = [small.run(seed=seed, ledger="l.db", **options) for seed in range(30)]
        statuses[name] = [{result.status for result in run.results} for run in runs]
    assert statuses["wrong"][0] == {Status.pass_} and Status.fail in statuses["wrong"][-1]
    assert all(found == {Status.pass_} for found in statuses["right"])


@pytest.mark.parametrize("content", [b"not a database, but a text that is long enough to be looked at" * 20])
def test_a_file_that_is_no_ledger_is_one_sentence(small, tmp_path, content):
    path = tmp_path / "l.db"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"cannot use the ledger '\S*l\.db': file is not a database$"):
        small.run(select=SELECT, ledger=path, progress=lambda _: pytest.fail("ran"))
    with pytest.raises(UsageError, match="cannot use the ledger"):
        small.run(select=SELECT, ledger=tmp_path / "none" / "l.db")


def test_the_file_is_plain_sqlite(small, tmp_path):
    path = tmp_path / "l.db"
    record = small.run(select=SELECT, ledger=path)
    rows = sqlite3.connect(path).execute("SELECT case_id, epoch, log_e FROM evidence ORDER BY case_id").fetchall()
    assert rows == sorted((result.case, 0, result.details["log_e"]) for result in record.results)


def test_shards_of_an_epoch_and_the_whole_of_it_have_the_same_bits(tmp_path, monkeypatch):
    """A failure also says what its neighbours do, of which a shard has fewer: that is no bit of the result."""
    monkeypatch.chdir(tmp_path)
    wrong = Small.write(Path("w"), spoilt=" + 0.5")
    options = {"select": "unbiased/*/relu/*", "ledger": "l.db"}
    whole = wrong.run(**options)
    parts = [result for part in ("1/2", "2/2") for result in wrong.run(shard=part, **options).results]
    assert {result.reason for result in (*whole.results, *parts)} == {"biased"}
    assert {result.details["ledger"]["epochs"] for result in parts} == {1}
