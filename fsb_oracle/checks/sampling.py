"""How a case is sampled: blocks of centred contributions from the case's own streams, and the sequential plan."""

from __future__ import annotations

import math

import numpy as np

from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.integrands import Integrand
from fsb_oracle.rules.variance import Moments
from fsb_oracle.verdicts import seeds
from fsb_oracle.verdicts.sequential import Plan

BLOCK = 8192
UNITS_TO_PASS = (
    80  # in V / margin^2: an unbiased cell of class R passes within 24 on average at a false-pass rate of 1e-3
)


def centred_block(case: Case, f: Integrand, exact: float, index: int, seed: int) -> np.ndarray:
    """X = g - exact for the `index`-th block of units of the case, shape (BLOCK,), float64."""
    sequence = seeds.sequence(case.id, seed, seeds.Stage.main, index)
    return case.subject.contributions(case.at, f, BLOCK, sequence, case.dtype)[case.parameter] - exact


def with_declared(case: Case, tolerance: float, scale: float) -> float:
    """The numerical allowance plus the bias that the subject declares to be by design."""
    return tolerance + (0.0 if case.subject.tolerance is None else case.subject.tolerance[0] * scale)


def decidable(margin: float, variance: float, cap: int) -> float:
    """`margin`, or where the cap could not decide it, the margin that the cap can decide; fixed before any draw."""
    return max(margin, math.sqrt(UNITS_TO_PASS * variance / cap))


def sampling_plan(
    case: Case,
    settings: Settings,
    false_fail_rate: float,
    scale: float,
    moments: Moments | None,
    oracle_error: float,
    tolerance: float,
) -> Plan:
    """The sequential test of one mean: class R where the variance is known exactly, class K where the subject
    declares a kurtosis, else class H.

    The margin is the profile's, in units of S. Where the known variance is so large that the cap could not decide it,
    the margin is raised to what the cap can decide, before any draw; a margin that the user gave is never raised.
    """
    margin = settings.margin * scale
    margin = max(margin, 2 * tolerance)
    if moments is not None and not settings.margin_given:
        margin = decidable(margin, moments.variance_bound, settings.cap)
    return Plan(
        margin=margin,
        tolerance=tolerance,
        oracle_error=oracle_error,
        false_fail_rate=false_fail_rate,
        false_pass_rate=settings.false_pass_rate,
        variance_bound=None if moments is None else moments.variance_bound,
        kurtosis_bound=case.subject.kurtosis if moments is None else max(1.0, 1.05 * moments.kurtosis),
        cap=settings.cap,
        block=BLOCK,
        scale=scale,
    )
