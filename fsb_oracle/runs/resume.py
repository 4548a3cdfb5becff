"""What an interrupted run left: its settings, and the results that the rest of it need not decide again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fsb_oracle.errors import UsageError
from fsb_oracle.records import SETTINGS, Record, Result, Status, clear_partial, difference, read
from fsb_oracle.runs.workers import DEATH

JUDGED = (Status.known_failure, Status.unexpected_pass)  # by files that may be other ones now


def interrupted_record(path: str) -> Record:
    """The record to continue; what a process left beside it that was killed while it wrote is removed.

    Raises:
        UsageError: there is no record, or it holds several runs.
    """
    record = read(path)
    if any(record.run["options"].get(name, {}).get("source") == "merged" for name in SETTINGS):
        raise UsageError(f"cannot continue {path!r}: it holds several runs, with different settings")
    clear_partial(path)
    return record


def with_settings_of(
    run: Mapping[str, Any],
    targets: Sequence[str],
    options: Mapping[str, Any],
    sources: Mapping[str, Mapping[str, Any]],
) -> tuple[tuple[str, ...], dict[str, Any], dict[str, dict[str, Any]]]:
    """Targets, options and their sources: what is not given anew is as it was. What is given stays, to be compared."""
    chosen, said = dict(options), {name: dict(source) for name, source in sources.items()}
    for name in (*SETTINGS, "shard"):
        before = run["options"].get(name)
        if name not in said or before is None or before["source"] in ("default", "merged"):
            continue
        value = tuple(before["value"]) if name == "backend" else before["value"]
        if said[name]["source"] == "default":
            chosen[name] = value
        if chosen[name] == value:
            said[name] = dict(before)
    return tuple(targets) or tuple(run["targets"]), chosen, said


def kept_results(earlier: Record, path: str, run: Mapping[str, Any]) -> dict[str, Result]:
    """Results by case that stand; a case is decided again if its process died, if it was not reached, or if known
    failures changed how it ended.

    Raises:
        UsageError: the record is of another run than `run`; the sentence says which setting differs.
    """
    found = difference(earlier.run, run)
    shards = [one["options"].get("shard", {}) for one in (earlier.run, run)]
    if found is None and shards[0].get("source") != "merged" and shards[0].get("value") != shards[1].get("value"):
        found = ("shard", *(part.get("value") for part in shards))
    if found is not None:
        setting, there, here = found
        raise UsageError(f"cannot continue {path!r}: {setting} is {there!r} there and {here!r} here")
    return {result.case: result for result in earlier.results if not _died(result) and result.status not in JUDGED}


def _died(result: Result) -> bool:
    return result.status is Status.error and (result.reason or "").startswith(DEATH)
