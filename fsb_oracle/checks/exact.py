"""Exact gradients with their certificates: what all other checks compare with, shown with radius and routes.

Why it matters: every other check compares with these numbers: a verdict is worth as much as its exact value. Level 3
means two rigorous routes that agree, 1 that there was only one. The `smoke` profile takes the certificate that came
with this version where no code that it depends on has changed since, and says so; the others compute every value anew.

How to fix: a missing digit or a route that disagrees is a fault of this package: report the case. Fewer digits are an
honest answer where a law has one route.

How to reproduce: the last line of the message, or `--select 'exact/*'` for all cases of this check.
"""

from __future__ import annotations

import time

from fsb_oracle import oracle
from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.points import parameter_points, probes
from fsb_oracle.checks.profile import Profile
from fsb_oracle.oracle.certificate import ENOUGH
from fsb_oracle.records import Result, Status
from fsb_oracle.rules import answers, recommended
from fsb_oracle.subjects import Subject
from fsb_oracle.subjects.rules import RuleSubject

NAME = "exact"
DIGITS = 30
PROBES = ("sin3", "bump", "tanh")


def plan(subject: Subject, profile: Profile) -> list[Case]:
    """Certificates of the first parameter points, once per law and parameter: with the recommended rule, on NumPy."""
    if not isinstance(subject, RuleSubject) or subject.backend_name != "numpy":
        return []
    parameter = subject.rule.parameter
    return [
        Case(NAME, subject, point, parameter, "float64", f, tests=0)
        for point in parameter_points(subject, profile.spectrum_points)
        for f in probes(subject, PROBES)
        if recommended(subject.family, parameter, f, point) == subject.rule
    ]


def check(case: Case, settings: Settings, false_fail_rate: float) -> Result:
    """Two routes that overlap at 30 digits (level 3), or one and a closed form (level 2); one route alone is said
    so."""
    started = time.perf_counter()
    question = case.family, case.at, case.integrand, case.parameter
    value = answers.gradient(*question, DIGITS, ENOUGH, lambda: oracle.gradient(*question, digits=DIGITS))
    words = {
        3: "two rigorous routes overlap",
        2: "one rigorous route and a closed form",
        1: "one rigorous route",
    }
    when = " at release" if value.seconds == 0 else ""
    message = (
        f"CERTIFIED{when} (level {value.level}: {words[value.level]})  {case.id}\n"
        f"  {value.value} +- {value.radius}; routes {', '.join(value.routes)}"
    )
    if when:
        message += "\n  law, oracle and their engines are what they were then (digest unchanged): not computed again"
    return case.result(
        Status.pass_,
        exact=value.value,
        seconds=time.perf_counter() - started,
        message=message,
        reproduce=case.reproduce(settings, None),
        details={
            "digits": value.digits,
            "level": value.level,
            "routes": list(value.routes),
            "radius": value.radius,
            "seconds": value.seconds,
        },
    )
