"""Speed ratios of a pytest-benchmark file: peer against ours, paired within turns, for the report."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from fsb_oracle.errors import UsageError

SIDES = ("peer", "ours")


@dataclass(frozen=True)
class Ratio:
    """One group: median times in seconds; peer / ours (above 1, ours is faster) and its range over turns."""

    group: str
    peer: float
    ours: float
    ratio: float
    lowest: float
    highest: float


def ratios(document: Mapping[str, Any]) -> list[Ratio]:
    """The ratios of a pytest-benchmark JSON document, in the order in which the groups ran.

    Raises ValueError, in one sentence, if a group lacks a side in some turn.
    """
    groups: dict[str, dict[int, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for entry in document["benchmarks"]:
        turn, side = entry["params"]["turn"], entry["extra_info"]["side"]
        groups[entry["group"]][turn][side] = entry["stats"]["median"]
    return [_ratio(group, list(turns.values())) for group, turns in groups.items()]


def _ratio(group: str, turns: list[dict[str, float]]) -> Ratio:
    for side in SIDES:
        if any(side not in times for times in turns):
            raise ValueError(f"benchmark group {group!r} has a turn without {side!r}: both sides must run")
    each = [times["peer"] / times["ours"] for times in turns]
    peer, ours = (median(times[side] for times in turns) for side in SIDES)
    return Ratio(group, peer, ours, median(each), min(each), max(each))


def read_ratios(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """The ratios of a pytest-benchmark file as they stand in a record.

    Raises:
        UsageError: there is no such file, or it is not one of our benchmark runs.
    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        return [asdict(row) for row in ratios(document)]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise UsageError(f"cannot read the benchmarks in {os.fspath(path)!r}: {problem}") from None
