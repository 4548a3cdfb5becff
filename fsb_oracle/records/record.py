"""A record: everything that one run found out, as strict JSON, on disk at every moment a valid file."""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, cast

from fsb_oracle.errors import UsageError
from fsb_oracle.records.result import Result, Status, finite

__all__ = ["SCHEMA", "Record", "exit_code", "read", "schema", "summarise", "write"]

SCHEMA = "fsb-oracle/record/1"


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
        return assembled(self, [as_element(result) for result in self.results])

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


def strict_json(content: object) -> str:
    """Strict JSON, indented by one blank a level."""
    return json.dumps(content, allow_nan=False, ensure_ascii=False, indent=1)


def as_element(result: Result) -> str:
    """The text of a result where it stands in a record."""
    return "  " + strict_json(result.to_dict()).replace("\n", "\n  ")


def assembled(record: Record, results: Sequence[str]) -> str:
    """The text of a record from the texts of its results: who writes it again and again keeps those."""
    frame: dict[str, Any] = {
        "schema": record.schema,
        "run": finite(record.run),
        "results": [],
        "summary": record.summary,
    }
    head, tail = strict_json(frame).split('\n "results": []', 1)
    inner = ",\n".join(results)
    return head + '\n "results": [' + (f"\n{inner}\n ]" if results else "]") + tail + "\n"


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


def write(record: Record | str, path: str | os.PathLike[str]) -> None:
    """Writes a record, or the text of one, to `path`, whole or not at all: whoever reads the file, at any time, finds
    valid JSON."""
    target = Path(path)
    text = record if isinstance(record, str) else record.to_json()
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


def clear_partial(path: str | os.PathLike[str]) -> None:
    """Removes what a process left beside `path` that was killed while it wrote."""
    target = Path(path)
    for partial in target.parent.glob(f".{glob.escape(target.name)}.*.partial"):
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
