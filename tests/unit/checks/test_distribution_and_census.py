"""The parts of the checks of a library's law that need no library: judging errors, and counting draws."""

import math
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from fsb_oracle import oracle
from fsb_oracle.checks import census, distribution
from fsb_oracle.checks.comparison import of_rounding
from fsb_oracle.families import get_family
from fsb_oracle.records import Status

RATE = 1e-9


def _found(error, allowed):
    error, allowed = np.array(error), np.array(allowed)
    return distribution.Found(np.arange(len(error)), np.zeros(len(error)), error, np.abs(error), allowed)


@pytest.mark.parametrize(
    ("error", "allowed", "status", "worst"),
    [
        ([1e-9, 2e-9], [1e-8, 1e-8], Status.pass_, 1),
        ([1e-9, 1e-3], [1e-8, 1e-8], Status.within_margin, 1),
        ([0.1, 1e-9], [1e-8, 1e-8], Status.fail, 0),
        ([math.nan, 0.1], [1e-8, 1e-8], Status.fail, 0),
        ([0.01, 0.01], [0.5, 1e-8], Status.within_margin, 1),
        ([0.01, 0.0], [0.5, 1e-8], Status.not_applicable, 0),  # rounding alone is larger than the margin
    ],
)
def test_an_error_is_rounding_small_or_wrong(error, allowed, status, worst):
    assert distribution.judge(_found(error, allowed), 0.02) == (status, worst)


EXPONENTIAL = get_family("exponential")
AT = EXPONENTIAL.parse({"rate": "1.3"})
OWN = census.own_samples(EXPONENTIAL, tuple(AT.items()), 0)


def _faults(drawn, dtype="float32", law_=EXPONENTIAL, at=AT, own=OWN):
    return census.examine(law_, at, dtype, drawn, own, RATE)[0]


def test_right_draws_pass_the_census():
    rng = np.random.default_rng(1)
    assert _faults((rng.exponential(size=65536) / 1.3).astype("float32")) == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (lambda z: z.astype("float64"), "float64, not float32"),
        (lambda z: z * np.float32(1.3**2), "distribution function is off"),  # rate for scale
        (lambda z: np.where(z > 3, np.float32("nan"), z), "are not numbers"),
        (lambda z: np.where(z > 3, np.float32("inf"), z), "are infinite"),
        (lambda z: np.where(z < 1e-2, np.float32(0), z), "lie at an end of the support"),
        (lambda z: -z, "outside of the support"),
        (lambda z: z[:, None], "shape"),
    ],
)
def test_planted_faults_of_a_sampler_are_seen(fault, words):
    z = (np.random.default_rng(1).exponential(size=65536) / 1.3).astype("float32")
    assert any(words in found for found in _faults(fault(z)))


def test_underflow_that_the_dtype_forces_is_no_fault():
    gamma = get_family("gamma")
    at = gamma.parse({"concentration": "0.01", "rate": "1"})
    own = census.own_samples(gamma, tuple(at.items()), 0)
    z = np.maximum(np.random.default_rng(1).gamma(0.01, size=65536), 2e-38).astype("float32")
    faults, notes, _ = census.examine(gamma, at, "float32", z, own, RATE)
    assert faults == [] and any("rounding the law gives 0.4" in note for note in notes)


@pytest.mark.parametrize(
    ("name", "point", "z", "below"),
    [
        ("gamma", {"concentration": "1", "rate": "2"}, 0.25, 1 - math.exp(-0.5)),  # by integration
        ("weibull", {"scale": "1", "concentration": "2"}, 0.5, 1 - math.exp(-0.25)),  # in closed form
        ("cauchy", {"loc": "0", "scale": "1"}, 1.0, 0.75),
        ("geometric", {"probs": "0.25"}, 1.0, 1 - 0.75**2),  # by summation
    ],
)
def test_tails_are_those_of_the_law(name, point, z, below):
    family = get_family(name)
    ((lower, upper),) = oracle.tails(family, family.parse(point), [z])
    assert lower == pytest.approx(below, rel=1e-12) and upper == pytest.approx(1 - below, rel=1e-12)


@pytest.mark.parametrize("name", ["lognormal", "gamma"])  # in closed form, and by integration
def test_at_an_end_of_the_support_the_tails_are_0_and_1(name):
    family = get_family(name)
    assert oracle.tails(family, family.edge_points[0], [0, -1.5]) == [(0.0, 1.0)] * 2


def test_the_log_density_is_exact():
    family = get_family("student_t")
    (value,) = oracle.log_density(family, family.parse({"df": "100000", "loc": "0", "scale": "1"}), [Fraction(1, 2)])
    assert float(value) == pytest.approx(-0.5 * math.log(2 * math.pi) - 0.125, abs=1e-5)


def test_a_location_far_above_the_scale_allows_for_the_rounding_of_the_sample():
    z = 1e4 + 0.01 * np.linspace(-2, 2, 41)
    exact = (z - 1e4) / 0.01
    assert of_rounding(z, exact, "float32")[0] == pytest.approx(np.spacing(np.float32(1e4)) / 0.01)
    assert of_rounding(z, exact, "float64").max() < 1e-9


def test_an_inverse_may_return_the_end_that_its_value_rounds_to():
    """The quantile at 0.99982738 is 1 - 6e-8, the float32 below 1; a quantile of 0.99 is no rounding."""
    law, eps, level = get_family("kumaraswamy"), float(np.finfo("float32").eps), np.array([0.99982738494873047])
    at = law.parse({"concentration1": "0.5", "concentration0": "0.5"})
    case = SimpleNamespace(family=law, at=at, dtype="float32")

    def judged(point):
        known = oracle.tails(law, at, (point,))
        found = distribution._tail_errors(case, level, np.array([point]), level, known, eps)
        return distribution.judge(found, 0.05)[0]

    assert judged(1.0) is Status.not_applicable and judged(0.99) is Status.fail
