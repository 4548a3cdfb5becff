"""Bias spectra: B(w) against frequency with its band and the margin, as small multiples for each subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fsb_oracle.records import Record, Result, Status
from fsb_oracle.report.bounds import band_limit
from fsb_oracle.report.formats import number, percent, signed
from fsb_oracle.report.groups import gather
from fsb_oracle.report.svg import (
    Point,
    Scale,
    area,
    dots,
    figure,
    horizontal_axis,
    line,
    polyline,
    rectangle,
    text,
)
from fsb_oracle.report.view import FAILED, WORDS, WORST_FIRST, back_end, topic, worst

WIDTH, HEIGHT = 264.0, 150.0
WIDEST = "Passes, those with the widest bands"
LEFT, RIGHT, TOP, BOTTOM = 60.0, 258.0, 8.0, 126.0


@dataclass(frozen=True, slots=True)
class Curve:
    """B(w) in units of S at increasing frequencies (1/spread), with the lower and upper end of its band."""

    frequencies: tuple[float, ...]
    bias: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]

    @property
    def peak(self) -> tuple[float, float]:
        """The frequency where |B| is largest, and B there."""
        at = max(range(len(self.bias)), key=lambda index: abs(self.bias[index]))
        return self.frequencies[at], self.bias[at]


def curves(result: Result) -> list[Curve]:
    """The curves of a result: one, or one for each part (real, imaginary) if frequencies are repeated."""
    details = result.details
    scale = details.get("scale")
    columns = [details.get(name) or [] for name in ("frequencies", "bias", "lower", "upper")]
    scales = scale if isinstance(scale, list) else [scale or 1.0] * len(columns[0])
    parts: dict[int, list[tuple[float, float, float, float]]] = {}
    seen: dict[float, int] = {}
    for frequency, bias, lower, upper, unit in sorted(
        (row for row in zip(*columns, scales, strict=False) if None not in row and row[0] > 0 and row[4]),
        key=lambda row: row[0],
    ):
        part = seen.get(frequency, 0)
        seen[frequency] = part + 1
        parts.setdefault(part, []).append((frequency, bias / unit, lower / unit, upper / unit))
    return [Curve(*map(tuple, zip(*rows, strict=True))) for rows in parts.values()]


def spectrum_picture(result: Result) -> str:
    """An SVG of one result's spectrum; "" where it has none."""
    drawn = curves(result)
    if not drawn:
        return ""
    margin = result.margin or 0.0
    reach = max(abs(value) for curve in drawn for value in (*curve.bias, *curve.lower, *curve.upper))
    limit = 1.3 * max(reach, margin) or 1.0
    frequencies = [frequency for curve in drawn for frequency in curve.frequencies]
    across = Scale(min(frequencies), max(frequencies), LEFT, RIGHT, "log")
    upright = Scale(-limit, limit, BOTTOM, TOP)
    marks = [-margin, 0.0, margin] if margin > 0.35 * limit else upright.ticks(4)
    body = [
        rectangle(LEFT, upright(margin), RIGHT - LEFT, upright(-margin) - upright(margin), "margin"),
        horizontal_axis(across, TOP, BOTTOM, number, most=5),
        line(LEFT, upright(0.0), RIGHT, upright(0.0), "zero"),
        *(text(LEFT - 6, upright(mark) + 4, signed(percent(mark)), "", "end") for mark in marks),
    ]
    hue = "fail" if result.status in FAILED else "curve"
    for curve in drawn:
        body.append(band(curve, across, upright, hue))
    return figure(WIDTH, HEIGHT, f"Bias spectrum, {back_end(result)}", description(result), "".join(body), "spectrum")


def band(curve: Curve, across: Scale, upright: Scale, hue: str) -> str:
    """The band, the line through the values, and a dot where |B| is largest."""

    def place(values: Sequence[float]) -> list[Point]:
        return [(across(w), upright(value)) for w, value in zip(curve.frequencies, values, strict=True)]

    w, value = curve.peak
    return (
        area(place(curve.upper), place(curve.lower), f"band {hue}")
        + polyline(place(curve.bias), f"line {hue}")
        + dots([(across(w), upright(value))], f"peak {hue}")
    )


def peak_text(result: Result) -> str:
    """Where the bias is largest, as in "largest |B| 0.31 % of S at w = 2.4"."""
    peaks = [curve.peak for curve in curves(result)]
    if not peaks:
        return "no finite value"
    w, value = max(peaks, key=lambda peak: abs(peak[1]))
    return f"largest |B| {percent(abs(value))} of S at w = {number(w)}"


def description(result: Result) -> str:
    margin = f"; margin {percent(result.margin)}" if result.margin is not None else ""
    return f"{topic(result)}, {back_end(result)}: {WORDS[result.status]}; {peak_text(result)}{margin}"


def spectrum_groups(record: Record, most: int) -> tuple[list[tuple[str, list[Result]]], int]:
    """At most `most` spectra by subject and parameter, gravest and widest first; and how many were left out."""
    results = [result for result in record.results if result.details.get("frequencies") and "bias" in result.details]
    chosen = sorted(results, key=gravity)[:most]
    kept = {id(result) for result in chosen}
    # of a long run the passes stand side by side: one spectrum of each estimator would fill a page
    cut = len(chosen) < len(results)
    groups = gather(
        (result for result in results if id(result) in kept),
        lambda result: WIDEST if cut and result.status is Status.pass_ else topic(result),
    )
    ordered = sorted(groups.items(), key=lambda item: WORST_FIRST.index(worst(result.status for result in item[1])))
    return ordered, len(results) - len(chosen)


def gravity(result: Result) -> tuple[int, float]:
    """A sort key: graver status first, then the wider band, which leaves more open."""
    return WORST_FIRST.index(result.status), -(band_limit(result) or 0.0)
