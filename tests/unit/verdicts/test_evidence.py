"""e-values: what they are under the null, and that a p-value is calibrated before it is multiplied."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from fsb_oracle.verdicts.evidence import calibrated, log_e_value, mean_log_e_value
from fsb_oracle.verdicts.sequential import Plan, run, run_many


def test_the_calibrator_integrates_to_one_and_is_continuous() -> None:
    integral, error = quad(lambda x: math.exp(calibrated(x) - x), 0, math.inf, limit=200)  # p = exp(-x)
    # beyond what quad reaches, e p = 1/x^2 decreases slowly: the rest is 1/X
    assert integral == pytest.approx(1.0, abs=1e-6 + error)
    assert calibrated(0.0) == pytest.approx(math.log(0.5))
    assert calibrated(0.999e-3) == pytest.approx(calibrated(1.001e-3), abs=1e-6)
    assert calibrated(-3.0) == calibrated(0.0)
    assert calibrated(1e4) == pytest.approx(1e4 - 2 * math.log(1e4), abs=1e-9)


@pytest.mark.parametrize("known", [True, False], ids=["class R", "class H"])
def test_the_mean_of_stopped_e_values_is_at_most_one_without_a_bias(known: bool) -> None:
    generator = np.random.default_rng(11)
    plan = Plan(0.05, false_fail_rate=1e-2, variance_bound=1.0 if known else None, block=512, cap=1 << 15)
    values = [log_e_value(run(lambda _: generator.standard_normal(512), plan)) for _ in range(400)]
    found = np.exp([value for value in values if value is not None])
    assert len(found) > 390
    assert found.mean() <= 1 + 4 * found.std() / math.sqrt(len(found))


def test_the_sum_of_many_epochs_finds_a_bias_that_none_shows() -> None:
    def total(bias: float) -> float:
        generator = np.random.default_rng(5)
        plan = Plan(0.1, false_fail_rate=1e-9, variance_bound=1.0, block=512, cap=1 << 16)
        decisions = [run(lambda _: generator.standard_normal(512) + bias, plan) for _ in range(60)]
        assert all(decision.status == "pass" for decision in decisions)
        return sum(log_e_value(decision) or 0.0 for decision in decisions)

    assert total(0.05) > math.log(1e9) > 0 > total(0.0)


def test_several_tests_on_the_same_draws_have_the_mean_of_their_e_values() -> None:
    generator = np.random.default_rng(3)
    plan = Plan(0.1, variance_bound=1.0, block=512, cap=1 << 14)
    decisions = run_many(lambda _: generator.standard_normal((3, 512)), [plan] * 3)
    each = [log_e_value(decision) for decision in decisions]
    assert mean_log_e_value(decisions) == pytest.approx(math.log(np.mean(np.exp(each))))
    assert mean_log_e_value([]) is None


def test_a_look_that_may_not_decide_carries_no_evidence() -> None:
    heavy = np.zeros(4096)
    heavy[0] = 1e6
    decision = run(lambda _: heavy, Plan(0.1, block=4096, cap=4096))
    assert decision.reason == "tails" and log_e_value(decision) is None
    broken = run(lambda _: np.full(4096, np.nan), Plan(0.1, block=4096, cap=4096))
    assert log_e_value(broken) is None
