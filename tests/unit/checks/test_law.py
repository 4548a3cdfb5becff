"""Estimators c f'(Y): the law of Y is read off them, right ones pass with a bound for every f, wrong ones fail."""

import numpy as np
import pytest

from fsb_oracle.checks import CHECKS, get_profile
from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.law import Distance
from fsb_oracle.families import get_family
from fsb_oracle.records import Status
from fsb_oracle.subjects import FunctionSubject, estimator

CHECK, SMOKE = CHECKS["law"], get_profile("smoke")
SETTINGS = Settings(SMOKE.name, SMOKE.margin, SMOKE.variance_margin, SMOKE.false_pass_rate, 1_000_000)
GAMMA = get_family("gamma").parse({"concentration": "0.5", "rate": "1.6"})


def gamma_shape(shift, factor=1.0):
    """The smoothed rule for a gamma shape, c f'(z + shift)."""

    def function(params, f, num_samples, rng):
        scale = 1 / params["rate"]
        z = rng.gamma(params["concentration"], scale, num_samples)
        return {"concentration": factor * scale * f.derivative(z + scale * shift(rng, num_samples))}

    declared = estimator(family="gamma", parameters=["concentration"])(function)
    return FunctionSubject(declared, "file.py:function", "file.py")


def decided(subject):
    return CHECK.check(Case("law", subject, GAMMA, "concentration", "float64"), SETTINGS, 1e-9)


def right(rng, n):
    return rng.random(n) * rng.exponential(1, n)


def test_the_right_law_passes_with_a_bound_for_every_f():
    result = decided(gamma_shape(right))
    assert result.status is Status.pass_
    assert result.details["distance"] < 0.006
    assert result.bias_bound == result.details["variation_bias_bound"] < 0.05 / 1.6
    assert "for every f" in result.message


@pytest.mark.parametrize(
    "shift",
    [
        lambda rng, n: rng.exponential(1, n),
        lambda rng, n: rng.exponential(1, n) / 2,
        lambda rng, n: rng.random(n) ** 2,
        lambda rng, n: np.zeros(n),
    ],
    ids=["u removed", "u replaced by 1/2", "noise reused", "no shift"],
)
def test_another_law_fails(shift):
    result = decided(gamma_shape(shift))
    assert (result.status, result.reason) == (Status.fail, "biased")
    assert "reproduce: " in result.message


def test_a_wrong_weight_is_told_without_sampling():
    result = decided(gamma_shape(right, 2.0))
    assert result.status is Status.fail and result.tier == "0a"
    assert "estimate / exact = 2 for f = z" in result.message


def test_other_forms_are_left_alone():
    def pathwise(params, f, num_samples, rng):
        z = rng.gamma(params["concentration"], 1 / params["rate"], num_samples)
        return {"rate": -z / params["rate"] * f.derivative(z)}

    declared = estimator(family="gamma", parameters=["rate"])(pathwise)
    case = Case("law", FunctionSubject(declared, "file.py:pathwise", "file.py"), GAMMA, "rate", "float64")
    result = CHECK.check(case, SETTINGS, 1e-9)
    assert result.status is Status.not_applicable and "not c f'(Y)" in result.message


def test_the_distance_between_knots_is_bounded():
    """One function may jump just after a knot and the other just before the next."""
    found = Distance.between(np.array([0.2, 0.5]), np.array([0.25, 0.5]))
    assert (found.seen, found.place) == (pytest.approx(0.05), 0)
    assert found.bound == pytest.approx(0.5)


PAIRS = """
from fsb_oracle import estimator

POINT = {"family": "normal", "parameters": ["loc"], "points": [{"loc": "0.3", "scale": 1}]}


@estimator(**POINT)
def antithetic(params, f, num_samples, rng):
    e = params["scale"] * rng.standard_normal(num_samples)
    return {"loc": (f.derivative(params["loc"] + e) + f.derivative(params["loc"] - e)) / 2}


@estimator(**POINT, unit="call")
def mean_of_a_call(params, f, num_samples, rng):
    return {"loc": f.derivative(params["loc"] + params["scale"] * rng.standard_normal(num_samples)).mean()}


@estimator(**POINT)
def one_point(params, f, num_samples, rng):
    return {"loc": f.derivative(params["loc"] + params["scale"] * rng.standard_normal(num_samples))}
"""


def test_a_sum_over_several_points_is_not_of_this_form(tmp_path):
    """For f = z it is constant too, but c Y is then a mean of points, whose law is another one."""
    import fsb_oracle

    (tmp_path / "pairs.py").write_text(PAIRS)
    record = fsb_oracle.verify(str(tmp_path / "pairs.py"), profile="smoke", select="law/*")
    found = {r.subject.rpartition(":")[2]: str(r.status) for r in record.results}
    assert found == {"antithetic": "not_applicable", "mean_of_a_call": "not_applicable", "one_point": "pass"}
