"""The engine's promises, measured: rates of error, coverage and cost, on streams of known moments.

Seeds are fixed, so the outcome is reproducible. A count is compared with the quantile of the binomial law at
the promised rate that is exceeded with probability 1e-6: a correct engine passes, one whose rate is a few
times too high does not.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import digamma
from scipy.stats import binom

from fsb_oracle.records import Status
from fsb_oracle.verdicts import class_h, class_k, class_r
from fsb_oracle.verdicts.moments import Moments, merge
from fsb_oracle.verdicts.plan import Plan, Reading
from fsb_oracle.verdicts.sequential import run

CHUNK = 2_000_000  # units drawn at a time
DEEP = os.environ.get("FSB_ORACLE_PROFILE") == "deep"


def repeated(by_default: int) -> int:
    """Repetitions of a measurement: ten thousand in the deep profile."""
    return 10_000 if DEEP else by_default


@dataclass(frozen=True)
class Stream:
    """A law with mean 0 and known variance and kurtosis."""

    name: str
    draw: Callable[[np.random.Generator, tuple[int, int]], NDArray[np.float64]]
    variance: float
    kurtosis: float

    def __str__(self) -> str:
        return self.name


def _score_stream(concentration: float) -> Stream:
    """The score estimator of d/d concentration E z^2 under a gamma law: skewness 28 at 0.1."""

    def raw_moment(order: int) -> float:
        # E z^(2j) (log z - digamma)^j is, over Gamma(k), the j-th derivative at 0 of
        # exp(-t digamma) Gamma(k + 2j + t).
        psi = mpmath.digamma(concentration)
        return float(
            mpmath.diff(lambda t: mpmath.exp(-t * psi) * mpmath.gamma(concentration + 2 * order + t), 0, order)
            / mpmath.gamma(concentration)
        )

    mean, second, third, fourth = (raw_moment(order) for order in (1, 2, 3, 4))
    variance = second - mean**2
    fourth_central = fourth - 4 * third * mean + 6 * second * mean**2 - 3 * mean**4

    def draw(rng: np.random.Generator, size: tuple[int, int]) -> NDArray[np.float64]:
        z = rng.standard_gamma(concentration, size)
        return z * z * (np.log(z) - digamma(concentration)) - mean

    return Stream("skewed", draw, variance, fourth_central / variance**2)


NORMAL = Stream("normal", lambda rng, size: rng.standard_normal(size), 1.0, 3.0)
EXPONENTIAL = Stream("exponential", lambda rng, size: rng.standard_exponential(size) - 1, 1.0, 9.0)
SKEWED = _score_stream(0.1)
STREAMS = [NORMAL, EXPONENTIAL, SKEWED]


@dataclass(frozen=True)
class Outcome:
    """One entry for each repetition."""

    failed: NDArray[np.bool_]
    passed: NDArray[np.bool_]
    count: NDArray[np.float64]
    bound: NDArray[np.float64]


def _read(variance_class: str, moments: Moments, plan: Plan, look: int) -> Reading:
    if variance_class == "R":
        return class_r.read(moments, plan)
    return (class_k if variance_class == "K" else class_h).read(moments, plan, look)


def simulate(
    stream: Stream, plan: Plan, repetitions: int, seed: int, bias: float = 0.0, stop_at_pass: bool = True
) -> Outcome:
    """The engine on many independent repetitions at once, each until its verdict or the cap."""
    rng = np.random.default_rng(seed)
    steps = np.diff((0, *plan.looks)) * plan.block
    batch = max(1, CHUNK // int(steps.max()))
    parts: list[NDArray[np.float64]] = []
    for start in range(0, repetitions, batch):
        live = np.arange(min(batch, repetitions - start))
        part = np.zeros((4, len(live)))
        moments = None
        for look, step in enumerate(steps):
            more = Moments.of(stream.draw(rng, (len(live), int(step))) + bias)
            moments = more if moments is None else merge(moments, more)
            reading = _read(plan.variance_class, moments, plan, look)
            failed = reading.may_decide & (reading.log_evidence >= math.log(1 / plan.false_fail_rate))
            passed = reading.may_decide & (reading.bias_bound <= plan.margin)
            done = (failed | (passed & stop_at_pass)) | (look == len(steps) - 1)
            part[:, live[done]] = [
                failed[done],
                passed[done] & ~failed[done],
                np.full(done.sum(), moments.count),
                reading.bias_bound[done],
            ]
            live, moments = live[~done], moments.row(~done)
            if not len(live):
                break
        parts.append(part)
    failed, passed, count, bound = np.concatenate(parts, axis=1)
    return Outcome(failed > 0, passed > 0, count, bound)


def at_most(rate: float, repetitions: int) -> int:
    """A count that is exceeded with probability 1e-6 if the rate holds."""
    return int(binom.ppf(1 - 1e-6, repetitions, rate))


def plan_r(stream: Stream, u: int, **options: float) -> Plan:
    """Class R with n_0 = u and one-unit blocks, up to 200 u."""
    margin = math.sqrt(stream.variance / u)
    return replace(Plan(margin, variance_bound=stream.variance, block=1, cap=200 * u), **options)


def plan_k(stream: Stream, u: int, **options: float) -> Plan:
    margin = math.sqrt(stream.variance / u)
    known = {"kurtosis_bound": 1.05 * stream.kurtosis, "pilot_variance": stream.variance}
    return replace(Plan(margin, block=max(1, u // 10), cap=200 * u), **known, **options)


def plan_h(stream: Stream, u: int, cap: int, **options: float) -> Plan:
    return replace(Plan(math.sqrt(stream.variance / u), cap=cap), **options)


def test_the_skewed_stream_is_what_it_claims() -> None:
    moments = Moments.of(SKEWED.draw(np.random.default_rng(1), (1, 4_000_000)))
    assert abs(moments.mean[0]) < 5 * moments.standard_error[0]
    assert moments.variance[0] == pytest.approx(SKEWED.variance, rel=0.1)
    assert SKEWED.kurtosis == pytest.approx(1655, rel=1e-3)


# False failures: class R and class K keep their rate without any assumption about the tails.


@pytest.mark.parametrize("rate", [1e-2, 1e-3])
@pytest.mark.parametrize("stream", STREAMS, ids=str)
def test_null_rate_of_class_r(stream: Stream, rate: float) -> None:
    repetitions = repeated(2_000 if stream is SKEWED else 5_000)
    outcome = simulate(stream, plan_r(stream, 25, false_fail_rate=rate), repetitions, 11, stop_at_pass=False)
    assert outcome.failed.sum() <= at_most(rate, repetitions)


@pytest.mark.parametrize("rate", [1e-2, 1e-3] if DEEP else [1e-2])
@pytest.mark.parametrize("stream", STREAMS, ids=str)
def test_null_rate_of_class_k(stream: Stream, rate: float) -> None:
    repetitions = repeated(500 if stream is SKEWED else 2_000)
    plan = plan_k(stream, 25, false_fail_rate=rate)
    plan = replace(plan, cap=40_000) if stream is SKEWED else plan
    outcome = simulate(stream, plan, repetitions, 12, stop_at_pass=False)
    assert outcome.failed.sum() <= at_most(rate, repetitions)


@pytest.mark.parametrize("rate", [1e-2, 1e-3] if DEEP else [1e-2])
@pytest.mark.parametrize("stream", STREAMS, ids=str)
def test_null_rate_of_class_h(stream: Stream, rate: float) -> None:
    # a skewness of 28 takes hundreds of thousands of units a repetition before its guard lets it decide
    repetitions = (1_000 if DEEP else 100) if stream is SKEWED else repeated(1_000)
    plan = plan_h(stream, 400, cap=(64 if stream is SKEWED else 8) * 4096, false_fail_rate=rate)
    outcome = simulate(stream, plan, repetitions, 13, stop_at_pass=False)
    assert outcome.failed.sum() <= at_most(2 * rate, repetitions)


def test_the_null_rates_would_show_a_wrong_variance() -> None:
    """Control: with a claim four times too small the rate is above the promise, and the test sees it."""
    repetitions, rate = 5_000, 1e-2
    plan = replace(plan_r(NORMAL, 25, false_fail_rate=rate), variance_bound=0.25)
    outcome = simulate(NORMAL, plan, repetitions, 11, stop_at_pass=False)
    assert outcome.failed.sum() > at_most(rate, repetitions)


# False passes: a bias as large as the margin, in either direction.


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("stream", STREAMS, ids=str)
def test_wrong_pass_of_class_r(stream: Stream, sign: int) -> None:
    plan, repetitions = plan_r(stream, 100, false_pass_rate=1e-2, false_fail_rate=1e-9), 2_000
    outcome = simulate(stream, plan, repetitions, 21, bias=sign * plan.margin)
    assert outcome.passed.sum() <= at_most(1e-2, repetitions)
    assert outcome.failed.mean() > 0.95


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("stream", [NORMAL, EXPONENTIAL], ids=str)
def test_wrong_pass_of_class_k(stream: Stream, sign: int) -> None:
    plan, repetitions = plan_k(stream, 500, false_pass_rate=1e-2, false_fail_rate=1e-9), 500
    outcome = simulate(stream, plan, repetitions, 22, bias=sign * plan.margin)
    assert outcome.passed.sum() <= at_most(1e-2, repetitions)
    assert outcome.failed.mean() > 0.95


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("stream", [NORMAL, EXPONENTIAL], ids=str)
def test_wrong_pass_of_class_h(stream: Stream, sign: int) -> None:
    plan = plan_h(stream, 500, cap=500 * 200, false_pass_rate=1e-2, false_fail_rate=1e-9)
    outcome = simulate(stream, plan, 800, 23, bias=sign * plan.margin)
    assert outcome.passed.sum() <= at_most(1e-2, 800)
    assert outcome.failed.mean() > 0.95


# Cost, in units of u = V / margin^2, against the table: a change that makes the engine wasteful is seen.


@pytest.mark.parametrize(("rate", "expected"), [(1e-2, 16.6), (1e-3, 22.5), (1e-6, 40.0)])
@pytest.mark.parametrize("stream", STREAMS, ids=str)
def test_cost_of_a_correct_case(stream: Stream, rate: float, expected: float) -> None:
    plan = plan_r(stream, 100, false_pass_rate=rate, false_fail_rate=1e-9)
    outcome = simulate(stream, plan, 1_000, 31)
    assert outcome.count.mean() / 100 == pytest.approx(expected, rel=0.15)
    assert outcome.passed.mean() > 0.99
    assert outcome.bound[outcome.passed].mean() / plan.margin == pytest.approx(0.94, abs=0.03)


@pytest.mark.parametrize("stream", STREAMS, ids=str)
def test_cost_of_a_biased_case(stream: Stream) -> None:
    plan = plan_r(stream, 100, false_pass_rate=1e-3, false_fail_rate=1e-9)
    outcome = simulate(stream, plan, 1_000, 32, bias=plan.margin)
    assert outcome.count.mean() / 100 == pytest.approx(50, rel=0.15)
    assert outcome.failed.mean() > 0.98


@pytest.mark.parametrize("stream", [NORMAL, EXPONENTIAL], ids=str)
def test_cost_of_class_h(stream: Stream) -> None:
    plan = plan_h(stream, 1_000, cap=200_000, false_pass_rate=1e-3, false_fail_rate=1e-9)
    correct = simulate(stream, plan, 100, 33).count.mean() / 1_000
    biased = simulate(stream, plan, 100, 34, bias=plan.margin).count.mean() / 1_000
    assert 22 < correct < 38
    assert 45 < biased < 72


@pytest.mark.parametrize("stream", STREAMS, ids=str)
def test_coverage_of_the_hidden_bias_bound(stream: Stream) -> None:
    plan, repetitions = plan_r(stream, 100, false_pass_rate=1e-2, false_fail_rate=1e-9), 2_000
    outcome = simulate(stream, plan, repetitions, 41, bias=0.9 * plan.margin)
    assert (outcome.bound < 0.9 * plan.margin).sum() <= at_most(1e-2, repetitions)


def test_infinite_variance_is_inconclusive() -> None:
    """exp(0.6 z), z ~ Exp(1), has mean 2.5 and no variance: 100 of 100 must say that sampling cannot tell."""
    verdicts = []
    for repetition in range(100):
        rng = np.random.default_rng([51, repetition])
        decision = run(lambda _, rng=rng: np.exp(0.6 * rng.standard_exponential(4096)) - 2.5, Plan(0.1, cap=32 * 4096))
        verdicts.append((decision.status, decision.reason))
    assert verdicts == [(Status.inconclusive, "tails")] * 100


HEAVY: dict[str, tuple[Callable[[np.random.Generator, int], NDArray[np.float64]], float]] = {
    "t2.5": (lambda rng, n: rng.standard_t(2.5, n), math.sqrt(5)),
    "t3": (lambda rng, n: rng.standard_t(3, n), math.sqrt(3)),
    "lognormal": (lambda rng, n: np.exp(1.5 * rng.standard_normal(n)) - math.exp(1.125), 9.0),
    "rare": (lambda rng, n: 30 * (rng.random(n) < 1e-3) * rng.standard_normal(n) + rng.standard_normal(n), 1.4),
}
"""A draw and about its standard deviation."""


@pytest.mark.parametrize("bias", [0.0, 0.5])
@pytest.mark.parametrize("name", HEAVY)
def test_giving_up_takes_no_verdict_away(monkeypatch: pytest.MonkeyPatch, name: str, bias: float) -> None:
    """Stopped for tails that nothing can mend, or drawn up to the cap: the same passes and the same failures."""
    draw, deviation = HEAVY[name]
    plan, repetitions = Plan(0.1 * deviation, cap=1 << 17), 30

    def verdicts() -> tuple[list[Status], int]:
        found = []
        for repetition in range(repetitions):
            rng = np.random.default_rng([71, repetition])
            found.append(run(lambda _, rng=rng: draw(rng, 4096) + bias * deviation, plan))
        return [decision.status for decision in found], sum(decision.num_samples for decision in found)

    stopped, fewer = verdicts()
    monkeypatch.setattr(class_h, "hopeless", lambda *_: False)
    drawn, more = verdicts()
    assert stopped == drawn
    assert fewer < more or Status.inconclusive not in drawn


@pytest.mark.parametrize("options", [{"variance_bound": 1.0}, {}], ids=["R", "H"])
@pytest.mark.parametrize("bias", [0.0, 0.05])
def test_run_is_the_engine_that_is_measured(options: dict[str, Any], bias: float) -> None:
    """`run`, block by block, stops where the vectorised repetitions above stop, with the same bound."""
    plan = Plan(0.05, cap=200_000, **options)
    for repetition in range(5):
        rng = np.random.default_rng([61, repetition])
        decision = run(lambda _, rng=rng: rng.standard_normal(4096) + bias, plan)
        again = np.random.default_rng([61, repetition])
        stream = Stream("again", lambda _, size, again=again: again.standard_normal(size), 1.0, 3.0)
        outcome = simulate(stream, plan, 1, 0, bias)
        assert decision.num_samples == outcome.count[0]
        assert decision.bias_bound == pytest.approx(outcome.bound[0], rel=1e-9)
        assert (decision.status is Status.fail) == outcome.failed[0]
        assert (decision.status is Status.pass_) == outcome.passed[0]
