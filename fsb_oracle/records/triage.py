"""A list of cases to look at: e-BH over the e-values at which the tests stopped (Wang and Ramdas 2022)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from fsb_oracle.records.result import Result

__all__ = ["FALSE_DISCOVERY_RATE", "triage"]

FALSE_DISCOVERY_RATE = 1e-3


def triage(results: Iterable[Result]) -> dict[str, Any]:
    """`cases` are the k largest e-values, with the largest k for which the k-th is at least m / (rate k), of m.

    Of the listed cases at most the stated rate is expected to be unbiased, whatever their dependence. It is a list to
    look at and no verdict: the statuses stay. The e-value of a case is `details["log_e"]` (natural logarithm), or
    where a ledger sums it over epochs `details["ledger"]["log_e"]`.
    """
    known = [(value, result) for result in results if (value := _log_e(result)) is not None]
    known.sort(key=lambda pair: (-pair[0], pair[1].case))
    bar = math.log(max(len(known), 1) / FALSE_DISCOVERY_RATE)
    last = max((k for k, (value, _) in enumerate(known, 1) if value >= bar - math.log(k)), default=0)
    return {
        "false_discovery_rate": FALSE_DISCOVERY_RATE,
        "tests": len(known),
        "cases": [
            {"case": result.case, "status": result.status.value, "log10_e": value / math.log(10)}
            for value, result in known[:last]
        ],
    }


def _log_e(result: Result) -> float | None:
    ledger = result.details.get("ledger")
    found = result.details.get("log_e") if ledger is None else ledger["log_e"]
    return found if isinstance(found, int | float) and not math.isnan(found) else None
