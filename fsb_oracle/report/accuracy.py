"""Pointwise accuracy of a library's derivative: a map of the relative error over quantile and parameter."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

from fsb_oracle.records import Record, Result
from fsb_oracle.report.formats import number
from fsb_oracle.report.groups import gather
from fsb_oracle.report.svg import Scale, dots, figure, horizontal_axis, marker, text
from fsb_oracle.report.view import back_end, topic

WIDTH, ROW = 900.0, 24.0
LEFT, RIGHT, TOP = 110.0, 884.0, 42.0
# Classes of log10 of the relative error: a class holds what is below its limit; larger dot, larger error.
LIMITS = (-13, -10, -7, -5, -3, -1)


@dataclass(frozen=True, slots=True)
class Map:
    """All points of one subject, parameter and back end."""

    title: str
    back_end: str
    parameter: str
    points: tuple[dict[str, Any], ...]
    results: tuple[Result, ...]

    @property
    def rows(self) -> list[tuple[float, list[dict[str, Any]]]]:
        """The points by the value of the parameter, in increasing order."""
        values: dict[float, list[dict[str, Any]]] = {}
        for point in self.points:
            values.setdefault(point["parameter"], []).append(point)
        return sorted(values.items())

    @property
    def worst(self) -> list[dict[str, Any]]:
        """For each value of the parameter the point with the largest error."""
        return [max(points, key=lambda point: error_of(point)) for _, points in self.rows]


def accuracy_maps(record: Record) -> list[Map]:
    """One map for each subject, parameter and back end that was compared pointwise, at one placed point or more."""
    results = [result for result in record.results if result.details.get("points")]
    maps = [
        Map(
            title=title,
            back_end=engine,
            parameter=members[0].parameter or "parameter",
            points=tuple(point for result in members for point in result.details["points"] if placed(point)),
            results=tuple(members),
        )
        for (title, engine), members in gather(results, lambda r: (topic(r), back_end(r))).items()
    ]
    # Results whose every point lacks a place are shown by their findings alone.
    return [chart for chart in maps if chart.points]


def placed(point: dict[str, Any]) -> bool:
    """Whether a point has a place on the map."""
    return point.get("parameter") is not None and point.get("quantile") is not None


def error_of(point: dict[str, Any]) -> float:
    """The relative error; infinite where the observed value was not finite."""
    error = point.get("error")
    return math.inf if error is None else abs(error)


def error_class(error: float) -> int:
    """The index of the error's class, 0 (smallest) to len(LIMITS)."""
    return sum(error >= 10.0**limit for limit in LIMITS)


def accuracy_picture(chart: Map) -> str:
    """An SVG: a row for each parameter value, a column for each quantile, larger dots for larger errors."""
    rows = chart.rows
    quantiles = [point["quantile"] for point in chart.points]
    bottom = TOP + ROW * len(rows) + 4
    across = Scale(min(quantiles), max(quantiles), LEFT + 12, RIGHT - 12, "logit")
    body = [legend(), horizontal_axis(across, TOP, bottom, quantile_label, most=9)]
    places: dict[int, list[tuple[float, float]]] = {}
    for index, (value, points) in enumerate(rows):
        y = TOP + ROW * (index + 0.5) + 2
        body.append(text(LEFT - 10, y + 4, number(value, 6), "", "end"))
        for point in points:
            x, error = across(point["quantile"]), error_of(point)
            if math.isinf(error):
                body.append(marker(x, y, "cross", "mark fail"))
            else:
                places.setdefault(error_class(error), []).append((x, y))
    body += [dots(places[index], f"e e{index}") for index in sorted(places)]
    body.append(text(RIGHT, bottom + 32, "quantile of z", "quiet", "end"))
    body.append(text(LEFT - 10, TOP - 4, chart.parameter, "quiet", "end"))
    return figure(
        WIDTH,
        bottom + 38,
        f"Relative error, {chart.title}, {chart.back_end}",
        description(chart),
        "".join(body),
        "map",
    )


def quantile_label(quantile: float) -> str:
    """0.001 as it is, its mirror image as 1-0.001 only where the digits would run together."""
    return f"1-{number(1 - quantile)}" if 0.9995 < quantile < 1 else number(quantile, 5)


def legend() -> str:
    labels = [
        "below 1e-13",
        *(f"1e{low} to 1e{high}" for low, high in itertools.pairwise(LIMITS)),
        "1e-1 or more",
    ]
    step = (RIGHT - LEFT) / len(labels)
    parts = []
    for index, label in enumerate(labels):
        x = LEFT + step * index + 8
        parts.append(dots([(x, 12)], f"e e{index}") + text(x + 12, 16, label, "", "start"))
    return "".join(parts)


def description(chart: Map) -> str:
    point = max(chart.worst, key=error_of)
    error = error_of(point)
    size = "not finite" if math.isinf(error) else number(error)
    return (
        f"{chart.title}, {chart.back_end}: {len(chart.points)} points; the largest relative error is {size}, "
        f"at {chart.parameter} {number(point['parameter'], 6)}, quantile {number(point['quantile'], 4)}"
    )
