"""What is known of a rule is known of its kernel: another kernel under the same id has moments of its own."""

from dataclasses import replace

import numpy as np
import pytest

from fsb_oracle.backends.noise import Gamma
from fsb_oracle.families import get_family
from fsb_oracle.integrands import integrand
from fsb_oracle.rules import baselines, get_rule
from fsb_oracle.rules.variance import exact_moments, wave_power
from fsb_oracle.subjects.rules import RuleSubject

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


@pytest.mark.parametrize("id", ["TS-al-SB", "TS-C-A2", "CGMY-Y-SB", "CGMY-C-A", "CGMY-G-A"])
@pytest.mark.parametrize("frequency", [0.3, 2.0])
def test_the_power_of_a_wave_needs_no_density_of_the_law(id, frequency):
    """Tempered stable laws have none: z is a factor of modulus 1. The peer is a sample of the rule itself."""
    rule = get_rule(id)
    at = rule.law.edge_points[0]
    subject = RuleSubject(rule, "numpy")
    waves = [integrand(f"{name}({frequency}*z)") for name in ("cos", "sin")]
    draws = [subject.contribution(rule.parameter, at, f, 1 << 15, np.random.SeedSequence(1), "float64") for f in waves]
    squares = (draws[0] ** 2 + draws[1] ** 2) / 2
    error = float(np.std(squares)) / len(squares) ** 0.5
    assert wave_power(rule, at, frequency) == pytest.approx(float(np.mean(squares)), abs=6 * error, rel=1e-9)


def test_a_rule_whose_weight_depends_on_z_has_no_power_without_a_density():
    rule = get_rule("TS-C-A")
    weighted = replace(rule, kernel=lambda f, c, z, **noise: z * rule.kernel(f, c, z, **noise))
    assert not np.isfinite(wave_power(weighted, rule.law.edge_points[0], 1.0))
