"""Exact variance of each estimator relative to the raw score function's, as dots on a log axis."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from fsb_oracle.records import Record, Result
from fsb_oracle.report.formats import as_decimal, number
from fsb_oracle.report.groups import gather
from fsb_oracle.report.svg import Scale, dots, figure, fit, horizontal_axis, line, marker, rectangle, text
from fsb_oracle.report.view import parameters

WIDTH, ROW = 900.0, 22.0
LEFT, RIGHT, TOP = 300.0, 884.0, 62.0
# Characters that fit to the left of the axis.
LABEL = 42
SHAPES = {
    "score": ("bar", "solid"),
    "score-mean": ("plus", "solid"),
    "score-best": ("diamond", "open"),
    "pathwise": ("triangle", "solid"),
    "implicit": ("inverted triangle", "solid"),
    "measure-valued": ("square", "open"),
    "measure-valued-hahn-jordan": ("cross", "solid"),
}
RULE_SHAPES = (("circle", "solid"), ("circle", "open"), ("square", "solid"), ("diamond", "solid"))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Estimators of one gradient at one law and one f; `rows` by estimator id as the record has them."""

    parameters: str
    f: str
    rows: dict[str, dict[str, Any]]

    def ratio(self, estimator: str) -> float | None:
        """Variance relative to the raw score function's."""
        return self.rows.get(estimator, {}).get("ratio")


@dataclass(frozen=True, slots=True)
class Panel:
    """All comparisons of one family and parameter."""

    family: str
    parameter: str
    estimators: tuple[str, ...]
    costs: dict[str, str]
    comparisons: tuple[Comparison, ...]

    @property
    def title(self) -> str:
        """The family and the parameter."""
        return f"{self.family} {self.parameter}".strip()

    @property
    def shapes(self) -> dict[str, tuple[str, str]]:
        """Shape and filling of each estimator's marker: fixed for baselines, in turn for rules."""
        rules = [name for name in self.estimators if name not in SHAPES]
        return {name: SHAPES.get(name) or RULE_SHAPES[rules.index(name) % len(RULE_SHAPES)] for name in self.estimators}

    def style(self, estimator: str) -> str:
        """The classes of an estimator's marker."""
        filling = self.shapes[estimator][1]
        hue = list(SHAPES).index(estimator) if estimator in SHAPES else 7
        return f"mark {filling} hue{hue}"


def variance_panels(record: Record) -> list[Panel]:
    """One panel for each family and parameter; what several back ends repeat is listed once."""
    results = [result for result in record.results if result.details.get("rows")]
    panels = []
    for (family, parameter), members in gather(results, lambda r: (r.family or "", r.parameter or "")).items():
        cases = gather(members, lambda result: (parameters(result), result.f or ""))
        comparisons = tuple(
            Comparison(law, f, merged_rows(repeated))
            for (law, f), repeated in sorted(cases.items(), key=lambda case: (place(case[1][0]), case[0]))
        )
        names = {name for comparison in comparisons for name in comparison.rows}
        costs = {name: str(row.get("cost", "")) for c in comparisons for name, row in c.rows.items()}
        panels.append(Panel(family, parameter, tuple(sorted(names, key=estimator_order)), costs, comparisons))
    return panels


def place(result: Result) -> list[float]:
    """The parameters as numbers, to sort by; those that are not one number come first."""
    values = (as_decimal(value) for value in result.parameters.values())
    return [-math.inf if value is None else float(value) for value in values]


def merged_rows(results: list[Result]) -> dict[str, dict[str, Any]]:
    """The rows of several results by estimator id; the first of equal ids stands."""
    rows: dict[str, dict[str, Any]] = {}
    for result in results:
        for row in result.details["rows"]:
            rows.setdefault(row["id"], row)
    return rows


def estimator_order(name: str) -> tuple[int, str]:
    """Rules first, then the baselines in the order of SHAPES."""
    return (list(SHAPES).index(name) if name in SHAPES else -1), name


def variance_picture(panel: Panel, most: int) -> str:
    """An SVG with a row for each of the first `most` comparisons; ratios below and above 1 weigh the same."""
    shown = panel.comparisons[:most]
    ratios = [
        ratio for comparison in shown for name in panel.estimators if (ratio := comparison.ratio(name)) and ratio > 0
    ]
    if not ratios:
        return ""
    scale = Scale(min(0.1, 0.7 * min(ratios)), max(10.0, 1.4 * max(ratios)), LEFT, RIGHT, "log")
    rows: list[str] = []
    y, law = TOP + 4, ""
    for comparison in shown:
        if comparison.parameters != law:
            law = comparison.parameters
            rows.append(text(LEFT - 12, y + 18, fit(law, LABEL), "strong", "end"))
            y += ROW + 2
        rows.append(text(LEFT - 12, y + 15, fit(comparison.f, LABEL), "", "end"))
        rows += [ratio_mark(panel, comparison, name, scale, y + 11) for name in reversed(panel.estimators)]
        y += ROW
    bottom = y + 6
    body = [
        legend(panel),
        rectangle(LEFT, TOP, scale(1.0) - LEFT, bottom - TOP, "less"),
        rectangle(scale(1.0), TOP, RIGHT - scale(1.0), bottom - TOP, "more"),
        text(scale(1.0) - 10, TOP - 8, "← less variance than the score", "strong", "end"),
        text(scale(1.0) + 10, TOP - 8, "more variance →", "strong", "start"),
        horizontal_axis(scale, TOP, bottom, lambda tick: f"{number(tick)}×", most=8),
        line(scale(1.0), TOP - 4, scale(1.0), bottom, "exact"),
        *rows,
    ]
    return figure(
        WIDTH,
        bottom + 24,
        f"Variance ratios, {panel.title}",
        description(panel, shown),
        "".join(body),
        "ratios",
    )


def ratio_mark(panel: Panel, comparison: Comparison, name: str, scale: Scale, y: float) -> str:
    """The marker of one ratio; a ratio of exactly 0 stands at the left edge with its value beside it.

    The score has no marker of its own: it is the line at 1.
    """
    ratio = comparison.ratio(name)
    if ratio is None or ratio < 0 or name == "score":
        return ""
    if ratio == 0:
        return dots([(LEFT + 6, y)], "peak") + text(LEFT + 14, y + 4, f"0 ({name})", "quiet", "start")
    return marker(scale(ratio), y, panel.shapes[name][0], panel.style(name))


def legend(panel: Panel) -> str:
    parts, x = [], 12.0
    for name in panel.estimators:
        parts.append(marker(x, 14, panel.shapes[name][0], panel.style(name)) + text(x + 12, 18, name, "", "start"))
        x += 36 + 7 * len(name)
    return "".join(parts)


def description(panel: Panel, shown: tuple[Comparison, ...]) -> str:
    """For each estimator, in how many cases its variance is below and above the score's."""
    parts = []
    for name in panel.estimators:
        ratios = [ratio for comparison in shown if (ratio := comparison.ratio(name)) is not None]
        if ratios and name != "score":
            below, above = sum(ratio < 1 for ratio in ratios), sum(ratio > 1 for ratio in ratios)
            parts.append(
                f"{name} below the score in {below} and above it in {above} of {len(ratios)} cases, "
                f"from {number(min(ratios))} to {number(max(ratios))} times"
            )
    return f"{panel.title}: {'; '.join(parts)}"
