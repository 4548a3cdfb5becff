"""What a library's sampler returns: dtype, values that are not finite, outside or at an end of the support, and how far
the empirical distribution is from the law's.

Why it matters: a sample that overflows, underflows to 0 or lands on an end of the support makes a gradient infinite
or drops out of it, in one draw of a million or in every third at a small shape.

How to fix: draw in the logarithm, or in more than the working precision, and round last; clamp only where the law
itself would round to the end.

How to reproduce: the last line of the message, or `--select 'census/*'` for all cases of this check.
"""

from __future__ import annotations

import math
import time
from functools import lru_cache
from typing import Any

import numpy as np
import sympy
from scipy.stats import binom

from fsb_oracle.checks.case import Case, Settings, case_text
from fsb_oracle.checks.points import parameter_points
from fsb_oracle.checks.profile import Profile
from fsb_oracle.estimators.lowering import law_samples
from fsb_oracle.families import Family
from fsb_oracle.records import Result, Status
from fsb_oracle.subjects import Subject
from fsb_oracle.subjects.libraries.subjects import LibraryPaths, LibraryScore, LibrarySubject
from fsb_oracle.verdicts import seeds

NAME = "census"
TINY = 1024  # draws below so many times the smallest normal number count as underflowed
OWN_DRAWS = 1 << 18  # of the law by our own recipe, that the library's draws are compared with


def plan(subject: Subject, profile: Profile) -> list[Case]:
    """A case for each parameter point and dtype, of one subject of each class."""
    law = subject.family
    if not isinstance(subject, LibraryScore | LibraryPaths) or law.recipe.expression is sympy.nan:
        return []
    if len(law.samples) > 1 or (isinstance(subject, LibraryPaths) and "log_prob" in subject.law.entry.offers):
        return []
    return [
        Case(NAME, subject, point, "sample", dtype, tests=4, options=profile.path_samples)
        for point in parameter_points(subject, None)
        for dtype in subject.dtypes
    ]


def check(case: Case, settings: Settings, false_fail_rate: float) -> Result:
    """Each count against what rounding the exact law to the dtype under test would give, by a binomial tail; the
    distance of distribution functions by the Dvoretzky-Kiefer-Wolfowitz inequality."""
    started = time.perf_counter()
    assert isinstance(case.subject, LibrarySubject)
    sequence = seeds.sequence(case.id, settings.seed, seeds.Stage.main, 0)
    drawn = case.subject.draws(case.at, case.options, sequence, case.dtype)
    own = own_samples(case.family, tuple(case.at.items()), settings.seed)
    faults, notes, distance = examine(case.family, case.at, case.dtype, drawn, own, false_fail_rate)
    status = Status.fail if faults else Status.pass_
    reproduce = case.reproduce(settings, false_fail_rate)
    first = f"{'CENSUS: ' + '; '.join(faults) if faults else 'CENSUS in order'}  {case.id}"
    message = [first, f"{drawn.size:,} draws, distance of distribution functions {distance:.2g}", *notes]
    if faults:
        message.append(f"reproduce: {reproduce}")
    return case.result(
        status,
        reason=faults[0] if faults else None,
        bias=distance,
        tier="3",
        num_samples=int(drawn.size),
        seconds=time.perf_counter() - started,
        message="\n  ".join(message),
        reproduce=reproduce,
    )


def examine(
    family: Family, at: Any, dtype: str, drawn: np.ndarray, own: np.ndarray, rate: float
) -> tuple[list[str], list[str], float]:
    """What is wrong with the draws, what is only worth a note, and the distance of the distribution functions."""
    faults: list[str] = []
    if str(drawn.dtype) != dtype:
        faults.append(f"draws are {drawn.dtype}, not {dtype}")
    if drawn.ndim != 1:
        return [*faults, f"draws have shape {drawn.shape}"], [], math.nan
    z, n = drawn.astype(np.float64), drawn.size
    with np.errstate(all="ignore"):
        rounded = own.astype(dtype).astype(np.float64)
    low, high = (float(family.at(end, at)) for end in (family.support.lower, family.support.upper))
    low, high = (float(np.dtype(dtype).type(end)) for end in (low, high))
    if family.support.period is None:
        outside = (z < low) | (z > high)
        if outside.any():
            faults.append(f"{int(outside.sum()):,} of {n:,} draws lie outside of the support, as {z[outside][0]:.9g}")
    notes: list[str] = []
    kinds = {"are not numbers": np.isnan, "are infinite": np.isinf}
    if not family.discrete and family.support.period is None:  # a circle has no ends
        smallest = TINY * float(np.finfo(dtype).tiny)
        kinds["lie at an end of the support"] = lambda x: (
            ((x <= low) | ((low == 0) & (np.abs(x) <= smallest)) | (x >= high)) & np.isfinite(x)
        )
    for words, test in kinds.items():
        count, expected = int(test(z).sum()), float(test(rounded).mean())
        if not count:
            continue
        sentence = f"{count:,} of {n:,} draws {words} ({count / n:.2g}); rounding the law gives {expected:.2g}"
        # the expected share is itself a sample's: its upper confidence bound is what is compared
        most = _upper(expected, len(own), rate)
        (faults if binom.sf(count - 1, n, most) < rate else notes).append(sentence)
    usable = z[~np.isnan(z)]
    if not family.discrete and family.support.period is None:
        usable, rounded = (_ends_collapsed(x, low, high, dtype) for x in (usable, rounded))
    if family.support.period is not None:
        turn = float(family.support.period)
        usable, rounded = (low + np.mod(x - low, turn) for x in (usable, rounded))
    distance = _distance(usable, rounded) if len(usable) else math.nan
    threshold = math.sqrt(math.log(4 / rate) / 2) * (1 / math.sqrt(n) + 1 / math.sqrt(len(own)))
    if len(usable) and distance > threshold:
        faults.append(f"the distribution function is off by {distance:.3g}, beyond chance ({threshold:.2g})")
    return faults, notes, distance


def _ends_collapsed(x: np.ndarray, low: float, high: float, dtype: str) -> np.ndarray:
    """Values that the dtype cannot tell from an end of the support, moved there: one is as good as another."""
    tiny, largest = TINY * float(np.finfo(dtype).tiny), float(np.finfo(dtype).max) / TINY
    near = 4 * float(np.finfo(dtype).eps)
    if low == 0:
        x = np.where(np.abs(x) <= tiny, 0.0, x)
    elif np.isfinite(low):
        x = np.where(x - low <= float(np.spacing(np.dtype(dtype).type(abs(low)))), low, x)
    if np.isfinite(high):
        x = np.where(high - x <= near * max(abs(high), abs(low)), high, x)
    return np.clip(x, -largest, largest)


def _upper(share: float, n: int, rate: float) -> float:
    """A bound on a probability from a share of n draws, wrong with probability `rate` (Hoeffding for small shares
    too: Chernoff's bound in its Bernstein form)."""
    spread = math.log(2 / rate) / n
    return min(1.0, share + math.sqrt(2 * share * spread) + 3 * spread)


def _distance(first: np.ndarray, second: np.ndarray) -> float:
    """sup |F - G| of two samples."""
    places = np.sort(second)
    grid = np.concatenate([np.sort(first), places])
    sides = [
        np.abs(
            np.searchsorted(np.sort(first), grid, side) / len(first) - np.searchsorted(places, grid, side) / len(places)
        )
        for side in ("left", "right")
    ]
    return float(max(side.max() for side in sides))


@lru_cache(maxsize=32)
def own_samples(family: Family, values: tuple[tuple[str, Any], ...], seed: int) -> np.ndarray:
    """Draws of the law by our own recipe, float64."""
    at = dict(values)
    generator = seeds.generator(f"{NAME}/{family.name}/{case_text(at)}", seed)
    with np.errstate(all="ignore"):
        return law_samples(family, at, OWN_DRAWS, generator)
