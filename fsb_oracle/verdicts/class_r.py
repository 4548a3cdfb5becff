"""Class R: a bound on the variance of a unit is known, and nothing else is assumed; any skew, any tail.

Self-normalised supermartingale (Delyon 2009; Howard, Ramdas, McAuliffe and Sekhon 2020), from the inequality
exp(y - y^2/6) <= 1 + y + y^2/3: for units with mean m and variance at most V, exp(l A - l^2 B/2) is a
nonnegative supermartingale for every l, with A = sum (X - m) and B = (sum (X - m)^2 + 2 n V)/3. Evidence
mixes l over a normal law, the bound on the hidden bias uses the one l that is best at the margin. Both hold
at all looks at once."""

from __future__ import annotations

import math

import numpy as np

from fsb_oracle.verdicts.moments import Flags, Floats, Moments
from fsb_oracle.verdicts.plan import Plan, Reading

__all__ = [
    "claim_refuted",
    "epoch_log_e",
    "epoch_width",
    "fail_interval",
    "hidden_bias",
    "intervals",
    "log_evidence",
    "pass_interval",
    "radius",
    "read",
]

HORIZON = 60
"""The evidence is tuned for a verdict after this many multiples of u = V / margin^2 units."""
EPOCH_WIDTH = 1 / 25
"""That over epochs: an epoch of a nearly correct estimator stops after 24 to 31 u; with a bias of a fifth of the margin
t^2 n V = 1.2 then gives the largest expected logarithm."""


def log_evidence(
    moments: Moments,
    variance_bound: float | Floats,
    margin: float,
    tolerance: float,
    false_fail_rate: float,
    design_variance: float | None = None,
) -> Floats:
    """Natural logarithm of the e-value against |bias| <= tolerance: reaches log(1 / false_fail_rate) at any
    look with probability at most false_fail_rate where the bias is that small.

    `design_variance` (fixed before the data) sets the mixture where `variance_bound` is known only
    afterwards."""
    design = _scalar(variance_bound) if design_variance is None else design_variance
    return _least_log_e(moments, tolerance, _mixture(design, margin, false_fail_rate), variance_bound)


def epoch_log_e(
    moments: Moments, variance_bound: float | Floats, margin: float, tolerance: float, design_variance: float
) -> Floats:
    """Natural logarithm of an e-value against |bias| <= tolerance that is to be multiplied over epochs.

    The same supermartingale with a narrower mixture. That of `log_evidence` is tuned for one run, and over epochs of
    an estimator with a fifth of the margin as its bias its product falls; that of this one grows fastest there."""
    return _least_log_e(moments, tolerance, epoch_width(design_variance, margin), variance_bound)


def epoch_width(variance: float, margin: float) -> float:
    """Variance t^2 of the normal law over which l is mixed, for products over epochs."""
    return EPOCH_WIDTH * (margin / variance) * (margin / variance)


def _least_log_e(moments: Moments, tolerance: float, width: float, variance_bound: float | Floats) -> Floats:
    # The evidence rises and then falls with the distance from the mean, so its least value over the interval
    # of allowed biases is at an end of it (or, where the mean lies inside, at the mean).
    nearest = np.clip(moments.mean, -tolerance, tolerance)
    distances = [np.abs(moments.mean - point) for point in (nearest, -tolerance, tolerance)]
    return np.minimum.reduce([_log_e(moments, distance, width, variance_bound) for distance in distances])


def radius(
    moments: Moments,
    variance_bound: float | Floats,
    margin: float,
    error_rate: float,
    design_variance: float | None = None,
) -> Floats:
    """r such that bias <= mean + r, at all looks at once, except with probability error_rate (and the same
    for bias >= mean - r); inf if there is no bound yet."""
    design = _scalar(variance_bound) if design_variance is None else design_variance
    slope = margin / (design + margin**2 / 3)
    quadratic = slope**2 * (moments.sum2 + 2 * moments.count * variance_bound) / 6
    share = (2 / 3) * (quadratic - math.log(error_rate)) / moments.count
    root = np.sqrt(np.clip(1 - share, 0, None))
    return np.where(share <= 1, 3 / slope * share / (1 + root), np.inf)


def hidden_bias(
    moments: Moments,
    variance_bound: float | Floats,
    margin: float,
    false_pass_rate: float,
    oracle_error: float = 0.0,
    design_variance: float | None = None,
) -> Floats:
    """H: |bias| <= H, at all looks at once, except with probability false_pass_rate."""
    return (
        np.abs(moments.mean) + radius(moments, variance_bound, margin, false_pass_rate, design_variance) + oracle_error
    )


def claim_refuted(moments: Moments, variance_bound: float, kurtosis_bound: float | None) -> Flags:
    """Whether the sample variance is six standard errors above the bound. Where no kurtosis is known the
    standard error is the sample's own: one huge unit, which inflates the variance, then refutes nothing."""
    kurtosis = moments.kurtosis if kurtosis_bound is None else np.float64(kurtosis_bound)
    relative = 6 * np.sqrt(np.maximum(kurtosis - 1, 0) / moments.count)
    if kurtosis_bound is None:
        return moments.variance * (1 - relative) > variance_bound
    return moments.variance > variance_bound * (1 + relative)


def read(moments: Moments, plan: Plan) -> Reading:
    """Evidence and bias bound by the plan's variance bound."""
    variance = plan.design_variance
    evidence = log_evidence(moments, variance, plan.margin, plan.slack, plan.false_fail_rate)
    bound = hidden_bias(moments, variance, plan.margin, plan.false_pass_rate, plan.oracle_error)
    return Reading(evidence, bound, np.isfinite(moments.mean))


def intervals(moments: Moments, plan: Plan) -> tuple[tuple[float, float], tuple[float, float]]:
    """Intervals for the bias at 1 - false_fail_rate and at 1 - false_pass_rate."""
    variance, margin, error = plan.design_variance, plan.margin, plan.oracle_error
    return (
        fail_interval(moments, variance, margin, plan.false_fail_rate, error),
        pass_interval(moments, variance, margin, plan.false_pass_rate, error),
    )


def pass_interval(
    moments: Moments,
    variance_bound: float,
    margin: float,
    error_rate: float,
    oracle_error: float = 0.0,
    design_variance: float | None = None,
) -> tuple[float, float]:
    """(lower, upper) for the bias at 1 - error_rate, tuned to be short at the margin."""
    half = float(radius(moments, variance_bound, margin, error_rate / 2, design_variance)) + oracle_error
    return float(moments.mean) - half, float(moments.mean) + half


def fail_interval(
    moments: Moments,
    variance_bound: float,
    margin: float,
    error_rate: float,
    oracle_error: float = 0.0,
    design_variance: float | None = None,
) -> tuple[float, float]:
    """(lower, upper) for the bias at 1 - error_rate: every bias against which the mixture has no evidence."""
    width = _mixture(variance_bound if design_variance is None else design_variance, margin, error_rate)
    if width == 0:  # a variance so large, compared with the margin, that it says nothing
        return -math.inf, math.inf
    target, n, mean = math.log(1 / error_rate), moments.count, float(moments.mean)
    spread = width * float(moments.sum2 + 2 * n * variance_bound) / 3
    low, high = (
        0.0,
        3 * math.sqrt((n - 1 / 3) * (1 + spread) / (width * n)),
    )  # where the evidence stops rising
    if not _log_e(moments, np.float64(high), width, variance_bound) >= target:
        return -math.inf, math.inf
    for _ in range(100):
        middle = (low + high) / 2
        below = _log_e(moments, np.float64(middle), width, variance_bound) < target
        low, high = (middle, high) if below else (low, middle)
    return mean - high - oracle_error, mean + high + oracle_error


def _mixture(variance: float, margin: float, error_rate: float) -> float:
    """Variance t^2 of the normal law over which l is mixed."""
    level = 2 * math.log(1 / error_rate)
    return (level + math.log1p(level)) / HORIZON * (margin / variance) * (margin / variance)


def _log_e(moments: Moments, distance: Floats | float, width: float, variance_bound: float | Floats) -> Floats:
    """Mixture evidence against a bias at this distance from the mean."""
    n = moments.count
    with np.errstate(invalid="ignore", over="ignore"):
        spread = width * (moments.sum2 + n * np.square(distance) + 2 * n * variance_bound) / 3
        return width * np.square(n * distance) / (2 * (1 + spread)) - np.log1p(spread) / 2


def _scalar(value: float | Floats) -> float:
    return float(np.max(value))
