"""How a case is sampled (tier 3): blocks of centred contributions from the case's own streams, the sequential plan,
and what is asked of the contributions first: that they repeat under the same key, and that they are independent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from scipy.stats import rankdata

from fsb_oracle.checks.case import Case, Settings, case_text
from fsb_oracle.checks.points import probes
from fsb_oracle.integrands import Integrand
from fsb_oracle.rules.variance import Moments
from fsb_oracle.subjects import Subject
from fsb_oracle.verdicts import seeds
from fsb_oracle.verdicts.sequential import Plan

UNITS_TO_PASS = (
    80  # in V / margin^2: an unbiased cell of class R passes within 24 on average at a false-pass rate of 1e-3
)
CALLS, CALL = 128, 16  # calls by which dependence is looked for, and contributions in each
CALL_BLOCK = 256  # calls in a block where the unit is the call
PROBES = ("sin3", "bump", "step")  # the first that the subject takes
DEPENDENT = 5.0  # standard errors of the ratio


def centred_block(case: Case, f: Integrand, exact: float, index: int, seed: int) -> np.ndarray:
    """X = g - exact for the `index`-th block of units of the case, shape (block,), float64."""
    sequence = seeds.sequence(case.id, seed, seeds.Stage.main, index)
    return case.subject.contribution(case.parameter, case.at, f, case.subject.block, sequence, case.dtype) - exact


def centred_calls(case: Case, f: Integrand, exact: float, index: int, seed: int) -> np.ndarray:
    """Means of X over calls of CALL contributions each, on streams of their own; shape (CALL_BLOCK,)."""
    children = seeds.sequence(f"{case.id}/calls", seed, seeds.Stage.main, index).spawn(CALL_BLOCK)
    subject = case.subject
    return np.array(
        [subject.contribution(case.parameter, case.at, f, CALL, child, case.dtype).mean() - exact for child in children]
    )


def repeated_block(case: Case, f: Integrand, seed: int) -> np.ndarray | None:
    """The first block of contributions; None if it does not come out the same, bit for bit, when it is drawn again
    under the same key."""
    first = centred_block(case, f, 0.0, 0, seed)
    case.subject.forget()
    return first if first.tobytes() == centred_block(case, f, 0.0, 0, seed).tobytes() else None


def dependence(case: Case, seed: int) -> float | None:
    """c Var(means of calls) / Var(contributions), of ranks: 1 for independent contributions. None where they are
    independent by construction, or not finite.

    Ranks, because a single huge contribution would otherwise decide the ratio. Large where the contributions of a call
    share noise or a baseline, small where they are antithetic. One probe stands for all f.
    """
    if case.subject.independent:
        return None
    return _dependence(case.subject, tuple(case.at.items()), case.dtype, seed).get(case.parameter)


@lru_cache(maxsize=256)
def _dependence(
    subject: Subject, values: tuple[tuple[str, Fraction], ...], dtype: str, seed: int
) -> dict[str, float | None]:
    """The ratio for each parameter, of the same calls."""
    at, f = dict(values), next(iter(probes(subject, PROBES)), None)
    if f is None:
        return {}
    id = f"dependence/{subject.name}/{case_text(at)}/{dtype}"
    children = seeds.sequence(id, seed, seeds.Stage.pilot).spawn(CALLS)
    calls = [subject.contributions(at, f, CALL, child, dtype) for child in children]
    return {name: _call_ratio(np.stack([call[name] for call in calls])) for name in subject.claimed}


def _call_ratio(units: np.ndarray) -> float | None:
    if not np.isfinite(units).all():
        return None
    ranks = rankdata(units).reshape(units.shape)
    total = float(np.var(ranks))
    return CALL * float(np.var(ranks.mean(axis=1), ddof=1)) / total if total > 0 else None


def is_dependent(ratio: float | None) -> bool:
    """Whether the ratio is too far from 1 for independent contributions: then the unit is the call."""
    return ratio is not None and abs(ratio - 1) > DEPENDENT * math.sqrt(2 / CALLS)


def with_declared(case: Case, tolerance: float, scale: float) -> float:
    """The numerical allowance plus the bias that the subject declares to be by design."""
    return tolerance + (0.0 if case.subject.tolerance is None else case.subject.tolerance[0] * scale)


def decidable(margin: float, variance: float, cap: int) -> float:
    """`margin`, or where the cap could not decide it, the margin that the cap can decide; fixed before any draw."""
    return max(margin, math.sqrt(UNITS_TO_PASS * variance / cap))


@dataclass(frozen=True)
class Known:
    """What is known of one contribution beforehand: a bound on its variance, and its kurtosis where that is known."""

    variance_bound: float
    kurtosis: float | None = None

    @classmethod
    def of(cls, moments: Moments | None) -> Known | None:
        """From exact moments; None where there are none."""
        return None if moments is None else cls(moments.variance_bound, moments.kurtosis)


def sampling_plan(
    case: Case,
    settings: Settings,
    false_fail_rate: float,
    scale: float,
    known: Known | None,
    oracle_error: float,
    tolerance: float,
    by_call: bool = False,
) -> Plan:
    """The sequential test of one mean: class R where the variance is known exactly, class K where the subject
    declares a kurtosis, else class H. With `by_call` the units are means of calls, of which nothing is known.

    The margin is the profile's, in units of S. Where the known variance is so large that the cap could not decide it,
    the margin is raised to what the cap can decide, before any draw; a margin that the user gave is never raised.
    """
    margin = settings.margin * scale
    margin = max(margin, 2 * tolerance)
    if by_call:
        known = None
    if known is not None and not settings.margin_given:
        margin = decidable(margin, known.variance_bound, settings.cap)
    kurtosis = None if by_call else case.subject.kurtosis
    if known is not None:
        kurtosis = None if known.kurtosis is None else max(1.0, 1.05 * known.kurtosis)
    return Plan(
        margin=margin,
        tolerance=tolerance,
        oracle_error=oracle_error,
        false_fail_rate=false_fail_rate,
        false_pass_rate=settings.false_pass_rate,
        variance_bound=None if known is None else known.variance_bound,
        kurtosis_bound=kurtosis,
        cap=settings.cap // CALL if by_call else settings.cap,
        block=CALL_BLOCK if by_call else case.subject.block,
        scale=scale,
    )
