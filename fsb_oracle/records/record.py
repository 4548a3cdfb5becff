"""A record: everything that one run found out, as strict JSON, on disk at every moment a valid file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, cast

from fsb_oracle.errors import UsageError
from fsb_oracle.records.result import Result, Status, finite

__all__ = ["SCHEMA", "Record", "exit_code", "merge", "read", "schema", "summarise", "write"]

SCHEMA = "fsb-oracle/record/1"

# A rerun adds evidence and never erases a failure: where two records hold the same case, the graver result
# stays.
_GRAVITY = [
    Status.not_applicable, Status.pass_, Status.within_margin, Status.known_failure,
    Status.inconclusive, Status.unexpected_pass, Status.fail, Status.error,
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record:
    """What one run found out; `summary` counts every status and follows from `results`."""

    run: dict[str, Any]
    results: tuple[Result, ...] = ()
    schema: str = SCHEMA
    summary: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "results", tuple(self.results))
        object.__setattr__(self, "summary", summarise(self.results))

    def to_json(self) -> str:
        """Strict JSON text (no NaN, no Infinity), members in the order of the schema."""
        content = {
            "schema": self.schema,
            "run": finite(self.run),
            "results": [result.to_dict() for result in self.results],
            "summary": self.summary,
        }
        return json.dumps(content, allow_nan=False, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Record:
        """The record in `text`. Raises UsageError if it is not JSON, not a record, or of an unknown major
        version."""
        try:
            parsed = json.loads(text)
        except json.JSONDecodeError as problem:
            raise UsageError(f"not a record: invalid JSON at line {problem.lineno} ({problem.msg})") from None
        content = cast("dict[str, Any]", parsed) if isinstance(parsed, dict) else {}
        name = content.get("schema")
        if name != SCHEMA:
            raise UsageError(f"not a record that this version reads: its schema is {name!r}, allowed is {SCHEMA!r}")
        if not isinstance(content.get("run"), dict) or not isinstance(content.get("results"), list):
            raise UsageError("not a record: 'run' must be an object and 'results' a list")
        return cls(content["run"], tuple(Result.from_dict(item) for item in content["results"]))


def summarise(results: Iterable[Result]) -> dict[str, int]:
    """Number of results of each status; statuses that did not occur are 0."""
    counts = {status.value: 0 for status in Status}
    for result in results:
        counts[result.status.value] += 1
    return counts


def schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of a record."""
    return json.loads(resources.files("fsb_oracle.records").joinpath("schema.json").read_text(encoding="utf-8"))


def read(path: str | os.PathLike[str]) -> Record:
    """The record in the file `path`. Raises UsageError if there is none."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "not a text file"
        raise UsageError(f"cannot read the record {os.fspath(path)!r}: {why}") from None
    try:
        return Record.from_json(text)
    except UsageError as problem:
        raise UsageError(f"{os.fspath(path)!r}: {problem}") from None


def write(record: Record, path: str | os.PathLike[str]) -> None:
    """Writes `record` to `path`, whole or not at all: whoever reads the file, at any time, finds valid
    JSON."""
    target = Path(path)
    text = record.to_json()
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        with partial.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def exit_code(record: Record, *, strict: bool = False, min_checks: int = 1) -> int:
    """The exit code of a run: 130 interrupted; 1 something failed; 5 fewer than `min_checks` checks ran (a
    check that is not applicable did not run); 3 something is inconclusive; 0. With `strict` a bias within the
    margin is a failure."""
    count = record.summary
    bad = [Status.fail, Status.unexpected_pass, Status.error] + [Status.within_margin] * strict
    if record.run.get("interrupted"):
        return 130
    if any(count[status] for status in bad):
        return 1
    if sum(count.values()) - count[Status.not_applicable] < max(min_checks, 1):
        return 5
    return 3 if count[Status.inconclusive] else 0


def merge(records: Sequence[Record]) -> Record:
    """One record from the parts (shards) of a run, or from several runs.

    Counts, seconds and false-fail rates (declared, spent) are added. Of results of the same check on the same
    case the graver stays. Raises UsageError if there is nothing to merge."""
    if not records:
        raise UsageError("nothing to merge: give at least one record")
    gravest: dict[tuple[str, str, str], Result] = {}
    for result in (result for record in records for result in record.results):
        key = (result.case, result.subject, result.check)
        kept = gravest.get(key)
        if kept is None or _GRAVITY.index(result.status) > _GRAVITY.index(kept.status):
            gravest[key] = result
    return Record(_merge_runs([record.run for record in records]), tuple(gravest.values()))


def _merge_runs(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if len(runs) == 1:
        return dict(runs[0])
    rates = [run["false_fail_rate"] for run in runs]
    spent = sum(rate["spent"] for rate in rates)
    asymptotic = sum(rate["spent"] * rate["asymptotic_share"] for rate in rates)
    return {
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
