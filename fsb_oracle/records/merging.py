"""One record from several: the shards of one run, or several runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fsb_oracle.errors import UsageError
from fsb_oracle.records.identity import difference
from fsb_oracle.records.neighbours import with_neighbours
from fsb_oracle.records.record import Record
from fsb_oracle.records.result import Result, Status
from fsb_oracle.records.triage import triage

__all__ = ["merge"]

# A rerun adds evidence and never erases a failure: where two records hold the same case, the graver result
# stays.
_GRAVITY = [
    Status.not_applicable, Status.pass_, Status.within_margin, Status.known_failure,
    Status.inconclusive, Status.unexpected_pass, Status.fail, Status.error,
]  # fmt: skip


def merge(records: Sequence[Record], names: Sequence[str] = ()) -> Record:
    """One record from the shards of a run, or from several runs; `names` are what messages call them.

    Counts and seconds are added. Shards share one false-fail budget: its declared rate stays, what they spent is
    added; several runs add both. Of results of the same check on the same case the graver stays.

    Raises:
        UsageError: nothing to merge, shards of different plans, a shard twice, or a shard with a whole run.
    """
    if not records:
        raise UsageError("nothing to merge: give at least one record")
    called = [*names, *(f"record {number + 1}" for number in range(len(names), len(records)))]
    sharded = [record.run.get("shard") is not None for record in records]
    if len(records) == 1:
        return records[0]
    if not any(sharded):
        return Record(_merge_runs([record.run for record in records]), _gravest(records))
    if not all(sharded):
        whole = called[sharded.index(False)]
        raise UsageError(f"{whole!r} is no shard, the others are: merge the shards of one run, or whole runs")
    return _merge_shards(records, called)


def _gravest(records: Sequence[Record]) -> tuple[Result, ...]:
    kept: dict[tuple[str, str, str], Result] = {}
    for result in (result for record in records for result in record.results):
        key = (result.case, result.subject, result.check)
        before = kept.get(key)
        if before is None or _GRAVITY.index(result.status) > _GRAVITY.index(before.status):
            kept[key] = result
    return tuple(kept.values())


def _merge_shards(records: Sequence[Record], called: Sequence[str]) -> Record:
    """The record of the whole run as far as its shards are there; equal to that of the run in one piece."""
    first = records[0].run
    count = first["shard"]["of"]
    parts: dict[int, str] = {}
    for record, name in zip(records, called, strict=True):
        found = difference(first, record.run)
        if found is None and record.run["shard"]["of"] != count:
            found = ("the number of shards", count, record.run["shard"]["of"])
        if found is not None:
            setting, one, other = found
            raise UsageError(
                f"{called[0]!r} and {name!r} are not shards of one run: "
                f"{setting} is {one!r} in the first and {other!r} in the second"
            )
        for part in record.run["shard"]["parts"]:
            if part in parts:
                raise UsageError(f"shard {part}/{count} is in {parts[part]!r} and in {name!r}: give each shard once")
            parts[part] = name
    pairs = [pair for record in records for pair in zip(record.run["shard"]["places"], record.results, strict=True)]
    pairs.sort(key=lambda pair: pair[0])
    results = tuple(result for _, result in pairs)
    ran, asymptotic = (
        sum(record.run["shard"][name] for record in records) for name in ("tests_ran", "tests_asymptotic")
    )
    run = _merge_runs([record.run for record in records])
    run["false_fail_rate"] = _shared_budget(
        first["false_fail_rate"]["declared"], first["plan"]["tests"], ran, asymptotic
    )
    if "triage" in first:
        run["triage"] = triage(results)
    if len(parts) < count:
        run["shard"] = {
            "parts": sorted(parts),
            "of": count,
            "places": [place for place, _ in pairs],
            "tests_ran": ran,
            "tests_asymptotic": asymptotic,
        }
        return Record(run, results)
    return Record(run, with_neighbours(results) if not run["interrupted"] else results)


def _shared_budget(declared: float, planned: int, ran: int, asymptotic: int) -> dict[str, float]:
    """The rates of a run from its numbers of random tests, so that those of all shards are those of the whole."""
    spent = declared * (ran / planned) if planned else 0.0
    return {"declared": declared, "spent": spent, "asymptotic_share": asymptotic / ran if ran else 0.0}


def _merge_runs(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    rates = [run["false_fail_rate"] for run in runs]
    spent = sum(rate["spent"] for rate in rates)
    asymptotic = sum(rate["spent"] * rate["asymptotic_share"] for rate in rates)
    merged: dict[str, Any] = {
        "versions": _merge_members([run["versions"] for run in runs]),
        "seed": _agree([run["seed"] for run in runs]),
        "profile": _agree([run["profile"] for run in runs]),
        "false_fail_rate": {
            "declared": sum(rate["declared"] for rate in rates),
            "spent": spent,
            "asymptotic_share": asymptotic / spent if spent else 0.0,
        },
        "options": _merge_options([run["options"] for run in runs]),
        **{name: sum(run[name] for run in runs) for name in ("planned", "ran", "seconds")},
        "machine": _merge_members([run["machine"] for run in runs]),
        "started": min(run["started"] for run in runs),
        "interrupted": any(run["interrupted"] for run in runs),
        "targets": list(dict.fromkeys(target for run in runs for target in run["targets"])),
        "unavailable": _merge_members([run["unavailable"] for run in runs]),
        "benchmarks": [row for run in runs for row in run.get("benchmarks", [])],
    }
    if all("plan" in run and run["plan"] == runs[0]["plan"] for run in runs):
        merged["plan"] = runs[0]["plan"]
    return merged


def _agree(values: Sequence[Any]) -> Any:
    """The common value; texts that differ are joined by commas; other values that differ give None."""
    different = list(dict.fromkeys(values))
    if len(different) == 1:
        return different[0]
    return ", ".join(different) if all(isinstance(value, str) for value in different) else None


def _merge_members(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: _agree([part[name] for part in parts if name in part]) for name in names}


def _merge_options(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for name in dict.fromkeys(name for part in parts for name in part):
        given = [part[name] for part in parts if name in part]
        same = all(option == given[0] for option in given)
        merged[name] = given[0] if same else {"value": [option["value"] for option in given], "source": "merged"}
    return merged
