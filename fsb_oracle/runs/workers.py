"""Cases decided by several processes: each makes the plan for itself and is told the numbers of its cases.

A verdict follows from the run's seed and the case's id, so that it is the same, bit for bit, in whichever process and
in whichever order its case is decided.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from fsb_oracle.checks import Settings, get_profile
from fsb_oracle.records import Result, Status
from fsb_oracle.runs.decide import decide
from fsb_oracle.runs.plan import RunPlan, make_plan
from fsb_oracle.verdicts.budget import Budget

CHUNK = 16  # neighbouring cases share samples and exact values
DEATHS_ALLOWED = 3  # processes that may die before the cases they were at are given up

Numbered = tuple[int, Result]


@dataclass(frozen=True)
class Assignment:
    """What a process needs in order to make the run's plan again and to decide any case of it."""

    targets: tuple[str, ...]
    select: str | None
    backends: tuple[str, ...]
    settings: Settings
    false_fail_rate: float

    def plan(self) -> RunPlan:
        return make_plan(self.targets, get_profile(self.settings.profile), self.select, self.backends)


def number_of_jobs(jobs: int) -> int:
    """The processes that `jobs` asks for: 0 means one for each core this process may use."""
    if jobs:
        return jobs
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def decided(plan: RunPlan, assignment: Assignment, jobs: int) -> Iterator[Numbered]:
    """`(number of the case in the plan, result)` as cases finish; in the plan's order where there is one process."""
    if jobs == 1 or len(plan.cases) <= 1:
        budget = Budget(assignment.false_fail_rate, plan.tests)
        yield from ((number, decide(case, assignment.settings, budget)) for number, case in enumerate(plan.cases))
        return
    left, size = list(range(len(plan.cases))), CHUNK
    for _ in range(DEATHS_ALLOWED):
        finished: set[int] = set()
        for number, result in _until_a_death(assignment, left, size, jobs):
            finished.add(number)
            yield number, result
        left, size = [number for number in left if number not in finished], 1
        if not left:
            return
    for number in left:
        case = plan.cases[number]
        reason = f"the process that decided this case died {DEATHS_ALLOWED} times"
        yield number, case.result(Status.error, reason=reason, message=f"ERROR  {case.id}\n  {reason}")


def _until_a_death(assignment: Assignment, numbers: list[int], size: int, jobs: int) -> Iterator[Numbered]:
    """Results until all are there or a process is killed, from outside or for the memory it took."""
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    chunks = [numbers[start : start + size] for start in range(0, len(numbers), size)]
    parallel = Parallel(n_jobs=jobs, backend="loky", return_as="generator_unordered")
    try:
        finished = parallel(delayed(_decide_numbers)(assignment, chunk) for chunk in chunks)
        for results in cast("Iterator[list[Numbered]]", finished):
            yield from results
    except TerminatedWorkerError:
        return


def _decide_numbers(assignment: Assignment, numbers: Sequence[int]) -> list[Numbered]:
    """In a worker: the results of some cases of the plan."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of a terminal; the first one acts
    plan, budget = _plan_of(assignment)
    return [(number, decide(plan.cases[number], assignment.settings, budget)) for number in numbers]


@lru_cache(maxsize=1)
def _plan_of(assignment: Assignment) -> tuple[RunPlan, Budget]:
    plan = assignment.plan()
    return plan, Budget(assignment.false_fail_rate, plan.tests)
