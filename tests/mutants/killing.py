"""The default profile against a mutant that it is told nothing about: stop at the first check that fails it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest

from fsb_oracle.backends.numpy_backend import NumpyMath
from fsb_oracle.checks import CHECKS, PROFILES, Case, Settings
from fsb_oracle.checks.points import parameter_points
from fsb_oracle.integrands import Integrand
from fsb_oracle.records import Result, Status
from fsb_oracle.runs.decide import decide
from fsb_oracle.subjects import Subject
from fsb_oracle.verdicts.budget import Budget

PROFILE = PROFILES["default"]
SETTINGS = Settings(
    PROFILE.name, PROFILE.margin, PROFILE.variance_margin, PROFILE.false_pass_rate, PROFILE.cap, margin_given=False
)
# the proof looks into the kernel: here an estimator is what it returns
ASKED = ("pointwise", "unbiased", "contract", "metamorphic", "spectrum", "variance")
TESTS = 1000  # in a run of about so many random tests: what a case's share of the false-fail rate is
FAR = 100.0
BAD = (Status.fail, Status.error)


@dataclass(frozen=True)
class Kill:
    """Which check failed a mutant, after how many cases, and what all of them cost."""

    result: Result
    cases: int
    units: int
    seconds: float


def cases_in_order(subject: Subject, asked: tuple[str, ...] = ASKED) -> Iterator[Case]:
    """The whole plan of the subject: of each check the first case, then of each the second, ...

    Ordinary parameters come before the extreme ones, and f that stay small before f that grow: they cost fewer draws.
    """
    ordinary = parameter_points(subject, 1)

    def cost(case: Case) -> tuple[bool, bool]:
        return case.parameters not in ordinary, case.f is not None and _grows(case.f)

    rounds = zip_longest(*(sorted(CHECKS[check].plan(subject, PROFILE), key=cost) for check in asked))
    for case in chain.from_iterable(rounds):
        if case is not None and subject.refusal(case.parameter, case.at, case.dtype) is None:
            yield case


def _grows(f: Integrand) -> bool:
    return f.variables == ("z",) and abs(float(f.lowered()(NumpyMath(), FAR))) > FAR / 2


def share(case: Case) -> Budget:
    """The false-fail budget of one case of such a run."""
    return Budget(1e-6 * max(case.tests, 1) / TESTS, {case.id: case.tests})


def first_kill(
    subject: Subject, accepted: tuple[Status, ...] = BAD, asked: tuple[str, ...] = ASKED, parameter: str | None = None
) -> Kill | None:
    """The first result of one of these statuses (of one parameter, where it is named); None if the subject survives
    its whole plan."""
    started, units = time.process_time(), 0
    cases = (case for case in cases_in_order(subject, asked) if parameter in (None, case.parameter))
    for count, case in enumerate(cases, 1):
        result = decide(case, SETTINGS, share(case))
        units += result.num_samples or 0
        if result.status in accepted:
            return Kill(result, count, units, time.process_time() - started)
    return None
