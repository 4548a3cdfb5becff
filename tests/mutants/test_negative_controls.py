"""Right, though a naive oracle would call it wrong: accusing one of these is a defect of ours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import gammainc, gammaln

from fsb_oracle.checks import CHECKS
from fsb_oracle.checks.points import parameter_points
from fsb_oracle.records import Status
from fsb_oracle.runs.decide import decide
from fsb_oracle.subjects import Subject
from fsb_oracle.subjects.vector_rules import vector_rule_subjects

from .impostor import subject_of
from .killing import BAD, PROFILE, SETTINGS, share
from .samplers import Sampler, right

FEWER = replace(SETTINGS, cap=1 << 21)  # draws: undecided is no accusation
GOOD = (Status.pass_, Status.not_applicable)


def judged(subject: Subject, checks=("contract", "metamorphic", "unbiased", "spectrum"), points=1, probes=None):
    """The results at the first points; f restricted to the named probes."""
    wanted = parameter_points(subject, points)
    found = []
    for name in checks:
        for case in CHECKS[name].plan(subject, PROFILE):
            known = probes is None or case.f is None or case.f.slug in probes
            if case.parameters in wanted and known:
                found.append(decide(case, FEWER, share(case)))
    assert found
    return found


def assert_good(results, allowed=GOOD):
    assert [result.message for result in results if result.status not in allowed] == []


def beta_from_gammas(params, f, num_samples, rng):
    """z = x/(x + y) of two gamma variables, each differentiated implicitly: not the one-noise derivative of z."""
    a, b = params["concentration1"], params["concentration0"]
    x, y = rng.gamma(a, 1.0, num_samples), rng.gamma(b, 1.0, num_samples)
    step = 1e-4
    slope = -(gammainc(a + step, x) - gammainc(a - step, x)) / (2 * step)
    slope = slope * np.exp(x + gammaln(a) - (a - 1) * np.log(x))
    z = x / (x + y)
    return {"concentration1": f.derivative(z) * slope * y / (x + y) ** 2}


def student_from_normal_and_gamma(params, f, num_samples, rng):
    """The scale gradient through two noise variables."""
    df = params["df"]
    t = rng.standard_normal(num_samples) / np.sqrt(rng.gamma(df / 2, 2 / df, num_samples))
    return {"scale": t * f.derivative(params["loc"] + params["scale"] * t)}


def test_samplers_of_several_noise_variables():
    """1: dz/dtheta differs from the one-noise derivative draw by draw; the mean gradient is right."""
    beta = subject_of(
        beta_from_gammas, "beta", "concentration1", tolerance=(1e-5, "differences of the incomplete gamma")
    )
    assert_good(judged(beta, checks=("contract", "unbiased"), probes=("sin3",)))
    student = subject_of(student_from_normal_and_gamma, "student_t", "scale")
    assert_good(judged(student, checks=("contract", "unbiased"), probes=("tanh", "bump")))


def normal_path_in_its_dtype(params, f, num_samples, rng):
    eps = rng.standard_normal(num_samples, dtype=params["loc"].dtype)
    z = params["loc"] + params["scale"] * eps
    return {"scale": f.derivative(z) * ((z - params["loc"]) / params["scale"])}


def test_location_much_larger_than_scale_in_float32():
    """2: normal(10, 0.1): the difference from eps is the rounding of z, a few units in its last place."""
    subject = subject_of(normal_path_in_its_dtype, "normal", "scale")
    last = subject.family.edge_points[-1]
    assert float(last["loc"]) >= 100 * float(last["scale"])
    cases = [c for c in CHECKS["unbiased"].plan(subject, PROFILE) if c.parameters == last and c.dtype == "float32"]
    assert_good([decide(case, FEWER, share(case)) for case in cases if case.f.slug == "sin3"])


def test_full_matrix_and_lower_triangle():
    """3: the symmetric gradient in a covariance, the lower triangle in its root: each under its own convention."""
    for id in ("MVN-Sig-A", "MVN-L-path"):
        subject = next(found for found in vector_rule_subjects(("numpy",)) if found.name == id)
        cases = [case for case in CHECKS["unbiased"].plan(subject, PROFILE) if case.dtype == "float64"]
        one = [case for case in cases if case.f == cases[0].f]
        assert len(one) == len(subject.claimed)
        assert_good([decide(case, FEWER, share(case)) for case in one])


def two_categories(params, f, num_samples, rng):
    """Weights (3 (1 - p), 3 p), normalised inside: the gradient passes through the normalisation."""
    weights = 3 * np.stack([1 - params["probs"], params["probs"]])
    total, slope_of_total = weights.sum(), 0.0
    z = rng.random(num_samples) < weights[1] / total
    slope = np.where(z, 3 / weights[1], -3 / weights[0]) - slope_of_total / total
    return {"probs": f(z.astype(float)) * slope}


def test_probabilities_that_are_normalised_inside():
    """4"""
    subject = subject_of(two_categories, "bernoulli", "probs", requires="F0")
    assert_good(judged(subject, checks=("contract", "metamorphic", "unbiased"), probes=("sin3", "step")))


def cauchy_path(params, f, num_samples, rng):
    t = rng.standard_cauchy(num_samples)
    return {"scale": t * f.derivative(params["loc"] + params["scale"] * t)}


def test_infinite_variance():
    """5: a z-score means nothing: no verdict of a bias, and a pass for bounded contributions alone."""
    subject = subject_of(cauchy_path, "cauchy", "scale")
    results = judged(subject, checks=("contract", "metamorphic", "unbiased"), probes=("sin3", "bump"))
    assert not [result.message for result in results if result.status in BAD]
    assert {result.status for result in results if result.f == "exp(-z**2)"} == {Status.pass_}


def relu_path(params, f, num_samples, rng):
    return {"loc": f.derivative(params["loc"] + params["scale"] * rng.standard_normal(num_samples))}


def test_kinks_and_the_end_of_the_support():
    """6: one sub-gradient is as good as another; a draw at the very end of the support may have derivative 0."""
    assert_good(judged(subject_of(relu_path, "normal", "loc"), checks=("unbiased",), probes=("relu",)))

    def ended(z, c):
        return np.where(z < 1e-12 * c["scale"], 0.0, right(z, c))

    case = next(iter(CHECKS["pointwise"].plan(Sampler("zero at the very end", ended), PROFILE)))
    assert decide(case, FEWER, share(case)).status in (Status.pass_, Status.within_margin)


def concrete(params, f, num_samples, rng):
    """A relaxed Bernoulli variable of temperature 1/10: biased by design."""
    p, t = params["probs"], 0.1
    u = rng.random(num_samples)
    x = (np.log(p / (1 - p)) + np.log(u / (1 - u))) / t
    z = 1 / (1 + np.exp(-x))
    return {"probs": f.derivative(z) * z * (1 - z) / (t * p * (1 - p))}


def test_biased_by_design():
    """7: with its bias declared it is no fault; without, it is."""
    stated = subject_of(
        concrete, "bernoulli", "probs", requires="F2", tolerance=(2.0, "the relaxation is biased by design")
    )
    silent = subject_of(concrete, "bernoulli", "probs", requires="F2")
    assert_good(judged(stated, checks=("unbiased",), probes=("sin3",)), (*GOOD, Status.within_margin))
    assert {result.status for result in judged(silent, checks=("unbiased",), probes=("sin3",))} == {Status.fail}


def location_alone(params, f, num_samples, rng):
    """The scale is frozen: its zero gradient is not claimed."""
    slope = f.derivative(params["loc"] + params["scale"] * rng.standard_normal(num_samples))
    return {"loc": slope, "scale": 0 * slope}


def test_frozen_parameters():
    """8"""
    results = judged(subject_of(location_alone, "normal", "loc"), probes=("sin3",))
    assert_good(results)
    assert {result.parameter for result in results} == {"loc"}


@pytest.mark.parametrize("name", ["contract", "metamorphic"])
def test_estimators_that_the_new_checks_must_pass(name):
    """Deterministic, antithetic and control-variate estimators, and one whose every draw is one of two numbers."""

    def exactly(params, f, num_samples, rng):
        return {"probs": np.full(num_samples, f(np.array(1.0)) - f(np.array(0.0)))}

    def antithetic(params, f, num_samples, rng):
        eps = rng.standard_normal(num_samples)
        slopes = [f.derivative(params["loc"] + sign * params["scale"] * eps) for sign in (1, -1)]
        return {"loc": (slopes[0] + slopes[1]) / 2}

    def two_numbers(params, f, num_samples, rng):
        z = (rng.random(num_samples) < params["probs"]).astype(float)
        return {"probs": f(z) * (z / params["probs"] - (1 - z) / (1 - params["probs"]))}

    def leave_one_out(params, f, num_samples, rng):
        eps = rng.standard_normal((num_samples, 4))
        values = f(params["loc"] + params["scale"] * eps)
        others = (values.sum(axis=1, keepdims=True) - values) / 3
        return {"loc": ((values - others) * eps / params["scale"]).mean(axis=1)}

    for function, family, parameter in (
        (exactly, "bernoulli", "probs"),
        (antithetic, "normal", "loc"),
        (two_numbers, "bernoulli", "probs"),
        (leave_one_out, "normal", "loc"),
    ):
        assert_good(judged(subject_of(function, family, parameter), checks=(name,)))
