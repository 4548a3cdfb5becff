"""The pathwise derivative of each sample against the exact one, -(dF/dtheta)/p, over quantiles: no sampling error.

Valid for samplers that map one noise variable monotonically to z; the derivative is then a function of z alone.
The L1 error, integral of p |v - v*|, equals the largest bias over all f with |f'| <= 1.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from fsb_oracle import oracle
from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.points import parameter_points
from fsb_oracle.checks.profile import Profile
from fsb_oracle.records import Result, Status
from fsb_oracle.subjects import Subject
from fsb_oracle.subjects.pathwise import PathwiseSubject
from fsb_oracle.verdicts import seeds

NAME = "pointwise"
QUANTILES = 48
ROUNDING = {
    "float32": 2e-6,
    "float64": 1e-11,
}  # of the mean |v|: a derivative this near to exact is exact in its dtype


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
    inside, below, finite, census = _census(case, paths.z, paths.derivative)
    order = np.argsort(paths.z[inside])
    samples, slopes = paths.z[inside][order], paths.derivative[inside][order]
    if len(samples) < 2:
        return case.result(
            Status.fail, reason="nonfinite", tier="0a", message=f"no usable sample  {case.id}\n  {census}",
            reproduce=case.reproduce(settings, None), seconds=time.perf_counter() - started,
        )  # fmt: skip
    chosen = _log_spaced_ranks(len(samples), QUANTILES)
    z, observed = samples[chosen], slopes[chosen]
    exact = np.array([float(v) for v in oracle.velocity(case.family, case.at, case.parameter, list(z))])
    quantile = (below + chosen + 0.5) / finite  # draws that underflowed to the lower end still count as mass
    mean_size = _integral(quantile, np.abs(exact))
    lipschitz = _integral(quantile, np.abs(observed - exact))
    relative = np.abs(observed - exact) / np.maximum(np.abs(exact), np.finfo(float).tiny)
    # rounding of z itself moves the derivative by a few ulp of z: no fault of the derivative
    worst = int(np.argmax(np.abs(observed - exact) / (np.abs(exact) + 1e-3 * mean_size)))
    share = lipschitz / mean_size
    status = _status(share, case.dtype, settings.margin)
    points = [_point(case, q, e, o, r) for q, e, o, r in zip(quantile, exact, observed, relative, strict=True)]
    reproduce = case.reproduce(settings, None)
    words = {
        Status.pass_: f"EXACT to {share:.1e} of the mean derivative",
        Status.within_margin: f"BIASED, WITHIN MARGIN: off by {share:.1e} of the mean derivative",
        Status.fail: f"BIASED: off by {share:.1e} of the mean derivative",
    }[status]
    message = [
        f"{words}  {case.id}",
        f"largest bias over all f with |f'| <= 1: {lipschitz:.3g} "
        f"(mean |dz/d{case.parameter}| is {mean_size:.3g}); margin {settings.margin:g}",
        f"worst at quantile {quantile[worst]:.3g}: exact {exact[worst]:.9g}, observed {observed[worst]:.9g}, "
        f"relative error {relative[worst]:.2g}; quantiles {quantile[0]:.1e} to 1 - {1 - quantile[-1]:.1e}",
    ]
    if census:
        message.append(census)
    if status is not Status.pass_:
        message.append(f"reproduce: {reproduce}")
    return case.result(
        status,
        bias=lipschitz,
        bias_bound=lipschitz,
        bias_scale=mean_size,
        margin=settings.margin,
        tier="0a",
        num_samples=len(paths.z),
        seconds=time.perf_counter() - started,
        message="\n  ".join(message),
        reproduce=reproduce,
        details={
            "points": points,
            "worst": points[worst],
            "l1": lipschitz,
            "lipschitz_bias_bound": lipschitz,
        },
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


def _log_spaced_ranks(count: int, wanted: int) -> np.ndarray:
    """Ranks that are log-spaced towards both ends, each once."""
    half = np.geomspace(1, count / 2, wanted // 2)
    ranks = np.concatenate([half - 1, count - half])
    return np.unique(np.clip(np.round(ranks), 0, count - 1).astype(int))


def _integral(quantile: np.ndarray, values: np.ndarray) -> float:
    """Integral over (0, 1) by the trapezoid rule, constant beyond the outermost quantiles."""
    inner = float(np.trapezoid(values, quantile))
    # below the lowest usable quantile lie draws that underflowed: a derivative there is negligible
    first = quantile[0] if quantile[0] < 1e-2 else 0.0
    return inner + float(values[0] * first + values[-1] * (1 - quantile[-1]))


def _status(share: float, dtype: str, margin: float) -> Status:
    if share <= ROUNDING[dtype]:
        return Status.pass_
    return Status.within_margin if share <= margin else Status.fail


def _point(case: Case, quantile: float, exact: float, observed: float, error: float) -> dict[str, Any]:
    return {
        "parameter": float(case.at[case.parameter]),
        "quantile": float(quantile),
        "error": float(error),
        "exact": float(exact),
        "observed": float(observed),
    }
