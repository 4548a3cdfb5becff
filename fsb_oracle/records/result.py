"""One result: what one check found out about one case."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, cast

from fsb_oracle.errors import UsageError, nearest

__all__ = ["Result", "Status"]


class Status(StrEnum):
    """How a case ended."""

    pass_ = "pass"
    within_margin = "within_margin"
    """A real bias, shown to be smaller than the margin."""
    fail = "fail"
    inconclusive = "inconclusive"
    not_applicable = "not_applicable"
    known_failure = "known_failure"
    unexpected_pass = "unexpected_pass"
    error = "error"


@dataclass(frozen=True, slots=True)
class Result:
    """What one check found out about one case; every value is serialisable as JSON.

    Rates are probabilities, biases are in the units of the gradient, `margin` is in units of `bias_scale`.
    """

    case: str
    subject: str
    check: str
    status: Status
    family: str | None = None
    parameters: dict[str, str] = field(default_factory=dict[str, str])
    """Name -> shortest decimal of the value after rounding to the dtype under test."""
    parameter: str | None = None
    """The parameter in which the gradient is taken."""
    f: str | None = None
    """Text of the integrand."""
    backend: str | None = None
    dtype: str | None = None
    reason: str | None = None
    exact: str | None = None
    """The exact value as a decimal string."""
    estimate: float | None = None
    standard_error: float | None = None
    bias: float | None = None
    bias_bound: float | None = None
    """The largest bias that this run cannot exclude."""
    bias_scale: float | None = None
    """S, the root second moment of the reference estimator."""
    margin: float | None = None
    """In units of S."""
    weak: bool | None = None
    """True where the bias bound is not below |exact|."""
    interval: list[float] | None = None
    """[lower, upper] for the bias."""
    evidence: float | None = None
    """log10 of the e-value (or of 1/p) against unbiasedness."""
    tier: str | None = None
    """Tier: "0a" pointwise, "0b" quadrature, "1" twin, "2" replicated, "3" black box."""
    variance_class: str | None = None
    """Class: "R" variance known, "K" kurtosis known, "H" nothing known (asymptotic)."""
    variance: float | None = None
    exact_variance: float | None = None
    num_samples: int | None = None
    seconds: float | None = None
    message: str = ""
    """The block of text that a person reads."""
    reproduce: str | None = None
    """One command line that replays this case."""
    details: dict[str, Any] = field(default_factory=dict[str, Any])

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values. A number that is not finite becomes null, and `reason` then says "nonfinite" if
        it said nothing: JSON has no infinities, and a null without a reason would look like "not
        measured"."""
        plain = {item.name: getattr(self, item.name) for item in fields(self)}
        cleaned = finite(plain)
        if cleaned["reason"] is None and _has_nonfinite(plain):
            cleaned["reason"] = "nonfinite"
        return cleaned

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Result:
        """The result that `to_dict` wrote. Unknown members (of a later minor version) are ignored.

        Raises UsageError if a required member is missing or the status is unknown.
        """
        missing = [name for name in ("case", "subject", "check", "status") if name not in values]
        if missing:
            raise UsageError(f"a result in the record lacks {missing[0]!r}")
        status, names = values["status"], [item.value for item in Status]
        if status not in names:
            allowed = f"{', '.join(names)}{nearest(str(status), names)}"
            raise UsageError(f"status of {values['case']!r} is {status!r}, allowed is {allowed}")
        known = {item.name for item in fields(cls)}
        kept = {name: value for name, value in values.items() if name in known}
        kept["status"] = Status(status)
        return cls(**kept)


def finite(value: Any) -> Any:
    """`value` with every non-finite float, at any depth, replaced by None, and tuples by lists."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): finite(item) for key, item in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in cast("list[Any]", value)]
    return value


def _has_nonfinite(value: Any) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, Mapping):
        return any(_has_nonfinite(item) for item in cast("Mapping[Any, Any]", value).values())
    return isinstance(value, list | tuple) and any(_has_nonfinite(item) for item in cast("list[Any]", value))
