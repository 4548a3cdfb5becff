"""All z-scores of a run against what unbiased estimators would give: a quantile-quantile plot.

A z-score is the bias that sampling measured, in units of its standard error, at the last look of its case. Sequential
tests stop early when the evidence is clear, and cases share draws, so that the points follow the line closely but not
as independent normal numbers would; the band is a Kolmogorov band, and a guide only: no verdict rests on this plot.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from fsb_oracle.records import Record, Result
from fsb_oracle.report.formats import count, number
from fsb_oracle.report.svg import Point, Scale, area, dots, figure, horizontal_axis, polyline, text
from fsb_oracle.report.view import FAILED

WIDTH, HEIGHT = 560.0, 420.0
LEFT, RIGHT, TOP, BOTTOM = 60.0, 540.0, 24.0, 360.0
FEWEST = 8  # fewer points say nothing about a distribution
REACH = 6.0  # scores beyond are drawn at the edge
BAND_LEVEL = 1e-3
ROUNDING = 1e-6  # a sample with a smaller deviation, in units of S, holds rounding errors alone
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Calibration:
    """Scores in increasing order, each with whether its case failed."""

    scores: tuple[tuple[float, bool], ...]

    @property
    def points(self) -> list[tuple[float, float, bool]]:
        """(expected, observed, failed): the normal quantile of each score's rank, and the score."""
        total = len(self.scores)
        return [
            (NORMAL.inv_cdf((rank + 0.5) / total), score, failed) for rank, (score, failed) in enumerate(self.scores)
        ]

    @property
    def failed(self) -> int:
        """How many of the scores belong to cases that failed."""
        return sum(failed for _, failed in self.scores)

    def beyond(self, limit: float) -> int:
        """How many scores of cases that did not fail are larger than `limit` in absolute value."""
        return sum(abs(score) > limit for score, failed in self.scores if not failed)


def calibration(record: Record) -> Calibration | None:
    """The z-scores of a record's cases; None where there are too few."""
    scores = [(score, result.status in FAILED) for result in record.results if (score := z_score(result)) is not None]
    return Calibration(tuple(sorted(scores))) if len(scores) >= FEWEST else None


def z_score(result: Result) -> float | None:
    """The measured bias of the sample in standard errors; None where the case was not sampled."""
    error = result.standard_error
    if result.check != "unbiased" or not error or not math.isfinite(error) or unmoved(result):
        return None
    sampled = [tier.get("bias") for tier in result.details.get("tiers", []) if tier.get("tier") == "3"]
    if not sampled or sampled[0] is None or not math.isfinite(sampled[0]):
        return None
    return sampled[0] / error


def unmoved(result: Result) -> bool:
    """Whether no draw fell where f moves: the deviation is then rounding, and a z-score has no meaning."""
    deviation = (result.standard_error or 0.0) * math.sqrt(result.num_samples or 0)
    return bool(result.bias_scale) and deviation < ROUNDING * (result.bias_scale or 0.0)


def calibration_picture(found: Calibration) -> str:
    """An SVG: expected quantile across, observed score upwards, the line where they are equal, and its band."""
    points = found.points
    reach = min(REACH, max(4.0, *(abs(score) for score, _ in found.scores)))
    across, upwards = Scale(-4, 4, LEFT, RIGHT), Scale(-reach, reach, BOTTOM, TOP)
    lower, upper = band(len(points))

    def pixels(values: list[tuple[float, float]]) -> list[Point]:
        return [(across(x), upwards(y)) for x, y in values]

    drawn = {
        style: [(across(x), upwards(y)) for x, y, failed in points if failed is bad]
        for style, bad in (("e e3", False), ("e e6 small", True))
    }
    labels = "".join(text(LEFT - 8, upwards(tick) + 4, number(tick), "", "end") for tick in upwards.ticks(6))
    body = [
        horizontal_axis(across, TOP, BOTTOM, number, most=8),
        labels,
        area(pixels(upper), pixels(lower), "band curve"),
        polyline(pixels([(-4.0, -4.0), (4.0, 4.0)]), "line zero"),
        *(dots(places, style) for style, places in drawn.items()),
        text(RIGHT, BOTTOM + 32, "expected of unbiased estimators", "quiet", "end"),
        text(LEFT, TOP - 8, "measured bias / standard error", "quiet", "start"),
    ]
    return figure(WIDTH, BOTTOM + 40, "Calibration of all z-scores", description(found), "".join(body), "calibration")


def band(total: int) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Lower and upper ends of the Kolmogorov band at expected quantiles from -4 to 4."""
    distance = math.sqrt(math.log(2 / BAND_LEVEL) / (2 * total))

    def quantile(probability: float) -> float:
        return NORMAL.inv_cdf(min(max(probability, 1e-12), 1 - 1e-12))

    across = [-4 + step / 10 for step in range(81)]
    levels = [NORMAL.cdf(x) for x in across]
    lower = [(x, quantile(level - distance)) for x, level in zip(across, levels, strict=True)]
    upper = [(x, quantile(level + distance)) for x, level in zip(across, levels, strict=True)]
    return lower, upper


def description(found: Calibration) -> str:
    """What the plot shows, in words."""
    total = len(found.scores)
    good = total - found.failed
    parts = [f"{count(total, 'z-score')}"]
    if found.failed:
        parts.append(f"{found.failed:,} of them of cases that failed")
    share = 2 * NORMAL.cdf(-2)
    whole = f"of the other {good:,}, " if found.failed else ""
    parts.append(
        f"{whole}{found.beyond(2):,} lie beyond 2 standard errors, where {number(share * good)} are "
        f"expected, and {found.beyond(4):,} beyond 4"
    )
    return "; ".join(parts)
