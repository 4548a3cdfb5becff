"""A verdict against what a user would write: a z-test on a number of samples that is fixed beforehand.

Both sides draw from the same sampler and give the same guarantees at the same margin: at most FALSE_FAIL that an
unbiased estimator fails, at most FALSE_PASS that a bias of the margin passes. The z-test needs the variance beforehand
and is told it.
"""

import numpy as np
import pytest
from scipy.stats import norm

from fsb_oracle.checks.case import Case
from fsb_oracle.checks.noise import decide_by_quadrature
from fsb_oracle.checks.truth import bias_scale, exact_gradient
from fsb_oracle.families import get_family
from fsb_oracle.integrands import integrand
from fsb_oracle.records import Status
from fsb_oracle.rules import get_rule
from fsb_oracle.rules.variance import exact_moments
from fsb_oracle.subjects.rules import RuleSubject
from fsb_oracle.verdicts.sequential import Plan, run

FALSE_FAIL, FALSE_PASS = 1e-10, 1e-3
RELATIVE_BIAS = 1e-2
BLOCK = 8192
GAMMA = get_family("gamma").parse({"concentration": "2.5", "rate": "1"})
RULE, F = get_rule("GAM-k-U"), integrand("tanh")
EXACT = float(exact_gradient(get_family("gamma"), GAMMA, F, "concentration"))
MOMENTS = exact_moments(RULE, GAMMA, F)
MARGIN = RELATIVE_BIAS * EXACT
SUBJECT = RuleSubject(RULE, "numpy")


def _draw(count, sequence, factor):
    return factor * SUBJECT.contributions(GAMMA, F, count, sequence, "float64")["concentration"] - EXACT


def _z_test(factor):
    """Whether the bias is called: |mean| beyond the critical value, with n for which both rates hold."""
    critical, other = norm.isf(FALSE_FAIL / 2), norm.isf(FALSE_PASS)
    needed = int(np.ceil(MOMENTS.variance * ((critical + other) / MARGIN) ** 2))
    children = iter(np.random.SeedSequence(1).spawn(needed // BLOCK + 1))
    total = sum(_draw(min(BLOCK, needed - start), next(children), factor).sum() for start in range(0, needed, BLOCK))
    return abs(total / needed) > critical * np.sqrt(MOMENTS.variance / needed)


def _sequential(factor, known):
    plan = Plan(
        margin=MARGIN,
        false_fail_rate=FALSE_FAIL,
        false_pass_rate=FALSE_PASS,
        variance_bound=MOMENTS.variance_bound if known else None,
        cap=50_000_000,
        block=BLOCK,
    )
    children = np.random.SeedSequence(2).spawn(plan.cap // BLOCK + 1)
    return run(lambda index: _draw(BLOCK, children[index], factor), plan).status


@pytest.mark.parametrize("known", [True, False], ids=["variance known", "black box"])
@pytest.mark.parametrize("bias", [0, RELATIVE_BIAS], ids=["unbiased", "biased by 1 %"])
@pytest.mark.parametrize("side", ["fsb_oracle", "z-test"])
def test_sampling(benchmark, side, bias, known):
    name = "unbiased" if not bias else "biased by 1 %"
    benchmark.group = f"verdict by sampling, {name}, {'variance known' if known else 'black box'}"
    benchmark.extra_info["side"] = "ours" if side == "fsb_oracle" else "peer"
    factor = 1 + bias
    if side == "fsb_oracle":
        found = benchmark.pedantic(_sequential, args=(factor, known), rounds=1)
        assert found is (Status.fail if bias else Status.pass_)
    else:
        assert benchmark.pedantic(_z_test, args=(factor,), rounds=1) == bool(bias)


class _Biased(RuleSubject):
    """The rule with its contributions a little too large, noise exposed."""

    def at_noise(self, parameter, parameters, f, noise, dtype):
        return (1 + RELATIVE_BIAS) * super().at_noise(parameter, parameters, f, noise, dtype)


@pytest.mark.parametrize("side", ["fsb_oracle", "z-test"])
def test_noise_exposed(benchmark, side):
    """The same bias in a rule that can be evaluated at given noise: no sampling."""
    benchmark.group = "verdict on a rule that shows its noise, biased by 1 %"
    benchmark.extra_info["side"] = "ours" if side == "fsb_oracle" else "peer"
    case = Case("unbiased", _Biased(RULE, "numpy"), GAMMA, "concentration", "float64", F)
    scale = bias_scale(case.family, GAMMA, F, "concentration")

    def ours():
        decision = decide_by_quadrature(case, F, EXACT, 0.0, scale, 0.0)
        assert decision is not None and decision.status is Status.fail

    def peer():
        assert _z_test(1 + RELATIVE_BIAS)

    benchmark.pedantic(ours if side == "fsb_oracle" else peer, rounds=1 if side == "z-test" else 5)
