"""The tiers beside quadrature and sampling, and what is asked of contributions first: faults are caught, right ones
pass."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import digamma

from fsb_oracle.checks import CHECKS, get_profile
from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.sampling import dependence, is_dependent
from fsb_oracle.families import get_family
from fsb_oracle.integrands import integrand
from fsb_oracle.records import Status
from fsb_oracle.rules import baselines, get_rule
from fsb_oracle.subjects import FunctionSubject, estimator
from fsb_oracle.subjects.rules import RuleSubject

SMOKE = get_profile("smoke")
SETTINGS = Settings(SMOKE.name, SMOKE.margin, SMOKE.variance_margin, SMOKE.false_pass_rate, 1_000_000)
GAMMA = get_family("gamma").parse({"concentration": "2.5", "rate": "1.6"})


def case_of(subject, f, dtype="float64"):
    return Case("unbiased", subject, GAMMA, "concentration", dtype, integrand(f))


def result_of(subject, f, dtype="float64"):
    return CHECKS["unbiased"].check(case_of(subject, f, dtype), SETTINGS, 1e-9)


def tier(result, name):
    return next((row for row in result.details["tiers"] if row["tier"] == name), None)


def declared(function, **options):
    made = estimator(family="gamma", parameters=["concentration"], backend="numpy", **options)(function)
    return FunctionSubject(made, f"file.py:{function.__name__}", "file.py")


def smoothed(params, f, num_samples, rng):
    scale = 1 / params["rate"]
    z = rng.gamma(params["concentration"], scale, num_samples)
    return {
        "concentration": scale * f.derivative(z + scale * rng.random(num_samples) * rng.exponential(1, num_samples))
    }


def four_variables(params, f, z, u, e, n):
    """The smoothed rule with an independent factor of mean 1: a quadrature over four variables is out of reach."""
    scale = 1 / params["rate"]
    return {"concentration": scale * f.derivative(z + scale * u * e) * (1 + n / 4)}


NOISE = {"z": "family", "u": "uniform", "e": "exponential", "n": "normal"}


class OtherArithmetic(RuleSubject):
    """A rule whose contributions come out a little differently in this arithmetic."""

    factor = 1.0

    def at_noise(self, parameter, parameters, f, noise, dtype):
        return self.factor * super().at_noise(parameter, parameters, f, noise, dtype)


def test_a_twin_certifies_a_mean_that_no_quadrature_decides():
    result = result_of(RuleSubject(get_rule("GAM-k-U"), "numpy"), "relu", "float32")
    assert result.status is Status.pass_ and result.tier == "1"
    assert result.bias_bound <= 0.2 * SETTINGS.margin * result.bias_scale
    assert tier(result, "1")["difference"]["median"] < 1e-5
    assert "same noise as GAM-k-U/numpy-float64" in result.message


@pytest.mark.parametrize(("factor", "status"), [(1.0, "pass"), (1 + 1e-4, "within_margin"), (1.01, "fail")])
def test_a_fault_of_one_arithmetic_is_found_on_the_same_noise(factor, status):
    """1e-4 of the gradient is far below what tier 3 sees, in fewer draws than it takes."""
    subject = OtherArithmetic(get_rule("GAM-k-U"), "numpy")
    subject.factor = factor
    result = result_of(subject, "sin3", "float32")
    assert tier(result, "1")["status"] == status and tier(result, "3")["status"] == "pass"


def test_a_twin_whose_own_mean_is_wrong_certifies_nothing():
    rule = get_rule("GAM-k-U")
    wrong = replace(rule, kernel=lambda f, c, z, u, e: c.s * f.derivative(z + c.s * e) + 0 * u)
    result = result_of(RuleSubject(wrong, "numpy"), "sin3", "float32")
    assert tier(result, "1") is None and result.status is Status.fail


@pytest.mark.parametrize("f", ["sin3", "relu"])
def test_replicates_reach_where_quadrature_does_not(f):
    result = result_of(declared(four_variables, noise=NOISE), f)
    assert result.status is Status.pass_ and result.tier == "2"
    assert result.margin < SETTINGS.margin / 4
    assert tier(result, "0b") is None and tier(result, "3")["status"] == "pass"


def test_replicates_find_a_bias_that_sampling_tolerates():
    def biased(params, f, z, u, e, n):
        return {"concentration": 1.02 * four_variables(params, f, z, u, e, n)["concentration"]}

    result = result_of(declared(biased, noise=NOISE), "relu")
    assert tier(result, "2")["status"] == "fail" and tier(result, "3")["status"] != "fail"
    assert result.status is Status.fail and result.tier == "2"


def test_a_smooth_f_of_few_variables_needs_no_replicates():
    def three_variables(params, f, z, u, e):
        return {"concentration": f.derivative(z + u * e / params["rate"]) / params["rate"]}

    result = result_of(declared(three_variables, noise={k: v for k, v in NOISE.items() if k != "n"}), "sin3")
    assert result.tier == "0b" and tier(result, "2") is None


# What is asked of contributions before they are believed.


def test_quadrature_does_not_judge_what_its_grid_cuts_off():
    """E z**2 of a Frechet law of concentration 2.5: 2e-4 of the score's mean lies where the density is below 4e-18."""
    subject = RuleSubject(baselines.score(get_family("frechet"), "scale"), "numpy")
    at = get_family("frechet").parse({"scale": "0.7", "concentration": "2.5"})
    case = Case("unbiased", subject, at, "scale", "float64", integrand("z**2"))
    result = CHECKS["unbiased"].check(case, SETTINGS, 1e-9)
    assert result.status is Status.pass_ and result.tier == "3"


def batch_mean(params, f, num_samples, rng):
    """Right, but every contribution carries the mean of its call."""
    own = smoothed(params, f, num_samples, rng)["concentration"]
    return {"concentration": own + rng.standard_normal()}


def reused(params, f, num_samples, rng):
    """The second half of a call is the first half again."""
    half = smoothed(params, f, num_samples // 2, rng)["concentration"]
    return {"concentration": np.concatenate([half, half])}


@pytest.mark.parametrize("function", [batch_mean, reused])
def test_dependent_contributions_are_judged_by_call(function):
    result = result_of(declared(function), "sin3")
    row = tier(result, "3")
    assert is_dependent(row["dependence"]) and "the unit is the mean of 16" in result.message
    assert result.status in (Status.pass_, Status.inconclusive)
    assert (result.reason == "dependence") == (result.status is Status.inconclusive)


def test_independent_contributions_are_not_accused():
    case = case_of(declared(smoothed), "sin3")
    ratios = [dependence(case, seed) for seed in range(40)]
    assert not any(map(is_dependent, ratios))
    assert np.mean(ratios) == pytest.approx(1, abs=0.15)
    assert dependence(case_of(RuleSubject(get_rule("GAM-k-U"), "numpy"), "sin3"), 0) is None


def test_heavy_tails_are_no_dependence():
    def heavy(params, f, num_samples, rng):
        return {"concentration": rng.standard_cauchy(num_samples) ** 3}

    ratios = [dependence(case_of(declared(heavy), "sin3"), seed) for seed in range(20)]
    assert not any(map(is_dependent, ratios))


def test_state_kept_between_calls_is_named():
    calls = []

    def stateful(params, f, num_samples, rng):
        calls.append(1)
        return {"concentration": smoothed(params, f, num_samples, rng)["concentration"] * (1 + 1e-9 * len(calls))}

    result = result_of(declared(stateful), "sin3")
    assert (result.status, result.reason) == (Status.fail, "nondeterministic")
    assert "spawn key" in result.message and "reproduce: " in result.message


def test_the_first_contribution_that_is_not_finite_is_shown_with_its_inputs():
    def fragile(params, f, z, u, e):
        value = f.derivative(z + u * e / params["rate"]) / params["rate"]
        return {"concentration": np.where(u > 0.999, np.inf, value)}

    result = result_of(declared(fragile, noise={k: v for k, v in NOISE.items() if k != "n"}), "relu")
    assert (result.status, result.reason) == (Status.fail, "nonfinite")
    line = next(line for line in result.message.splitlines() if "first at seed 0" in line)
    inputs = dict(part.split(" = ") for part in line.split("inputs: ")[1].split(", "))
    assert float(inputs["u"]) > 0.999 and "spawn key" in line and "index" in line


def test_samples_that_underflow_in_float32_are_a_bias_there():
    """P(z < 1e-38) is 0.013 for a shape of 0.05; masked, those samples lose their large scores."""

    def score(params, f, num_samples, rng):
        k, rate = params["concentration"], params["rate"]
        z = (rng.standard_gamma(float(k), num_samples) / float(rate)).astype(k.dtype)
        z = np.where(z < np.finfo(z.dtype).tiny, 0, z)
        inner = np.where(z > 0, np.log(np.where(z > 0, z, 1)) + np.log(rate) - digamma(k), 0)
        return {"concentration": f(z) * inner}

    point = get_family("gamma").parse({"concentration": "0.05", "rate": "1"})
    statuses = {
        dtype: CHECKS["unbiased"]
        .check(Case("unbiased", declared(score), point, "concentration", dtype, integrand("bump")), SETTINGS, 1e-9)
        .status
        for dtype in ("float32", "float64")
    }
    assert statuses["float32"] is Status.fail and statuses["float64"] is not Status.fail


def test_the_case_counts_its_random_tests():
    planned = CHECKS["unbiased"].plan(declared(four_variables, noise=NOISE), SMOKE)
    by_dtype = {dtype: {case.tests for case in planned if case.dtype == dtype} for dtype in ("float32", "float64")}
    assert by_dtype == {"float32": {3}, "float64": {2}}  # sampling, replicates, and the twin in float64


def test_numbers_beyond_the_dtype_are_no_fault_where_there_is_no_mean():
    """z**4 of a beta-prime sample overflows in float32 at the edge of tail index 0.3, where it has no mean."""
    rule = get_rule("BPR-a-SM")
    point = rule.law.parse({"concentration1": "2", "concentration0": "3"})
    case = Case("contract", RuleSubject(rule, "numpy"), point, rule.parameter, "float32", integrand("z4mz"))
    assert CHECKS["contract"].check(case, SETTINGS, 1e-9).status is Status.pass_


def test_a_series_outside_of_its_disc_is_not_asked_for_numbers():
    """At scale 6 the terms of cos(z) overflow in float32; the rule refuses such f."""
    rule = get_rule("GAM-k-SER")
    point = rule.law.parse({"concentration": "1", "rate": "0.166"})
    case = Case("contract", RuleSubject(rule, "numpy"), point, rule.parameter, "float32", integrand("cos"))
    assert CHECKS["contract"].check(case, SETTINGS, 1e-9).status is Status.not_applicable
