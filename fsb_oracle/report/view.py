"""What both renderings say about one result: its status in words, its place, its bias in units of S."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from fsb_oracle.records import Record, Result, Status
from fsb_oracle.report.formats import MISSING, number, percent, shorten_decimal, signed

WORDS = {
    Status.pass_: "pass",
    Status.within_margin: "within margin",
    Status.fail: "fail",
    Status.inconclusive: "inconclusive",
    Status.not_applicable: "not applicable",
    Status.known_failure: "known failure",
    Status.unexpected_pass: "unexpected pass",
    Status.error: "error",
}
FAILED = (Status.error, Status.fail, Status.unexpected_pass)
WORST_FIRST = (
    *FAILED,
    Status.inconclusive,
    Status.within_margin,
    Status.known_failure,
    Status.pass_,
    Status.not_applicable,
)


def worst(statuses: Iterable[Status]) -> Status:
    """The status that decides for a group of results."""
    return min(statuses, key=WORST_FIRST.index)


def printable(record: Record) -> Record:
    """The record with control characters made visible, so that no name can steer a terminal or a page."""
    return replace(
        record,
        run={**NOT_RECORDED, **visible(record.run)},
        results=tuple(
            replace(result, **{field.name: visible(getattr(result, field.name)) for field in TEXTS})
            for result in record.results
        ),
    )


# Control characters but tab and line feed, soft hyphen, zero-width and bidirectional marks, lone surrogates.
STEERING = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ud800-\\udfff]"
)
# What a hand-made or very old record may lack.
NOT_RECORDED: dict[str, Any] = {
    "versions": {},
    "seed": None,
    "profile": MISSING,
    "false_fail_rate": {},
    "options": {},
    "seconds": None,
    "machine": {},
    "started": None,
    "targets": [],
    "unavailable": {},
}
SCALES = {
    "variance": "the exact variance",
    "pointwise": "the mean derivative",
    "score": "the mean score",
    "law": "c TV(f')",
}
# StrEnum is a str as well, and must stay what it is.
TEXTS = [field for field in fields(Result) if field.name != "status"]


def visible(value: Any) -> Any:
    """`value` with each character of its texts that hides or steers what is read written as an escape."""
    if isinstance(value, str):
        return STEERING.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), value)
    if isinstance(value, dict):
        return {visible(key): visible(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [visible(item) for item in value]
    return value


def parameters(result: Result) -> str:
    """The parameters in one line, long decimals cut, as in "concentration=2.5, rate=1.428571…"."""
    return ", ".join(f"{name}={shorten_decimal(value, 7)}" for name, value in result.parameters.items())


def back_end(result: Result) -> str:
    """Back end and dtype, as in "torch float64"; "exact" for what is computed without a back end."""
    return " ".join(part for part in (result.backend, result.dtype) if part) or "exact"


def topic(result: Result) -> str:
    """What is tested, as in "GAM-k-U · gamma concentration"."""
    what = " ".join(part for part in (result.family, result.parameter) if part)
    return f"{result.subject} · {what}" if what else result.subject


def scaled(result: Result, value: float | None) -> float | None:
    """`value`, a bias, in units of the scale S; None where either is unknown or S is 0."""
    if value is None or not result.bias_scale or not math.isfinite(result.bias_scale):
        return None
    return value / result.bias_scale


def unit(result: Result) -> str:
    """What the scale of a result is: S, but for checks of a variance or of a derivative at given samples."""
    if result.check == "continuity" and result.tier == "0a":  # compared sample by sample
        return SCALES["pointwise"]
    return SCALES.get(result.check, "S")


def bias_text(result: Result) -> str:
    """The measured bias, signed: in per cent of S where S is known, else as it is."""
    share = scaled(result, result.bias)
    if share is not None:
        return signed(percent(share))
    return signed(number(result.bias))


def message(result: Result) -> str:
    """The message without the line that repeats the command, which has a place of its own."""
    lines = result.message.splitlines()
    return "\n".join(line for line in lines if not (result.reproduce and result.reproduce in line))


def place(result: Result) -> str:
    """Where a result stands within its topic: f, parameters, back end."""
    return " · ".join(part for part in (result.f, parameters(result), back_end(result)) if part)


def how(result: Result) -> str:
    """What the verdict rests on: tier and variance class, or the measured variance against the exact one."""
    parts = [
        f"tier {result.tier}" if result.tier else "",
        f"class {result.variance_class}" if result.variance_class else "",
    ]
    if result.variance is not None and result.exact_variance:
        parts.append(f"variance {number(result.variance / result.exact_variance, 4)} of exact")
    return ", ".join(part for part in parts if part)


def tone(status: Status) -> str:
    """The class of a status in pictures: every kind of failure looks the same."""
    return "fail" if status in FAILED else status.value


def finding_sentence(result: Result) -> str:
    """The numbers of one finding in one sentence."""
    parts: list[str] = []
    if result.bias is not None:
        in_scale = f" of {unit(result)}" if scaled(result, result.bias) is not None else ""
        parts.append(f"Bias {bias_text(result)}{in_scale}")
        if (ends := interval(result)) is not None:
            show = percent if result.bias_scale else number
            parts.append(f"interval {signed(show(ends[0]))} to {signed(show(ends[1]))}")
        if result.margin is not None:
            parts.append(f"margin {percent(result.margin)}")
    if result.estimate is not None and result.exact is not None:
        parts.append(f"estimate {number(result.estimate, 7)}, exact {shorten_decimal(result.exact, 10)}")
    return "; ".join(parts)


def interval(result: Result) -> tuple[float, float] | None:
    """The interval for the bias, in units of S where S is known."""
    ends = result.interval
    if not ends or len(ends) != 2 or any(end is None or not math.isfinite(end) for end in ends):
        return None
    scale = result.bias_scale or 1.0
    return ends[0] / scale, ends[1] / scale
