"""Tier 1: the same noise fed to the subject and to a twin whose mean is certified, in other arithmetic.

The differences have the bias as their mean and almost no variance: a fault of one back end or dtype shows at once.
Two that agree on n draws may still differ where none of them fell: what an event that n draws have not shown could
add, with a difference of S, is part of the bound.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from fsb_oracle.backends import get_backend
from fsb_oracle.backends.noise import Noise
from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.noise import decide_by_quadrature
from fsb_oracle.checks.tier import Target, Tier
from fsb_oracle.integrands import Integrand
from fsb_oracle.records import Status
from fsb_oracle.subjects import Subject
from fsb_oracle.subjects.rules import RuleSubject
from fsb_oracle.verdicts import quadrature, seeds
from fsb_oracle.verdicts.sequential import Decision, Plan, run

NAME = "1"
MARGIN = 1e-3  # of S
CERTIFIED = 0.25  # of the run's margin: how well the twin's own mean must be known
BLOCK = 16_384  # draws at which an event not seen may add no more than the margin
BLOCKS = 4
SHOWN = (0.5, 0.99, 1.0)  # quantiles of the relative difference


def decide_by_twin(case: Case, f: Integrand, target: Target, false_fail_rate: float, settings: Settings) -> Tier | None:
    """The verdict on the difference from the twin; None where there is no twin, or its mean is not certified."""
    twin = case.subject.twin(case.dtype)
    noise = case.subject.noise_at(case.parameter, case.at, case.dtype)
    if twin is None or noise is None:
        return None
    own_error = _certificate(case, f, target, *twin, CERTIFIED * settings.margin * target.scale)
    if own_error is None:
        return None
    known = twin[0].known_moments(case.parameter, case.at, f)
    size = target.scale if known is None else math.sqrt(known[0].second)
    tolerance = max(target.tolerance, quadrature.allowance(size, case.dtype))
    plan = Plan(
        margin=max(MARGIN * target.scale, 2 * tolerance, 2 * own_error),
        tolerance=tolerance,
        oracle_error=own_error,
        false_fail_rate=false_fail_rate,
        false_pass_rate=settings.false_pass_rate,
        cap=BLOCKS * BLOCK,
        block=BLOCK,
        scale=0.0,  # what was not seen is added below
    )
    relative: list[np.ndarray] = []

    def block(index: int) -> np.ndarray:
        nodes = _drawn(case, noise, index, settings.seed)
        wide = {name: node.astype(np.float64) for name, node in nodes.items()}
        # a rule that needs no noise gives one number for all draws
        ours = np.broadcast_to(case.subject.at_noise(case.parameter, case.at, f, nodes, case.dtype), (BLOCK,))
        theirs = twin[0].at_noise(case.parameter, case.at, f, wide, twin[1])
        smallest = float(np.finfo(case.dtype).eps) * target.scale
        relative.append(np.abs(ours - theirs) / (np.abs(theirs) + smallest))
        return ours - theirs

    decision = _with_unseen(run(block, plan), target.scale)
    quantiles = [float(np.quantile(np.concatenate(relative), level)) for level in SHOWN]
    place = f"{twin[0].name}/{twin[0].backend_name}-{twin[1]}"
    note = (
        f"same noise as {place}, whose mean is known to {own_error:.1g}: relative difference {quantiles[0]:.1e} in the "
        f"median, {quantiles[1]:.1e} at 99 %, at most {quantiles[2]:.1e} in {decision.num_samples:,} draws"
    )
    details = {"twin": place, "difference": dict(zip(("median", "q99", "largest"), quantiles, strict=True))}
    return Tier(NAME, decision, (note,), details)


def _with_unseen(decision: Decision, scale: float) -> Decision:
    """The bound with what events may add that no draw has shown, if the two then differ by S.

    Rounding errors may have tails beyond class H, and yet be small: differences that were all below M have a mean known
    to M sqrt(log(2 / rate) / 2n) (Hoeffding 1963), beside what was not seen.
    """
    moments, plan, n = decision.moments, decision.plan, decision.num_samples
    assert moments is not None
    if decision.reason == "nonfinite":
        return decision
    unseen = math.log(1 / plan.false_pass_rate) / n * scale
    bound = decision.bias_bound + unseen
    if decision.reason == "tails":
        spread = float(moments.largest) * math.sqrt(math.log(2 / plan.false_pass_rate) / (2 * n))
        bound = abs(decision.bias) + spread + plan.oracle_error + unseen
        if bound <= plan.margin:
            return replace(decision, status=Status.pass_, reason=None, bias_bound=bound)
    elif decision.status in (Status.pass_, Status.within_margin) and bound > plan.margin:
        return replace(decision, status=Status.inconclusive, reason="budget", bias_bound=bound)
    return replace(decision, bias_bound=bound)


def _certificate(case: Case, f: Integrand, target: Target, twin: Subject, dtype: str, largest: float) -> float | None:
    """A bound on |mean of the twin - exact| of at most `largest`, by the quadrature that also gives its variance, or by
    tier 0b."""
    error = math.inf
    # of a subject that runs the rule itself: one that claims to be a rule does not have its moments for that
    known = twin.known_moments(case.parameter, case.at, f) if isinstance(twin, RuleSubject) else None
    if known is not None:
        found = known[0]
        error = abs(found.mean - target.exact) + 4 * found.mean_error + target.radius
        if error <= MARGIN * target.scale / 10:
            return error
    decision = decide_by_quadrature(case, f, target.exact, target.radius, target.scale, 0.0, twin, dtype)
    if decision is not None and decision.status is Status.pass_:
        error = min(error, decision.bias_bound)
    return error if error <= largest else None


def _drawn(case: Case, noise: Mapping[str, Noise], index: int, seed: int) -> dict[str, np.ndarray]:
    """Noise drawn by NumPy in the precision under test, which the wider one holds exactly."""
    backend, generator = get_backend("numpy"), seeds.generator(case.id, seed, seeds.Stage.twin_noise, index)
    return {
        name: np.asarray(backend.draw(primitive, generator, (BLOCK,), case.dtype)) for name, primitive in noise.items()
    }
