"""Whether two runs are the same experiment: only then may one continue the other, or be a part of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

__all__ = ["SETTINGS", "difference"]

SETTINGS = ("profile", "margin", "false_fail_rate", "false_pass_rate", "seed", "select", "backend")
"""The options that decide what runs and with which verdict."""


def difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, Any, Any] | None:
    """The first setting in which the `run` parts of two records differ, with both values; None if they are the same.

    Machine, time, number of processes and where the record is written make no difference to a verdict.
    """
    for name, first, second in _compared(one, other):
        if first != second:
            return name, first, second
    return None


def _compared(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    rows = [("targets", one.get("targets"), other.get("targets"))]
    rows += [(name.replace("_", "-"), _option(one, name), _option(other, name)) for name in SETTINGS]
    versions = [cast("Mapping[str, Any]", run.get("versions", {})) for run in (one, other)]
    for package in dict.fromkeys(name for part in versions for name in part):
        rows.append((f"the version of {package}", versions[0].get(package), versions[1].get(package)))
    plans = [cast("Mapping[str, Any]", run.get("plan", {})) for run in (one, other)]
    return rows + [(words, plans[0].get(member), plans[1].get(member)) for member, words in _PLAN.items()]


_PLAN = {
    "margin_given": "whether the margin was given",
    "code": "the code of fsb_oracle or of a target (digest)",
    "cases": "the list of cases (digest)",
    "tests": "the number of random tests",
}


def _option(run: Mapping[str, Any], name: str) -> Any:
    return run.get("options", {}).get(name, {}).get("value")
