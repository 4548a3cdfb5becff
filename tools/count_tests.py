"""Add up junit files and print `N passed, N failed, N skipped`: the count over all tox environments.

Usage: python tools/count_tests.py FILE.xml...   Exit code 5 (pytest's own for it) if no test ran, else 0.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

OUTCOMES = {"failure": "failed", "error": "failed", "skipped": "skipped"}


def outcome(case: ElementTree.Element) -> str:
    """`passed`, `failed` or `skipped`: a failure or an error in any phase outweighs a skip."""
    seen = {OUTCOMES[child.tag] for child in case if child.tag in OUTCOMES}
    return "failed" if "failed" in seen else "skipped" if seen else "passed"


def count(paths: Iterable[Path]) -> Counter[str]:
    """The outcomes of every test case in the files."""
    return Counter(outcome(case) for path in paths for case in ElementTree.parse(path).iter("testcase"))


def main(arguments: list[str]) -> int:
    """Print the count as one line."""
    counts = count(map(Path, arguments))
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 0 if counts["passed"] + counts["failed"] else 5


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
