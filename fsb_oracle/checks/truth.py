"""Exact values and scales that checks compare with, cached per process."""

from __future__ import annotations

import math
from functools import cache, lru_cache
from typing import Any

import mpmath
import numpy as np
import sympy
from flint import arb

from fsb_oracle import oracle
from fsb_oracle.backends.mpmath_math import MpmathMath
from fsb_oracle.backends.numpy_backend import NumpyMath
from fsb_oracle.estimators.lowering import law_samples
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.family import z
from fsb_oracle.integrands import Integrand
from fsb_oracle.rules import Rule, answers, baselines, recommended
from fsb_oracle.rules.variance import BOUND, ExpressionOnArrays, Moments, exact_moments, mean_rounding
from fsb_oracle.rules.vector import class_of, recommended_vector_rule
from fsb_oracle.subjects import Subject
from fsb_oracle.subjects.rules import RuleSubject
from fsb_oracle.subjects.vector_rules import VectorRuleSubject

DIGITS = 18  # one more than a float64 shows
UNIT_SAMPLES = 1 << 14
ROUNDED_AT = 256  # samples
# An integral of g^2 that has no value is cut off somewhere: its error stays large, and a sample sees far less of it.
SETTLED = 0.01
UNSETTLED = 16
STATED_ROUNDING = 1e-14  # of a mean that an estimator states, which is computed in float64
FLOAT32_TOLERANCE = 1e-6  # in units of S


@lru_cache(maxsize=8192)
def _gradient(
    family: Family, parameters: tuple[tuple[str, Any], ...], f: Integrand, parameter: str, routes: int
) -> oracle.Value:
    return oracle.gradient(family, dict(parameters), f, parameter, digits=DIGITS, routes=routes)


def exact_gradient(
    family: Family, parameters: Parameters, f: Integrand, parameter: str, routes: int = 2
) -> oracle.Value:
    """d E f / d parameter with its radius, by so many independent routes; the ball of one is no less rigorous."""

    def compute() -> oracle.Value:
        return _gradient(family, tuple(parameters.items()), f, parameter, routes)

    return answers.gradient(family, parameters, f, parameter, DIGITS, routes, compute)


def tested_mean(
    subject: Subject, parameters: Parameters, f: Integrand, parameter: str, gradient: oracle.Value
) -> oracle.Value:
    """What the mean of a subject is compared with: the exact gradient, or the mean that a biased estimator states."""
    stated = subject.stated_mean(parameter, parameters, f)
    if stated is None:
        return gradient
    ball = arb(stated, STATED_ROUNDING * abs(stated))
    return oracle.Value(ball, routes=("stated",), level=1, digits=15, seconds=0.0)


def bounded_moments(rule: Rule | None, parameters: Parameters, f: Integrand) -> Moments | None:
    """Moments of one draw, accurate enough to bound the variance; None where they are not known."""
    if rule is None:
        return None
    moments = exact_moments(rule, parameters, f, BOUND)
    return moments if moments.known else None


@lru_cache(maxsize=8192)
def _scale(family: Family, parameters: tuple[tuple[str, Any], ...], f: Integrand, parameter: str) -> float:
    values = dict(parameters)
    sampled = cache(lambda: sampled_second_moment(family, values, f, parameter))
    for rule in (recommended(family, parameter, f, values), baselines.score(family, parameter)):
        moments = bounded_moments(rule, values, f)
        # where the error is of the size of the moment, the rule itself may be 0: that is no unit
        if moments is None or moments.second <= 2 * moments.second_error:
            continue
        if moments.second_error < SETTLED * moments.second or moments.second < UNSETTLED * sampled():
            return math.sqrt(moments.second)
    if sampled() > 0:
        return math.sqrt(sampled())
    # S is 0 or unknown: sqrt(E f^2 * Fisher information), else sqrt(E f^2) / max(|theta|, 1)
    size = _root_mean_square(family, parameters, f)
    score = baselines.score(family, parameter)
    fisher = bounded_moments(score, values, Integrand(z**0))
    weight = math.sqrt(fisher.second) if fisher is not None else 1 / max(abs(float(values[parameter])), 1.0)
    return size * weight


@lru_cache(maxsize=2048)  # of all parameters of a law
def _root_mean_square(family: Family, parameters: tuple[tuple[str, Any], ...], f: Integrand) -> float:
    """sqrt(E f^2): from a fixed sample, for a unit needs no more; exactly under heavy tails, where it may be infinite,
    and where the sample does not see f.

    Raises:
        NoExactValue: E f^2 is infinite.
    """
    values = dict(parameters)
    can_be_drawn = len(family.samples) == 1 and family.recipe.expression is not sympy.nan
    if can_be_drawn and family.tail_index == sympy.oo:
        drawn = law_samples(family, values, UNIT_SAMPLES, np.random.default_rng(0))
        with np.errstate(all="ignore"):
            second = float(np.mean(ExpressionOnArrays(f)(drawn) ** 2))
        if 0 < second < math.inf:
            return math.sqrt(second)
    return math.sqrt(abs(float(oracle.expectation(family, values, Integrand(f.expression**2), digits=6, routes=1))))


@lru_cache(maxsize=8)
def _on_numpy(rule: Rule) -> Subject:
    """One for all f, which share its last draws."""
    return RuleSubject(rule, "numpy")


def sampled_second_moment(family: Family, values: Parameters, f: Integrand, parameter: str) -> float:
    """E g^2 of the recommended rule from a fixed sample, where no quadrature has it: a unit needs no more. Else 0."""
    subject: Subject | None = None
    rule = recommended(family, parameter, f, values) if len(family.samples) == 1 else None
    if rule is not None:
        subject = _on_numpy(rule)
    elif family.vector_recipe is not None:
        best = recommended_vector_rule(family, parameter.partition(".")[0], class_of(f))
        subject = None if best is None else VectorRuleSubject(best, family, "numpy")
    if subject is None:
        return 0.0
    with np.errstate(all="ignore"):
        drawn = subject.contributions(values, f, UNIT_SAMPLES, np.random.SeedSequence(0), "float64")[parameter]
    second = float(np.mean(drawn**2))
    return second if math.isfinite(second) else 0.0


@lru_cache(maxsize=8192)
def _rounding(
    family: Family, parameters: tuple[tuple[str, Any], ...], f: Integrand, parameter: str, dtype: str
) -> float:
    values = dict(parameters)
    rule = recommended(family, parameter, f, values) or baselines.score(family, parameter)
    return 0.0 if rule is None else mean_rounding(rule, values, f, dtype)


def dtype_tolerance(
    family: Family, parameters: Parameters, f: Integrand, parameter: str, dtype: str, scale: float
) -> float:
    """Biases up to here are rounding in the dtype under test, not a fault: 0 in float64.

    In float32: 1e-6 S, and what rounding of f itself does to the reference rule (1 - tanh(z)^2 at z = 10 is all
    rounding).
    """
    if dtype == "float64":
        return 0.0
    return FLOAT32_TOLERANCE * scale + 4 * _rounding(family, tuple(parameters.items()), f, parameter, dtype)


@lru_cache(maxsize=1024)
def slope_rounding(family: Family, parameters: tuple[tuple[str, Any], ...], f: Integrand) -> float:
    """How many units of f or of a derivative of f are rounding in float64, relative to its mean size under the law; the
    largest of the orders 0 to 2. Where f saturates, as tanh at z = 10, it is far more than the last place."""
    if len(family.samples) > 1 or family.recipe.expression is sympy.nan:
        return 0.0
    points = law_samples(family, dict(parameters), ROUNDED_AT, np.random.default_rng(0))
    largest = 0.0
    with mpmath.workdps(30), np.errstate(all="ignore"):
        for order in range(3):
            sizes = np.array([abs(f.lowered(order)(MpmathMath(), mpmath.mpf(point))) for point in points], float)
            found = f.lowered(order)(NumpyMath(), points) + 0 * points
            share = float(np.nansum(np.abs(np.abs(found) - sizes)) / np.nansum(sizes)) if np.nansum(sizes) > 0 else 0.0
            largest = max(largest, share)
    return largest


def resolved_scale(family: Family, parameters: Parameters, f: Integrand, parameter: str, scale: float) -> float:
    """S, or the recommended rule's root second moment where that is smaller.

    It is smaller where its quadrature does not resolve it, so that S is another's. Where rounding of f is beyond it,
    rounding is all that a contribution holds.
    """
    moments = bounded_moments(recommended(family, parameter, f, parameters), parameters, f)
    return min(scale, math.sqrt(moments.second)) if moments is not None and moments.second > 0 else scale


def bias_scale(family: Family, parameters: Parameters, f: Integrand, parameter: str) -> float:
    """S: root second moment of the recommended rule, the unit of margins; positive unless f vanishes on the support."""
    return _scale(family, tuple(parameters.items()), f, parameter)
