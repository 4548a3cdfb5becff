"""Rules of several variables on given noise: quadrature, twins and replicates decide as about scalar ones."""

from dataclasses import replace

import numpy as np
import pytest

from fsb_oracle.backends.noise import Simplex
from fsb_oracle.checks import CHECKS, get_profile, noise
from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.points import sampled_points
from fsb_oracle.integrands import integrand
from fsb_oracle.rules.nodes import product_grid
from fsb_oracle.rules.scalar_noise import joined_noise, scalar_noise
from fsb_oracle.subjects.vector_rules import VectorRuleSubject, vector_rule_subjects

SMOKE = get_profile("smoke")
SETTINGS = Settings(SMOKE.name, SMOKE.margin, SMOKE.variance_margin, SMOKE.false_pass_rate, 1_000_000)
SUBJECTS = {subject.name: subject for subject in vector_rule_subjects(("numpy",))}


def tiers_of(subject, f, dtype="float64"):
    point = sampled_points(subject, SMOKE)[0]
    case = Case("unbiased", subject, point, subject.claimed[0], dtype, integrand(f), tests=3)
    result = CHECKS["unbiased"].check(case, SETTINGS, 1e-9)
    return result, {row["tier"]: row for row in result.details["tiers"]}


@pytest.mark.parametrize(
    ("rule", "f", "tier"),
    [
        ("CAT-logit", "Heaviside(z - 1/2)", "0b"),
        ("MUL-logit", "exp(z0 - 2*z1)", "0b"),
        ("BBN-a-P", "Max(z - 3/2, 0)", "0b"),
        ("DIR-VSB", "exp(z0 - 2*z1)", "0b"),
        ("DIR-U", "exp(z0 - 2*z1)", "2"),
        ("MVN-Sig-D2", "tanh(z0 + 2*z1)", "0b"),
        ("MVN-mu-L", "Max(z0 + 2*z1 - 1/2, 0)", "2"),
        ("WIS-V-path", "z00**2 + z01", "0b"),
        ("WIS-nu-SB", "z00**2 + z01", "2"),
    ],
)
def test_each_rule_passes_by_the_strongest_tier_that_applies(rule, f, tier):
    result, tiers = tiers_of(SUBJECTS[rule], f)
    assert result.status == "pass" and result.tier == tier and tiers["3"]["status"] == "pass"
    assert result.bias_bound <= (1e-9 if tier == "0b" else 0.01) * result.bias_scale


@pytest.mark.parametrize(("rule", "f", "tier"), [("DIR-VSB", "z0*z1", "0b"), ("WIS-nu-SB", "z00**2 + z01", "2")])
def test_a_bias_far_below_what_sampling_sees_is_found(rule, f, tier):
    """A factor of 1.01 in a kernel, against a margin of 0.05 S."""
    right = SUBJECTS[rule]
    factor = 1.01
    kernel = right.rule.kernel
    changed = (
        (lambda f, c, z, **noise: factor * kernel(f, c, z, **noise))
        if right.rule.uses_z
        else (lambda f, c, **noise: factor * kernel(f, c, **noise))
    )
    result, tiers = tiers_of(VectorRuleSubject(replace(right.rule, kernel=changed), right.family, "numpy"), f)
    assert tiers[tier]["status"] in ("fail", "within_margin") and tiers["3"]["status"] == "pass"
    assert result.status != "pass"


@pytest.mark.parametrize(("rule", "f"), [("WIS-V-path", "z00**2 + z01"), ("MVN-Sig-D2", "tanh(z0 + 2*z1)")])
def test_the_twin_in_float64_certifies_float32(rule, f):
    _, tiers = tiers_of(SUBJECTS[rule], f, "float32")
    assert tiers["1"]["status"] == "pass" and tiers["1"]["difference"]["median"] < 1e-5


def test_sticks_make_the_weights_of_a_simplex():
    """Their sum is 1, a concentration of 0 has weight 0, and means are shares of the concentrations."""
    draws = {"z": (Simplex(np.array([1.5, 0.0, 2.0, 0.7])), ())}
    total = np.zeros(4)
    for weight, nodes in product_grid(scalar_noise(draws), 3):
        z = joined_noise(draws, nodes)["z"]
        np.testing.assert_allclose(z.sum(-1), 1)
        total += (weight[..., None] * z).sum(axis=tuple(range(weight.ndim)))
    np.testing.assert_allclose(total, np.array([1.5, 0.0, 2.0, 0.7]) / 4.2, rtol=1e-12)


def test_components_summed_together_are_what_they_are_alone():
    """One evaluation on a grid serves every component of a vector, bit for bit."""
    subject = SUBJECTS["MVN-Sig-D2"]
    at = tuple(sampled_points(subject, SMOKE)[0].items())

    def sums(names):
        return noise._sums_of_all(subject, names, at, integrand("tanh(z0 + 2*z1)"), "float64", 3, False)

    together = sums(subject.evaluated_with(subject.claimed[0]))
    assert together == {name: sums((name,))[name] for name in subject.claimed}
    assert len({one.total for one in together.values()}) > 1
