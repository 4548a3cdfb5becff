"""Stopped evidence as e-values: numbers whose mean is at most 1 where there is no bias, so that those of independent
epochs may be multiplied, and those of one epoch averaged (Wang and Ramdas 2022)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from fsb_oracle.verdicts.sequential import Decision

__all__ = ["log_e_value", "mean_log_e_value"]


def log_e_value(decision: Decision) -> float | None:
    """Natural logarithm of the e-value at which a test stopped; None where there is none.

    Class R: the evidence itself. Class K: likewise, where the bound on the variance held (0.1 of the false-fail rate).
    Class H: its evidence is 1/p of an (asymptotic) p-value that holds at all looks together; products of 1/p are no
    evidence, so it is calibrated. A look that may not decide carries none.
    """
    if decision.evidence is None or decision.reason in ("nonfinite", "tails", "variance-claim"):
        return None
    log_evidence = decision.evidence * math.log(10)
    if math.isnan(log_evidence):
        return None
    return calibrated(log_evidence) if decision.variance_class == "H" else log_evidence


def mean_log_e_value(decisions: Sequence[Decision]) -> float | None:
    """That of several tests on the same draws: the mean of their e-values is one, however they depend."""
    values = [value for decision in decisions if (value := log_e_value(decision)) is not None]
    if not values or len(values) < len(decisions):
        return None
    largest = max(values)
    if math.isinf(largest):
        return largest
    return largest + math.log(math.fsum(math.exp(value - largest) for value in values) / len(values))


def calibrated(log_inverse: float) -> float:
    """log of e(p) = (1 - p + p log p) / (p log(p)^2), an e-value for every p-value p; `log_inverse` is log(1/p).

    It is the mixture of k p^(k - 1) over k uniform in (0, 1): its integral over p is 1.
    """
    x = max(log_inverse, 0.0)
    if x < 1e-3:
        return math.log(0.5 + x / 6)
    return x + math.log(-math.expm1(-x) - x * math.exp(-x)) - 2 * math.log(x)
