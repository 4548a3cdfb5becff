"""What a run will do, counted before it starts: the cases, and what cannot be tested here with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np

from fsb_oracle.backends import NAMES, unavailable
from fsb_oracle.checks import CHECKS, Case, Profile
from fsb_oracle.records import Result, Status
from fsb_oracle.subjects import Subject, library_of, not_mapped, resolve


@dataclass(frozen=True)
class RunPlan:
    """The cases of a run in order, results known without running, and the back ends that it needs and misses."""

    cases: tuple[Case, ...]
    not_applicable: tuple[Result, ...]
    unavailable: dict[str, str]

    @property
    def ids(self) -> list[str]:
        """All case ids, those that need no run included."""
        return [*(case.id for case in self.cases), *(result.case for result in self.not_applicable)]

    @property
    def tests(self) -> dict[str, int]:
        """Random tests by case id: what the false-fail budget is split over."""
        return {case.id: case.tests for case in self.cases}


def make_plan(
    targets: Sequence[str], profile: Profile, select: str | None = None, backends: tuple[str, ...] = NAMES
) -> RunPlan:
    """All cases of the targets that match `select` (fnmatch on case ids; `*` also matches `/`).

    Raises:
        UsageError: a target cannot be resolved.
    """

    def wanted(case: Case) -> bool:
        return select is None or select == case.id or fnmatchcase(case.id, select)

    cases: dict[str, Case] = {}
    absent: list[Result] = []
    missing: dict[str, str] = {}  # of the back ends that are asked for: to import one takes seconds

    def is_missing(backend: str) -> bool:
        reason = unavailable(backend)
        if reason is not None:
            missing[backend] = reason
        return reason is not None

    narrowed: Counter[str] = Counter()
    for target in targets:
        library = library_of(target)
        if library is not None and is_missing(library):
            absent.append(_absent(f"{target}/{library}", target, library, missing[library]))
            continue
        absent += [
            _absent(f"mapped/{target}:{name}", f"{target}:{name}", library or "", reason)
            for name, reason in not_mapped(target).items()
        ]
        for subject in resolve(target, backends):
            if is_missing(subject.backend_name):
                absent.append(_absent_subject(subject, missing[subject.backend_name]))
                continue
            planned = _cases(subject, profile)
            kept_cases = in_scope(planned, profile)
            narrowed[target] += len(planned) - len(kept_cases)
            for case in filter(wanted, kept_cases):
                with np.errstate(all="ignore"):  # a value that overflows is a reason, not an announcement
                    reason = subject.refusal(case.parameter, case.at, case.dtype)
                if reason is None:
                    cases.setdefault(case.id, case)
                else:
                    absent.append(
                        case.result(
                            Status.not_applicable,
                            reason=reason,
                            message=f"NOT APPLICABLE  {case.id}\n  {reason}",
                        )
                    )
    absent += [_narrowed(target, count, profile) for target, count in narrowed.items() if count]
    chosen = list(cases.values())
    kept = [result for result in absent if select is None or fnmatchcase(result.case, select)]
    order = list(CHECKS)
    chosen.sort(key=lambda case: order.index(case.check))  # stable: what needs no sampling comes first
    return RunPlan(tuple(chosen), tuple(kept), missing)


def _cases(subject: Subject, profile: Profile) -> list[Case]:
    return [case for module in CHECKS.values() for case in module.plan(subject, profile)]


def in_scope(cases: Sequence[Case], profile: Profile) -> list[Case]:
    """Those of a subject's cases that a profile runs; all but for our own rules in a narrow profile.

    That runs recommended rules in full on NumPy; of other rules the proof and the means on NumPy in float64; on the
    back ends that run the same kernels the mean in float32 of each parameter of a recommended rule, once.
    """
    if profile.breadth == "all":
        return list(cases)
    kept: list[Case] = []
    seen: set[str] = set()  # parameters whose mean is tested on another back end
    for case in cases:
        subject = case.subject
        if subject.target != "fsb_oracle":
            wanted = True
        elif subject.backend_name == "numpy":
            wanted = not subject.secondary or (case.dtype == "float64" and case.check in ("proof", "unbiased"))
        else:
            wanted = (
                not subject.secondary
                and case.check == "unbiased"
                and case.dtype == "float32"
                and case.parameter not in seen
            )
            if wanted:
                seen.add(case.parameter)
        if wanted:
            kept.append(case)
    return kept


def _narrowed(target: str, count: int, profile: Profile) -> Result:
    """One line for all that a narrow profile leaves out: nothing is skipped in silence."""
    reason = (
        f"the {profile.name} profile runs recommended rules in full on NumPy, one mean of each of their parameters on "
        f"Torch and JAX, and of other rules the proof and the means: {count} further cases are left to the default "
        "profile"
    )
    return _absent(f"scope/{target}/{profile.name}", target, "all", reason)


def _absent(case: str, subject: str, backend: str, reason: str) -> Result:
    return Result(
        case=case,
        subject=subject,
        check="unbiased",
        status=Status.not_applicable,
        backend=backend,
        reason=reason,
        message=f"NOT APPLICABLE  {case}\n  {reason}",
    )


def _absent_subject(subject: Subject, reason: str) -> Result:
    parameters = "+".join(subject.claimed)
    case = f"unbiased/{subject.family.name}/{parameters}/{subject.name}/{subject.backend_name}"
    return _absent(case, subject.name, subject.backend_name, reason)
