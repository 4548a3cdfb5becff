"""Tier 2: replicated quasi-random noise, for subjects that take noise and that no quadrature over it decides.

A replicate is the mean over n points of a digitally shifted Sobol sequence (in one dimension: of jittered strata).
Each is unbiased, and replicates are independent: they are the units of the sequential engine, class H.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

import numpy as np
import sympy
from scipy.stats import qmc

from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.tier import Target, Tier
from fsb_oracle.families import Parameters
from fsb_oracle.integrands import Integrand
from fsb_oracle.rules.nodes import from_uniform
from fsb_oracle.subjects import Subject
from fsb_oracle.subjects.rules import RuleSubject
from fsb_oracle.verdicts import seeds
from fsb_oracle.verdicts.sequential import Plan, run

NAME = "2"
POINTS = {"smoke": 64, "default": 128, "deep": 512}  # of one replicate
REPLICATES, CAP = 256, 8192  # in a block, and at most
UNITS_TO_PASS = 60  # in V / margin^2, with which class H passes what is unbiased
LEAST_MARGIN = 1e-5  # of S
MOST_VARIABLES = 12
BITS = 52


def applies(subject: Subject, parameter: str, at: Parameters, f: Integrand, dtype: str) -> bool:
    """Whether the subject takes noise and quadrature over it is out of reach: too many variables, or f not smooth.

    Our own rules are left out: proofs and the quadrature of their moments already cover every f. So are heavy tails,
    whose replicates have heavy tails too.
    """
    if isinstance(subject, RuleSubject) or subject.family.tail_index != sympy.oo:
        return False
    noise = subject.noise_at(parameter, at, dtype)
    if not noise or len(noise) > MOST_VARIABLES or not all(p.generic().has_density for p in noise.values()):
        return False
    dimension = sum(primitive.support != "integers" for primitive in noise.values())
    return dimension > 3 or (dimension > 0 and not subject.family.discrete and f.has_breaks)


def decide_by_replicates(
    case: Case, f: Integrand, target: Target, false_fail_rate: float, settings: Settings
) -> Tier | None:
    """The verdict on replicate means; None where the tier does not apply or a node is beyond the dtype."""
    if not applies(case.subject, case.parameter, case.at, f, case.dtype):
        return None
    names = case.subject.evaluated_with(case.parameter)
    # components that are evaluated together are decided on the same points: a union bound asks for no independence
    stream = replace(case, parameter="+".join(names)).id
    points, values = POINTS[settings.profile], tuple(case.at.items())
    of_block = _means if len(names) > 1 else _means.__wrapped__

    def means(stage: seeds.Stage, index: int) -> np.ndarray:
        found = of_block(stream, case.subject, names, values, f, case.dtype, points, settings.seed, stage, index)
        return found[case.parameter] - target.exact

    pilot = means(seeds.Stage.pilot, 0)
    if not np.isfinite(pilot).all():
        return None
    reach = math.sqrt(UNITS_TO_PASS * float(np.var(pilot)) / CAP)
    plan = Plan(
        margin=max(LEAST_MARGIN * target.scale, reach, 2 * target.tolerance),
        tolerance=target.tolerance,
        oracle_error=target.radius,
        false_fail_rate=false_fail_rate,
        false_pass_rate=settings.false_pass_rate,
        cap=CAP,
        block=REPLICATES,
        scale=target.scale / math.sqrt(points),
    )
    decision = run(lambda index: means(seeds.Stage.replicates, index), plan)
    variables = len(_maps(case.subject, case.parameter, values, case.dtype))
    note = f"{decision.num_samples:,} replicates of {points} quasi-random points in {variables} noise variables"
    return Tier(NAME, decision, (note,))


@lru_cache(maxsize=1024)
def _means(
    stream: str,
    subject: Subject,
    names: tuple[str, ...],
    values: tuple[tuple[str, Fraction], ...],
    f: Integrand,
    dtype: str,
    points: int,
    seed: int,
    stage: seeds.Stage,
    index: int,
) -> dict[str, np.ndarray]:
    """One block of replicate means for each of the parameters, which are evaluated together; shape (REPLICATES,)."""
    maps = _maps(subject, names[0], values, dtype)
    u = _points(len(maps), points, seeds.generator(f"{stream}/2", seed, stage, index))
    weight, nodes = np.ones(u.shape[1]), {}
    for row, (name, mapped) in zip(u, maps.items(), strict=True):
        nodes[name], factor = mapped(row)
        weight = weight * factor
    found = subject.at_noise_together(names, dict(values), f, nodes, dtype)
    return {name: (weight * g).reshape(REPLICATES, points).mean(axis=1) for name, g in found.items()}


@lru_cache(maxsize=64)
def _maps(
    subject: Subject, parameter: str, values: tuple[tuple[str, Fraction], ...], dtype: str
) -> dict[str, Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]]:
    """The map from uniforms of each noise variable."""
    noise = subject.noise_at(parameter, dict(values), dtype)
    assert noise is not None
    return {name: from_uniform(primitive) for name, primitive in noise.items()}


def _points(dimension: int, count: int, generator: np.random.Generator) -> np.ndarray:
    """Uniforms of REPLICATES randomisations of `count` points, shape (dimension, REPLICATES * count), inside (0, 1)."""
    if dimension == 1:
        jitter = generator.random((1, REPLICATES, count)) * (1 - 2.0**-BITS) + 2.0 ** -(BITS + 1)
        return ((np.arange(count) + jitter) / count).reshape(1, -1)
    shifts = generator.integers(0, 1 << BITS, size=(dimension, REPLICATES, 1), dtype=np.uint64)
    shifted = _sobol(dimension, count)[:, None, :] ^ shifts
    return ((shifted.astype(np.float64) + 0.5) / 2.0**BITS).reshape(dimension, -1)


@lru_cache(maxsize=16)
def _sobol(dimension: int, count: int) -> np.ndarray:
    """The first `count` (a power of two) Sobol points as integers of BITS bits, shape (dimension, count)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        points = qmc.Sobol(dimension, scramble=False, bits=BITS).random(count)
    return np.ascontiguousarray((points.T * 2.0**BITS).astype(np.uint64))
