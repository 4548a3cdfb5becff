"""Run a plan: decide every case, keep what has finished, hand back one record."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType
from typing import Any

from fsb_oracle.backends import NAMES
from fsb_oracle.checks import Settings, get_profile
from fsb_oracle.errors import UsageError
from fsb_oracle.records import Record, Result, write
from fsb_oracle.runs.benchmarks import read_ratios
from fsb_oracle.runs.environment import machine, versions
from fsb_oracle.runs.options import gather
from fsb_oracle.runs.workers import Assignment, decided, number_of_jobs
from fsb_oracle.verdicts.budget import Budget, variance_classes
from fsb_oracle.verdicts.neighbours import with_neighbours

SAVE_EVERY = 20.0  # seconds between two writes of the record while a run goes on

Progress = Callable[[int, int, Result], None]


def verify(
    *targets: str,
    profile: str | None = None,
    select: str | None = None,
    margin: float | None = None,
    false_fail_rate: float | None = None,
    seed: int | None = None,
    strict: bool | None = None,
    min_checks: int | None = None,
    backends: Sequence[str] = NAMES,
    record: str | os.PathLike[str] | None = None,
    benchmarks: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Record:
    """Verify estimators: decide every case of the targets and return the record.

    Args:
        targets: `file.py`, `file.py:name`, `package.module:name`, `torch.distributions:Gamma`, `jax.random:gamma`, or
            `fsb_oracle` for our own rules and baselines.
        profile: "smoke", "default" or "deep".
        select: glob on case ids; `*` also matches `/`.
        margin: the bias that a pass excludes, in units of S.
        false_fail_rate: bound on the probability that anything unbiased fails, for the whole run.
        seed: the run's seed; every random number follows from it and the case id.
        strict, min_checks: for the exit code; they stand in the record.
        backends: back ends of our own rules.
        record: where the record is written while the run goes on, and at the end.
        benchmarks: a pytest-benchmark file of this project, whose ratios the record then carries.
        jobs: processes; 0 is one for each core. Verdicts are the same whatever their number.
        progress: called after each case with (finished, planned, result).

    Returns:
        The record; after Ctrl-C it holds what had finished and `run["interrupted"]` is true.

    Raises:
        UsageError: an option or a target is not valid.
    """
    given = {
        "profile": profile,
        "select": select,
        "margin": margin,
        "false_fail_rate": false_fail_rate,
        "seed": seed,
        "strict": strict,
        "min_checks": min_checks,
        "jobs": jobs,
    }
    options, sources = gather(given)
    if not targets:
        raise UsageError("name what to verify, as in torch.distributions:Gamma, my_file.py or fsb_oracle")
    chosen = get_profile(options["profile"])
    settings = Settings(
        profile=chosen.name,
        margin=options["margin"] or chosen.margin,
        variance_margin=chosen.variance_margin,
        false_pass_rate=chosen.false_pass_rate,
        cap=chosen.cap,
        seed=options["seed"],
        margin_given=options["margin"] is not None,
    )
    # what the profile decides stands in the record beside what the caller gave
    sources["margin"]["value"] = settings.margin
    sources["false_pass_rate"] = {"value": settings.false_pass_rate, "source": sources["profile"]["source"]}
    assignment = Assignment(targets, options["select"], tuple(backends), settings, options["false_fail_rate"])
    speed = [] if benchmarks is None else read_ratios(benchmarks)
    return _Run(assignment, number_of_jobs(options["jobs"]), sources, record, speed).execute(progress)


class _Run:
    """The one place with state: results so far, and the file they are kept in."""

    def __init__(
        self,
        assignment: Assignment,
        jobs: int,
        sources: dict[str, dict[str, Any]],
        path: str | os.PathLike[str] | None,
        speed: list[dict[str, Any]],
    ) -> None:
        self.assignment, self.jobs, self.sources, self.path = assignment, jobs, sources, path
        self.plan, self.settings = assignment.plan(), assignment.settings
        self.speed = speed
        self.stop = False
        self.budget = Budget(assignment.false_fail_rate, self.plan.tests)
        self.finished: dict[int, Result] = {}
        self.started, self.clock, self.saved = datetime.now(UTC), time.perf_counter(), time.perf_counter()

    @property
    def results(self) -> tuple[Result, ...]:
        """What is known, in the plan's order: the record does not show which process was faster."""
        return *self.plan.not_applicable, *(self.finished[number] for number in sorted(self.finished))

    def execute(self, progress: Progress | None) -> Record:
        """Decide every case; Ctrl-C ends the run after what has finished."""
        with _interrupts(self):
            return self._execute(progress)

    def _execute(self, progress: Progress | None) -> Record:
        interrupted = False
        try:
            for number, result in decided(self.plan, self.assignment, self.jobs):
                self.finished[number] = result
                if progress is not None:
                    progress(len(self.finished), len(self.plan.cases), result)
                if self.stop:  # Ctrl-C arrived inside a C library, which swallowed the exception
                    raise KeyboardInterrupt
                if self.path is not None and time.perf_counter() - self.saved > SAVE_EVERY:
                    self._save(self._record(interrupted=True))
        except KeyboardInterrupt:
            interrupted = True
        record = self._record(interrupted)
        if self.path is not None:
            self._save(record)
        return record

    def _save(self, record: Record) -> None:
        assert self.path is not None
        try:
            write(record, self.path)
        except OSError as error:
            raise UsageError(f"cannot write the record {os.fspath(self.path)!r}: {error.strerror}") from None
        self.saved = time.perf_counter()

    def _record(self, interrupted: bool) -> Record:
        ran = {result.case: variance_classes(result) for result in self.finished.values()}
        run = {
            "versions": versions(),
            "seed": self.settings.seed,
            "profile": self.settings.profile,
            "false_fail_rate": self.budget.record(ran),
            "options": self.sources,
            "planned": len(self.plan.cases) + len(self.plan.not_applicable),
            "ran": len(ran),
            "seconds": time.perf_counter() - self.clock,
            "machine": machine(),
            "started": self.started.isoformat(timespec="seconds"),
            "interrupted": interrupted,
            "targets": list(self.assignment.targets),
            "unavailable": self.plan.unavailable,
            "benchmarks": self.speed,
        }
        return Record(run, with_neighbours(self.results))


@contextmanager
def _interrupts(run: _Run) -> Iterator[None]:
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
