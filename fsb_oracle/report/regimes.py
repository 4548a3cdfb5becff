"""Heat maps of exact variance ratios over parameter and frequency, with the line where the rule stops winning."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from fsb_oracle.records import Record, Result
from fsb_oracle.report.formats import number
from fsb_oracle.report.svg import Scale, figure, polyline, rectangle, text
from fsb_oracle.report.view import topic

WIDTH = 430.0
LEFT, RIGHT, TOP, ROW = 62.0, 424.0, 26.0, 24.0
# Classes of the ratio: a class holds what is below its limit; the last, what is above all limits.
LIMITS = (0.01, 0.1, 0.5, 1.0, 2.0, 10.0)

Ratios = Sequence[Sequence[float | None]]


@dataclass(frozen=True, slots=True)
class Regime:
    """The rule's variance over that of one comparator: a row for each parameter value, a column for each frequency."""

    rule: str
    against: str
    parameter: str
    values: tuple[float, ...]
    frequencies: tuple[float, ...]
    ratios: Ratios
    cost: float
    """Evaluations of the rule per draw over the comparator's: what a ratio is multiplied by for equal cost."""

    @property
    def known(self) -> list[float]:
        """All ratios that are known."""
        return [ratio for row in self.ratios for ratio in row if ratio is not None]


@dataclass(frozen=True, slots=True)
class RegimeGroup:
    """The maps of one rule."""

    title: str
    result: Result
    regimes: tuple[Regime, ...]


def regime_groups(record: Record) -> list[RegimeGroup]:
    """One group for each result of the check `regimes`; comparators of which nothing is known are left out."""
    groups = []
    for result in record.results:
        details = result.details
        if result.check != "regimes" or not details.get("ratios"):
            continue
        regimes = (
            Regime(
                rule=result.subject,
                against=entry["id"],
                parameter=result.parameter or "parameter",
                values=tuple(details["values"]),
                frequencies=tuple(details["frequencies"]),
                ratios=entry["ratio"],
                cost=details["evaluations"] / entry["evaluations"] if entry["evaluations"] else math.nan,
            )
            for entry in details["ratios"]
        )
        known = tuple(regime for regime in regimes if regime.known)
        if known:
            groups.append(RegimeGroup(topic(result), result, known))
    return groups


def ratio_class(ratio: float) -> int:
    """The index of a ratio's class, 0 (smallest) to len(LIMITS)."""
    return sum(ratio >= limit for limit in LIMITS)


def crossings(regime: Regime) -> list[tuple[float, float]]:
    """(frequency, parameter value) where the ratio passes 1 for the first time, one for each row that crosses.

    Between two frequencies the logarithms are interpolated.
    """
    points = []
    for value, row in zip(regime.values, regime.ratios, strict=True):
        known = [
            (w, ratio) for w, ratio in zip(regime.frequencies, row, strict=True) if ratio is not None and ratio > 0
        ]
        for (w0, r0), (w1, r1) in itertools.pairwise(known):
            if (r0 < 1) != (r1 < 1):
                share = math.log(r0) / (math.log(r0) - math.log(r1))
                points.append((w0 * (w1 / w0) ** share, value))
                break
    return points


def regime_picture(regime: Regime) -> str:
    """An SVG: a coloured cell with its ratio for each parameter value and frequency, and the line where it is 1."""
    across = Scale(regime.frequencies[0], regime.frequencies[-1], 0.0, 1.0, "log")
    width = (RIGHT - LEFT) / len(regime.frequencies)
    bottom = TOP + ROW * len(regime.values)

    def place(frequency: float) -> float:
        return LEFT + width / 2 + across(frequency) * (RIGHT - LEFT - width)

    def height(index: float) -> float:
        return bottom - ROW * (index + 0.5)

    body = []
    for index, (value, row) in enumerate(zip(regime.values, regime.ratios, strict=True)):
        y = height(index)
        body.append(text(LEFT - 8, y + 4, number(value), "", "end"))
        for frequency, ratio in zip(regime.frequencies, row, strict=True):
            x = place(frequency)
            if ratio is None:
                body.append(text(x, y + 4, "–", "quiet"))
                continue
            style = f"heat h{ratio_class(ratio)}"
            body.append(rectangle(x - width / 2, y - ROW / 2, width, ROW, style))
            body.append(text(x, y + 4, number(ratio, 2 if ratio >= 0.01 else 1), "cell"))
    line = [(place(frequency), height(regime.values.index(value))) for frequency, value in crossings(regime)]
    body.append(polyline(line, "line crossing"))
    body += [text(place(w), bottom + 15, number(w, 2), "") for w in regime.frequencies]
    body.append(text(LEFT - 8, TOP - 10, regime.parameter, "quiet", "end" if len(regime.parameter) < 10 else "start"))
    body.append(text(RIGHT, bottom + 31, "frequency of f, in 1/spread", "quiet", "end"))
    title = f"Variance of {regime.rule} over that of {regime.against}"
    return figure(WIDTH, bottom + 36, title, description(regime), "".join(body), "regime")


def description(regime: Regime) -> str:
    """What the map shows, in words."""
    known = regime.known
    wins = sum(ratio < 1 for ratio in known)
    return (
        f"{regime.rule} has a smaller variance than {regime.against} at {wins} of {len(known)} points, "
        f"{number(min(known))} to {number(max(known))} times it{cost_words(regime)}"
    )


def cost_words(regime: Regime) -> str:
    """The factor for equal cost; "" where both cost the same."""
    if not math.isfinite(regime.cost) or regime.cost == 1:
        return ""
    wins = sum(ratio * regime.cost < 1 for ratio in regime.known)
    return f"; at equal cost times {number(regime.cost)}, and smaller at {wins}"
