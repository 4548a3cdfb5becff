"""Print, for each group of a pytest-benchmark file, how much faster ours is than the peer.

Usage: python tools/benchmark_ratios.py reports/benchmark.json

The benchmarks run in turns, each with both sides of every group (`benchmarks/conftest.py`), so that a slow
spell of the machine falls on both. Each turn gives a ratio of two medians; shown are its median and range.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from fsb_oracle.runs.benchmarks import Ratio, ratios


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
