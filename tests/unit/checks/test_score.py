"""The score check: exact scores pass in their dtype, and each planted fault fails with its size and place."""

import numpy as np
import pytest
from scipy.special import digamma

from fsb_oracle.checks import CHECKS, get_profile
from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.families import get_family
from fsb_oracle.records import Status
from fsb_oracle.subjects.rules import rule_subjects
from fsb_oracle.subjects.subject import Subject

SETTINGS = Settings("default", 0.02, 0.02, 1e-3, 1_000_000)
CHECK = CHECKS["score"]


class GammaScore(Subject):
    """The score of a gamma law in its concentration, as a library might compute it."""

    family = get_family("gamma")
    name, target, backend_name = "library:Gamma", "library:Gamma", "numpy"
    claimed = ("concentration",)
    has_score = True

    def __init__(self, score):
        self._score = score

    def scores_at(self, parameter, parameters, z, dtype):
        values = {name: np.dtype(dtype).type(float(value)) for name, value in parameters.items()}
        return np.asarray(self._score(values["concentration"], values["rate"], z.astype(dtype)), dtype=np.float64)

    def contributions(self, parameters, f, num_samples, seeds, dtype):
        raise NotImplementedError


def right(k, rate, z):
    return np.log(z) + np.log(rate) - digamma(k)


FAULTS = {
    "wrong sign": lambda k, rate, z: -right(k, rate, z),
    "normaliser dropped": lambda k, rate, z: np.log(z) + np.log(rate),
    "scale for rate": lambda k, rate, z: np.log(z) - np.log(rate) - digamma(k),
    "digamma(k) as log k - 1/(2k)": lambda k, rate, z: np.log(z) + np.log(rate) - np.log(k) + 1 / (2 * k),
    "derivative of p for that of log p": lambda k, rate, z: right(k, rate, z) * np.exp(-z) * z ** (k - 1),
    "silent 0 above a clamp": lambda k, rate, z: np.where(z < 1, right(k, rate, z), 0),
}


def decided(score, dtype="float64"):
    point = get_family("gamma").parse({"concentration": "0.6", "rate": "2.5"})
    case = Case("score", GammaScore(score), point, "concentration", dtype, tests=0, options=1 << 12)
    return CHECK.check(case, SETTINGS, 0.0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_exact_score_passes(dtype):
    result = decided(right, dtype)
    assert result.status is Status.pass_
    assert result.details["l1"] == result.details["bounded_bias_bound"] == result.bias_bound


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_fail(fault):
    result = decided(FAULTS[fault])
    assert result.status is Status.fail and result.reason == "biased"
    assert "reproduce: fsb-oracle verify library:Gamma" in result.message


def test_a_shifted_score_is_off_by_its_shift():
    """The largest bias over all |f| <= 1 of a score that is off by a constant is that constant."""
    assert decided(lambda *arguments: right(*arguments) + 0.25).details["l1"] == pytest.approx(0.25, rel=1e-9)


def test_a_score_that_is_not_finite_fails_with_its_place():
    result = decided(lambda k, rate, z: np.where(z < 0.01, np.nan, right(k, rate, z)))
    assert (result.status, result.reason) == (Status.fail, "nonfinite")
    assert "the first at z = " in result.message


def test_our_own_score_baselines_are_planned_and_pass():
    subjects = [s for s in rule_subjects(("numpy",)) if s.family.name in ("gamma", "poisson", "laplace")]
    cases = [case for subject in subjects for case in CHECK.plan(subject, get_profile("smoke"))]
    assert {case.subject.name for case in cases} == {"score"}
    assert {CHECK.check(case, SETTINGS, 0.0).status for case in cases} == {Status.pass_}
