"""What is known of a rule is known of its kernel: another kernel under the same id has moments of its own."""

from dataclasses import replace

import pytest

from fsb_oracle.backends.noise import Gamma
from fsb_oracle.families import get_family
from fsb_oracle.integrands import integrand
from fsb_oracle.rules import baselines, get_rule
from fsb_oracle.rules.variance import exact_moments

GAMMA = get_family("gamma")
AT = GAMMA.parse({"concentration": "2.5", "rate": "1"})


def test_a_faulty_kernel_under_the_same_id_has_its_own_moments():
    rule, f = get_rule("GAM-k-U"), integrand("tanh")
    doubled = replace(rule, kernel=lambda f, c, z, **noise: 2 * rule.kernel(f, c, z, **noise))
    right, wrong = (exact_moments(one, AT, f) for one in (rule, doubled))
    assert wrong.mean == pytest.approx(2 * right.mean)
    assert doubled != rule and replace(rule, remarks="of no matter") == rule


def test_other_noise_under_the_same_id_has_its_own_moments():
    rule, f = get_rule("GAM-k-U"), integrand("tanh")
    name = next(iter(rule.noise))
    other = replace(rule, noise={**rule.noise, name: Gamma(7)})
    assert exact_moments(other, AT, f) != exact_moments(rule, AT, f)


def test_baselines_are_made_once_so_that_their_moments_are_kept():
    assert baselines.score(GAMMA, "concentration") is baselines.score(GAMMA, "concentration")
