"""The mean of an estimator is the exact gradient, by every tier that applies.

Tier 0b is quadrature over the noise, tier 1 a twin on the same noise, tier 2 replicated quasi-random noise; tier 3,
sampling, always runs: the others say nothing about the random source.

Why it matters: this is the question itself: gradient descent follows the mean of the estimator. A biased one still
runs and still trains, towards something else.

How to fix: the message gives the size of the bias with its interval, the ratio to the exact value and, where it is
known, the likely cause; which f, points and back ends fail beside it says where to look. A ratio near a simple
constant is a missing factor.

How to reproduce: the last line of the message, or `--select 'unbiased/*'` for all cases of this check.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np

from fsb_oracle.checks import replicates
from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.noise import decide_by_quadrature
from fsb_oracle.checks.points import sampled_points, sampled_probes
from fsb_oracle.checks.profile import Profile
from fsb_oracle.checks.replicates import decide_by_replicates
from fsb_oracle.checks.sampling import (
    CALL,
    CALL_BLOCK,
    Known,
    centred_block,
    centred_calls,
    dependence,
    is_dependent,
    repeated_block,
    sampling_plan,
    with_declared,
)
from fsb_oracle.checks.tier import Target, Tier, headline
from fsb_oracle.checks.truth import bias_scale, dtype_tolerance, exact_gradient, resolved_scale, tested_mean
from fsb_oracle.checks.twin import decide_by_twin
from fsb_oracle.records import Result, Status
from fsb_oracle.subjects import Subject
from fsb_oracle.verdicts import seeds
from fsb_oracle.verdicts.constants import explain_ratio
from fsb_oracle.verdicts.evidence import log_e_value
from fsb_oracle.verdicts.sequential import Decision, run
from fsb_oracle.verdicts.tails import tail_report
from fsb_oracle.verdicts.wording import Context, describe

NAME = "unbiased"


def plan(subject: Subject, profile: Profile) -> list[Case]:
    """A case for each claimed parameter, parameter point, probe and dtype; a random test for each tier that draws."""
    cases = (
        Case(NAME, subject, point, parameter, dtype, f)
        for point in sampled_points(subject, profile)
        for parameter in subject.claimed
        for f in sampled_probes(subject, profile)
        for dtype in subject.dtypes
    )
    return [replace(case, tests=_random_tests(case)) for case in cases]


def _random_tests(case: Case) -> int:
    """Tier 3, and tiers 1 and 2 where they may run."""
    arguments = case.subject, case.parameter, case.at, case.integrand, case.dtype
    return 1 + (case.subject.twin(case.dtype) is not None) + replicates.applies(*arguments)


def check(case: Case, settings: Settings, false_fail_rate: float) -> Result:
    """Decide one case: every tier that applies; the headline is the strongest conclusive one."""
    started = time.perf_counter()
    f = case.integrand
    missing = case.subject.without_mean(case.parameter, case.at, f)
    if missing is not None:
        return case.result(Status.not_applicable, reason=missing, message=f"NOT APPLICABLE  {case.id}\n  {missing}")
    gradient = exact_gradient(case.family, case.at, f, case.parameter, settings.routes)
    value = tested_mean(case.subject, case.at, f, case.parameter, gradient)
    exact, radius = float(value), value.float_radius
    scale = bias_scale(case.family, case.at, f, case.parameter)
    if scale == 0:
        return case.result(Status.not_applicable, reason="f vanishes on the support: every estimator returns 0")
    tolerance = dtype_tolerance(case.family, case.at, f, case.parameter, case.dtype, scale)
    resolved = resolved_scale(case.family, case.at, f, case.parameter, scale)
    if tolerance > settings.margin * resolved / 2:
        unit = "S" if resolved == scale else "times what the recommended rule returns"
        return case.result(
            Status.not_applicable,
            reason=f"rounding of f in {case.dtype} alone moves the gradient by {tolerance / resolved:.1g} {unit}",
            exact=value.value,
            bias_scale=scale,
        )
    target = Target(exact, radius, scale, with_declared(case, tolerance, scale))
    first = repeated_block(case, f, settings.seed)
    if first is None:
        return _nondeterministic(case, settings, false_fail_rate, started)
    known = case.subject.known_moments(case.parameter, case.at, f)
    if known is not None and not known[0].bounds(exact):
        known = None  # a variance whose grids have not settled is no claim: the sample speaks for itself
    moments, claim = known if known is not None else (None, None)
    assumed = None if claim is None else f"exact, of {claim}"
    limit = Known.of(moments)
    bound = case.subject.variance_bound(case.parameter, case.at, f) if limit is None else None
    if bound is not None:
        limit, assumed = Known(bound[0]), bound[1]
    # whatever the case was planned with is shared by the random tests that it makes
    rate = false_fail_rate * case.tests / _random_tests(case)
    by_quadrature = decide_by_quadrature(case, f, exact, radius, scale, target.tolerance)
    found = [
        None if by_quadrature is None else Tier("0b", by_quadrature),
        decide_by_twin(case, f, target, rate, settings),
        decide_by_replicates(case, f, target, rate, settings),
        _decide_by_sampling(case, target, limit, rate, settings, first),
    ]
    tiers = [tier for tier in found if tier is not None]
    status, chosen = headline(tiers)
    decision, sample = chosen.decision, tiers[-1].decision
    share = sample.plan.margin / scale
    reproduce = case.reproduce(settings, false_fail_rate, share if share > settings.margin * (1 + 1e-9) else None)
    explanation = explain_ratio(decision, exact, {k: float(v) for k, v in case.at.items()})
    context = Context(
        case=case.id,
        exact=value.value,
        scale=scale,
        parameters={name: float(number) for name, number in case.at.items()},
        assumption=assumed,
        exact_variance=None if moments is None else moments.variance,
        tolerance_reason=None if case.subject.tolerance is None else case.subject.tolerance[1],
        reproduce=reproduce,
        stated_bias=None if value is gradient else exact - float(gradient),
        deviation=None if sample.moments is None else float(sample.moments.variance) ** 0.5,
        also=tuple(_also(case, tiers, chosen, settings)),
    )
    return case.result(
        status,
        reason=decision.reason,
        exact=value.value,
        estimate=exact + decision.bias,
        standard_error=sample.standard_error,
        bias=decision.bias,
        bias_bound=decision.bias_bound,
        bias_scale=scale,
        margin=decision.plan.margin / scale,
        weak=bool(decision.bias_bound >= abs(exact)) if status is Status.pass_ else None,
        interval=[float(end) for end in decision.interval],
        evidence=decision.evidence,
        tier=chosen.name,
        variance_class=sample.variance_class,
        variance=None if sample.moments is None else float(sample.moments.variance),
        exact_variance=None if moments is None else moments.variance,
        num_samples=sample.num_samples,
        seconds=time.perf_counter() - started,
        message=describe(decision, context),
        reproduce=reproduce,
        details={
            "tails": {} if sample.moments is None else tail_report(sample.moments, sample.top).record(),
            "tiers": [tier.record() for tier in tiers],
            "log_e": log_e_value(sample),
            "ratio": explanation.ratio,
            "nearest_constant": explanation.nearest_constant,
            "likely_cause": explanation.likely_cause,
        },
    )


def _decide_by_sampling(
    case: Case, target: Target, known: Known | None, false_fail_rate: float, settings: Settings, first: np.ndarray
) -> Tier:
    """Tier 3: the contributions as they come, of which `first` is the first block, or the means of calls where those of
    one call depend on each other."""
    f, seed = case.integrand, settings.seed
    ratio = dependence(case, seed)
    by_call = is_dependent(ratio)
    plan = sampling_plan(case, settings, false_fail_rate, target.scale, known, target.radius, target.tolerance, by_call)
    if not by_call:

        def block(index: int) -> np.ndarray:
            return centred_block(case, f, target.exact, index, seed) if index else first - target.exact

        return Tier("3", run(block, plan))
    decision = run(lambda index: centred_calls(case, f, target.exact, index, seed), plan)
    if decision.status is Status.inconclusive:
        decision = replace(decision, reason="dependence")
    note = f"contributions of one call depend on each other (ratio {ratio:.2g}): the unit is the mean of {CALL}"
    return Tier("3", decision, (note,), {"dependence": ratio})


def _also(case: Case, tiers: list[Tier], chosen: Tier, settings: Settings) -> list[str]:
    """Lines on the other tiers, what the tiers have to say, and the contribution that is not finite."""
    lines = [f"tier {tier.name}: {tier.one_line}" for tier in tiers if tier is not chosen]
    if tiers[0].name != "0b":
        lines.append("tier 0b: does not apply (noise not exposed, more than three variables, or f not smooth)")
    lines += [note for tier in tiers for note in tier.notes]
    moments = tiers[-1].decision.moments
    if chosen is tiers[-1] and chosen.decision.reason == "nonfinite" and moments is not None:
        lines.append(_first_nonfinite(case, int(moments.first_nonfinite), settings, chosen.decision))
    return lines


def _first_nonfinite(case: Case, position: int, settings: Settings, decision: Decision) -> str:
    """Seed, index and inputs of the first contribution that is not finite."""
    by_call, size = decision.plan.block == CALL_BLOCK, case.subject.block
    block, index = divmod(position, CALL_BLOCK if by_call else size)
    sequence = seeds.sequence(case.id, settings.seed, seeds.Stage.main, block)
    inputs: dict[str, Any] = {} if by_call else case.subject.inputs_at(case.at, size, sequence, case.dtype, index)
    words = ", ".join(f"{name} = {value!r}" for name, value in inputs.items()) or "not exposed"
    key = f"seed {settings.seed}, spawn key {list(sequence.spawn_key)}, index {index} of {size}"
    return f"first at {key}; inputs: {words}"


def _nondeterministic(case: Case, settings: Settings, false_fail_rate: float, started: float) -> Result:
    """The same key gave different bits: nothing that it returns can be replayed."""
    reproduce = case.reproduce(settings, false_fail_rate)
    sequence = seeds.sequence(case.id, settings.seed, seeds.Stage.main, 0)
    message = (
        f"NONDETERMINISTIC  {case.id}\n"
        f"  the same key (seed {settings.seed}, spawn key {list(sequence.spawn_key)}) gave different contributions: "
        "is there a global generator, a clock, a cache or state kept between calls?\n"
        f"  reproduce: {reproduce}"
    )
    seconds = time.perf_counter() - started
    return case.result(Status.fail, reason="nondeterministic", seconds=seconds, message=message, reproduce=reproduce)


__all__ = ["NAME", "check", "plan"]
