"""The variance of a rule or baseline: its exact value beside its competitors', and the implementation against it.

Why it matters: a mean can be right while the coupling that keeps the variance small is lost: training then needs many
times the samples, and nothing says so.

How to fix: a variance too large by a constant is a pair that no longer shares its noise, or a baseline that is not
subtracted; one too small is noise that is drawn once and used twice.

How to reproduce: the last line of the message, or `--select 'variance/*'` for all cases of this check.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.points import parameter_points, probes
from fsb_oracle.checks.profile import Profile
from fsb_oracle.checks.sampling import centred_block, decidable
from fsb_oracle.checks.truth import exact_gradient
from fsb_oracle.checks.variance_claim import check_claim
from fsb_oracle.checks.variance_rows import variance_rows
from fsb_oracle.records import Result, Status
from fsb_oracle.rules.variance import exact_moments
from fsb_oracle.subjects import Subject
from fsb_oracle.verdicts.evidence import log_e_value
from fsb_oracle.verdicts.sequential import Plan, run

NAME = "variance"
PROBES = ("sin3", "tanh")


def plan(subject: Subject, profile: Profile) -> list[Case]:
    """A case for each rule whose exact variance is known, and for each claim of a lower variance, at the first
    parameter point and a rough and a smooth probe."""
    return [
        Case(NAME, subject, point, parameter, "float64", f)
        for point in parameter_points(subject, profile.spectrum_points)
        for parameter in subject.claimed
        for f in probes(subject, PROBES)
        if (subject.claimed_rule(parameter, point, f) is not None and not subject.certified_pointwise)
        or subject.rule_above(parameter) is not None
    ]


def check(case: Case, settings: Settings, false_fail_rate: float) -> Result:
    """Units (g - exact)^2 against the exact variance; margin relative to it. The rows are exact."""
    started = time.perf_counter()
    f = case.integrand
    above = case.subject.rule_above(case.parameter)
    if above is not None:
        return check_claim(case, settings, false_fail_rate, above)
    rule = case.subject.claimed_rule(case.parameter, case.at, f)
    assert rule is not None
    moments = exact_moments(rule, case.at, f)
    value = exact_gradient(case.family, case.at, f, case.parameter, settings.routes)
    if not moments.settled(float(value)):
        reason = "the exact variance is not known: " + (
            "its quadrature over the noise has not settled"
            if moments.known
            else "too many noise variables for a quadrature, or no density"
        )
        return case.result(Status.not_applicable, reason=reason, message=f"NOT APPLICABLE  {case.id}\n  {reason}")
    rows = variance_rows(case, rule)
    if moments.variance <= 1e-24 * moments.second or moments.second == 0:
        return _deterministic(case, moments.second, float(value), rows, settings, started)
    target = moments.variance
    of_squares = max(moments.kurtosis * 1.05 - 1, 1e-6) * target**2
    oracle_error = 2 * moments.variance_error
    # across kinks a quadrature is known to few digits: no sample decides within its error
    margin = decidable(max(settings.variance_margin * target, 4 * oracle_error), of_squares, settings.cap)
    decision = run(
        lambda index: centred_block(case, f, float(value), index, settings.seed) ** 2 - target,
        Plan(
            margin=margin,
            oracle_error=oracle_error,
            false_fail_rate=false_fail_rate,
            false_pass_rate=settings.false_pass_rate,
            variance_bound=of_squares,
            cap=settings.cap,
            block=case.subject.block,
        ),
    )
    words = {
        Status.pass_: f"VARIANCE AS STATED to {margin / target:.2g} relative",
        Status.within_margin: f"VARIANCE OFF, WITHIN {margin / target:.2g} relative",
        Status.fail: "VARIANCE WRONG",
    }.get(decision.status, f"INCONCLUSIVE ({decision.reason})")
    reproduce = case.reproduce(settings, false_fail_rate)
    lines = [
        f"{words}  {case.id}",
        f"exact variance {target:.12g} of {rule.id}; measured - exact {decision.bias:.2g}, "
        f"n = {decision.num_samples:,}",
        *(
            f"{row['id']}: variance {row['variance']:.6g}, {row['ratio']:.3g} of the raw score's"
            for row in rows
            if row["ratio"]
        ),
    ]
    if decision.status is Status.fail:
        lines.append(f"reproduce: {reproduce}")
    return case.result(
        decision.status,
        reason=decision.reason,
        exact=repr(float(target)),
        estimate=target + decision.bias,
        standard_error=decision.standard_error,
        bias=decision.bias,
        bias_bound=decision.bias_bound,
        bias_scale=target,
        margin=margin / target,
        interval=[float(end) for end in decision.interval],
        evidence=decision.evidence,
        tier="3",
        variance_class=decision.variance_class,
        variance=target + decision.bias,
        exact_variance=target,
        num_samples=decision.num_samples,
        seconds=time.perf_counter() - started,
        message="\n  ".join(lines),
        reproduce=reproduce,
        details={"rows": rows, "log_e": log_e_value(decision)},
    )


def _deterministic(
    case: Case, second: float, exact: float, rows: list[dict[str, Any]], settings: Settings, started: float
) -> Result:
    """A rule of variance 0: every contribution is the gradient, to rounding."""
    block = centred_block(case, case.integrand, exact, 0, settings.seed)
    largest = float(np.max(np.abs(block)))
    good = largest <= 1e-12 * max(second**0.5, abs(exact))
    status = Status.pass_ if good else Status.fail
    words = "VARIANCE 0, as stated" if good else "VARIANCE NOT 0"
    return case.result(
        status,
        reason=None if good else "biased",
        exact="0",
        estimate=float(np.mean(block**2)),
        variance=float(np.var(block)),
        exact_variance=0.0,
        tier="3",
        num_samples=case.subject.block,
        seconds=time.perf_counter() - started,
        message=f"{words}  {case.id}\n  largest |contribution - exact| {largest:.2g} in {case.subject.block:,} draws",
        reproduce=case.reproduce(settings, None),
        details={"rows": rows},
    )
