"""Measured against exact variance: a forest plot, one row for each subject on each back end."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass

from fsb_oracle.records import Record, Result, Status
from fsb_oracle.report.formats import count, number
from fsb_oracle.report.groups import gather, severity
from fsb_oracle.report.svg import Scale, figure, fit, horizontal_axis, line, marker, rectangle, text
from fsb_oracle.report.view import back_end, place, tone, topic

WIDTH, ROW = 900.0, 20.0
LEFT, RIGHT, TOP = 420.0, 884.0, 34.0
LABEL = 64  # characters that fit to the left of the axis
SHAPES = {"within_margin": "diamond", "fail": "circle"}


@dataclass(frozen=True, slots=True)
class Measurement:
    """Measured variance over exact variance, with its interval."""

    result: Result
    ratio: float
    lower: float
    upper: float

    @property
    def spread(self) -> float:
        """The largest distance from 1 on the interval."""
        return max(abs(self.lower - 1), abs(self.upper - 1))


@dataclass(frozen=True, slots=True)
class Forest:
    """For each subject and back end the measurement that lies farthest from 1, and how many stand behind it."""

    rows: tuple[tuple[str, Measurement, int], ...]

    @property
    def total(self) -> int:
        """How many variances were measured."""
        return sum(cases for _, _, cases in self.rows)


def measurement(result: Result) -> Measurement | None:
    """The ratio of one result of the variance check; None where none was measured."""
    known = result.exact_variance
    if result.check != "variance" or not known or result.variance is None or not result.interval:
        return None
    ends = [1 + end / known for end in result.interval if end is not None]
    if len(ends) != 2 or not all(math.isfinite(end) for end in ends):
        return None
    return Measurement(result, result.variance / known, *ends)


def forest(record: Record) -> Forest | None:
    """All measured variances of a record; None where there are none."""
    found = [item for result in record.results if (item := measurement(result)) is not None]
    if not found:
        return None
    by_row = gather(found, lambda item: (topic(item.result), back_end(item.result)))
    rows = [
        (f"{title}, {engine}", min(items, key=lambda item: (severity(item.result)[0], -item.spread)), len(items))
        for (title, engine), items in by_row.items()
    ]
    rows.sort(key=lambda row: (severity(row[1].result)[0], -row[1].spread))
    return Forest(tuple(rows))


def forest_picture(found: Forest, most: int) -> str:
    """An SVG: a row each for the first `most` subjects, farthest from 1 first, with the margin as a band."""
    rows = found.rows[:most]
    # where one sample is too noisy the margin of a case is a wider one; the band is what holds of most
    margin = statistics.median_low([item.result.margin or 0.0 for _, item, _ in found.rows])
    ends = [end for _, item, _ in rows for end in (item.lower, item.upper)]
    reach = min(max(1.3 * margin, *(abs(end - 1) for end in ends)), 2.0)
    scale = Scale(max(1 - reach, 0.0), 1 + reach, LEFT, RIGHT)
    bottom = TOP + ROW * len(rows) + 4
    body = [
        rectangle(scale(1 - margin), TOP, scale(1 + margin) - scale(1 - margin), bottom - TOP, "margin"),
        horizontal_axis(scale, TOP, bottom, number, most=7),
        line(scale(1.0), TOP - 4, scale(1.0), bottom, "exact"),
        text(scale(1.0), TOP - 10, "exact", "strong"),
    ]
    for index, (title, item, cases) in enumerate(rows):
        y, hue = TOP + ROW * (index + 0.5) + 2, tone(item.result.status)
        label = title if cases == 1 else f"{title} ({cases} cases)"
        body += [
            text(LEFT - 12, y + 4, fit(label, LABEL), "", "end"),
            line(scale(item.lower), y, scale(item.upper), y, f"whisker {hue}"),
            marker(scale(item.ratio), y, SHAPES.get(hue, "square"), f"mark small {hue}"),
        ]
    body.append(text(RIGHT, bottom + 30, "measured variance / exact variance", "quiet", "end"))
    return figure(WIDTH, bottom + 38, "Measured against exact variance", description(found), "".join(body), "forest")


def description(found: Forest) -> str:
    """What the plot shows, in words."""
    _, item, _ = found.rows[0]
    failed = sum(row.result.status is Status.fail for _, row, _ in found.rows)
    wrong = f", {failed} of them wrong" if failed else ""
    return (
        f"{count(found.total, 'variance')} of {count(len(found.rows), 'estimator')} measured{wrong}; the one farthest "
        f"from its exact value is {number(item.ratio)} times it, at {place(item.result)}"
    )
