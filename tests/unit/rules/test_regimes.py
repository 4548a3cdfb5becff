"""Phase-averaged variances: against closed forms, and against the average of variances at single phases."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from fsb_oracle.families import get_family
from fsb_oracle.integrands import integrand
from fsb_oracle.rules import baselines, get_rule
from fsb_oracle.rules.regimes import competitors, wave_derivative, wave_variance
from fsb_oracle.rules.variance import exact_moments, score_best

GAMMA = {"concentration": Fraction(5, 2), "rate": Fraction(1)}
NORMAL = {"loc": Fraction(3, 10), "scale": Fraction(4, 5)}


def averaged_over_phases(variance_at) -> float:
    """The mean over four equally spaced phases: exact, since a variance has frequencies 0 and 2 in the phase alone."""
    return float(np.mean([variance_at(f"cos({{w}}*z + {phase})") for phase in ("0", "pi/4", "pi/2", "3*pi/4")]))


def test_the_derivative_is_that_of_the_closed_form() -> None:
    # phi = (1 - i w)^-k at rate 1, hence |dphi/dk| = |phi| |log(1 - i w)|
    for w in (Fraction(1, 2), Fraction(3)):
        x = complex(1, -float(w))
        expected = abs(x**-2.5) ** 2 * abs(np.log(x)) ** 2
        assert wave_derivative(get_family("gamma"), GAMMA, "concentration", w) == pytest.approx(expected, rel=1e-12)


def test_a_rule_of_constant_weight_has_its_closed_form() -> None:
    # c f'(Y): the mean square over the phase is c^2 w^2 / 2 whatever the law of Y
    law, rule, w = get_family("gamma"), get_rule("GAM-k-U"), Fraction(3, 2)
    derivative = wave_derivative(law, GAMMA, "concentration", w)
    expected = (2.25 - derivative) / 2
    assert wave_variance(rule, GAMMA, w, derivative) == pytest.approx(expected, rel=1e-3)


def test_the_score_and_its_best_baseline_are_averages_over_phases() -> None:
    law, w = get_family("normal"), Fraction(7, 5)
    derivative = wave_derivative(law, NORMAL, "scale", w)
    found = {other.id: other for other in competitors(law, NORMAL, "scale", [(w, derivative)])}
    raw = baselines.score(law, "scale")
    assert raw is not None

    def score(text: str) -> float:
        return exact_moments(raw, NORMAL, integrand(text.format(w="7/5"))).variance

    def best(text: str) -> float:
        f = integrand(text.format(w="7/5"))
        rule = score_best(law, NORMAL, f, "scale")
        assert rule is not None
        return exact_moments(rule, NORMAL, f).variance

    assert found["score"].variances[0] == pytest.approx(averaged_over_phases(score), rel=1e-6)
    assert found["score-best"].variances[0] == pytest.approx(averaged_over_phases(best), rel=1e-6)
    assert found["score"].evaluations == 1
    assert found["measure-valued"].evaluations == 2


def test_implicit_pathwise_is_an_average_over_phases() -> None:
    from fsb_oracle.rules.variance import implicit_moments

    law, w = get_family("gamma"), Fraction(3, 2)
    derivative = wave_derivative(law, GAMMA, "concentration", w)
    found = {other.id: other for other in competitors(law, GAMMA, "concentration", [(w, derivative)])}

    def pathwise(text: str) -> float:
        moments = implicit_moments(law, GAMMA, integrand(text.format(w="3/2")), "concentration")
        assert moments is not None
        return moments.variance

    assert found["pathwise"].variances[0] == pytest.approx(averaged_over_phases(pathwise), rel=1e-6)


def test_what_has_not_settled_is_not_known() -> None:
    law = get_family("gamma")
    assert math.isnan(wave_variance(get_rule("GAM-k-U"), GAMMA, Fraction(4000), 0.0))
    assert wave_derivative(law, GAMMA, "rate", Fraction(1)) > 0
