"""e-values: their mean under the null, and how many epochs a small bias needs to surface."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from fsb_oracle.verdicts.evidence import log_e_value, mean_log_e_value
from fsb_oracle.verdicts.sequential import Decision, Plan, run, run_many

KNOWN = {
    "R": {"variance_bound": 1.0},
    "K": {"kurtosis_bound": 9.0},
    "H": {},
}  # of what `draws` gives
BLOCK = 1024


def draws(generator: np.random.Generator, shape: int | tuple[int, int] = BLOCK) -> np.ndarray:
    """Variance 1 and kurtosis 9, skew 2."""
    return generator.standard_exponential(shape) - 1


def stopped(variance_class: str, bias: float, epochs: int, margin: float = 0.1) -> list[Decision]:
    generator = np.random.default_rng(5)
    known: dict[str, Any] = KNOWN[variance_class]
    plan = Plan(margin, false_fail_rate=1e-9, block=BLOCK, cap=1 << 20, **known)
    return [run(lambda _: draws(generator) + bias, plan) for _ in range(epochs)]


@pytest.mark.parametrize("variance_class", KNOWN)
def test_the_mean_of_stopped_e_values_is_at_most_one_without_a_bias(variance_class: str) -> None:
    values = [log_e_value(decision) for decision in stopped(variance_class, 0.0, 300)]
    found = np.exp([value for value in values if value is not None])
    assert len(found) == len(values)
    assert found.mean() <= 1 + 4 * found.std() / math.sqrt(len(found))


@pytest.mark.parametrize("variance_class", KNOWN)
def test_a_fifth_of_the_margin_surfaces_over_epochs_none_of_which_shows_it(variance_class: str) -> None:
    decisions = stopped(variance_class, 0.02, 150)
    assert all(decision.status == "pass" for decision in decisions)
    total = np.cumsum([log_e_value(decision) for decision in decisions])
    assert total.max() >= math.log(1e9)
    assert np.cumsum([log_e_value(decision) for decision in stopped(variance_class, 0.0, 150)]).max() < math.log(100)


def test_several_tests_on_the_same_draws_have_the_mean_of_their_e_values() -> None:
    generator = np.random.default_rng(3)
    plan = Plan(0.1, variance_bound=1.0, block=BLOCK, cap=1 << 14)
    decisions = run_many(lambda _, rows: draws(generator, (3, BLOCK))[rows], [plan] * 3)
    each = [log_e_value(decision) for decision in decisions]
    assert mean_log_e_value(decisions) == pytest.approx(math.log(np.mean(np.exp(each))))
    assert mean_log_e_value([]) is None


def test_a_declared_tolerance_is_no_evidence() -> None:
    generator = np.random.default_rng(7)
    plan = Plan(0.1, tolerance=0.03, variance_bound=1.0, block=BLOCK, cap=1 << 16)
    values = [log_e_value(run(lambda _: draws(generator) + 0.03, plan)) for _ in range(100)]
    assert sum(value for value in values if value is not None) < 0


def test_a_look_that_may_not_decide_carries_no_evidence() -> None:
    heavy = np.zeros(4096)
    heavy[0] = 1e6
    decision = run(lambda _: heavy, Plan(0.1, block=4096, cap=4096))
    assert decision.reason == "tails" and log_e_value(decision) is None
    broken = run(lambda _: np.full(4096, np.nan), Plan(0.1, block=4096, cap=4096))
    assert log_e_value(broken) is None
    still = run(lambda _: np.zeros(4096), Plan(0.1, block=4096, cap=1 << 20))
    assert log_e_value(still) == 0
