"""The text of a verdict says what was found, on what assumption, and what could still be hidden."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from fsb_oracle.records import Status
from fsb_oracle.verdicts.constants import Explanation, explain_ratio, nearest_constant
from fsb_oracle.verdicts.plan import Plan
from fsb_oracle.verdicts.quadrature import decide_quadrature
from fsb_oracle.verdicts.sequential import Decision, run
from fsb_oracle.verdicts.wording import Context, describe

CONTEXT = Context(
    case="unbiased/gamma/concentration=2.5",
    exact="-0.25",
    scale=0.5,
    parameters={"concentration": 2.5, "rate": 1.0},
    assumption="exact, of GAM-k-U",
    exact_variance=1.0,
    also=("spectrum: all 32 frequencies within 0.02 S",),
    reproduce="fsb-oracle verify fsb_oracle --seed 0",
)


def decision(bias: float = 0.0, scale: float = 1.0, plan: Plan | None = None) -> Decision:
    rng = np.random.default_rng(0)
    plan = plan or Plan(0.05, variance_bound=scale**2)
    return run(lambda _: scale * rng.standard_normal(4096) + bias, plan)


def test_a_pass_states_its_bound_and_its_assumption() -> None:
    text = describe(decision(), CONTEXT)
    first, bound, noise, assumption, also = text.split("\n  ")
    assert first == "UNBIASED to 0.1 S  unbiased/gamma/concentration=2.5"
    assert bound.startswith("hidden bias < 0.0") and "of S" in bound and "of |exact|" in bound
    assert "error 1e-03" in bound and "n = " in bound
    assert "of one sample's noise" in noise
    assert assumption == "assumes variance <= 1 (exact, of GAM-k-U); class R, false-fail rate 1.0e-10"
    assert also == CONTEXT.also[0]


def test_a_failure_states_everything() -> None:
    text = describe(decision(bias=0.125), CONTEXT)
    for words in (
        "BIASED  unbiased/gamma/concentration=2.5",
        "exact -0.25 (error 0), estimate -0.12",
        "of S",
        "of |exact|",
        "at 1 - 1e-03",
        "at 1 - 1e-10",
        "estimate / exact = 0.49",
        "near 1/2: is there a factor 1/2 too many",
        "evidence 10^",
        "against a budget of 10^10.0",
        "look",
        "tails: skewness",
        "exact variance 1",
        "a step must average",
        "class R",
        "spectrum: all 32",
        "reproduce: fsb-oracle verify fsb_oracle --seed 0",
    ):
        assert words in text, words


def test_class_h_is_never_described_as_guaranteed() -> None:
    text = describe(decision(plan=Plan(0.05)), CONTEXT)
    assert "asymptotic, not guaranteed; class H" in text and "exact, of GAM-k-U" not in text
    assert "assumes kurtosis <= 3.2" in describe(decision(plan=Plan(0.05, kurtosis_bound=3.2)), CONTEXT)


def test_a_refuted_variance_claim_is_told() -> None:
    text = describe(decision(plan=Plan(0.05, variance_bound=0.5)), CONTEXT)
    assert "contradicts the bound 0.5; judged without it" in text


def test_within_the_margin() -> None:
    text = describe(decision(bias=0.01, scale=0.01), CONTEXT)
    assert text.startswith("BIASED, WITHIN MARGIN  unbiased")
    assert "margin 0.05 (0.1 S); hidden bias <= 0.0" in text
    assert "a step must average" in text and "reproduce: " in text


def test_inconclusive() -> None:
    rng = np.random.default_rng(1)
    heavy = run(lambda _: np.exp(0.6 * rng.standard_exponential(4096)) - 2.5, Plan(0.05, cap=20_000))
    text = describe(heavy, CONTEXT)
    assert text.startswith("INCONCLUSIVE (tails)  ")
    assert "hidden bias <= " in text and "of the sum of squares" in text
    unbounded = replace(heavy, bias_bound=math.inf)
    assert "hidden bias not bounded" in describe(unbounded, CONTEXT)


def test_units_that_are_not_finite() -> None:
    broken = run(lambda _: np.where(np.arange(4096) == 77, np.nan, 0.0), Plan(0.05))
    text = describe(broken, CONTEXT)
    assert text.startswith("NOT FINITE  ")
    assert "1 of 4,096 contributions are inf or nan, the first at index 77" in text
    assert "reproduce: " in text and "assumes" not in text


def test_deterministic_verdicts() -> None:
    exact = decide_quadrature(-0.25, 1e-14, 1.0, -0.25, 1e-30, 1e-14, 1e-9)
    text = describe(exact, CONTEXT)
    assert text.startswith("UNBIASED to 2e-09 S") and "deterministic" in text and "n = " not in text
    wrong = describe(decide_quadrature(-0.5, 1e-14, 1.0, -0.25, 1e-30, 1e-14, 1e-9), CONTEXT)
    assert "near 2: is a factor 1/2 dropped" in wrong and "evidence" not in wrong
    small = describe(decide_quadrature(-0.25 + 1e-10, 1e-14, 1.0, -0.25, 1e-30, 1e-14, 1e-9), CONTEXT)
    assert "implementation -0.25 +- 1e-14" in small
    lost = describe(decide_quadrature(-0.25, 1e-3, 1.0, -0.25, 1e-30, 1e-14, 1e-9), CONTEXT)
    assert lost.startswith("INCONCLUSIVE (quadrature-not-converged)")
    broken = describe(decide_quadrature(math.nan, math.inf, 1.0, -0.25, 0.0, 1e-14, 1e-9), CONTEXT)
    assert "not finite at a node" in broken


def test_a_zero_gradient_and_a_zero_scale_break_nothing() -> None:
    bare = Context(case="c", exact="0", scale=0.0)
    for bias in (0.0, 0.2):
        text = describe(decision(bias), bare)
        assert "|exact|" not in text and "of S" not in text and "estimate / exact" not in text


def test_a_declared_tolerance_is_shown_with_its_reason() -> None:
    context = replace(CONTEXT, tolerance_reason="documented as accurate to 1e-4")
    text = describe(decision(plan=Plan(0.05, tolerance=1e-4, variance_bound=1.0)), context)
    assert "biases up to 0.0001 are tolerated: documented as accurate to 1e-4" in text


def test_no_verdict_claims_proof() -> None:
    for bias in (0.0, 0.2):
        text = describe(decision(bias), CONTEXT).lower()
        assert not any(word in text for word in ("verified", "correct", "proved"))


@pytest.mark.parametrize(
    ("ratio", "name"),
    [
        (0.001, "0"),
        (0.501, "1/2"),
        (1.999, "2"),
        (-1.001, "-1"),
        (2.501, "concentration"),
        (0.4, "1/concentration"),
    ],
)
def test_the_nearest_constant(ratio: float, name: str) -> None:
    found = nearest_constant(ratio, ratio - 0.01, ratio + 0.01, {"concentration": 2.5, "rate": 1.0})
    assert found is not None and found[0] == name


def test_no_constant_is_named_without_a_reason() -> None:
    assert nearest_constant(0.7, 0.69, 0.71) is None
    assert nearest_constant(0.6, 0.2, 1.1) is None  # 1 itself is possible
    assert nearest_constant(math.nan, -1, 1) is None
    assert nearest_constant(0.7, 0.4, 0.9) == nearest_constant(0.5, 0.4, 0.9)


def test_the_ratio_of_a_decision() -> None:
    biased = decision(bias=0.25)
    explanation = explain_ratio(biased, -0.25)
    assert explanation.ratio == pytest.approx(0, abs=0.2)
    assert explanation.nearest_constant == "0" and "gradient lost" in str(explanation.likely_cause)
    assert explain_ratio(biased, 0.0) == Explanation(None)
    passed = explain_ratio(decision(), -0.25)
    assert passed.ratio == pytest.approx(1, abs=0.2) and passed.nearest_constant is None
    assert decision().status is Status.pass_
