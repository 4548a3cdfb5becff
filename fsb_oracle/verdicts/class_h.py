"""Class H: nothing is known about the units. Asymptotic, and guarded; never described as guaranteed.

Hall's transform (Hall 1992) of the studentised mean removes its skewness; looks at 4096 2^j units share the
error rates by the weights 1/((j + 1)(j + 2)), which sum to 1. A look may decide only when the sample is large
for the tails that it shows. A sample without any noise may have missed a rare event: what an event that it has not
shown could add is allowed for (`Plan.unseen`)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, stdtr, stdtrit  # pyright: ignore[reportMissingTypeStubs]

from fsb_oracle.verdicts import class_r
from fsb_oracle.verdicts.moments import Flags, Floats, Moments
from fsb_oracle.verdicts.plan import Plan, Reading

__all__ = ["epoch_log_e", "guard", "hopeless", "intervals", "read"]

UNITS_PER_KURTOSIS = 100
LARGEST_SHARE = 0.02
GROWTH = 1.25  # the sum of squares may grow faster than so far by this factor before hope is given up in error


@dataclass(frozen=True, slots=True)
class _Hall:
    """Location, scale and skewness of a sample, and the transform that they define."""

    count: int
    mean: Floats
    scale: Floats
    skewness: Floats

    @classmethod
    def of(cls, moments: Moments, least_variance: float) -> _Hall:
        noiseless = moments.variance <= least_variance
        scale = np.sqrt(np.maximum(moments.variance, least_variance))
        return cls(moments.count, moments.mean, scale, np.where(noiseless, 0.0, moments.skewness))

    def pivot(self, point: Floats | float) -> Floats:
        """sqrt(n) (T + g T^2/3 + g^2 T^3/27 + g/(6 n)) with T = (mean - point)/scale: nearly a Student t if
        the bias is `point`; decreasing in it."""
        t, g, n = (self.mean - point) / self.scale, self.skewness, self.count
        return math.sqrt(n) * (t + g * t**2 / 3 + g**2 * t**3 / 27 + g / (6 * n))

    def interval(self, critical: float) -> tuple[Floats, Floats]:
        """The points at which the pivot lies in [-critical, critical]."""
        y = critical / math.sqrt(self.count)
        return self.mean - self.scale * self._inverse(y), self.mean - self.scale * self._inverse(-y)

    def _inverse(self, y: float) -> Floats:
        skewed = np.abs(self.skewness) >= 1e-6
        g = np.where(skewed, self.skewness, 1.0)
        return np.where(skewed, 3 / g * (np.cbrt(1 + g * (y - g / (6 * self.count))) - 1), y)


def guard(moments: Moments, least_variance: float = 0.0) -> Flags:
    """Whether a verdict is allowed: n >= 100 kurtosis, and no unit holds more than 2 % of the sum of
    squares."""
    calm = (moments.count >= UNITS_PER_KURTOSIS * moments.kurtosis) & (moments.max_share <= LARGEST_SHARE)
    return calm | (moments.variance <= least_variance)


def hopeless(moments: Moments, plan: Plan) -> bool:
    """Whether the guard forbids a verdict at the cap too, even if no larger unit follows.

    The units that were seen stay in the sample: while the sum of squares grows with the count, their share of it and
    the kurtosis fall no faster than 1/count. Stopping for that can only leave a case undecided."""
    last = plan.looks[-1] * plan.block
    fallen = moments.count / last / GROWTH
    share, kurtosis = moments.max_share * fallen, moments.kurtosis * fallen / GROWTH
    calm = (share <= LARGEST_SHARE) & (UNITS_PER_KURTOSIS * kurtosis <= last)
    return not (calm | (moments.variance <= plan.least_variance))


def read(moments: Moments, plan: Plan, look: int) -> Reading:
    """Evidence and bias bound at look 0, 1, ... of `plan.asymptotic_looks`; the evidence is weight /
    p-value."""
    hall, weight = _Hall.of(moments, plan.least_variance), _weight(look)
    pivot = hall.pivot(np.clip(moments.mean, -plan.slack, plan.slack))
    evidence = math.log(weight / 2) - _log_tail(np.abs(pivot), moments.count - 1)
    noiseless = moments.variance <= plan.least_variance
    hidden = plan.slack + plan.unseen(plan.false_fail_rate * weight, moments.count)
    evidence = np.where(noiseless & (np.abs(moments.mean) <= hidden), 0.0, evidence)
    lower, upper = hall.interval(_critical(plan.false_pass_rate * weight, moments.count))
    bound = np.maximum(np.abs(lower), np.abs(upper)) + plan.oracle_error
    bound = bound + np.where(noiseless, plan.unseen(plan.false_pass_rate * weight, moments.count), 0.0)
    return Reading(evidence, bound, guard(moments, plan.least_variance) & np.isfinite(moments.mean))


def epoch_log_e(moments: Moments, plan: Plan) -> Floats:
    """As in class R, with the sample's variance and Hall's pivot in place of the studentised mean: asymptotic."""
    hall = _Hall.of(moments, plan.least_variance)
    pivot = hall.pivot(np.clip(moments.mean, -plan.slack, plan.slack))
    spread = class_r.EPOCH_WIDTH * moments.count * np.square(plan.margin / hall.scale)
    log_e = spread * np.square(pivot) / (2 * (1 + spread)) - np.log1p(spread) / 2
    return np.where(moments.variance <= plan.least_variance, 0.0, log_e)


def intervals(moments: Moments, plan: Plan, look: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Intervals for the bias at 1 - false_fail_rate and at 1 - false_pass_rate."""
    hall, weight = _Hall.of(moments, plan.least_variance), _weight(look)

    def at(rate: float) -> tuple[float, float]:
        lower, upper = hall.interval(_critical(rate * weight / 2, moments.count))
        noiseless = bool(moments.variance <= plan.least_variance)
        more = plan.oracle_error + (plan.unseen(rate * weight, moments.count) if noiseless else 0.0)
        return float(lower) - more, float(upper) + more

    return at(plan.false_fail_rate), at(plan.false_pass_rate)


def _weight(look: int) -> float:
    return 1 / ((look + 1) * (look + 2))


def _critical(tail: float, count: int) -> float:
    """Upper quantile of Student's t with count - 1 degrees of freedom."""
    return float(-stdtrit(max(count - 1, 1), tail))


def _log_tail(t: Floats, degrees: int) -> Floats:
    """log P(Student's t > t) for t >= 0. Where the probability underflows: the bound by the first step of
    partial integration, which is exact in the limit and errs towards less evidence."""
    v = max(degrees, 1)
    tail: Floats = stdtr(v, -t)
    safe = np.maximum(t, 1.0)
    log_density: Floats = (
        gammaln((v + 1) / 2) - gammaln(v / 2) - math.log(v * math.pi) / 2 - (v + 1) / 2 * np.log1p(safe**2 / v)
    )
    bound = log_density + np.log1p(safe**2 / v) + math.log(v / max(v - 1, 0.5)) - np.log(safe)
    with np.errstate(divide="ignore"):
        return np.where(tail > 1e-290, np.log(tail), bound)
