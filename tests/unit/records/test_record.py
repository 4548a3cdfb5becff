"""The record: strict JSON that validates against the schema, merges, and decides the exit code."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from fsb_oracle.errors import UsageError
from fsb_oracle.records import Record, Result, Status, exit_code, merge, read, schema, write

VALIDATOR = jsonschema.Draft202012Validator(schema())

RUN: dict[str, Any] = {
    "versions": {"fsb_oracle": "0.1", "numpy": "2.0"},
    "seed": 0,
    "profile": "default",
    "false_fail_rate": {"declared": 1e-6, "spent": 5e-7, "asymptotic_share": 0.5},
    "options": {"margin": {"value": 0.02, "source": "default"}},
    "planned": 3,
    "ran": 2,
    "seconds": 1.5,
    "machine": {"python": "3.12", "platform": "linux", "cpu_count": 2},
    "started": "2025-01-01T00:00:00+00:00",
    "interrupted": False,
    "targets": ["fsb_oracle"],
    "unavailable": {"jax": "not installed"},
}
POINT = {"parameter": 0.1, "quantile": 0.5, "error": 1e-4, "exact": 1.0, "observed": 1.0001}
DETAILS: dict[str, dict[str, Any]] = {
    "spectrum": {
        "frequencies": [0.1, 1.0],
        "bias": [0.0, 1e-3],
        "lower": [-1.0, -1.0],
        "upper": [1.0, 1.0],
        "scale": 2.0,
    },
    "pointwise": {"points": [POINT], "worst": POINT, "l1": 1e-5, "lipschitz_bias_bound": 1e-5},
    "variance": {
        "rows": [
            {"id": "score", "second_moment": 2.0, "variance": 1.0, "ratio": 1.0, "cost": "1 f", "error": 1e-9}
        ]
    },
    "exact": {"digits": 30, "level": 3, "routes": ["density", "spectral"], "radius": "1e-31", "seconds": 0.1},
    "unbiased": {
        "tails": {"skewness": 0.0, "kurtosis": 3.0, "max_share": 1e-4},
        "tiers": [{"tier": "3", "status": "fail", "bias": -0.3, "bias_bound": 0.4, "message": "BIASED"}],
        "ratio": 0.5,
        "nearest_constant": "1/2",
        "likely_cause": "is there a factor 1/2 too many?",
    },
    "contract": {"broken": ["the same key gave other numbers"]},
    "metamorphic": {"laws": [{"law": "c f", "holds": False, "message": "the mean is off by 1 S"}]},
}  # fmt: skip


def result(check: str = "unbiased", status: Status = Status.pass_, case: str = "a", **values: Any) -> Result:
    return Result(case=case, subject="GAM-k-U", check=check, status=status, **values)


FULL = result(
    status=Status.fail,
    family="gamma",
    parameters={"concentration": "2.5", "rate": "1"},
    parameter="concentration",
    f="sin(z)",
    backend="torch",
    dtype="float64",
    reason="biased",
    exact="-0.104691543058",
    estimate=-0.05,
    standard_error=1e-3,
    bias=0.05,
    bias_bound=0.06,
    bias_scale=0.6,
    margin=0.02,
    weak=False,
    interval=[0.04, 0.06],
    evidence=31.5,
    tier="3",
    variance_class="R",
    variance=0.18,
    exact_variance=0.186,
    num_samples=49152,
    seconds=0.2,
    message="BIASED  a",
    reproduce="fsb-oracle verify fsb_oracle --select a",
    details=DETAILS["unbiased"],
)
SAMPLE = Record(RUN, (FULL, *(result(check, case=check, details=DETAILS[check]) for check in DETAILS)))


def test_the_schema_is_valid_and_accepts_the_sample() -> None:
    VALIDATOR.check_schema(schema())
    VALIDATOR.validate(json.loads(SAMPLE.to_json()))


def test_the_schema_lists_every_field_of_a_result() -> None:
    names = {item.name for item in fields(Result)}
    assert set(schema()["$defs"]["result"]["properties"]) == names
    assert set(schema()["$defs"]["result"]["required"]) == names
    assert set(schema()["properties"]["summary"]["properties"]) == {status.value for status in Status}


@pytest.mark.parametrize("check", DETAILS)
def test_the_schema_fixes_the_details_of_each_check(check: str) -> None:
    for name in DETAILS[check]:
        lacking = {key: value for key, value in DETAILS[check].items() if key != name}
        assert not _valid(result(check, details={**lacking, "other": 1}))
    assert _valid(result(check, details=DETAILS[check]))
    assert not _valid(result(check, details={**DETAILS[check], "extra": 1}))
    assert _valid(result(check, Status.not_applicable))


@pytest.mark.parametrize("values", [{"tier": "4"}, {"variance_class": "Q"}, {"interval": [1.0]}, {"weak": 3}])
def test_the_schema_refuses_values_out_of_range(values: dict[str, Any]) -> None:
    assert not _valid(replace(FULL, **values))


def _valid(item: Result) -> bool:
    return VALIDATOR.is_valid(json.loads(Record(RUN, (item,)).to_json()))


def test_json_round_trip() -> None:
    assert Record.from_json(SAMPLE.to_json()) == SAMPLE
    assert SAMPLE.summary["pass"] == len(DETAILS) and SAMPLE.summary["fail"] == 1 and SAMPLE.summary["error"] == 0


def test_a_number_that_is_not_finite_is_null_with_a_reason() -> None:
    tails = {**DETAILS["unbiased"], "ratio": math.nan}
    item = result(status=Status.inconclusive, bias_bound=math.inf, interval=[-math.inf, math.inf], details=tails)
    text = Record(RUN, (item, replace(item, reason="tails"))).to_json()
    first, second = json.loads(text, parse_constant=pytest.fail)["results"]
    assert first["bias_bound"] is None and first["interval"] == [None, None]
    assert first["details"]["ratio"] is None
    assert (first["reason"], second["reason"]) == ("nonfinite", "tails")
    VALIDATOR.validate(json.loads(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "invalid JSON at line 1"),
        ("[]", "its schema is None"),
        ('{"schema": "fsb-oracle/record/2"}', "'fsb-oracle/record/2', allowed is 'fsb-oracle/record/1'"),
        ('{"schema": "fsb-oracle/record/1"}', "'run' must be an object"),
        ('{"schema": "fsb-oracle/record/1", "run": {}, "results": [{}]}', "lacks 'case'"),
    ],
)
def test_what_is_not_a_record_is_refused_in_one_sentence(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=r"^[^\n]*$") as caught:
        Record.from_json(text)
    assert words in str(caught.value)


def test_an_unknown_status_names_the_nearest() -> None:
    text = SAMPLE.to_json().replace('"status": "fail",\n   "family"', '"status": "fial",\n   "family"')
    assert "fial" in text
    with pytest.raises(UsageError, match="did you mean 'fail'"):
        Record.from_json(text)


def test_members_of_a_later_minor_version_are_ignored() -> None:
    content = json.loads(SAMPLE.to_json())
    content["results"][0]["novelty"] = 1
    assert Record.from_json(json.dumps(content)) == SAMPLE


def test_write_and_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "record.json"
    write(SAMPLE, path)
    assert read(path) == SAMPLE
    write(replace(SAMPLE, results=()), path)
    assert read(path).results == ()
    assert [item.name for item in path.parent.iterdir()] == ["record.json"]


def test_a_write_that_fails_leaves_the_old_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "record.json"
    write(SAMPLE, path)

    def full_disk(_: int) -> None:
        raise OSError("no space")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="no space"):
        write(replace(SAMPLE, results=()), path)
    assert read(path) == SAMPLE
    assert [item.name for item in tmp_path.iterdir()] == ["record.json"]


def test_a_file_that_cannot_be_read_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read the record .*none\.json"):
        read(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(UsageError, match=r"bad\.json.*not a record"):
        read(tmp_path / "bad.json")


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], 5),
        ([Status.not_applicable], 5),
        ([Status.pass_], 0),
        ([Status.pass_, Status.not_applicable, Status.known_failure, Status.within_margin], 0),
        ([Status.pass_, Status.inconclusive], 3),
        ([Status.inconclusive, Status.fail], 1),
        ([Status.unexpected_pass], 1),
        ([Status.error], 1),
    ],
)
def test_exit_code(statuses: list[Status], expected: int) -> None:
    record = Record(RUN, tuple(result(status=status, case=str(i)) for i, status in enumerate(statuses)))
    assert exit_code(record) == expected
    assert exit_code(Record({**RUN, "interrupted": True}, record.results)) == 130


def test_exit_code_options() -> None:
    record = Record(RUN, (result(status=Status.within_margin), result(status=Status.inconclusive, case="b")))
    assert exit_code(record) == 3
    assert exit_code(record, strict=True) == 1
    assert exit_code(record, min_checks=2) == 3
    assert exit_code(record, min_checks=3) == 5


def test_merge_adds_counts_and_rates() -> None:
    other = {
        **RUN,
        "seed": 1,
        "started": "2024-12-31T00:00:00+00:00",
        "interrupted": True,
        "versions": {"numpy": "2.1", "jax": "0.6"},
        "options": {"margin": {"value": 0.01, "source": "file"}},
        "false_fail_rate": {"declared": 1e-6, "spent": 15e-7, "asymptotic_share": 0.0},
    }
    merged = merge([Record(RUN, (result(),)), Record(other, (result(case="b"),))])
    assert merged.run["false_fail_rate"] == pytest.approx({"declared": 2e-6, "spent": 2e-6, "asymptotic_share": 0.125})
    assert (merged.run["planned"], merged.run["ran"], merged.run["seconds"]) == (6, 4, 3.0)
    assert merged.run["versions"] == {"fsb_oracle": "0.1", "numpy": "2.0, 2.1", "jax": "0.6"}
    assert merged.run["options"] == {"margin": {"value": [0.02, 0.01], "source": "merged"}}
    assert merged.run["started"] == other["started"] and merged.run["interrupted"]
    assert merged.run["seed"] is None
    assert [item.case for item in merged.results] == ["a", "b"]
    VALIDATOR.validate(json.loads(merged.to_json()))


def test_merge_keeps_the_graver_result() -> None:
    good, bad = Record(RUN, (result(),)), Record(RUN, (result(status=Status.fail),))
    assert merge([good, bad]).results == merge([bad, good]).results == bad.results
    assert merge([good]) == good


def test_merge_of_nothing_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="nothing to merge"):
        merge([])
