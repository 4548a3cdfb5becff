"""Tier 0b: its error bound covers the truth, and a bias of 1e-4 in a rule that shows its noise is found."""

import pytest

from fsb_oracle.checks.case import Case
from fsb_oracle.checks.noise import decide_by_quadrature
from fsb_oracle.checks.truth import bias_scale, dtype_tolerance, exact_gradient
from fsb_oracle.families import get_family
from fsb_oracle.families.numbers import round_to_dtype
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


# f is narrow beside the law; f saturates; the mean is far out in the tail; a step is lost in the rounding of z; f turns
# between the nodes of two grids that agree
EDGES = [
    ("HNO-sig-D", {"scale": "100"}, "bump", "float64"),
    ("GUM-mu-D", {"loc": "10", "scale": "0.1"}, "tanh", "float64"),
    ("LGN-sig-D2", {"loc": "0", "scale": "3"}, "z2", "float64"),
    ("GAM-s-SB", {"concentration": "1000", "rate": "1000"}, "z2", "float32"),
    ("NCX-lam-U", {"df": "100", "noncentrality": "100"}, "sin3", "float32"),
]


@pytest.mark.parametrize(("id", "point", "f", "dtype"), EDGES)
def test_right_rules_are_not_accused_where_the_grid_or_the_dtype_ends(id, point, f, dtype):
    decision = at_edge(RuleSubject(get_rule(id), "numpy"), point, f, dtype)
    assert decision is None or decision.status is not Status.fail


@pytest.mark.parametrize(("id", "point", "f", "dtype"), EDGES[1:2] + EDGES[3:4])
def test_a_fault_there_is_found_all_the_same(id, point, f, dtype):
    decision = at_edge(SlightlyLarge(get_rule(id), "numpy"), point, f, dtype)
    assert decision.status is Status.fail


def at_edge(subject, point, f, dtype):
    rule, family = subject.rule, subject.family
    at = {name: round_to_dtype(value, dtype) for name, value in family.parse(point).items()}
    case = Case("unbiased", subject, at, rule.parameter, dtype, integrand(f))
    value = exact_gradient(family, at, case.integrand, rule.parameter)
    scale = bias_scale(family, at, case.integrand, rule.parameter)
    tolerance = dtype_tolerance(family, at, case.integrand, rule.parameter, dtype, scale)
    return decide_by_quadrature(case, case.integrand, float(value), value.float_radius, scale, tolerance)
