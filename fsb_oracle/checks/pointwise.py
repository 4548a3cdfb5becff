"""The pathwise derivative of each sample against the exact one, -(dF/dtheta)/p, over quantiles: no sampling error.

Valid for samplers that map one noise variable monotonically to z; the derivative is then a function of z alone.
The L1 error, integral of p |v - v*|, equals the largest bias over all f with |f'| <= 1. On a circle v* is known up to
c/p: the integral of f' c over the circle is 0 for every periodic f, and no point of it has a rank.

Why it matters: reparameterised gradients multiply f' by this derivative, so that its error is a bias for every f at
once. It often sits in one tail or one range of a parameter, which averages over samples hide.

How to fix: the message gives the quantile and the parameter where it is worst; a jump of the error there shows the
seam between two approximations.

How to reproduce: the last line of the message, or `--select 'pointwise/*'` for all cases of this check.
"""

from __future__ import annotations

import time

import numpy as np

from fsb_oracle import oracle
from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.comparison import Comparison, log_spaced_ranks, of_rounding
from fsb_oracle.checks.points import parameter_points
from fsb_oracle.checks.profile import Profile
from fsb_oracle.records import Result, Status
from fsb_oracle.subjects import Subject
from fsb_oracle.subjects.pathwise import PathwiseSubject
from fsb_oracle.verdicts import seeds

NAME = "pointwise"
ASKED = 8  # of the draws whose derivative is not finite: what it should be
LARGE = 1 / 16  # of the largest number of a dtype: what is above may overflow on its way


def plan(subject: Subject, profile: Profile) -> list[Case]:
    """A case for each parameter point, claimed parameter and dtype of subjects that differentiate their samples."""
    if not isinstance(subject, PathwiseSubject) or not subject.one_noise:
        return []
    return [
        Case(NAME, subject, point, parameter, dtype, tests=0, options=profile.path_samples)
        for point in parameter_points(subject, None)
        for parameter in subject.claimed
        for dtype in subject.dtypes
    ]


def check(case: Case, settings: Settings, false_fail_rate: float) -> Result:
    """Compare at quantiles from 1/n to 1 - 1/n of n draws; margins are in units of the mean of |v|."""
    started = time.perf_counter()
    sequence = seeds.sequence(case.id, settings.seed, seeds.Stage.main, 0)
    assert isinstance(case.subject, PathwiseSubject)
    paths = case.subject.paths(case.parameter, case.at, case.options, sequence, case.dtype)
    drawn = _turned(case, paths.z)
    lost = _lost(case, drawn, paths.derivative)
    if lost is not None:
        reproduce = case.reproduce(settings, None)
        return case.result(
            Status.fail, reason="nonfinite", tier="0a", num_samples=len(paths.z), reproduce=reproduce,
            message=f"NOT FINITE  {case.id}\n  {lost}\n  reproduce: {reproduce}",
            seconds=time.perf_counter() - started,
        )  # fmt: skip
    inside, below, finite, census = _census(case, drawn, paths.derivative)
    order = np.argsort(drawn[inside])
    samples, slopes = drawn[inside][order], paths.derivative[inside][order]
    if len(samples) < 2:
        return case.result(
            Status.fail, reason="nonfinite", tier="0a", message=f"no usable sample  {case.id}\n  {census}",
            reproduce=case.reproduce(settings, None), seconds=time.perf_counter() - started,
        )  # fmt: skip
    chosen = log_spaced_ranks(len(samples))
    exact = _velocity(case, samples[chosen], slopes[chosen])
    # a derivative below the smallest number of the dtype may be 0
    rounding = of_rounding(samples[chosen], exact, case.dtype) + float(np.finfo(case.dtype).tiny)
    # draws that underflowed to the lower end still count as mass
    found = Comparison((below + chosen + 0.5) / finite, exact, slopes[chosen], rounding)
    status = found.status(case.dtype, settings.margin)
    points, reproduce = found.points(case), case.reproduce(settings, None)
    message = [
        f"{found.headline(status, 'derivative')}  {case.id}",
        f"largest bias over all f with |f'| <= 1: {found.l1:.3g} "
        f"(mean |dz/d{case.parameter}| is {found.mean_size:.3g}); margin {settings.margin:g}",
        f"for every f of band W and spectral norm A (f = sum a_k cos(w_k z + b_k), |w_k| <= W, sum |a_k| = A): "
        f"|bias| <= {found.l1:.3g} W A",
        found.worst_place(),
    ]
    if census:
        message.append(census)
    if status is not Status.pass_:
        message.append(f"reproduce: {reproduce}")
    return case.result(
        status,
        bias=found.l1,
        bias_bound=found.l1,
        bias_scale=found.mean_size,
        margin=settings.margin,
        tier="0a",
        num_samples=len(paths.z),
        seconds=time.perf_counter() - started,
        message="\n  ".join(message),
        reproduce=reproduce,
        details={
            "points": points,
            "worst": points[found.worst],
            "l1": found.l1,
            "lipschitz_bias_bound": found.l1,
        },
    )


def _turned(case: Case, z: np.ndarray) -> np.ndarray:
    """On a circle the same points between the ends that the law's definition has there, as its dtype holds them."""
    support = case.family.support
    if support.period is None:
        return z
    low, period = float(case.family.at(support.lower, case.at)), float(case.family.at(support.period, case.at))
    return (low + np.mod(z - low, period)).astype(case.dtype).astype(np.float64)


def _velocity(case: Case, z: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """The exact derivative at each sample; on a circle the one of them all that is nearest to what was observed."""
    exact = np.array([float(v) for v in oracle.velocity(case.family, case.at, case.parameter, list(z))])
    if case.family.support.period is None:
        return exact
    density = np.exp([float(v) for v in oracle.log_density(case.family, case.at, list(z))])
    return exact + float(np.median((observed - exact) * density)) / density


def _lost(case: Case, z: np.ndarray, derivative: np.ndarray) -> str | None:
    """A sentence on samples of the law whose derivative is not finite though the dtype holds what it should be."""
    low, high = (float(case.family.at(end, case.at)) for end in (case.family.support.lower, case.family.support.upper))
    with np.errstate(invalid="ignore"):
        usable = np.isfinite(z) & (z > low) & (z < high) & (np.abs(z) >= np.finfo(case.dtype).tiny)
    bad = np.flatnonzero(usable & ~np.isfinite(derivative))
    asked = bad[np.argsort(np.abs(z[bad]))][:ASKED]  # the smallest overflow last
    exact = [float(v) for v in oracle.velocity(case.family, case.at, case.parameter, list(z[asked]))]
    held = [k for k, value in enumerate(exact) if abs(value) <= LARGE * np.finfo(case.dtype).max]
    if not held:
        return None
    k = held[0]
    return (
        f"dz/d{case.parameter} is {derivative[asked[k]]} at z = {z[asked[k]]:.9g}, where it is {exact[k]:.9g}; "
        f"not finite at {len(bad):,} of {len(z):,} samples inside of the support"
    )


def _census(case: Case, z: np.ndarray, derivative: np.ndarray) -> tuple[np.ndarray, int, int, str]:
    """Usable draws, how many lie below them, how many are finite, and a sentence about those at the ends or not
    finite."""
    low, high = (float(case.family.at(end, case.at)) for end in (case.family.support.lower, case.family.support.upper))
    smallest = np.finfo(case.dtype).tiny
    finite = np.isfinite(z) & np.isfinite(derivative)
    inside = finite & (z > low) & (z < high) & ((np.abs(z - low) > 2 * smallest) | (low != 0))
    below = int((finite & ~inside & (z - low < high - z)).sum())
    lost = len(z) - int(inside.sum())
    if not lost:
        return inside, 0, len(z), ""
    return (
        inside,
        below,
        int(finite.sum()),
        f"{lost:,} of {len(z):,} draws lie at an end of the support or are not finite ({lost / len(z):.2g})",
    )
