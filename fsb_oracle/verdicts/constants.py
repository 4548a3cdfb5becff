"""The nearest simple constant to the ratio estimate / exact, and the mistake that usually produces it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fsb_oracle.verdicts.sequential import Decision

__all__ = ["Explanation", "explain_ratio", "nearest_constant"]

SLACK = 1e-3
"""Relative: a ratio this near to a constant is given its name even where its interval is shorter still."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the ratio estimate / exact suggests; None where it suggests nothing."""

    ratio: float | None
    nearest_constant: str | None = None
    likely_cause: str | None = None


_PLAIN = (
    ("0", 0.0, "is the gradient lost (detached, or a branch that returns 0)?"),
    ("1/2", 0.5, "is there a factor 1/2 too many, or is one of two terms missing?"),
    ("2", 2.0, "is a factor 1/2 dropped, or a term counted twice?"),
    ("-1", -1.0, "is the sign wrong?"),
)


def nearest_constant(
    ratio: float, lower: float, upper: float, parameters: Mapping[str, float] | None = None
) -> tuple[str, str] | None:
    """(name, likely cause) of the constant nearest to `ratio` among 0, 1/2, 2, -1 and, for each parameter,
    its value and its inverse; None unless one lies in [lower, upper] (slightly widened) and 1, the right
    ratio, does not."""
    candidates = list(_PLAIN)
    for name, value in (parameters or {}).items():
        if math.isfinite(value) and value not in (0.0, 1.0):
            candidates.append((name, value, f"is a factor {name} too many (or the gradient one in log {name})?"))
            candidates.append((f"1/{name}", 1 / value, f"is a factor {name} missing?"))

    def inside(value: float) -> bool:
        width = SLACK * max(abs(value), SLACK)
        return lower - width <= value <= upper + width

    if not math.isfinite(ratio) or inside(1.0):
        return None
    name, value, cause = min(candidates, key=lambda candidate: abs(candidate[1] - ratio))
    return (name, cause) if inside(value) else None


def explain_ratio(decision: Decision, exact: float, parameters: Mapping[str, float] | None = None) -> Explanation:
    """The ratio estimate / exact of a decision, with the nearest constant if the estimate is biased."""
    if exact == 0 or not math.isfinite(decision.bias):
        return Explanation(None)
    ends = sorted((exact + end) / exact for end in decision.pass_interval)
    ratio = (exact + decision.bias) / exact
    found = nearest_constant(ratio, ends[0], ends[1], parameters) if decision.reason == "biased" else None
    return Explanation(ratio, *(found or ()))
