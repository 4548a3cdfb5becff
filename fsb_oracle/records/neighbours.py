"""What the rest of a run says about a failure: which neighbouring cases pass, and where its bias spectrum is worst.

A fault that shows for one f, in one dtype or on one back end alone is looked for elsewhere than one that always shows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from fsb_oracle.records.result import Result, Status

__all__ = ["with_neighbours"]

GOOD = (Status.pass_, Status.within_margin)
JUDGED = (*GOOD, Status.fail, Status.inconclusive)
MOST = 6  # names in one list
TOLD = ("neighbours, other ", "worst frequency of its spectrum: ")  # said anew where a record is completed later
REPRODUCE = "\n  reproduce: "


def with_neighbours(results: Sequence[Result]) -> tuple[Result, ...]:
    """The same results; failures say what their neighbours do, in `message` and in `details["neighbours"]`, once.

    Neighbours differ from the case in one thing: back end and dtype, f, or the point."""
    judged = [result for result in results if result.status in JUDGED]
    axes = {name: _grouped(judged, fixed) for name, (fixed, _) in _AXES.items()}
    spectra = _grouped([result for result in judged if result.check == "spectrum"], _place)
    return tuple(_told(result, axes, spectra) if result.status is Status.fail else result for result in results)


def _told(result: Result, axes: dict[str, dict[Any, list[Result]]], spectra: dict[Any, list[Result]]) -> Result:
    found: dict[str, dict[str, list[str]]] = {}
    lines: list[str] = []
    for name, (fixed, shown) in _AXES.items():
        others = [other for other in axes[name][fixed(result)] if other.case != result.case]
        passing = [shown(other) for other in others if other.status in GOOD]
        failing = [shown(other) for other in others if other.status is Status.fail]
        if passing or failing:
            found[name] = {"pass": passing, "fail": failing}
            lines.append(f"{TOLD[0]}{name}: {_sides(passing, failing)}")
    details = {**result.details, "neighbours": found} if found else dict(result.details)
    wave = next(filter(None, map(_worst_wave, spectra.get(_place(result), []))), None)
    if wave is not None and result.check != "spectrum":
        details["worst_wave"] = wave
        ratio = "" if wave["ratio"] is None else f", estimate / exact = {wave['ratio']:.4g}"
        lines.append(f"{TOLD[1]}{wave['frequency']:.3g}/spread, f = {wave['f']}: bias {wave['share']:.2g} S{ratio}")
    head, mark, tail = result.message.rpartition(REPRODUCE)
    before = [line for line in (head if mark else tail).split("\n  ") if not line.startswith(TOLD)]
    message = "\n  ".join([*before, *lines]) + (mark + tail if mark else "")
    return replace(result, details=details, message=message)


def _sides(passing: list[str], failing: list[str]) -> str:
    parts = [f"{words} {_listed(names)}" for words, names in (("pass", passing), ("fail", failing)) if names]
    return "; ".join(parts)


def _listed(names: list[str]) -> str:
    distinct = list(dict.fromkeys(names))
    more = f" and {len(distinct) - MOST} more" if len(distinct) > MOST else ""
    return ", ".join(distinct[:MOST]) + more


def _worst_wave(spectrum: Result) -> dict[str, Any] | None:
    """The frequency where |B|/S is largest: in 1/spread, f, bias in S, and estimate / exact."""
    columns: list[list[Any]] = [
        spectrum.details.get(name) or [] for name in ("frequencies", "waves", "bias", "scale", "exact")
    ]
    rows: list[tuple[Any, ...]] = [row for row in zip(*columns, strict=False) if None not in row and row[3]]
    if not rows:
        return None
    frequency, f, bias, scale, exact = max(rows, key=lambda row: abs(row[2]) / row[3])
    return {"frequency": frequency, "f": f, "share": bias / scale, "ratio": 1 + bias / exact if exact else None}


def _grouped(results: Iterable[Result], key: Callable[[Result], Any]) -> dict[Any, list[Result]]:
    groups: defaultdict[Any, list[Result]] = defaultdict(list)
    for result in results:
        groups[key(result)].append(result)
    return groups


def _point(result: Result) -> tuple[Any, ...]:
    return (result.family, *sorted(result.parameters.items()), result.parameter)


def _place(result: Result) -> tuple[Any, ...]:
    return (result.subject, result.backend, result.dtype, *_point(result))


def _at(result: Result) -> str:
    return ",".join(f"{name}={value}" for name, value in result.parameters.items())


# name of the axis -> (what stays, how the other place is called)
_AXES: dict[str, tuple[Callable[[Result], Any], Callable[[Result], str]]] = {
    # parameters are rounded to the dtype, so the id without its last part tells what is the same
    "back ends and dtypes": (lambda r: r.case.rpartition("/")[0], lambda r: f"{r.backend}-{r.dtype}"),
    "f": (lambda r: (r.check, *_place(r)), lambda r: str(r.f)),
    "points": (lambda r: (r.check, r.subject, r.backend, r.dtype, r.family, r.parameter, r.f), _at),
}
