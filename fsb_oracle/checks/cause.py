"""What depends on something else that is amiss at the same point is not judged: a wrong law is reported once, as the
cause, and where samples of the law round to an end of the support no score estimator is to blame."""

from __future__ import annotations

import sympy

from fsb_oracle.checks import distribution
from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.families.family import z
from fsb_oracle.integrands import Integrand
from fsb_oracle.records import Status
from fsb_oracle.subjects.libraries.subjects import LibraryScore
from fsb_oracle.subjects.rules import LOST_MASS_ALLOWED, lost_mass

DEPENDANTS = ("score", "score_identity", "unbiased", "spectrum")  # of a class's log-density
SAMPLED = DEPENDANTS[1:]  # also of its samples
WAVE = Integrand(sympy.cos(z))  # stands for those of a spectrum

_judged: dict[tuple[str, int, float], bool] = {}


def cause(case: Case, settings: Settings) -> str | None:
    """Why a case is not judged: the class's log_prob is wrong at its point, or the dtype does not hold its samples;
    else None."""
    if case.check not in DEPENDANTS or not isinstance(case.subject, LibraryScore):
        return None
    if case.family.log_density is None or len(case.family.samples) > 1:
        return None
    if case.check == "spectrum":
        missing = case.subject.without_mean(case.parameter, case.at, WAVE)
        if missing is not None:
            return missing
    lost = lost_mass(case.family, tuple(case.at.items()), case.dtype) if case.check in SAMPLED else 0.0
    if lost > LOST_MASS_ALLOWED:
        event = f"P(a {case.dtype} sample of {case.family.name} rounds to an end of the support)"
        return f"{event} = {lost:.1e}: the score there is another one, whatever the sampler"
    of_law = Case(distribution.NAME, case.subject, case.parameters, "log_prob", case.dtype, tests=0)
    key = (of_law.id, settings.seed, settings.margin)
    if key not in _judged:
        found = distribution.compare(of_law, settings.seed)
        _judged[key] = not isinstance(found, str) and distribution.judge(found, settings.margin)[0] is Status.fail
    return f"log_prob itself is wrong there: {of_law.id}" if _judged[key] else None
