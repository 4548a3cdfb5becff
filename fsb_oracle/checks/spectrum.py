"""The bias spectrum: B(w) = E g for f = cos(w z + b) minus the exact gradient, at many frequencies on the same draws.

Estimators are linear in f: a bound on B up to a frequency is a bound for every f of that band.

Why it matters: a bias that no test function of a suite happens to see has a frequency, and shows there. Where the
band lies inside the margin, every f of that band is covered.

How to fix: a bias at high frequencies only is a wrong argument of f or a smoothing; one at every frequency a wrong
factor; one at low frequencies only a wrong tail.

How to reproduce: the last line of the message, or `--select 'spectrum/*'` for all cases of this check.
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
from fsb_oracle.checks.noise import decide_by_quadrature
from fsb_oracle.checks.points import parameter_points
from fsb_oracle.checks.profile import Profile
from fsb_oracle.checks.sampling import Known, centred_block, sampling_plan, with_declared
from fsb_oracle.checks.truth import bias_scale, dtype_tolerance, sampled_second_moment, tested_mean
from fsb_oracle.families import Family
from fsb_oracle.families.numbers import round_to_dtype
from fsb_oracle.integrands import Integrand, plane_wave
from fsb_oracle.records import Result, Status
from fsb_oracle.rules import recommended
from fsb_oracle.rules.variance import noise_variables, wave_moments, wave_power
from fsb_oracle.subjects import Subject
from fsb_oracle.verdicts import seeds
from fsb_oracle.verdicts.evidence import mean_log_e_value
from fsb_oracle.verdicts.sequential import Decision, Plan, run_many

NAME = "spectrum"
LOWEST, HIGHEST = 0.1, 8.0  # in 1/spread
# the most noise variables over which the moments of a wave, the phase-free bound on them, and its mean are integrated
MOMENT_VARIABLES, POWER_VARIABLES, QUADRATURE_VARIABLES = 2, 3, 2


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
        return plane_wave(self.frequency, self.phase)

    @property
    def text(self) -> str:
        """f for the eye: its constants are no short decimals once a dtype has rounded them."""
        return f"cos({float(self.frequency):.5g}*z + {float(self.phase):.5g})"

    @property
    def quarter(self) -> Integrand:
        """The same wave a quarter of a period on."""
        return plane_wave(self.frequency, self.phase, sine=True)


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
    """Test all frequencies, by quadrature over the noise where that applies and by sampling; the case fails if one
    does."""
    started = time.perf_counter()
    found = [_target(case, wave) for wave in waves(case, settings.seed)]
    by_quadrature = _by_quadrature(case, found)
    plans = [
        sampling_plan(case, settings, false_fail_rate, one.scale, one.known, one.value.float_radius, one.tolerance)
        for one in found
    ]
    sampled = _decide(case, found, plans, settings.seed)
    tiers = {"0b": by_quadrature, "3": sampled} if by_quadrature else {"3": sampled}
    statuses = {tier: _status(decisions) for tier, decisions in tiers.items()}
    tier = next((name for name in tiers if statuses[name] is Status.fail), None) or next(
        (name for name in tiers if statuses[name] is not Status.inconclusive), "3"
    )
    status, decisions = statuses[tier], tiers[tier]
    worst = max(range(len(found)), key=lambda k: _severity(decisions[k], found[k].scale))
    one, at = decisions[worst], found[worst]
    share = max(decision.bias_bound / each.scale for decision, each in zip(decisions, found, strict=True))
    margin = one.plan.margin / at.scale
    reproduce = case.reproduce(settings, false_fail_rate, margin if settings.margin_given and tier == "3" else None)
    return case.result(
        status,
        reason=one.reason,
        exact=at.value.value,
        estimate=at.exact + one.bias,
        standard_error=sampled[worst].standard_error,
        bias=one.bias,
        bias_bound=share * at.scale,
        bias_scale=at.scale,
        margin=margin,
        interval=[float(end) for end in one.interval],
        evidence=one.evidence,
        tier=tier,
        variance_class=sampled[worst].variance_class,
        num_samples=max(decision.num_samples for decision in sampled),
        seconds=time.perf_counter() - started,
        message=_message(case, status, one, at, share, statuses, _band(found, decisions), reproduce),
        reproduce=reproduce,
        details={
            "frequencies": [each.wave.scaled for each in found],
            "bias": [decision.bias for decision in decisions],
            "lower": [float(decision.pass_interval[0]) for decision in decisions],
            "upper": [float(decision.pass_interval[1]) for decision in decisions],
            "scale": [each.scale for each in found],
            "exact": [each.exact for each in found],
            "waves": [each.wave.text for each in found],
            "band": _band(found, decisions),
            "tiers": [
                {
                    "tier": name,
                    "status": str(statuses[name]),
                    "largest": max(abs(d.bias) / e.scale for d, e in zip(tiers[name], found, strict=True)),
                }
                for name in tiers
            ],
            "log_e": mean_log_e_value(sampled),
        },
    )


@dataclass(frozen=True)
class _Target:
    """One frequency: the wave, its exact gradient, S, what is known of a contribution, and the bias tolerated."""

    wave: Wave
    value: oracle.Value
    exact: float
    scale: float
    known: Known | None
    tolerance: float


def _target(case: Case, wave: Wave) -> _Target:
    gradient = oracle.wave_gradient(case.family, case.at, case.parameter, wave.frequency, wave.phase)
    value = tested_mean(case.subject, case.at, wave.f, case.parameter, gradient)
    scale = _scale(case, wave)
    tolerance = dtype_tolerance(case.family, case.at, wave.f, case.parameter, case.dtype, scale)
    return _Target(wave, value, float(value), scale, _known(case, wave), with_declared(case, tolerance, scale))


def _scale(case: Case, wave: Wave) -> float:
    """S averaged over the phase: at one phase it may vanish."""
    reference = recommended(case.family, case.parameter, wave.f, case.at)
    if reference is not None:
        if noise_variables(reference, case.at) <= POWER_VARIABLES:
            power = wave_power(reference, case.at, float(wave.frequency))
        else:  # a unit needs no quadrature over many variables: a fixed sample at two phases a quarter apart
            power = (
                sum(sampled_second_moment(case.family, case.at, f, case.parameter) for f in (wave.f, wave.quarter)) / 2
            )
        if power > 0:
            return math.sqrt(power)
    return bias_scale(case.family, case.at, wave.f, case.parameter)


def _known(case: Case, wave: Wave) -> Known | None:
    """The exact moments of the rule that the subject claims to be; for three noise variables a bound at every phase.

    For more a quadrature at each frequency takes longer than the samples that it saves, but under a heavy tail, where
    contributions without a fourth moment are decided by nothing else."""
    claimed = case.subject.claimed_rule(case.parameter, case.at, wave.f)
    if claimed is None:
        known = case.subject.known_moments(case.parameter, case.at, wave.f)
        bound = case.subject.variance_bound(case.parameter, case.at, wave.f) if known is None else None
        return Known.of(known[0]) if known is not None else None if bound is None else Known(bound[0])
    variables = noise_variables(claimed, case.at)
    if variables <= MOMENT_VARIABLES:
        moments = wave_moments(claimed, case.at, float(wave.frequency), float(wave.phase))
        if moments.known:
            return Known.of(moments)
    if variables <= POWER_VARIABLES or case.family.tail_index != sympy.oo:
        power = wave_power(claimed, case.at, float(wave.frequency))
        return Known(2 * power) if math.isfinite(power) else None
    return None


def _by_quadrature(case: Case, found: list[_Target]) -> list[Decision]:
    """Tier 0b at every frequency; empty where it does not apply at one of them, nor under a heavy tail, into which a
    wave goes on beyond the nodes that see it turn."""
    if case.family.tail_index != sympy.oo:
        return []
    noise = case.subject.noise_at(case.parameter, case.at, case.dtype)
    if noise is None or sum(p.support != "integers" for p in noise.values()) > QUADRATURE_VARIABLES:
        return []
    decisions: list[Decision] = []
    for one in found:
        decision = decide_by_quadrature(case, one.wave.f, one.exact, one.value.float_radius, one.scale, one.tolerance)
        if decision is None:
            return []
        decisions.append(decision)
    return decisions


def _band(found: list[_Target], decisions: list[Decision]) -> dict[str, float]:
    """What the curve says of every f = SUM a_k cos(w_k z + b_k) made of these waves: |bias| < bound * SUM |a_k|."""
    bound = max(decision.bias_bound for decision in decisions)
    return {"highest": max(one.wave.scaled for one in found), "bound": bound}


def _decide(case: Case, found: list[_Target], plans: list[Plan], seed: int) -> list[Decision]:
    """All frequencies on the same draws."""

    def block(index: int, rows: list[int]) -> list[np.ndarray]:
        return [centred_block(case, found[row].wave.f, found[row].exact, index, seed) for row in rows]

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
    at: _Target,
    share: float,
    statuses: dict[str, Status],
    band: dict[str, float],
    line: str,
) -> str:
    frequency = at.wave.scaled
    words = {
        Status.pass_: f"UNBIASED at {case.tests} frequencies up to {HIGHEST:g}/spread: |B(w)| < {share:.2g} S at each",
        Status.within_margin: f"BIASED, WITHIN MARGIN at some frequencies: |B(w)| < {share:.2g} S at each",
        Status.inconclusive: f"INCONCLUSIVE ({one.reason}) at {frequency:.3g}/spread",
        Status.fail: f"BIASED at {frequency:.3g}/spread",
    }[status]
    ratio = "" if at.exact == 0 else f", estimate / exact = {1 + one.bias / at.exact:.4g}"
    sample = f", n = {one.num_samples:,}" if one.num_samples else " (quadrature over the noise)"
    lines = [
        f"{words}  {case.id}",
        f"worst frequency {frequency:.3g}/spread, f = {at.wave.text}: bias {one.bias:.3g} = "
        f"{one.bias / at.scale:.2g} S{ratio}, interval [{one.interval[0]:.3g}, {one.interval[1]:.3g}]{sample}",
    ]
    if status in (Status.pass_, Status.within_margin):
        lines.append(f"for every f = sum a_k cos(w_k z + b_k) of these waves: |bias| < {band['bound']:.3g} sum |a_k|")
    if len(statuses) > 1:
        lines.append("; ".join(f"tier {name}: {found}" for name, found in statuses.items()))
    if status is Status.fail:
        lines.append(f"reproduce: {line}")
    return "\n  ".join(lines)
