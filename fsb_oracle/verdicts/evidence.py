"""Stopped evidence as e-values: numbers whose mean is at most 1 where there is no bias, so that those of independent
epochs may be multiplied, and those of one epoch averaged (Wang and Ramdas 2022)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from fsb_oracle.verdicts import class_h, class_k, class_r
from fsb_oracle.verdicts.sequential import Decision

__all__ = ["log_e_value", "mean_log_e_value"]


def log_e_value(decision: Decision) -> float | None:
    """Natural logarithm of the e-value against |bias| <= tolerance at which a test stopped; None where there is none.

    It is tuned for products over epochs, unlike the evidence of the test itself. Class R: an e-value. Class K:
    likewise where the bound on the variance held, which in each epoch it does but for 0.1 of the false-fail rate.
    Class H: asymptotic. A look that may not decide carries none.
    """
    moments, plan = decision.moments, decision.plan
    if moments is None or decision.reason in ("nonfinite", "tails", "variance-claim"):
        return None
    if decision.variance_class == "H":
        found = class_h.epoch_log_e(moments, plan)
    elif decision.variance_class == "K":
        found = class_k.epoch_log_e(moments, plan, decision.looks - 1)
    else:
        variance = plan.design_variance
        found = class_r.epoch_log_e(moments, variance, plan.margin, plan.slack, variance)
    return None if math.isnan(float(found)) else float(found)


def mean_log_e_value(decisions: Sequence[Decision]) -> float | None:
    """That of several tests on the same draws: the mean of their e-values is one, however they depend."""
    values = [value for decision in decisions if (value := log_e_value(decision)) is not None]
    if not values or len(values) < len(decisions):
        return None
    largest = max(values)
    if math.isinf(largest):
        return largest
    return largest + math.log(math.fsum(math.exp(value - largest) for value in values) / len(values))
