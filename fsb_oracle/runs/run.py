"""The one place with state: results so far, and the file that they are kept in."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import FrameType
from typing import Any

from fsb_oracle.errors import UsageError
from fsb_oracle.records import Record, Result, as_element, assembled, triage, with_neighbours, write
from fsb_oracle.runs.cluster import connected, decided_on_cluster
from fsb_oracle.runs.environment import code_digest, machine, versions
from fsb_oracle.runs.plan import RunPlan
from fsb_oracle.runs.shards import shard, weight
from fsb_oracle.runs.workers import Assignment, Numbered, cases_digest, decided
from fsb_oracle.verdicts.budget import Budget, variance_classes

SAVE_EVERY = 5.0  # seconds between two writes of the record: a run that is killed loses no more
SAVE_SHARE = 0.05  # of the time at most goes into writing


@dataclass(frozen=True)
class Progress:
    """How far a run is: `share` of its expected work is done, `result` is the latest."""

    finished: int
    planned: int
    share: float
    result: Result


Watcher = Callable[[Progress], None]


@dataclass(frozen=True)
class Circumstances:
    """What has no part in a verdict: where results go, how many processes decide, what is told beside them."""

    sources: dict[str, dict[str, Any]]
    path: str | None = None
    jobs: int = 1
    dask: str | None = None
    shard: tuple[int, int] | None = None
    benchmarks: Sequence[Mapping[str, Any]] = ()


@dataclass
class Run:
    """A run of a plan, or of one shard of it."""

    assignment: Assignment
    plan: RunPlan
    about: Circumstances
    earlier_seconds: float = 0.0
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    def __post_init__(self) -> None:
        self.stop = False
        self.clock = time.perf_counter()
        self.next_save = self.clock + SAVE_EVERY
        self.budget = Budget(self.assignment.false_fail_rate, self.plan.tests)
        self.identity = {
            "code": code_digest(self.assignment.targets),
            "cases": cases_digest(self.plan),
            "tests": self.budget.tests,
            "margin_given": self.assignment.settings.margin_given,
        }
        part, of = self.about.shard or (1, 1)
        everything = range(len(self.plan.cases))
        self.mine = list(everything) if of == 1 else shard(self.plan.cases, part, of)
        self.absent = self.plan.not_applicable if part == 1 else ()  # what needs no run is in the first shard
        self.finished: dict[int, Result] = {}
        self.texts: dict[int, str] = {}

    @property
    def planned(self) -> int:
        """Results that the finished record holds."""
        return len(self.mine) + len(self.absent)

    def keep(self, results: Mapping[str, Result]) -> None:
        """Take results of an earlier part of this run, by case."""
        for number in self.mine:
            kept = results.get(self.plan.cases[number].id)
            if kept is not None:
                self._add(number, kept)

    def execute(self, watch: Watcher | None = None) -> Record:
        """Decide every case that is left; Ctrl-C ends the run after what has finished.

        Raises:
            UsageError: the record cannot be written, or the cluster is not there.
        """
        if self.about.path is not None:
            self._save(self.record(interrupted=True))  # a place that cannot be written to is known at once
        with _interrupts(self):
            interrupted = self._decide(watch)
        record = self.record(interrupted)
        record.run["triage"] = triage(record.results)
        whole = not interrupted and self.about.shard is None
        return Record(record.run, with_neighbours(record.results)) if whole else record

    def finish(self, record: Record) -> Record:
        """Write the final record."""
        if self.about.path is not None:
            _write(record, self.about.path)
        return record

    def record(self, interrupted: bool) -> Record:
        """What is known now, in the plan's order: it does not show which process was faster."""
        numbers = sorted(self.finished)
        ran = {self.finished[number].case: variance_classes(self.finished[number]) for number in numbers}
        run: dict[str, Any] = {
            "versions": versions(),
            "seed": self.assignment.settings.seed,
            "profile": self.assignment.settings.profile,
            "plan": self.identity,
            "false_fail_rate": self.budget.record(ran),
            "options": self.about.sources,
            "planned": self.planned,
            "ran": len(ran),
            "seconds": self.earlier_seconds + time.perf_counter() - self.clock,
            "machine": machine(),
            "started": self.started,
            "interrupted": interrupted,
            "targets": list(self.assignment.targets),
            "unavailable": self.plan.unavailable,
            "benchmarks": list(self.about.benchmarks),
        }
        if self.about.shard is not None:
            part, of = self.about.shard
            first = len(self.plan.not_applicable)
            tests = self.budget.counts(ran)
            places = [*range(len(self.absent)), *(first + number for number in numbers)]
            run["shard"] = {"parts": [part], "of": of, "places": places, **tests}
        return Record(run, (*self.absent, *(self.finished[number] for number in numbers)))

    def _decide(self, watch: Watcher | None) -> bool:
        """Whether the run was interrupted."""
        left = [number for number in self.mine if number not in self.finished]
        work = {number: weight(self.plan.cases[number]) for number in left}
        total, done = sum(work.values()), 0
        try:
            with self._scheduler(left) as results:
                for number, result in results:
                    self._add(number, result)
                    done += work[number]
                    if watch is not None:
                        watch(Progress(len(self.finished), len(self.mine), done / total, result))
                    if self.stop:  # Ctrl-C arrived inside a C library, which swallowed the exception
                        raise KeyboardInterrupt
                    if self.about.path is not None and time.perf_counter() > self.next_save:
                        self._save(self.record(interrupted=True))
        except KeyboardInterrupt:
            return True
        return False

    @contextmanager
    def _scheduler(self, left: Sequence[int]) -> Iterator[Iterator[Numbered]]:
        if self.about.dask is None or not left:
            with closing(decided(self.plan, self.assignment, left, self.about.jobs)) as results:
                yield results
            return
        with (
            connected(self.about.dask) as client,
            closing(decided_on_cluster(self.plan, self.assignment, left, client, self.about.dask)) as results,
        ):
            yield results

    def _add(self, number: int, result: Result) -> None:
        self.finished[number] = result
        if self.about.path is not None:
            self.texts[number] = as_element(result)

    def _save(self, record: Record) -> None:
        """Write what there is; a large record is written less often."""
        assert self.about.path is not None
        before = time.perf_counter()
        texts = [*map(as_element, self.absent), *(self.texts[number] for number in sorted(self.texts))]
        _write(assembled(record, texts), self.about.path)
        now = time.perf_counter()
        self.next_save = now + max(SAVE_EVERY, (now - before) / SAVE_SHARE)


def _write(record: Record | str, path: str) -> None:
    try:
        write(record, path)
    except OSError as error:
        stands = f"; what it held stands, and when there is room --resume {path} continues"
        hint = stands if os.path.exists(path) else ""
        raise UsageError(f"cannot write the record {path!r}: {error.strerror or error}{hint}") from None


@contextmanager
def _interrupts(run: Run) -> Iterator[None]:
    """Inside, Ctrl-C is remembered as well as raised: integrators call back into Python and may lose the exception."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def remember(number: int, frame: FrameType | None) -> None:
        run.stop = True
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
