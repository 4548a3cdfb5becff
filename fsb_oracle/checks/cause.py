"""A wrong law is reported once, as the cause: what depends on it at the same point is not judged."""

from __future__ import annotations

from fsb_oracle.checks import distribution
from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.records import Status
from fsb_oracle.subjects.libraries.subjects import LibraryScore

DEPENDANTS = ("score", "score_identity", "unbiased", "spectrum")  # of a class's log-density

_judged: dict[tuple[str, int, float], bool] = {}


def cause(case: Case, settings: Settings) -> str | None:
    """Why a case is not judged: the class's log_prob is wrong at its point; else None."""
    if case.check not in DEPENDANTS or not isinstance(case.subject, LibraryScore):
        return None
    if case.family.log_density is None or len(case.family.samples) > 1:
        return None
    of_law = Case(distribution.NAME, case.subject, case.parameters, "log_prob", case.dtype, tests=0)
    key = (of_law.id, settings.seed, settings.margin)
    if key not in _judged:
        found = distribution.compare(of_law, settings.seed)
        _judged[key] = not isinstance(found, str) and distribution.judge(found, settings.margin)[0] is Status.fail
    return f"log_prob itself is wrong there: {of_law.id}" if _judged[key] else None
