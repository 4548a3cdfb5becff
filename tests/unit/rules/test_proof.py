"""Every rule is proved from its own kernel at many frequencies to 30 digits; a changed constant breaks the proof."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsb_oracle.families import get_family
from fsb_oracle.integrands import integrand
from fsb_oracle.rules import baselines_for, get_rule, list_rules, recommended, rules_for
from fsb_oracle.rules.carried import Affine, NotCarried, Wave
from fsb_oracle.rules.proof import prove

RULES = list_rules()
FREQUENCIES = ("1/20", "1/5", "7/10", "2", "5", "12")  # in 1/spread


def _frequencies(rule, at):
    spread = Fraction(rule.law.spread(at)).limit_denominator(1000)
    return tuple(Fraction(number) / spread for number in FREQUENCIES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_multiplier_identity(rule):
    for edge in rule.law.edges[:2]:
        at = rule.law.parse(edge)
        proof = prove(rule, at, _frequencies(rule, at), digits=30)
        assert proof.holds, (rule.id, edge, float(proof.worst.frequency), proof.worst.agreement)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_changed_constant_breaks_the_proof(rule):
    at = rule.law.parse(rule.law.edges[1])
    kernel, tweak = rule.kernel, Fraction(10**24 + 1, 10**24)

    def with_z(f, c, z, **noise):
        return kernel(f, c, z, **noise) * c.math.rational(tweak.numerator, tweak.denominator)

    def without_z(f, c, **noise):
        return kernel(f, c, **noise) * c.math.rational(tweak.numerator, tweak.denominator)

    changed = replace(rule, kernel=with_z if rule.uses_z else without_z)
    proof = prove(changed, at, (Fraction(1),), digits=30)
    assert not proof.holds
    assert proof.worst.agreement == pytest.approx(24, abs=1.5)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    rule=st.sampled_from([get_rule(id) for id in ("GAM-k-U", "GAM-s-U", "NOR-sig-Upm", "LAP-b-U", "POI", "EXP-s-U")]),
    scale=st.integers(1, 400),
    frequency=st.integers(1, 300),
)
def test_multiplier_identity_at_drawn_points(rule, scale, frequency):
    values = {name: Fraction(scale, 37) if name not in ("loc", "low") else Fraction(1, 3) for name in rule.law.names}
    assert prove(rule, values, (Fraction(frequency, 100) * 37 / (scale + 37),), digits=30).holds


LAWS_WITH_RULES = (
    "normal", "laplace", "gamma", "exponential", "beta", "uniform", "bernoulli", "poisson", "dirac",
)  # fmt: skip


@pytest.mark.parametrize("law", [*map(get_family, LAWS_WITH_RULES)], ids=lambda law: law.name)
def test_every_parameter_has_a_rule_and_a_recommendation(law):
    smooth = integrand("tanh")
    for name in law.names:
        assert rules_for(law, name)
        rule = recommended(law, name, smooth)
        assert rule is not None and rule.parameter == name


def test_baselines_are_proved_too():
    """The score of the normal law, its z integrated over the recipe's noise."""
    law = get_rule("NOR-mu-D").law
    at = law.parse({"loc": "0.3", "scale": "0.8"})
    for parameter in law.names:
        for baseline in baselines_for(law, parameter):
            assert prove(baseline, at, (Fraction(1), Fraction(5, 2)), digits=25).holds


def test_an_affine_point_times_a_wave_is_not_carried():
    point, wave = Affine(1, {"z": 2}), Wave(((1, Affine(0, {"z": 1})),))
    with pytest.raises(NotCarried):
        point * wave
    with pytest.raises(NotCarried):
        1 / point
    with pytest.raises(NotCarried):
        wave * wave
