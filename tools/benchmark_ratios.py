"""Print, for each group of a pytest-benchmark file, how much faster ours is than the peer.

Usage: python tools/benchmark_ratios.py reports/benchmark.json

The benchmarks run in turns, each with both sides of every group (`benchmarks/conftest.py`), so that a slow
spell of the machine falls on both. Each turn gives a ratio of two medians; shown are its median and range.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

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


def table(rows: list[Ratio]) -> str:
    """The rows as text, one line a group."""
    width = max((len(row.group) for row in rows), default=5)
    lines = [f"{'group':{width}}  {'peer':>11}  {'ours':>11}  {'peer/ours':>9}  range over turns"]
    lines += [
        f"{row.group:{width}}  {row.peer * 1e3:8.3f} ms  {row.ours * 1e3:8.3f} ms  {row.ratio:9.2f}  "
        f"{row.lowest:.2f} .. {row.highest:.2f}"
        for row in rows
    ]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Print the table of one file."""
    if len(arguments) != 1:
        print("usage: python tools/benchmark_ratios.py FILE.json", file=sys.stderr)
        return 2
    print(table(ratios(json.loads(Path(arguments[0]).read_text(encoding="utf-8")))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
