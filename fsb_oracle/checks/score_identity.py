"""E[d log p/dtheta] = 0 under the library's own sampler: finds samplers and log-densities of two different laws, and
draws that underflow.

Why it matters: a sampler and a log-density of two different laws give a wrong gradient although each looks right by
itself.

How to fix: check the parametrisation (rate or scale, success or failure) of the sampler against that of the log-
density, then the draws at the ends of the support.

How to reproduce: the last line of the message, or `--select 'score_identity/*'` for all cases of this check.
"""

from __future__ import annotations

import math
import time

import numpy as np

from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.points import parameter_points
from fsb_oracle.checks.profile import Profile
from fsb_oracle.checks.sampling import centred_block
from fsb_oracle.checks.truth import bounded_moments
from fsb_oracle.families.family import z
from fsb_oracle.integrands import Integrand
from fsb_oracle.records import Result, Status
from fsb_oracle.rules import baselines
from fsb_oracle.rules.variance import Moments
from fsb_oracle.subjects import Subject
from fsb_oracle.subjects.libraries.subjects import LibraryScore
from fsb_oracle.verdicts.sequential import Plan, run
from fsb_oracle.verdicts.wording import Context, describe

NAME = "score_identity"
ONE = Integrand(z**0)


def plan(subject: Subject, profile: Profile) -> list[Case]:
    """A case for each parameter point, claimed parameter and dtype; not where an end of the support moves, since
    there the identity has a boundary term."""
    if not isinstance(subject, LibraryScore) or subject.family.support.moves or len(subject.family.samples) > 1:
        return []
    if subject.family.log_density is None:
        return []
    return [
        Case(NAME, subject, point, parameter, dtype)
        for point in parameter_points(subject, None)
        for parameter in subject.claimed
        for dtype in subject.dtypes
    ]


def check(case: Case, settings: Settings, false_fail_rate: float) -> Result:
    """The mean score, in units of its root mean square (the root of the Fisher information)."""
    started = time.perf_counter()
    moments = _moments(case)
    if moments is None and case.family.discrete:
        reason = "the variance of its score is not known beforehand, and a rare event would decide"
        return case.result(Status.not_applicable, reason=reason, message=f"NOT APPLICABLE  {case.id}\n  {reason}")
    first = centred_block(case, ONE, 0.0, 0, settings.seed)
    scale = math.sqrt(float((first**2).mean()) if moments is None else moments.second)
    if not math.isfinite(scale):
        bad = first[~np.isfinite(first)]
        message = (
            f"NOT FINITE  {case.id}\n  the score is {bad[0]} at {len(bad):,} of {len(first):,} of the class's own draws"
        )
        return case.result(
            Status.fail, reason="nonfinite", message=message, reproduce=case.reproduce(settings, false_fail_rate)
        )
    rounding = 0.0 if case.dtype == "float64" else 1e-3 * scale
    sampled = Plan(
        margin=max(settings.margin * scale, 2 * rounding),
        tolerance=rounding,
        oracle_error=0.0,
        false_fail_rate=false_fail_rate,
        false_pass_rate=settings.false_pass_rate,
        variance_bound=None if moments is None else moments.variance_bound,
        kurtosis_bound=None if moments is None else max(1.0, 1.05 * moments.kurtosis),
        cap=settings.cap,
        block=case.subject.block,
        scale=scale,
    )
    decision = run(lambda index: centred_block(case, ONE, 0.0, index, settings.seed), sampled)
    reproduce = case.reproduce(settings, false_fail_rate)
    context = Context(
        case=case.id,
        exact="0",
        scale=scale,
        parameters={name: float(number) for name, number in case.at.items()},
        assumption=None if moments is None else "exact, the Fisher information",
        exact_variance=None if moments is None else moments.variance,
        tolerance_reason=None,
        reproduce=reproduce,
        also=(),
    )
    return case.result(
        decision.status,
        reason=decision.reason,
        exact="0",
        estimate=decision.bias,
        standard_error=decision.standard_error,
        bias=decision.bias,
        bias_bound=decision.bias_bound,
        bias_scale=scale,
        margin=decision.plan.margin / scale,
        interval=[float(end) for end in decision.interval],
        evidence=decision.evidence,
        tier="3",
        variance_class=decision.variance_class,
        num_samples=decision.num_samples,
        seconds=time.perf_counter() - started,
        message=describe(decision, context),
        reproduce=reproduce,
    )


def _moments(case: Case) -> Moments | None:
    """Exact moments of one draw of the score; None where their quadrature has no answer."""
    try:
        found = bounded_moments(baselines.score(case.family, case.parameter), case.at, ONE)
    except (IndexError, ValueError, OverflowError):  # extremes that the grid does not see
        return None
    return found if found is not None and found.bounds(0.0) and found.second > 0 else None
