"""The weak continuity equation of samples of several variables: E[v . grad f] = d E f/dtheta for every f, with
v = dz/dtheta.

Each sample's v is compared with a field v* that solves it. Where they agree there is no sampling error, and the L1
error, E |v - v*|, is the largest bias over all f with |grad f| <= 1. In several dimensions other fields are right too,
and samplers of more noise variables than one a component agree in the mean given z: then E[(v - v*) . grad f] = 0 is
tested f by f, with no more variance than the disagreement has.

Why it matters: reparameterised gradients of vectors are v . grad f, so that an error of v is a bias for every f at
once; cross terms between components are what a test of each component alone cannot see.

How to fix: the message names the component and the f where it is worst. A wrong cross term is a factor (a Cholesky
factor, a sum over the simplex) whose own derivative was left out.

How to reproduce: the last line of the message, or `--select 'continuity/*'` for all cases of this check.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.comparison import Comparison, log_spaced_ranks
from fsb_oracle.checks.points import joint_probes, parameter_points
from fsb_oracle.checks.profile import Profile
from fsb_oracle.checks.sampling import decidable, sampling_plan
from fsb_oracle.checks.truth import FLOAT32_TOLERANCE, bias_scale
from fsb_oracle.estimators.function import vector_function_on
from fsb_oracle.oracle.transport import TRANSPORTED, transport_field
from fsb_oracle.records import Result, Status
from fsb_oracle.subjects import Subject
from fsb_oracle.subjects.libraries.subjects import LibraryVectorPaths
from fsb_oracle.verdicts import seeds
from fsb_oracle.verdicts.sequential import Decision, run_many

NAME = "continuity"
PROBED = 512  # samples, of which some are compared point by point
BLOCK, CAP = 1 << 12, 1 << 18  # units of a mean


def plan(subject: Subject, profile: Profile) -> list[Case]:
    """A case for each parameter point, claimed component and dtype of samples whose law has a known field; a random
    test for each f."""
    if not isinstance(subject, LibraryVectorPaths) or subject.family.name not in TRANSPORTED:
        return []
    return [
        Case(NAME, subject, point, parameter, dtype, tests=len(joint_probes(subject.family)))
        for point in parameter_points(subject, None)
        for parameter in subject.claimed
        for dtype in subject.dtypes
    ]


def check(case: Case, settings: Settings, false_fail_rate: float) -> Result:
    """The field at samples whose component of the parameter stands at log-spaced ranks, in units of its mean size."""
    started = time.perf_counter()
    reproduce = case.reproduce(settings, false_fail_rate)
    z, v = _drawn(case, settings, 0, PROBED)
    z, v = z[log_spaced_ranks(len(z))], v[log_spaced_ranks(len(z))]
    if not len(z) or not np.isfinite(v).all():
        count = int((~np.isfinite(v)).any(axis=-1).sum())
        message = f"NOT FINITE  {case.id}\n  the derivative is not finite at {count} of {len(z)} samples inside"
        return case.result(
            Status.fail, reason="nonfinite", tier="0a", message=f"{message}\n  reproduce: {reproduce}",
            reproduce=reproduce, seconds=time.perf_counter() - started,
        )  # fmt: skip
    found = _compared(case, z, v)
    status = found.status(case.dtype, settings.margin)
    lines = [f"{found.headline(status, 'derivative')}  {case.id}"]
    decisions: list[Decision] = []
    if status is Status.fail:
        decisions = _decided(case, settings, false_fail_rate)
        status = _worst(decisions)
        lines = [
            f"{_HEADLINES[status]}  {case.id}",
            f"not the field of a sampler of one noise variable a component (off by {found.share:.1e} of its size)",
            *(
                f"f = {f.text}: {d.status}, bias {d.bias:.3g}, hidden bias < {d.bias_bound:.3g}, n = {d.num_samples:,}"
                for f, d in zip(joint_probes(case.family), decisions, strict=True)
            ),
        ]
    else:
        lines.append(
            f"largest bias over all f with |grad f| <= 1: {found.l1:.3g} (mean |dz/d{case.parameter}| is "
            f"{found.mean_size:.3g}); margin {settings.margin:g}"
        )
    if status is not Status.pass_:
        lines.append(f"reproduce: {reproduce}")
    worst = max(decisions, key=lambda d: abs(d.bias) / d.plan.margin) if decisions else None
    return case.result(
        status,
        reason=None if worst is None else worst.reason,
        bias=found.l1 if worst is None else worst.bias,
        bias_bound=found.l1 if worst is None else worst.bias_bound,
        bias_scale=found.mean_size if worst is None else worst.plan.scale,
        margin=settings.margin,
        tier="0a" if worst is None else "3",
        variance_class=None if worst is None else worst.variance_class,
        num_samples=len(z) if worst is None else worst.num_samples,
        seconds=time.perf_counter() - started,
        message="\n  ".join(lines),
        reproduce=reproduce,
        details={"l1": found.l1, "lipschitz_bias_bound": found.l1} if worst is None else {},
    )


_HEADLINES = {
    Status.pass_: "CONTINUITY EQUATION HOLDS in its weak form",
    Status.within_margin: "CONTINUITY EQUATION OFF, WITHIN MARGIN",
    Status.inconclusive: "INCONCLUSIVE",
    Status.fail: "BIASED: the continuity equation does not hold",
}


def _drawn(case: Case, settings: Settings, block: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Samples inside of the support and their derivatives, shape (n, d) each, by the component of the parameter."""
    assert isinstance(case.subject, LibraryVectorPaths)
    sequence = seeds.sequence(case.id, settings.seed, seeds.Stage.main, block)
    z, v = case.subject.field(case.parameter, case.at, count, sequence, case.dtype)
    inside = np.isfinite(z).all(axis=-1)
    if case.family.name == "dirichlet":  # a component that rounds to an end has no velocity
        inside &= ((z >= np.finfo(case.dtype).tiny) & (z < 1)).all(axis=-1)
    z, v = z[inside], v[inside]
    order = np.argsort(z[:, int(case.parameter.split(".")[1])], kind="stable")
    return z[order], v[order]


def _compared(case: Case, z: np.ndarray, v: np.ndarray) -> Comparison:
    exact = transport_field(case.family, case.at, case.parameter, z)
    assert exact is not None
    size, error = np.linalg.norm(exact, axis=-1), np.linalg.norm(v - exact, axis=-1)
    return Comparison((np.arange(len(z)) + 0.5) / len(z), size, size + error)


def _decided(case: Case, settings: Settings, rate: float) -> list[Decision]:
    """The sequential test of E[(v - v*) . grad f] = 0 in units of S for every f, on the same samples.

    The margin is raised to what the cap can decide at the variance of a first block, which is not used again, unless
    the user gave it.
    """
    backend = case.subject.backend
    probes = [f.rounded(case.dtype) for f in joint_probes(case.family)]
    gradients = [vector_function_on(f, case.family, backend).gradient for f in probes]

    def units(block: int, rows: Sequence[int]) -> np.ndarray:
        z, v = _drawn(case, settings, block, BLOCK)
        field = transport_field(case.family, case.at, case.parameter, z)
        found = np.zeros((len(rows), BLOCK))  # what lies outside of the support has no field to compare
        with backend.scope("float64"):
            for place, row in enumerate(rows):
                slope = backend.numpy(gradients[row](backend.array(z, "float64")))
                found[place, : len(z)] = ((v - field) * slope).sum(axis=-1)
        return found

    plans = []
    for f, pilot in zip(probes, units(1, range(len(probes))), strict=True):
        scale = bias_scale(case.family, case.at, f, case.parameter)
        tolerance = FLOAT32_TOLERANCE * scale if case.dtype == "float32" else 0.0
        plan = sampling_plan(case, settings, rate, scale, None, 0.0, tolerance)
        margin = plan.margin if settings.margin_given else decidable(plan.margin, float(np.var(pilot)), CAP)
        plans.append(replace(plan, margin=margin, block=BLOCK, cap=CAP))
    return run_many(lambda block, rows: units(2 + block, rows), plans)


def _worst(decisions: list[Decision]) -> Status:
    """Biased if one is, undecided if one is."""
    order = (Status.fail, Status.inconclusive, Status.within_margin, Status.pass_)
    return min((decision.status for decision in decisions), key=order.index)
