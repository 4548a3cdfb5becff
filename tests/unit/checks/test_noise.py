"""Tier 0b: its error bound covers the truth, and a bias of 1e-4 in a rule that shows its noise is found."""

import pytest

from fsb_oracle.checks.case import Case
from fsb_oracle.checks.noise import decide_by_quadrature
from fsb_oracle.checks.truth import bias_scale, exact_gradient
from fsb_oracle.families import get_family
from fsb_oracle.integrands import integrand
from fsb_oracle.records import Status
from fsb_oracle.rules import get_rule
from fsb_oracle.subjects.rules import RuleSubject

GAMMA = get_family("gamma")


def decided(subject, concentration, f):
    point = GAMMA.parse({"concentration": concentration, "rate": "1"})
    case = Case("unbiased", subject, point, "concentration", "float64", integrand(f))
    value = exact_gradient(GAMMA, point, case.integrand, "concentration")
    scale = bias_scale(GAMMA, point, case.integrand, "concentration")
    return decide_by_quadrature(case, case.integrand, float(value), value.float_radius, scale, 0.0)


@pytest.mark.parametrize("f", ["z", "z**2", "sin(z)", "exp(-z)", "1/(1 + z**2)"])
@pytest.mark.parametrize("concentration", ["0.05", "0.5", "2.5", "10", "30"])
def test_the_error_bound_covers_the_truth(concentration, f):
    decision = decided(RuleSubject(get_rule("GAM-k-SB"), "numpy"), concentration, f)
    assert decision.interval[0] <= 0 <= decision.interval[1]
    assert decision.status in (Status.pass_, Status.inconclusive)


class SlightlyLarge(RuleSubject):
    """A rule whose contributions are 1e-4 too large."""

    def at_noise(self, parameter, parameters, f, noise, dtype):
        return (1 + 1e-4) * super().at_noise(parameter, parameters, f, noise, dtype)


@pytest.mark.parametrize("f", ["sin3", "bump", "tanh"])
@pytest.mark.parametrize("rule", ["GAM-k-U", "GAM-k-SB"])
def test_a_relative_bias_of_one_in_ten_thousand_is_found(rule, f):
    decision = decided(SlightlyLarge(get_rule(rule), "numpy"), "2.5", f)
    assert (decision.status, decision.reason) == (Status.fail, "biased")
    assert decision.interval[0] <= decision.bias <= decision.interval[1]
