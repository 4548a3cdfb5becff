"""Class K: only a bound on the kurtosis of a unit about the exact value is known.

The lower tail of a sum of nonnegative terms is light: P(mean X^2 <= V (1 - r)) <= exp(-n r^2 / (2 kappa)).
This gives an upper bound on the variance at each look, with which the formulas of class R hold; their
constants come from a pilot block."""

from __future__ import annotations

import math

import numpy as np

from fsb_oracle.verdicts import class_r
from fsb_oracle.verdicts.moments import Floats, Moments
from fsb_oracle.verdicts.plan import Plan, Reading

__all__ = ["epoch_log_e", "intervals", "read", "variance_upper"]

VARIANCE_SHARE = 0.1  # of each error rate is spent on the bound on the variance, the rest on the bias


def variance_upper(moments: Moments, kurtosis_bound: float, error_rate: float, look: int) -> Floats:
    """Upper bound on E X^2 that holds at all looks (0, 1, ...) at once except with probability error_rate;
    inf too early."""
    log_rate = math.log(error_rate / ((look + 1) * (look + 2)))
    shortfall = math.sqrt(-2 * kurtosis_bound * log_rate / moments.count)
    second = moments.about(0.0)[1] / moments.count
    return second / (1 - shortfall) if shortfall <= 0.5 else np.full_like(second, np.inf)


def _bound(moments: Moments, plan: Plan, rate: float, look: int) -> Floats:
    assert plan.kurtosis_bound is not None
    upper = variance_upper(moments, plan.kurtosis_bound, VARIANCE_SHARE * rate, look)
    return np.maximum(upper, plan.least_variance)


def read(moments: Moments, plan: Plan, look: int) -> Reading:
    """Evidence and bias bound at look 0, 1, ... by the plan's kurtosis bound and pilot variance."""
    design, rest = plan.design_variance, 1 - VARIANCE_SHARE
    fail_bound = _bound(moments, plan, plan.false_fail_rate, look)
    pass_bound = _bound(moments, plan, plan.false_pass_rate, look)
    fail_rate = rest * plan.false_fail_rate
    evidence = class_r.log_evidence(moments, fail_bound, plan.margin, plan.slack, fail_rate, design) + math.log(rest)
    bound = class_r.hidden_bias(
        moments, pass_bound, plan.margin, rest * plan.false_pass_rate, plan.oracle_error, design
    )
    return Reading(evidence, bound, np.isfinite(fail_bound) & np.isfinite(moments.mean))


def epoch_log_e(moments: Moments, plan: Plan, look: int) -> Floats:
    """As in class R, with the upper bound on the variance: an e-value where that bound holds."""
    bound = _bound(moments, plan, plan.false_fail_rate, look)
    return class_r.epoch_log_e(moments, bound, plan.margin, plan.slack, plan.design_variance)


def intervals(moments: Moments, plan: Plan, look: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Intervals for the bias at 1 - false_fail_rate and at 1 - false_pass_rate."""
    design, rest = plan.design_variance, 1 - VARIANCE_SHARE
    fail_bound = float(_bound(moments, plan, plan.false_fail_rate, look))
    pass_bound = float(_bound(moments, plan, plan.false_pass_rate, look))
    if not math.isfinite(fail_bound + pass_bound):
        return (-math.inf, math.inf), (-math.inf, math.inf)
    return (
        class_r.fail_interval(moments, fail_bound, plan.margin, rest * plan.false_fail_rate, plan.oracle_error, design),
        class_r.pass_interval(moments, pass_bound, plan.margin, rest * plan.false_pass_rate, plan.oracle_error, design),
    )
