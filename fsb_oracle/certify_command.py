"""What `fsb-oracle certify` does and prints: build the reference, or check it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from fsb_oracle.oracle.reference import build, check, output_folder, reference_folder


def write_reference(output: str | None, overwrite: bool, jobs: int | None, families: list[str] | None = None) -> int:
    """Build the reference; 0, 1 if the oracle failed to answer a question, 130 if interrupted."""
    folder = Path(output) if output else output_folder()
    built = build(folder, overwrite, jobs, _counter(), families=families)
    for line in built.failures:
        print(f"FAIL  {line}")
    for case in built.moved:
        print(f"moved out of its ball: {case}", file=sys.stderr)
    done = f"{built.computed} questions answered, {built.kept} kept"
    print(f"{folder}: {built.vectors} vectors ({done}, {len(built.failures)} failed)")
    if built.interrupted:
        print("fsb-oracle: interrupted; what was finished is kept", file=sys.stderr)
        return 130
    return 1 if built.failures else 0


def check_reference(output: str | None, sample: int | None, jobs: int | None) -> int:
    """Check the reference; 0, or 1 if a hash, a file or a value is wrong: one line each."""
    folder = Path(output) if output else reference_folder()
    checked = check(folder, sample, jobs, _counter())
    for line in checked.failures:
        print(f"FAIL  {line}")
    if checked.unanswered:
        words = "questions of this version have no vector yet: run `fsb-oracle certify`"
        print(f"fsb-oracle: {checked.unanswered} {words}", file=sys.stderr)
    print(f"{folder}: {checked.vectors} vectors recomputed, {len(checked.failures)} failures")
    return 1 if checked.failures else 0


def _counter() -> Callable[[int, int], None]:
    """Progress on stderr: one line that is rewritten on a terminal; elsewhere a plain line every ten seconds."""
    terminal, last = sys.stderr.isatty(), time.perf_counter()

    def show(number: int, planned: int) -> None:
        nonlocal last
        now, done = time.perf_counter(), number == planned
        if not done and now - last < (0.1 if terminal else 10.0):
            return
        last = now
        start, end = ("\r\033[K", "\n" if done else "") if terminal else ("", "\n")
        print(f"{start}{number}/{planned} questions", end=end, file=sys.stderr, flush=True)

    return show
