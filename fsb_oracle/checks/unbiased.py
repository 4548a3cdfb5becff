"""The mean of an estimator is the exact gradient: by quadrature over its noise where possible, and by sampling,
always."""

from __future__ import annotations

import math
import time

import numpy as np
import sympy

from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.points import sampled_points, sampled_probes
from fsb_oracle.checks.profile import Profile
from fsb_oracle.checks.sampling import centred_block, sampling_plan, with_declared
from fsb_oracle.checks.truth import bias_scale, dtype_tolerance, exact_gradient
from fsb_oracle.records import Result, Status
from fsb_oracle.rules.nodes import product_grid
from fsb_oracle.subjects import Subject
from fsb_oracle.verdicts import quadrature
from fsb_oracle.verdicts.constants import explain_ratio
from fsb_oracle.verdicts.sequential import Decision, run
from fsb_oracle.verdicts.wording import Context, describe

NAME = "unbiased"
LEVELS = {0: (1,), 1: (3, 4, 5, 6), 2: (3, 4, 5), 3: (2, 3, 4)}


def plan(subject: Subject, profile: Profile) -> list[Case]:
    """A case for each claimed parameter, parameter point, probe and dtype."""
    return [
        Case(NAME, subject, point, parameter, dtype, f)
        for point in sampled_points(subject, profile)
        for parameter in subject.claimed
        for f in sampled_probes(subject, profile)
        for dtype in subject.dtypes
    ]


def check(case: Case, settings: Settings, false_fail_rate: float) -> Result:
    """Decide one case: every tier that applies; the headline is the strongest conclusive one."""
    started = time.perf_counter()
    f = case.integrand
    missing = case.subject.without_mean(case.parameter, case.at, f)
    if missing is not None:
        return case.result(Status.not_applicable, reason=missing, message=f"NOT APPLICABLE  {case.id}\n  {missing}")
    value = exact_gradient(case.family, case.at, f, case.parameter)
    exact, radius = float(value), value.float_radius
    scale = bias_scale(case.family, case.at, f, case.parameter)
    if scale == 0:
        return case.result(Status.not_applicable, reason="f vanishes on the support: every estimator returns 0")
    tolerance = dtype_tolerance(case.family, case.at, f, case.parameter, case.dtype, scale)
    if tolerance > settings.margin * scale / 2:
        return case.result(
            Status.not_applicable,
            reason=f"rounding of f in {case.dtype} alone moves the gradient by {tolerance / scale:.1g} S",
            exact=value.value,
            bias_scale=scale,
        )
    tolerance = with_declared(case, tolerance, scale)
    known = case.subject.known_moments(case.parameter, case.at, f)
    if known is not None and not known[0].bounds(exact):
        known = None  # a variance whose grids have not settled is no claim: the sample speaks for itself
    moments, claim = known if known is not None else (None, None)
    tiers: dict[str, Decision] = {}
    by_quadrature = decide_by_quadrature(case, exact, radius, scale, tolerance)
    if by_quadrature is not None:
        tiers["0b"] = by_quadrature
    sampled = sampling_plan(case, settings, false_fail_rate, scale, moments, radius, tolerance)
    tiers["3"] = run(lambda index: centred_block(case, f, exact, index, settings.seed), sampled)
    status, tier = _combine(tiers)
    decision = tiers[tier]
    reproduce = case.reproduce(settings, false_fail_rate, sampled.margin / scale)
    explanation = explain_ratio(decision, exact, {k: float(v) for k, v in case.at.items()})
    context = Context(
        case=case.id,
        exact=value.value,
        scale=scale,
        parameters={name: float(number) for name, number in case.at.items()},
        assumption=None if claim is None else f"exact, of {claim}",
        exact_variance=None if moments is None else moments.variance,
        tolerance_reason=None if case.subject.tolerance is None else case.subject.tolerance[1],
        reproduce=reproduce,
        also=tuple(f"tier {name}: {_one_line(other)}" for name, other in tiers.items() if name != tier),
    )
    sample = tiers["3"]
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
        tier=tier,
        variance_class=sample.variance_class,
        variance=None if sample.moments is None else float(sample.moments.variance),
        exact_variance=None if moments is None else moments.variance,
        num_samples=sample.num_samples,
        seconds=time.perf_counter() - started,
        message=describe(decision, context),
        reproduce=reproduce,
        details={
            "tails": {} if sample.moments is None else tails(sample),
            "tiers": [
                {
                    "tier": name,
                    "status": str(other.status),
                    "bias": other.bias,
                    "bias_bound": other.bias_bound,
                    "message": _one_line(other),
                }
                for name, other in tiers.items()
            ],
            "ratio": explanation.ratio,
            "nearest_constant": explanation.nearest_constant,
            "likely_cause": explanation.likely_cause,
        },
    )


def tails(decision: Decision) -> dict[str, float]:
    """The tail report of a sample."""
    moments = decision.moments
    assert moments is not None
    return {
        "skewness": float(moments.skewness),
        "kurtosis": float(moments.kurtosis),
        "max_share": float(moments.max_share),
    }


def decide_by_quadrature(case: Case, exact: float, radius: float, scale: float, tolerance: float) -> Decision | None:
    """Tier 0b: the implementation itself on quadrature nodes of its noise; None where it cannot decide.

    Kinked f are left to sampling: a product grid does not resolve them to this tier's margin.
    """
    f = case.integrand
    if not case.family.discrete and f.breakpoints:
        return None
    noise = case.subject.noise_at(case.parameter, case.at, case.dtype)
    if noise is None:
        return None
    dimension = sum(primitive.support != "integers" for primitive in noise.values())
    # a product grid over a heavy tail does not see how fast f turns out there
    if dimension not in LEVELS or (dimension > 1 and case.family.tail_index != sympy.oo):
        return None
    total, absolute, error = 0.0, 0.0, math.inf
    previous: float | None = None
    margin = quadrature.default_margin(scale, dimension, case.dtype)
    for level in LEVELS[dimension]:
        total, absolute = 0.0, 0.0
        for weight, nodes in product_grid(noise, level):
            g = case.subject.at_noise(case.parameter, case.at, f, nodes, case.dtype)
            used = np.broadcast_to(weight, np.broadcast_shapes(weight.shape, g.shape)) > 0
            products = np.where(used, weight * g, 0.0)
            total, absolute = total + products.sum(), absolute + np.abs(products).sum()
        rounding = quadrature.rounding(case.dtype) * absolute
        if dimension == 0:
            error = rounding
        elif previous is not None:
            error = 4 * abs(total - previous) + rounding
        previous = total
        if error <= margin / 2:
            break
    if not math.isfinite(absolute):
        return None  # a node beyond what the dtype can represent
    tau = quadrature.allowance(absolute, case.dtype) + tolerance
    return quadrature.decide_quadrature(total, error, absolute, exact, radius, tau, margin)


def _combine(tiers: dict[str, Decision]) -> tuple[Status, str]:
    """Fail if any tier fails; the strongest conclusive tier (lowest name) is the headline."""
    for wanted in (Status.fail, Status.within_margin, Status.pass_):
        for name in sorted(tiers):
            if tiers[name].status is wanted:
                return wanted, name
    return Status.inconclusive, max(tiers)


def _one_line(decision: Decision) -> str:
    words = f"{decision.status}" + (f" ({decision.reason})" if decision.reason else "")
    return f"{words}, bias {decision.bias:.3g}, hidden bias < {decision.bias_bound:.3g}"


__all__ = ["NAME", "check", "decide_by_quadrature", "plan", "tails"]
