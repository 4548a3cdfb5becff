"""What a result excludes: the largest bias that it leaves possible, end to end and for a given noise."""

from __future__ import annotations

from collections.abc import Iterable

from fsb_oracle.records import Result, Status
from fsb_oracle.report.formats import percent
from fsb_oracle.report.view import scaled, unit

GOOD = (Status.pass_, Status.within_margin)
BOUNDED = (*GOOD, Status.inconclusive)
# Tiers that evaluate the map from noise to gradient without sampling: they do not test the random source.
DETERMINISTIC = ("0a", "0b", "1")
# Checks whose `bias_bound`, if they have one, is not a bias of a gradient in units of S.
NOT_ABOUT_BIAS = ("variance", "pointwise", "score", "proof", "exact", "law", "contract")


def bound(result: Result) -> float | None:
    """The largest bias, in units of S, that a result leaves possible from end to end.

    The largest of all conclusive tiers counts: a deterministic tier says nothing about the random source.
    """
    if result.status not in BOUNDED or result.check in NOT_ABOUT_BIAS or unit(result) != "S":
        return None
    band = band_limit(result)
    if band is not None:
        # A pass puts every frequency below the margin, also where the two-sided band is a little wider.
        return band if result.margin is None or result.status not in GOOD else min(band, result.margin)
    tiers = [tier["bias_bound"] for tier in result.details.get("tiers", []) if tier["status"] in GOOD]
    shares = [scaled(result, value) for value in (result.bias_bound, *tiers)]
    return max((share for share in shares if share is not None), default=None)


def band_limit(result: Result) -> float | None:
    """The largest end of a spectrum's band, each frequency in units of its own S; None without a spectrum."""
    lower, upper = (result.details.get(side) or [] for side in ("lower", "upper"))
    scale = result.details.get("scale")
    scales = scale if isinstance(scale, list) else [scale] * len(lower)
    bands = zip(lower, upper, scales, strict=False)
    ends = [abs(end) / unit for low, high, unit in bands if unit for end in (low, high) if end is not None]
    return max(ends, default=None)


def bound_text(result: Result) -> str:
    """The bias above which a result excludes one, in per cent of S, rounded up."""
    return percent(bound(result), up=True, missing="")


def largest_bound(results: Iterable[Result]) -> float | None:
    """The largest of the bounds; None where no result has one."""
    return max((value for value in map(bound, results) if value is not None), default=None)


def noise_bound(result: Result) -> float | None:
    """The largest bias of the map from noise to gradient, in units of S, if a deterministic tier decided."""
    if result.status not in BOUNDED or result.tier not in DETERMINISTIC or not sampled(result):
        return None
    return scaled(result, result.bias_bound)


def rests_on_noise(result: Result) -> bool:
    """Whether a result is good by a deterministic tier while sampling could not decide."""
    return result.status in GOOD and Status.inconclusive in sampled(result)


def sampled(result: Result) -> list[str]:
    """The statuses of the tiers that sampled."""
    return [tier["status"] for tier in result.details.get("tiers", []) if tier["tier"] not in DETERMINISTIC]
