"""A library's law itself, log_prob, cdf, icdf, mean, variance and entropy, against the oracle: no sampling error.

Why it matters: samplers, scores and derivatives are built upon the log-density and the distribution function. A wrong
law explains a wrong gradient: it is the cause, and what depends on it is then not judged (`checks/cause.py`).

How to fix: the message names the function and the point where it is worst. Relative errors that grow into a tail are
cancellation: use the complementary function (expm1, log1p, erfc) there.

How to reproduce: the last line of the message, or `--select 'distribution/*'` for all cases of this check.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import sympy

from fsb_oracle import oracle
from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.numpy_backend import NumpyMath
from fsb_oracle.checks.case import Case, Settings, case_text
from fsb_oracle.checks.comparison import log_spaced_ranks
from fsb_oracle.checks.points import parameter_points
from fsb_oracle.checks.profile import Profile
from fsb_oracle.estimators.lowering import law_samples
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.family import z
from fsb_oracle.records import Result, Status
from fsb_oracle.subjects import Subject
from fsb_oracle.subjects.libraries.subjects import LibraryPaths, LibraryScore, LibrarySubject
from fsb_oracle.verdicts import seeds

NAME = "distribution"
QUANTILES = 24
DRAWS = 1 << 18  # of which quantiles are taken: to 4e-6 from both ends
ULPS = 16  # of each term and of each input: what a formula in the dtype under test may lose
FAR = 1e-3
UNDERFLOW = 64  # times the smallest normal number: of less, a product with an ordinary number may be flushed to 0
QUANTITIES = ("log_prob", "cdf", "icdf", "mean", "variance", "entropy")
CONVENTIONS = "defined in several ways on a circle"


@dataclass(frozen=True)
class Found:
    """Exact and observed values, the error that counts, and the error that rounding explains; shape (n,) each."""

    place: np.ndarray
    exact: np.ndarray
    observed: np.ndarray
    error: np.ndarray
    allowed: np.ndarray


def plan(subject: Subject, profile: Profile) -> list[Case]:
    """Each quantity at each parameter point in each dtype, of the class's one subject that has a log-density (else of
    the one that differentiates samples)."""
    law = subject.family
    if not isinstance(subject, LibraryScore | LibraryPaths) or len(law.samples) > 1 or law.log_density is None:
        return []
    if isinstance(subject, LibraryPaths) and "log_prob" in subject.law.entry.offers:
        return []
    quantities = [name for name in QUANTITIES[1:] if subject.offers(name) and (name != "icdf" or not law.discrete)]
    if isinstance(subject, LibraryScore):
        quantities = [QUANTITIES[0], *quantities]
    return [
        Case(NAME, subject, point, quantity, dtype, tests=0)
        for point in parameter_points(subject, None)
        for quantity in quantities
        for dtype in subject.dtypes
    ]


def check(case: Case, settings: Settings, false_fail_rate: float) -> Result:
    """Errors are absolute for log_prob and entropy; of the smaller tail for cdf and icdf; relative for mean and
    variance."""
    started = time.perf_counter()
    found = compare(case, settings.seed)
    if isinstance(found, str):
        return case.result(Status.not_applicable, reason=found, message=f"NOT APPLICABLE  {case.id}\n  {found}")
    status, worst = judge(found, settings.margin)
    words = {
        Status.pass_: f"LAW AS STATED: {case.parameter} right to rounding",
        Status.within_margin: f"LAW OFF, WITHIN MARGIN: {case.parameter}",
        Status.fail: f"LAW WRONG: {case.parameter}",
        Status.not_applicable: f"NOT APPLICABLE: {case.parameter}",
    }[status]
    reproduce = case.reproduce(settings, None)
    where = "" if np.isnan(found.place[worst]) else f"at {_place(case.parameter)} = {found.place[worst]:.17g}: "
    message = [
        f"{words}  {case.id}",
        f"worst {where}exact {found.exact[worst]:.12g}, observed {found.observed[worst]:.12g}; "
        f"error {found.error[worst]:.2g}, of which rounding explains {found.allowed[worst]:.2g}; "
        f"margin {settings.margin:g}",
    ]
    reason = {
        Status.fail: "wrong law" if np.isfinite(found.observed[worst]) else "nonfinite",
        Status.not_applicable: f"rounding in {case.dtype} may move {case.parameter} by {found.allowed[worst]:.1g}",
    }.get(status)
    if status is Status.fail:
        message.append(f"reproduce: {reproduce}")
    return case.result(
        status,
        reason=reason,
        exact=repr(float(found.exact[worst])),
        estimate=float(found.observed[worst]),
        bias=float(found.error[worst]),
        bias_bound=float(found.error[worst]),
        bias_scale=1.0,
        margin=settings.margin,
        tier="0a",
        seconds=time.perf_counter() - started,
        message="\n  ".join(message),
        reproduce=reproduce,
        details={
            "points": [
                {"place": p, "exact": e, "observed": o, "error": r}
                for p, e, o, r in zip(
                    *map(np.ndarray.tolist, (found.place, found.exact, found.observed, found.error)), strict=True
                )
            ]
        },
    )


def judge(found: Found, margin: float) -> tuple[Status, int]:
    """Right to rounding; or wrong by more than the margin; a value that is not finite is wrong where the exact one
    is finite."""
    error = np.where(np.isfinite(found.error), found.error, np.inf)
    beyond = np.maximum(error - found.allowed, 0)
    worst = int(np.argmax(np.where(np.isinf(error), np.inf, beyond)))
    if beyond[worst] == 0:
        worst = int(np.argmax(error))
        if np.max(found.allowed) > margin:
            return Status.not_applicable, int(np.argmax(found.allowed))
        return Status.pass_, worst
    return (Status.fail if error[worst] > margin else Status.within_margin), worst


def compare(case: Case, seed: int) -> Found | str:
    """The quantity of a case, or why it cannot be compared."""
    subject = case.subject
    assert isinstance(subject, LibrarySubject)
    eps = float(np.finfo(case.dtype).eps)
    if case.parameter in ("mean", "variance"):
        return _moment(case, subject, eps)
    if case.parameter == "entropy":
        return _entropy(case, subject, eps, seed)
    points = reference_points(case.family, tuple(case.at.items()), case.dtype, seed)
    if not len(points):
        return "no sample of the law lies inside the support in this dtype"
    values = tuple(case.at.items())
    if case.parameter == "log_prob":
        assert isinstance(subject, LibraryScore)
        exact = _log_density(case.family, values, tuple(points))
        observed = [subject.log_prob(case.at, points, case.dtype, batched) for batched in (True, False)]
        errors = [np.abs(one - exact) for one in observed]
        other = np.nan_to_num(errors[1], nan=np.inf) > np.nan_to_num(errors[0], nan=np.inf)
        chosen = np.where(other, observed[1], observed[0])
        allowed = ULPS * eps * (_sizes(case.family, case.at, points) + _conditioning(case.family, case.at, points))
        return Found(points, exact, chosen, np.abs(chosen - exact), allowed)
    if case.parameter == "cdf":
        observed = subject.statistic("cdf", case.at, case.dtype, points)
        if observed is None:
            return "the class has no cdf"
        known = _tails(case.family, values, tuple(points))
        if known is None:
            return "no exact distribution function"
        if _cut_elsewhere(case):
            return CONVENTIONS
        return _tail_errors(case, points, points, observed, known, eps)
    return _inverse(case, subject, points, eps)


def _cut_elsewhere(case: Case) -> bool:
    """Whether a distribution function counts from another point of the circle than half a turn below 0: some libraries
    count from there, some from the opposite of the location."""
    support = case.family.support
    return support.period is not None and case.family.at(2 * support.lower + support.period, case.at) != 0


def _moment(case: Case, subject: LibrarySubject, eps: float) -> Found | str:
    expression = case.family.at(getattr(case.family, case.parameter), case.at)
    exact = float(sympy.N(expression, 30)) if expression.is_finite else float("nan")
    if not np.isfinite(exact) or case.family.support.period is not None:
        return f"the law has no finite {case.parameter}" if not np.isfinite(exact) else CONVENTIONS
    if abs(exact) > float(np.finfo(case.dtype).max):
        return f"its {case.parameter} overflows in {case.dtype}"
    observed = subject.statistic(case.parameter, case.at, case.dtype)
    if observed is None:
        return f"the class has no {case.parameter}"
    if observed.shape != ():
        return f"its {case.parameter} has shape {observed.shape}"
    spread = case.family.spread(case.at)
    size = max(abs(exact), spread if case.parameter == "mean" else 0.0)
    error = abs(float(observed) - exact) / size if size else abs(float(observed))
    return Found(*(np.array([x]) for x in (np.nan, exact, float(observed), error, 64 * eps)))


def _entropy(case: Case, subject: LibrarySubject, eps: float, seed: int) -> Found | str:
    """What a mean of log p in the dtype under test may lose, at an ordinary point of the law."""
    exact = oracle.entropy(case.family, case.at)
    if exact is None:
        return "no exact entropy"
    observed = subject.statistic("entropy", case.at, case.dtype)
    if observed is None:
        return "the class has no entropy"
    points = reference_points(case.family, tuple(case.at.items()), case.dtype, seed)
    terms = _sizes(case.family, case.at, points) + _conditioning(case.family, case.at, points)
    allowed = ULPS * eps * (1 + float(np.median(terms))) if len(points) else ULPS * eps
    return Found(*(np.array([x]) for x in (np.nan, exact, float(observed), abs(float(observed) - exact), allowed)))


def _inverse(case: Case, subject: LibrarySubject, points: np.ndarray, eps: float) -> Found | str:
    if case.family.discrete:
        return "quantiles of integers are not compared"
    if _cut_elsewhere(case):
        return CONVENTIONS
    known = _tails(case.family, tuple(case.at.items()), tuple(points))
    if known is None:
        return "no exact distribution function"
    levels = np.array([below for below, _ in known]).astype(case.dtype).astype(np.float64)
    levels = np.unique(levels[(levels > 0) & (levels < 1)])
    if not len(levels):
        return "no quantile level"
    observed = subject.statistic("icdf", case.at, case.dtype, levels)
    if observed is None:
        return "the class has no icdf"
    usable = np.isfinite(observed)
    reached = _tails(case.family, tuple(case.at.items()), tuple(np.where(usable, observed, points[0])))
    assert reached is not None
    back = [pair if good else (float("nan"), float("nan")) for pair, good in zip(reached, usable, strict=True)]
    return _tail_errors(case, levels, np.where(usable, observed, points[0]), levels, back, eps)


def _tail_errors(case: Case, place: np.ndarray, at: np.ndarray, observed: np.ndarray, known: Any, eps: float) -> Found:
    """Errors in units of the smaller tail; in tails below FAR in units of that: a cdf in floating point is absolutely,
    not relatively accurate."""
    below, above = np.array(known).T
    smaller = np.minimum(below, above) + FAR
    low, high = (float(case.family.at(end, case.at)) for end in (case.family.support.lower, case.family.support.upper))
    inside = np.full(len(at), True) if case.family.discrete else (at > low) & (at < high)
    moved = np.zeros(len(at))
    density = np.exp(_log_density(case.family, tuple(case.at.items()), tuple(at[inside])))
    moved[inside] = np.abs(at[inside]) * density + smaller[inside] * _conditioning(case.family, case.at, at[inside])
    # an inverse may return an end of the support, where there is no density: what lies within rounding of it counts
    for end, inwards in ((low, 1), (high, -1)):
        there = at == end
        if there.any() and np.isfinite(end):
            shift = ULPS * eps * abs(end) or UNDERFLOW * float(np.finfo(case.dtype).tiny)
            near = _tails(case.family, tuple(case.at.items()), (end + inwards * shift,))
            moved[there] = near[0][0 if inwards > 0 else 1] / (ULPS * eps)
    allowed = ULPS * eps * (1 + moved)
    return Found(place, below, observed, np.abs(observed - below) / smaller, allowed / smaller)


@lru_cache(maxsize=64)  # asked for each quantity
def reference_points(family: Family, values: tuple[tuple[str, Any], ...], dtype: str, seed: int) -> np.ndarray:
    """Points at quantiles from 1e-6 to 1 - 1e-6 that `dtype` holds exactly, inside of the support."""
    at = dict(values)
    generator = seeds.generator(f"{NAME}/{family.name}/{case_text(at)}/{dtype}", seed)
    with np.errstate(all="ignore"):
        drawn = np.asarray(law_samples(family, at, DRAWS, generator)).astype(dtype).astype(np.float64)
    drawn = np.sort(drawn[np.isfinite(drawn)])
    if not family.discrete:
        low, high = (float(family.at(end, at)) for end in (family.support.lower, family.support.upper))
        held = (np.abs(drawn) >= UNDERFLOW * np.finfo(dtype).tiny) | (low != 0)
        drawn = drawn[(drawn > low) & (drawn < high) & held]
    return np.unique(drawn[log_spaced_ranks(len(drawn), QUANTILES)]) if len(drawn) > 2 else drawn[:0]


@lru_cache(maxsize=256)
def _log_density(family: Family, values: tuple[tuple[str, Any], ...], points: tuple[float, ...]) -> np.ndarray:
    return np.array([float(v) for v in oracle.log_density(family, dict(values), points)])


@lru_cache(maxsize=64)
def _tails(family: Family, values: tuple[tuple[str, Any], ...], points: tuple[float, ...]) -> Any:
    return oracle.tails(family, dict(values), points)


def _sizes(family: Family, at: Parameters, points: np.ndarray) -> np.ndarray:
    """Sum of the sizes of the terms of log p: an error of an ulp in each is no fault."""
    assert family.log_density is not None
    terms = sympy.Add.make_args(family.log_density)
    return sum((np.abs(_at(family, term, at, points)) for term in terms), np.zeros(len(points)))


def _conditioning(family: Family, at: Parameters, points: np.ndarray) -> np.ndarray:
    """SUM |theta d log p/d theta| + |z d log p/dz|: what rounding of the inputs by an ulp does."""
    assert family.log_density is not None
    total = np.zeros(len(points))
    for name in family.continuous_names:
        total = total + np.abs(float(at[name]) * _at(family, family.score(name), at, points))
    if not family.discrete:
        total = total + np.abs(points * _at(family, sympy.diff(family.log_density, z), at, points))
    return total


def _at(family: Family, expression: sympy.Expr, at: Parameters, points: np.ndarray) -> np.ndarray:
    """A size in float64, for allowances alone; 0 where NumPy lacks a function."""
    try:
        function = compile_expression(expression, (z, *family.symbols))
        with np.errstate(all="ignore"):
            found = function(NumpyMath(), points, *(np.full(len(points), float(at[name])) for name in family.names))
    except AttributeError:
        return np.zeros(len(points))
    return np.nan_to_num(np.broadcast_to(np.asarray(found, dtype=np.float64), points.shape), posinf=0.0, neginf=0.0)


def _place(quantity: str) -> str:
    return "level" if quantity == "icdf" else "z"
