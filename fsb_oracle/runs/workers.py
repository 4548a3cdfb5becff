"""Cases decided by several processes: each makes the plan for itself and is told the numbers of its cases.

A verdict follows from the run's seed and the case's id, so that it is the same, bit for bit, in whichever process and
in whichever order its case is decided.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from fsb_oracle.checks import Settings, get_profile
from fsb_oracle.errors import UsageError
from fsb_oracle.records import Result, Status
from fsb_oracle.runs.decide import decide
from fsb_oracle.runs.environment import code_digest, digest, versions
from fsb_oracle.runs.plan import RunPlan, make_plan
from fsb_oracle.runs.shards import groups
from fsb_oracle.verdicts.budget import Budget

CHUNK = 64  # neighbouring cases share samples, exact values, and the lowered formulas of their law
HAND_BACK = 5.0  # seconds after which a process hands back what it has: an interrupted run loses no more
SHARE = 4  # chunks for each process at least, where there are that many cases
FEW = 8  # cases in a chunk at the end of a long run
AHEAD = 2  # chunks for each process that are handed out at once
SEARCH = 60.0  # seconds between two searches for garbage in everything that a process holds
TRIES_ALONE = 2  # how often a case may take its process with it before it is given up
DEATH = "the process that decided this case died"

Numbered = tuple[int, Result]


@dataclass(frozen=True)
class Assignment:
    """What a process needs in order to make the run's plan again and to decide any case of it.

    `fingerprint` is that of the plan and of the code, which a process elsewhere must find again; "" is not compared.
    """

    targets: tuple[str, ...]
    select: str | None
    backends: tuple[str, ...]
    settings: Settings
    false_fail_rate: float
    fingerprint: str = ""

    def plan(self) -> RunPlan:
        return make_plan(self.targets, get_profile(self.settings.profile), self.select, self.backends)


def cases_digest(plan: RunPlan) -> str:
    """Digest of what a plan runs, in order."""
    return digest(f"{case.id} {case.tests}".encode() for case in plan.cases)


def fingerprint(plan: RunPlan, targets: Sequence[str]) -> str:
    """What two processes must agree on before they share the cases of a run: versions, code and plan."""
    return f"{digest(repr(pair).encode() for pair in versions().items())}-{code_digest(targets)}-{cases_digest(plan)}"


def number_of_jobs(jobs: int) -> int:
    """The processes that `jobs` asks for: 0 means one for each core this process may use."""
    if jobs:
        return jobs
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def decided(plan: RunPlan, assignment: Assignment, numbers: Sequence[int], jobs: int) -> Generator[Numbered]:
    """`(number of the case in the plan, result)` as cases finish; in the given order where there is one process."""
    if jobs == 1:
        budget = Budget(assignment.false_fail_rate, plan.tests)
        yield from ((number, decide(plan.cases[number], assignment.settings, budget)) for number in numbers)
        return
    waiting = deque(in_chunks(plan, numbers, jobs))
    while waiting:
        running: dict[int, list[int]] = {}
        died = yield from _until_a_death(assignment, waiting, jobs, running)
        if died:  # those that were handed out are suspects: each has a process for itself
            yield from _each_alone(plan, assignment, [number for chunk in running.values() for number in chunk])


def in_chunks(plan: RunPlan, numbers: Sequence[int], jobs: int) -> list[list[int]]:
    """What processes are given at a time: neighbours that share exact values, check by check; enough for all, and
    fewer towards the end, that all end together."""
    left = len(numbers)
    few = min(FEW, max(1, left // (SHARE * jobs)))
    chunks: list[list[int]] = [[]]
    for group in groups(plan.cases, numbers):
        last, most = chunks[-1], min(CHUNK, max(few, left // (SHARE * jobs)))
        if last and plan.cases[last[0]].check == plan.cases[group[0]].check and len(last) + len(group) <= most:
            last += group
        else:
            chunks += [group[start : start + most] for start in range(0, len(group), most)]
        left -= len(group)
    return [chunk for chunk in chunks if chunk]


def _until_a_death(
    assignment: Assignment, waiting: deque[list[int]], jobs: int, running: dict[int, list[int]]
) -> Generator[Numbered, None, bool]:
    """Results until all chunks that wait are through, or a process is killed, from outside or for the memory it took;
    True then, and `running` holds what was handed out, by the first number of each chunk.

    A chunk that takes long comes back unfinished: what is left of it is the next to be handed out.
    """
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    def handed_out() -> Iterator[Any]:
        while waiting:
            chunk = waiting.popleft()
            running[chunk[0]] = chunk
            yield delayed(decide_numbers)(assignment, chunk)

    ahead: dict[str, Any] = {"pre_dispatch": AHEAD * jobs, "batch_size": 1}
    parallel = Parallel(n_jobs=jobs, backend="loky", return_as="generator_unordered", **ahead)
    try:
        for results in cast("Iterator[list[Numbered]]", parallel(handed_out())):
            chunk = running.pop(results[0][0])
            if len(results) < len(chunk):
                waiting.appendleft(chunk[len(results) :])
            yield from results
    except TerminatedWorkerError:
        return True
    return False


def _each_alone(plan: RunPlan, assignment: Assignment, numbers: Sequence[int]) -> Iterator[Numbered]:
    """Results of cases one of which may kill its process: that one ends in the status `error`."""
    from joblib.externals.loky import ProcessPoolExecutor
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    pool = ProcessPoolExecutor(max_workers=1)
    try:
        for number in numbers:
            for _ in range(TRIES_ALONE):
                try:
                    yield from pool.submit(decide_numbers, assignment, [number]).result()
                    break
                except TerminatedWorkerError:
                    pool = ProcessPoolExecutor(max_workers=1)
            else:
                yield number, dead(plan, number)
    finally:
        pool.shutdown(wait=False, kill_workers=True)


def dead(plan: RunPlan, number: int) -> Result:
    """The result of a case that took its process with it each time."""
    case = plan.cases[number]
    reason = f"{DEATH}, alone in it and more than once"
    return case.result(Status.error, reason=reason, message=f"ERROR  {case.id}\n  {reason}")


def decide_numbers(assignment: Assignment, numbers: Sequence[int]) -> list[Numbered]:
    """In a worker: the results of the first of these cases, as many as are finished when it is time to hand back.

    Raises:
        UsageError: this process does not find the plan of the run, since files or versions differ.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of a terminal; the first one acts
    with _ONE_AT_A_TIME:
        return _decide_until(assignment, numbers)


_ONE_AT_A_TIME = threading.Lock()  # a worker of a cluster may have several threads; precision is set for a process


def _decide_until(assignment: Assignment, numbers: Sequence[int]) -> list[Numbered]:
    plan, budget = _plan_of(assignment)
    started = time.perf_counter()
    found: list[Numbered] = []
    for number in numbers:
        found.append((number, decide(plan.cases[number], assignment.settings, budget)))
        if time.perf_counter() - started > HAND_BACK:
            break
    _set_aside()
    return found


_searched = time.perf_counter()


def _set_aside() -> None:
    """joblib has a process search for garbage once a second, among all its objects: a third of the time where JAX keeps
    what it compiled. What is set aside here is left out, but once a minute."""
    global _searched
    if time.perf_counter() - _searched > SEARCH:
        gc.unfreeze()
        gc.collect()
        _searched = time.perf_counter()
    gc.freeze()


@lru_cache(maxsize=1)
def _plan_of(assignment: Assignment) -> tuple[RunPlan, Budget]:
    plan = assignment.plan()
    if assignment.fingerprint and fingerprint(plan, assignment.targets) != assignment.fingerprint:
        raise UsageError(
            "a worker process finds another plan than this run's: a file or a version was changed during the run, "
            "or is another one on the worker's machine"
        )
    return plan, Budget(assignment.false_fail_rate, plan.tests)
