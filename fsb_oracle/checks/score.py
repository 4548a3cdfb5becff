"""A differentiated log-density against the exact score, over quantiles: no sampling error.

The score estimator f(z) s(z) is linear in s: integral of p |s - s*| equals its largest bias over all f with |f| <= 1.

Why it matters: score-function (REINFORCE) gradients are f times this derivative: its error is a bias for every f.

How to fix: compare the log-density with its own derivative at the point that the message names; a clamp, a cast or a
regularising constant in the log-density is differentiated too.

How to reproduce: the last line of the message, or `--select 'score/*'` for all cases of this check.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

import numpy as np
import sympy

from fsb_oracle import oracle
from fsb_oracle.checks.case import Case, Settings, case_text
from fsb_oracle.checks.comparison import Comparison, log_spaced_ranks
from fsb_oracle.checks.points import parameter_points
from fsb_oracle.checks.profile import Profile
from fsb_oracle.estimators.lowering import law_samples
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.family import z as law_sample
from fsb_oracle.records import Result, Status
from fsb_oracle.subjects import Subject
from fsb_oracle.verdicts import seeds

NAME = "score"


def plan(subject: Subject, profile: Profile) -> list[Case]:
    """A case for each parameter point, claimed parameter and dtype of subjects that show their score."""
    law = subject.family
    if not subject.has_score or law.log_density is None or law.recipe.expression is sympy.nan:
        return []
    return [
        Case(NAME, subject, point, parameter, dtype, tests=0, options=profile.path_samples)
        for point in parameter_points(subject, profile.spectrum_points if subject.target == "fsb_oracle" else None)
        for parameter in subject.claimed
        for dtype in subject.dtypes
    ]


def check(case: Case, settings: Settings, false_fail_rate: float) -> Result:
    """Compare at quantiles from 1/n to 1 - 1/n of n draws of the law; margins are in units of the mean of |s|."""
    started = time.perf_counter()
    quantile, z, exact = _exact(
        case.family, tuple(case.at.items()), case.parameter, case.dtype, case.options, settings.seed
    )
    observed = np.asarray(case.subject.scores_at(case.parameter, case.at, z, case.dtype), dtype=np.float64)
    reproduce = case.reproduce(settings, None)
    bad = ~np.isfinite(observed)
    if bad.any():
        first = int(np.argmax(bad))
        message = (
            f"NOT FINITE  {case.id}\n  the score is not finite at {int(bad.sum())} of {len(z)} samples, "
            f"the first at z = {z[first]!r}, where it is {exact[first]:.9g}\n  reproduce: {reproduce}"
        )
        return case.result(Status.fail, reason="nonfinite", tier="0a", message=message, reproduce=reproduce)
    # a score below the smallest number of the dtype may be 0
    found = Comparison(quantile, exact, observed, float(np.finfo(case.dtype).tiny))
    status = found.status(case.dtype, settings.margin)
    points = found.points(case)
    message = [
        f"{found.headline(status, 'score')}  {case.id}",
        f"largest bias over all f with |f| <= 1: {found.l1:.3g} "
        f"(mean |d log p/d{case.parameter}| is {found.mean_size:.3g}); margin {settings.margin:g}",
        f"for every f of spectral norm A (f = sum a_k cos(w_k z + b_k), sum |a_k| = A): |bias| <= {found.l1:.3g} A",
        found.worst_place(),
    ]
    if status is not Status.pass_:
        message.append(f"reproduce: {reproduce}")
    return case.result(
        status,
        reason="biased" if status is Status.fail else None,
        bias=found.l1,
        bias_bound=found.l1,
        bias_scale=found.mean_size,
        margin=settings.margin,
        tier="0a",
        num_samples=len(z),
        seconds=time.perf_counter() - started,
        message="\n  ".join(message),
        reproduce=reproduce,
        details={
            "points": points,
            "worst": points[found.worst],
            "l1": found.l1,
            "bounded_bias_bound": found.l1,
        },
    )


@lru_cache(maxsize=256)  # back ends and libraries are asked at the same samples
def _exact(
    family: Family, values: tuple[tuple[str, Any], ...], parameter: str, dtype: str, count: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Quantiles, samples of the law that `dtype` holds exactly, and the exact score there."""
    at = dict(values)
    generator = seeds.generator(f"{NAME}/{family.name}/{case_text(at)}/{parameter}/{dtype}", seed)
    z = _usable(family, at, law_samples(family, at, count, generator), dtype)
    chosen = log_spaced_ranks(len(z))
    exact = np.array([float(v) for v in oracle.score(family, at, parameter, list(z[chosen]))])
    return (chosen + 0.5) / len(z), z[chosen], exact


def _usable(family: Family, at: Parameters, z: np.ndarray, dtype: str) -> np.ndarray:
    """Sorted samples as `dtype` holds them, without those that it rounds to an end of the support or to a kink of the
    density, where any derivative between the two sides is one."""
    with np.errstate(over="ignore", under="ignore"):
        rounded = z.astype(dtype).astype(np.float64)
    if family.discrete:
        return np.sort(rounded)
    low, high = (float(family.at(end, at)) for end in (family.support.lower, family.support.upper))
    normal = (np.abs(rounded) >= np.finfo(dtype).tiny) | (low != 0)
    return np.sort(rounded[(rounded > low) & (rounded < high) & normal & ~np.isin(rounded, _kinks(family, at))])


def _kinks(family: Family, at: Parameters) -> list[float]:
    """Where an absolute value in the density turns."""
    turns = {size.args[0] for size in sympy.sympify(family.log_density).atoms(sympy.Abs)}
    return [float(family.at(place, at)) for turn in turns for place in sympy.solve(turn, law_sample)]
