"""The bias spectrum: B(w) = E g for f = cos(w z + b) minus the exact gradient, at many frequencies on the same draws.

Estimators are linear in f: a bound on B up to a frequency is a bound for every f of that band.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

import numpy as np
import sympy

from fsb_oracle import oracle
from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.points import parameter_points
from fsb_oracle.checks.profile import Profile
from fsb_oracle.checks.sampling import centred_block, sampling_plan, with_declared
from fsb_oracle.checks.truth import bias_scale, dtype_tolerance
from fsb_oracle.families import Family
from fsb_oracle.families.family import z
from fsb_oracle.families.numbers import round_to_dtype
from fsb_oracle.integrands import Integrand
from fsb_oracle.records import Result, Status
from fsb_oracle.rules import recommended
from fsb_oracle.rules.variance import Moments, wave_moments
from fsb_oracle.subjects import Subject
from fsb_oracle.verdicts import seeds
from fsb_oracle.verdicts.sequential import Decision, Plan, run_many

NAME = "spectrum"
LOWEST, HIGHEST = 0.1, 8.0  # in 1/spread


def plan(subject: Subject, profile: Profile) -> list[Case]:
    """A case for each claimed parameter and dtype at the first parameter points; K random tests each.

    For laws with one scalar variable whose characteristic function is known: others are left to f by f.
    """
    if not applies(subject.family) or subject.requires == "Fw":  # a series, which converges for few frequencies
        return []
    return [
        Case(NAME, subject, point, parameter, dtype, tests=profile.frequencies)
        for point in parameter_points(subject, profile.spectrum_points)
        for parameter in subject.claimed
        for dtype in subject.dtypes
    ]


def applies(family: Family) -> bool:
    """Whether every frequency is a function of the law, and phi is known."""
    circle = family.support.period is not None  # whole frequencies alone
    return not circle and family.vector_recipe is None and family.characteristic_function is not None


@dataclass(frozen=True)
class Wave:
    """cos(w z + b): `scaled` is w in 1/spread; w and b are as the dtype under test holds them."""

    scaled: float
    frequency: Fraction
    phase: Fraction

    @cached_property
    def f(self) -> Integrand:
        w, b = (sympy.Rational(number.numerator, number.denominator) for number in (self.frequency, self.phase))
        return Integrand(sympy.cos(w * z + b))


def waves(case: Case, seed: int) -> list[Wave]:
    """Log-spaced, jittered frequencies with random phases; drawn once per case from its own seed."""
    generator = seeds.generator(case.id, seed, seeds.Stage.frequencies)
    spread = case.family.spread(case.at)
    edges = np.geomspace(LOWEST, HIGHEST, case.tests + 1)
    found = []
    for low, high in pairwise(edges):
        scaled = float(low * (high / low) ** generator.random())
        if case.family.discrete:  # on integers the spectrum is periodic
            scaled = min(scaled, math.pi * spread)
        phase = generator.uniform(0, 2 * math.pi)
        found.append(Wave(scaled, _rounded(scaled / spread, case.dtype), _rounded(phase, case.dtype)))
    return found


def _rounded(number: float, dtype: str) -> Fraction:
    """Four significant digits, then the dtype: enough for a random frequency, and readable."""
    return round_to_dtype(Fraction(f"{number:.4g}"), dtype)


def check(case: Case, settings: Settings, false_fail_rate: float) -> Result:
    """Test all frequencies; the case fails if one does."""
    started = time.perf_counter()
    probes = waves(case, settings.seed)
    values: list[oracle.Value] = []
    exact: list[float] = []
    scales: list[float] = []
    plans: list[Plan] = []
    for wave in probes:
        value = oracle.wave_gradient(case.family, case.at, case.parameter, wave.frequency, wave.phase)
        moments, scale = _known(case, wave)
        tolerance = dtype_tolerance(case.family, case.at, wave.f, case.parameter, case.dtype, scale)
        values.append(value)
        exact.append(float(value))
        scales.append(scale)
        tolerance = with_declared(case, tolerance, scale)
        plans.append(sampling_plan(case, settings, false_fail_rate, scale, moments, value.float_radius, tolerance))
    decisions = _decide(case, [wave.f for wave in probes], exact, plans, settings.seed)
    status = _status(decisions)
    worst = max(range(len(probes)), key=lambda k: _severity(decisions[k], scales[k]))
    one = decisions[worst]
    frequency, f = probes[worst].scaled, probes[worst].f
    share = max(decision.bias_bound / scale for decision, scale in zip(decisions, scales, strict=True))
    margin = plans[worst].margin / scales[worst]
    reproduce = case.reproduce(settings, false_fail_rate, margin if settings.margin_given else None)
    return case.result(
        status,
        reason=one.reason,
        exact=values[worst].value,
        estimate=exact[worst] + one.bias,
        standard_error=one.standard_error,
        bias=one.bias,
        bias_bound=share * scales[worst],
        bias_scale=scales[worst],
        margin=margin,
        interval=[float(end) for end in one.interval],
        evidence=one.evidence,
        tier="3",
        variance_class=one.variance_class,
        num_samples=max(decision.num_samples for decision in decisions),
        seconds=time.perf_counter() - started,
        message=_message(case, status, one, frequency, f, scales[worst], share, reproduce),
        reproduce=reproduce,
        details={
            "frequencies": [wave.scaled for wave in probes],
            "bias": [decision.bias for decision in decisions],
            "lower": [float(decision.pass_interval[0]) for decision in decisions],
            "upper": [float(decision.pass_interval[1]) for decision in decisions],
            "scale": scales,
        },
    )


def _known(case: Case, wave: Wave) -> tuple[Moments | None, float]:
    """The subject's exact moments where it claims to be a rule, and S averaged over the phase (at one phase it may
    vanish)."""
    numbers = float(wave.frequency), float(wave.phase)
    reference = recommended(case.family, case.parameter, wave.f, case.at)
    averaged = math.nan if reference is None else wave_moments(reference, case.at, *numbers)[1]
    scale = math.sqrt(averaged) if averaged > 0 else bias_scale(case.family, case.at, wave.f, case.parameter)
    claimed = case.subject.claimed_rule(case.parameter, case.at, wave.f)
    if claimed is not None:
        moments = wave_moments(claimed, case.at, *numbers)[0]
        return (moments if moments.known else None), scale
    known = case.subject.known_moments(case.parameter, case.at, wave.f)
    return (None if known is None else known[0]), scale


def _decide(case: Case, probes: list[Integrand], exact: list[float], plans: list[Plan], seed: int) -> list[Decision]:
    """All frequencies on the same draws; a frequency that has its verdict is not evaluated again."""

    def block(index: int) -> np.ndarray:
        return np.stack([centred_block(case, f, mu, index, seed) for f, mu in zip(probes, exact, strict=True)])

    return run_many(block, plans)


def _severity(decision: Decision, scale: float) -> tuple[int, float]:
    order = [Status.pass_, Status.within_margin, Status.inconclusive, Status.fail]
    size = abs(decision.bias) if decision.status is Status.fail else decision.bias_bound
    return order.index(decision.status), size / scale if scale else 0.0


def _status(decisions: list[Decision]) -> Status:
    found = {decision.status for decision in decisions}
    for wanted in (Status.fail, Status.inconclusive, Status.within_margin):
        if wanted in found:
            return wanted
    return Status.pass_


def _message(
    case: Case,
    status: Status,
    one: Decision,
    frequency: float,
    f: Integrand,
    scale: float,
    share: float,
    line: str,
) -> str:
    words = {
        Status.pass_: f"UNBIASED at {case.tests} frequencies up to {HIGHEST:g}/spread: |B(w)| < {share:.2g} S at each",
        Status.within_margin: f"BIASED, WITHIN MARGIN at some frequencies: |B(w)| < {share:.2g} S at each",
        Status.inconclusive: f"INCONCLUSIVE ({one.reason}) at {frequency:.3g}/spread",
        Status.fail: f"BIASED at {frequency:.3g}/spread",
    }[status]
    lines = [
        f"{words}  {case.id}",
        f"worst frequency {frequency:.3g}/spread, f = {f.text}: bias {one.bias:.3g} = {one.bias / scale:.2g} S, "
        f"interval [{one.interval[0]:.3g}, {one.interval[1]:.3g}], n = {one.num_samples:,}",
    ]
    if status is Status.fail:
        lines.append(f"reproduce: {line}")
    return "\n  ".join(lines)
