"""The sequential engine: what it decides, when it looks, and what it refuses."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fsb_oracle.errors import UsageError
from fsb_oracle.records import Status
from fsb_oracle.verdicts import seeds
from fsb_oracle.verdicts.moments import Moments, fold
from fsb_oracle.verdicts.plan import Plan
from fsb_oracle.verdicts.sequential import Decision, decide, run, run_many

Draw = Callable[[int], NDArray[np.float64]]

KNOWN: list[dict[str, Any]] = [{"variance_bound": 1.0}, {"kurtosis_bound": 3.2}, {}]


def normal(bias: float = 0.0, scale: float = 1.0) -> Draw:
    def draw(index: int) -> NDArray[np.float64]:
        return scale * seeds.generator("normal", block=index).standard_normal(4096) + bias

    return draw


def figures(decision: Decision) -> tuple[object, ...]:
    """What must be equal bit for bit."""
    return (
        decision.status, decision.num_samples, decision.looks, decision.bias, decision.bias_bound,
        decision.interval, decision.pass_interval, decision.evidence,
    )  # fmt: skip


def constant(value: float) -> Draw:
    return lambda _: np.full(4096, value)


@pytest.mark.parametrize("known", KNOWN, ids=["R", "K", "H"])
def test_an_unbiased_stream_passes(known: dict[str, Any]) -> None:
    plan = Plan(0.02, **known)
    decision = run(normal(), plan)
    assert (decision.status, decision.reason, decision.variance_class) == (
        Status.pass_,
        None,
        plan.variance_class,
    )
    assert abs(decision.bias) < decision.bias_bound <= 0.02
    assert decision.num_samples <= 120_000
    (low, high), (lower, upper) = decision.interval, decision.pass_interval
    assert low < lower < 0 < upper < high


@pytest.mark.parametrize("known", KNOWN, ids=["R", "K", "H"])
@pytest.mark.parametrize("bias", [0.02, -0.02])
def test_a_biased_stream_fails(known: dict[str, Any], bias: float) -> None:
    decision = run(normal(bias), Plan(0.02, **known))
    assert (decision.status, decision.reason) == (Status.fail, "biased")
    assert decision.evidence is not None and decision.evidence >= 10
    assert decision.interval[0] < bias < decision.interval[1]
    assert decision.interval[0] > 0 or decision.interval[1] < 0
    assert decision.bias_bound > 0.02


@pytest.mark.parametrize("known", [{"variance_bound": 1e-4}, {"kurtosis_bound": 3.2}, {}], ids=["R", "K", "H"])
def test_a_small_bias_with_little_noise_is_within_the_margin(known: dict[str, Any]) -> None:
    decision = run(normal(0.005, scale=0.01), Plan(0.02, **known))
    assert (decision.status, decision.reason) == (Status.within_margin, None)
    assert decision.evidence is not None and decision.evidence >= 10
    assert 0.005 < decision.bias_bound < 0.02


def test_a_bias_within_the_tolerance_is_not_called_one() -> None:
    assert run(normal(0.005, scale=0.01), Plan(0.02, tolerance=0.006, variance_bound=1e-4)).status is Status.pass_
    loose = Plan(0.02, oracle_error=0.006, variance_bound=1e-4)
    decision = run(normal(0.005, scale=0.01), loose)
    assert decision.status is Status.pass_ and decision.bias_bound > 0.005 + 0.006


@pytest.mark.parametrize("known", KNOWN, ids=["R", "K", "H"])
def test_a_cap_that_is_too_small_is_inconclusive(known: dict[str, Any]) -> None:
    decision = run(normal(), Plan(0.001, cap=20_000, **known))
    assert (decision.status, decision.reason) == (Status.inconclusive, "budget")
    assert decision.num_samples <= 20_000 and decision.bias_bound > 0.001


@pytest.mark.parametrize("known", KNOWN, ids=["R", "K", "H"])
def test_a_unit_that_is_not_finite_is_a_failure_with_its_index(known: dict[str, Any]) -> None:
    def draw(index: int) -> NDArray[np.float64]:
        units = normal()(index)
        if index == 1:
            units[5] = math.inf
        return units

    decision = run(draw, Plan(0.001, cap=40_960, **known))
    assert (decision.status, decision.reason) == (Status.fail, "nonfinite")
    assert decision.moments is not None and int(decision.moments.first_nonfinite) == 4096 + 5
    at_once = run(lambda _: np.full(4096, math.nan), Plan(0.02, **known))
    assert at_once.reason == "nonfinite"
    assert at_once.moments is not None and int(at_once.moments.first_nonfinite) == 0


@pytest.mark.parametrize("bias", [0.0, 0.02])
def test_a_wrong_variance_claim_is_set_aside(bias: float) -> None:
    decision = run(normal(bias), Plan(0.02, variance_bound=0.5))
    assert decision.variance_claim_refuted and decision.variance_class == "H"
    assert decision.status is (Status.fail if bias else Status.pass_)
    blocks = decision.num_samples // 4096
    assert blocks & (blocks - 1) == 0  # decided at a look of class H
    capped = run(normal(), Plan(0.002, variance_bound=0.5, cap=40_000))
    assert (capped.status, capped.reason) == (Status.inconclusive, "variance-claim")


@pytest.mark.parametrize("known", [{"variance_bound": 0.0}, {"kurtosis_bound": 3.0}, {}], ids=["R", "K", "H"])
def test_an_estimator_without_noise(known: dict[str, Any]) -> None:
    plan = Plan(0.02, **known)
    assert run(constant(0.0), plan).status is Status.pass_
    assert run(constant(1e-17), plan).status is Status.pass_  # a rounding error is no bias
    assert run(constant(0.005), plan).status is Status.within_margin
    assert run(constant(0.1), plan).status is Status.fail


@pytest.mark.parametrize("known", [{"variance_bound": 1e200}, {"kurtosis_bound": 3.0}, {}], ids=["R", "K", "H"])
@pytest.mark.parametrize("size", [1e100, 1e160])
def test_huge_units_decide_nothing_and_break_nothing(known: dict[str, Any], size: float) -> None:
    assert run(normal(scale=size), Plan(0.02, cap=40_960, **known)).status is Status.inconclusive


def test_tails_that_no_further_draw_can_mend_end_the_test() -> None:
    """One unit holds half of the sum of squares at a tenth of the cap: it would hold a twentieth at the cap."""
    units = np.where(np.arange(4096) % 2, 1.0, -1.0)
    huge = units.copy()
    huge[0] = math.sqrt(4096.0)

    def draw(index: int) -> NDArray[np.float64]:
        return units if index else huge

    given_up = run(draw, Plan(0.1, cap=10 * 4096))
    assert (given_up.status, given_up.reason, given_up.num_samples) == (Status.inconclusive, "tails", 4096)
    # up to a cap that is far enough its share falls to what the guard allows
    assert run(draw, Plan(0.1, cap=100 * 4096)).status is Status.pass_
    assert run(lambda _: units, Plan(0.1, cap=10 * 4096)).status is Status.pass_


def test_looks() -> None:
    u_blocks = Plan(0.01, variance_bound=0.4096 * 10, cap=409_600)  # u = 40,960 = 10 blocks
    assert u_blocks.looks == (10, 12, 15, 16, 17, 20, 24, 29, 32, 34, 40, 48, 57, 64, 68, 80, 96, 100)
    assert Plan(1.0, variance_bound=1.0, cap=10 * 4096).looks == (1, 2, 3, 4, 5, 6, 7, 8, 10)
    assert Plan(1e-6, variance_bound=1.0).looks == (488,)
    assert Plan(1.0, cap=100_000).looks == (1, 2, 4, 8, 16, 24)
    assert Plan(1.0, cap=1000).looks == (1,)
    assert Plan(1.0, block=64, cap=20_000).looks == (64, 128, 256, 312)


@pytest.mark.parametrize(
    "values",
    [
        {"margin": 0.0},
        {"margin": math.inf},
        {"tolerance": -1.0},
        {"tolerance": 0.6},
        {"oracle_error": math.nan},
        {"false_fail_rate": 0.0},
        {"false_pass_rate": 1.0},
        {"variance_bound": -1.0},
        {"variance_bound": math.inf},
        {"kurtosis_bound": 0.5},
        {"cap": 0},
        {"block": 0},
    ],
)
def test_a_plan_refuses_values_out_of_range(values: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"allowed|must"):
        Plan(**{"margin": 1.0, **values})


def test_several_statistics_share_draws_and_stop_on_their_own() -> None:
    drawn: list[int] = []

    asked: list[int] = []

    def draw(index: int, rows: list[int]) -> NDArray[np.float64]:
        drawn.append(index)
        asked.extend(rows)
        x = seeds.generator("shared", block=index).standard_normal(4096)
        return np.stack([x, x + 0.05, 3 * x])[rows]

    plans = [Plan(0.05, variance_bound=1.0), Plan(0.05), Plan(0.05, kurtosis_bound=3.2)]
    together = run_many(draw, plans)
    assert [decision.status for decision in together] == [Status.pass_, Status.fail, Status.pass_]
    assert drawn == list(range(len(drawn)))
    assert len(drawn) * 4096 >= max(decision.num_samples for decision in together)
    pilot = [0, 0, 4096]  # class K does not use its first block again
    for row in range(3):
        assert asked.count(row) * 4096 == together[row].num_samples + pilot[row]  # and nothing once it is decided
    for row, plan in enumerate(plans):
        alone = run(lambda index, row=row: draw(index, [row])[0], plan)
        assert figures(alone) == figures(together[row])


def test_run_many_refuses_what_does_not_fit() -> None:
    with pytest.raises(UsageError, match="one size"):
        run_many(lambda *_: np.zeros((2, 8)), [Plan(1.0, block=8), Plan(1.0, block=4)])
    with pytest.raises(UsageError, match=r"shape \(8,\), allowed is \(1, 8\)"):
        run_many(lambda *_: np.zeros(8), [Plan(1.0, block=8)])


def test_a_verdict_does_not_depend_on_who_drew_the_blocks() -> None:
    """Blocks computed out of order and beyond the stopping look give the bits of the serial run."""
    plan, draw = Plan(0.02, variance_bound=1.0), normal()
    serial = run(draw, plan)
    store = {index: Moments.of(draw(index), index * 4096) for index in reversed(range(40))}
    for look, count in enumerate(plan.looks):
        decision = decide(fold(store[index] for index in range(count)), plan, look)
        if decision is not None:
            assert figures(decision) == figures(serial)
            return
    pytest.fail("no verdict")


def test_class_h_allows_for_an_event_that_a_constant_sample_has_not_shown():
    """E g = 1/3 - 4e-7 with P(g = 0) = 1.3e-6: thousands of draws are all 1/3. That is no evidence of a bias."""
    constant = np.full(4096, 4.3e-7)
    decision = run(lambda index: constant, Plan(margin=0.0067, scale=1 / 3, false_fail_rate=7e-9))
    assert decision.status is Status.pass_
    assert decision.bias_bound > 1e-4  # what 4096 equal draws cannot exclude
    lost = run(lambda index: np.full(4096, -1 / 3), Plan(margin=0.0067, scale=1 / 3, false_fail_rate=7e-9))
    assert lost.status is Status.fail  # a gradient that is lost is still seen


def test_a_rare_event_of_huge_units_is_no_evidence_either():
    """Max(z - 1/2, 0) far out in a tail: S = 9e-7 and E g = 1.4e-8 come from units of size 1 with P = 1e-12; every draw
    is 0. Of size S such an event could not add as much."""
    decision = run(lambda index: np.full(8192, -1.4e-8), Plan(margin=4.5e-8, scale=9e-7, block=8192))
    assert decision.status is Status.pass_
    assert decision.evidence == 0
