"""Tier 0b: the deterministic verdict."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fsb_oracle.records import Status
from fsb_oracle.verdicts.quadrature import allowance, cut_off, decide_quadrature, default_margin, truncation


@pytest.mark.parametrize(
    ("bias", "error", "status", "reason"),
    [
        (0.0, 1e-12, Status.pass_, None),
        (9e-13, 1e-13, Status.pass_, None),  # within the allowance of 1e-12
        (5e-11, 1e-12, Status.within_margin, None),
        (-5e-11, 1e-12, Status.within_margin, None),
        (1e-8, 1e-12, Status.fail, "biased"),
        (-0.5, 1e-12, Status.fail, "biased"),
        (0.0, 1e-8, Status.inconclusive, "quadrature-not-converged"),
        (0.5, 1e-8, Status.inconclusive, "quadrature-not-converged"),
    ],
)
def test_the_deterministic_verdict(bias: float, error: float, status: Status, reason: str | None) -> None:
    decision = decide_quadrature(1 + bias, error, 1.0, 1.0, 1e-20, 1e-12, 1e-9)
    assert (decision.status, decision.reason) == (status, reason)
    assert decision.interval[0] <= bias <= decision.interval[1]
    assert decision.bias_bound == pytest.approx(abs(bias) + error, rel=1e-3)
    assert decision.variance_class is None and decision.evidence is None


def test_the_error_of_the_exact_value_counts() -> None:
    assert decide_quadrature(1 + 1e-8, 1e-12, 1.0, 1.0, 2e-8, 1e-12, 1e-7).status is Status.pass_


def test_the_margin_is_at_least_twice_the_allowance() -> None:
    assert decide_quadrature(1.0, 0.0, 1.0, 1.0, 0.0, 1e-6, 1e-9).plan.margin == 2e-6


def test_default_allowance_and_margin() -> None:
    assert allowance(2.0) == pytest.approx(128 * 2.0**-52)
    assert allowance(2.0, "float32") == pytest.approx(32 * 2.0**-23)
    assert [default_margin(3.0, d) for d in (1, 2, 3)] == pytest.approx([3e-9, 3e-9, 3e-7])
    assert default_margin(3.0, 1, "float32") == pytest.approx(3e-5)


def test_the_error_of_a_sum_over_grids() -> None:
    assert truncation([1.0]) == math.inf
    assert truncation([1.0, 1.5]) == pytest.approx(2.0)
    assert truncation([1.0, 1.5, 1.75]) == pytest.approx(1.0)  # falls too slowly to be extrapolated
    assert truncation([1.0, 1.5, 1.501]) == pytest.approx(10 * 1e-3 * 2e-3)
    assert truncation([1.0, 1.0, 1.0]) == 0


@pytest.mark.parametrize("growth", [0.5, 1.5, 2.0, 2.4])
def test_what_lies_beyond_a_grid_in_a_heavy_tail(growth: float) -> None:
    """Weights x**(-2.5) d log x, cut at 4e-18 of the largest, and g = x**growth: the rest is an elementary integral."""
    logarithms = np.linspace(0.0, 40 / 2.5, 600)
    weights = np.exp(-2.5 * logarithms) * logarithms[1]
    rest = math.exp((growth - 2.5) * logarithms[-1]) / (2.5 - growth)
    assert rest <= cut_off(weights, weights * np.exp(growth * logarithms)) <= 200 * rest


def test_nothing_lies_beyond_a_grid_of_zeros() -> None:
    assert cut_off(np.ones(3), np.zeros(3)) == 0
