"""Progress of a run on stderr: a bar with the time left on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fsb_oracle.runs.run import Progress

EVERY = 10.0  # seconds between two plain lines


@contextmanager
def shown_progress() -> Iterator[Callable[[Progress], None]]:
    """What `verify` calls after each case; whatever is shown on a terminal is taken away at the end."""
    if not sys.stderr.isatty():
        yield plain_lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[place]}", markup=False),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("planning", total=1.0, place="")
        words = Words()

        def show(progress: Progress) -> None:
            line = words.after(progress)
            bar.update(task, completed=progress.share, description=line, place=progress.result.case[:80])

        yield show


def plain_lines() -> Callable[[Progress], None]:
    """A line every ten seconds, and one at the end."""
    words = Words()
    last = time.perf_counter()

    def show(progress: Progress) -> None:
        nonlocal last
        line, now = words.after(progress), time.perf_counter()
        if progress.finished == progress.planned or now - last >= EVERY:
            last = now
            print(line, file=sys.stderr, flush=True)

    return show


class Words:
    """The state of a run in a line: `120/2,000 checks, 1 failed, 2 known, 3 min left`."""

    def __init__(self) -> None:
        self.started, self.failed, self.known = time.perf_counter(), 0, 0

    def after(self, progress: Progress) -> str:
        """The line after one more case."""
        self.failed += progress.result.status in ("fail", "error", "unexpected_pass")
        self.known += progress.result.status == "known_failure"
        line = f"{progress.finished:,}/{progress.planned:,} checks"
        line += f", {self.failed:,} failed" if self.failed else ""
        line += f", {self.known:,} known" if self.known else ""
        # the first cases load libraries: no estimate before a twentieth of the work is done
        if progress.finished < progress.planned and progress.share >= 0.05:
            line += f", {time_left(time.perf_counter() - self.started, progress.share)} left"
        return line


def time_left(elapsed: float, share: float) -> str:
    """How long the rest takes at the speed so far: `40 s`, `12 min`, `3 h 20 min`."""
    seconds = elapsed * (1 - share) / share if share > 0 else 0.0
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
