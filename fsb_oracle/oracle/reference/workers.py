"""Answers from the oracle in several processes: precision is global to a process, so threads would not do."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from fsb_oracle.errors import UsageError
from fsb_oracle.oracle.exact import exact
from fsb_oracle.oracle.reference.cases import Case
from fsb_oracle.oracle.reference.vectors import EXTRA_DIGITS, Answer, shortened


class Failure(str):
    """One line that says why the oracle did not answer a case though it should have."""


Asked = tuple[Case, tuple[Answer, ...] | Failure]


def ask(case: Case) -> tuple[Answer, ...] | Failure:
    """E f and its gradient in every continuous parameter; one refused answer where the oracle says why not."""
    try:
        found = exact(case.family, case.arguments, case.f, case.digits).to_json_object()
    except UsageError as refusal:
        return (Answer(None, reason=str(refusal)),)
    except Exception as error:  # a contradiction of two routes, or a bug: news of this case alone
        return Failure(f"{case.id(None)}: {type(error).__name__}: {error}".replace("\n", " "))
    named = [("", found["expectation"]), *(pair for item in found["gradient"].items() for pair in _leaves(*item))]
    return tuple(_answer(name or None, ball, case.digits) for name, ball in named)


def ask_all(cases: Sequence[Case], jobs: int | None = None) -> Generator[Asked, None, None]:
    """Each case with its answer, in the order in which they are found, from `jobs` fresh processes (default: one a
    processor). Closing the iterator, or an exception such as Ctrl-C, ends the processes at once.
    """
    if not cases:
        return
    waiting = Waiting(cases)
    workers = max(1, min(jobs or os.cpu_count() or 1, waiting.size))
    before = set(multiprocessing.active_children())
    # a pool each, so that a process can be given what it is quickest at
    pools = [ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _ignore_interrupts) for _ in range(workers)]
    running: dict[Future[list[tuple[Answer, ...] | Failure]], tuple[ProcessPoolExecutor, list[Case]]] = {}

    def start(pool: ProcessPoolExecutor, group: list[Case]) -> None:
        running[pool.submit(_ask_each, group)] = pool, group

    try:
        with _interrupts_blocked():  # the processes that start here inherit it, until they ignore Ctrl-C themselves
            for pool in pools:
                start(pool, waiting.next())
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                pool, group = running.pop(future)
                answers = future.result()
                if waiting.size:
                    start(pool, waiting.next(group[0].family))
                yield from zip(group, answers, strict=True)
    except BrokenProcessPool:
        raise UsageError("a worker process ended abruptly, perhaps for want of memory: use fewer --jobs") from None
    finally:
        for pool in pools:
            pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - before:
            child.terminate()


class Waiting:
    """The cases to ask, by law and f: the points of one f go to a process together, and the process keeps to the law,
    for much of the time is SymPy's, and they share its work.
    """

    def __init__(self, cases: Sequence[Case]) -> None:
        groups: dict[str, dict[str, list[Case]]] = defaultdict(lambda: defaultdict(list))
        for case in cases:
            groups[case.family][case.f].append(case)
        self.laws = {law: list(own.values()) for law, own in groups.items()}
        self.begun: set[str] = set()

    @property
    def size(self) -> int:
        """How many groups are left."""
        return sum(map(len, self.laws.values()))

    def next(self, law: str | None = None) -> list[Case]:
        """A group of that law if there is one, else of the first law that is not begun, else of the one with most."""
        if law not in self.laws:
            law = next((other for other in self.laws if other not in self.begun), None)
        if law is None:
            law = max(self.laws, key=lambda other: len(self.laws[other]))
        self.begun.add(law)
        group = self.laws[law].pop(0)
        if not self.laws[law]:
            del self.laws[law]
        return group


def _ask_each(cases: Sequence[Case]) -> list[tuple[Answer, ...] | Failure]:
    return [ask(case) for case in cases]


def _answer(parameter: str | None, ball: Mapping[str, Any], digits: int) -> Answer:
    value, radius = shortened(ball["value"], ball["radius"], digits + EXTRA_DIGITS)
    return Answer(parameter, value, radius, ball["level"], tuple(ball["routes"]))


def _leaves(name: str, content: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """`("loc.0", ball), ("components.1.scale", ball), ...` of nested lists and objects."""
    if isinstance(content, Mapping) and "radius" in content:
        yield name, content
        return
    for part, item in content.items() if isinstance(content, Mapping) else enumerate(content):
        yield from _leaves(f"{name}.{part}", item)


def _ignore_interrupts() -> None:
    """Ctrl-C reaches every process of a terminal; the first one alone decides what it means."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
