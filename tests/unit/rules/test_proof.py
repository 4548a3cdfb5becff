"""Every rule is proved from its own kernel to 30 digits; a changed constant breaks the proof.

By default at few frequencies and the two plainest edges of each law; FSB_ORACLE_PROFILE=deep asks for everything.
"""

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction

import pytest
import sympy
from flint import acb, arb
from hypothesis import given, settings
from hypothesis import strategies as st

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.backends.noise import Exponential, Noise, Uniform, x
from fsb_oracle.errors import UsageError
from fsb_oracle.families import get_family
from fsb_oracle.integrands import integrand
from fsb_oracle.rules import baselines_for, get_rule, list_rules, recommended, rules_for
from fsb_oracle.rules.proof import integrated_variables, proof_frequencies, proof_points, proof_summary, prove
from fsb_oracle.rules.proof.forms import CarryMath, Form, NotCarried, TestFunction
from fsb_oracle.rules.proof.setup import Setup
from fsb_oracle.rules.rule import Rule

DEEP = os.environ.get("FSB_ORACLE_PROFILE") == "deep"
RULES = [rule for rule in list_rules() if not rule.baseline]
BY_ID = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def scaled(rule, factor):
    """The rule with its kernel multiplied by an exact number."""
    kernel = rule.kernel

    def with_z(f, c, z, **noise):
        return kernel(f, c, z, **noise) * c.math.rational(factor.numerator, factor.denominator)

    def without_z(f, c, **noise):
        return kernel(f, c, **noise) * c.math.rational(factor.numerator, factor.denominator)

    return replace(rule, kernel=with_z if rule.uses_z else without_z)


def some_frequencies(rule, at):
    """Two in the middle of the range of `proof_frequencies`; all of them, and more, in the deep profile."""
    return proof_frequencies(rule, at, 8) if DEEP else proof_frequencies(rule, at, 6)[1:4:2]


SEVERAL_SECONDS = {
    "VG-nu",
    "NIG-de",
    "TS-al-A",
    "TS-al-A2",
    "TS-al-SB",
    "RBE-p-D",
    "RBE-tau-D",
    "RBE-tau-P",
    "RBE-p-L",
}  # one variable, yet many nodes


def is_slow(rule):
    """Proofs over several variables take seconds a frequency: by default one edge and one frequency."""
    return (integrated_variables(rule) > 1 or rule.id in SEVERAL_SECONDS) and not DEEP


@BY_ID
def test_multiplier_identity(rule):
    slow = is_slow(rule)
    for at in proof_points(rule) if DEEP else proof_points(rule)[: 1 if slow else 2]:
        proof = prove(rule, at, some_frequencies(rule, at)[: 1 if slow else None], digits=30)
        assert proof.holds, (rule.id, at, float(proof.worst.frequency), proof.worst.agreement)


@BY_ID
def test_a_changed_constant_breaks_the_proof(rule):
    slow = is_slow(rule)
    size, digits = (6, 10) if rule.id in SEVERAL_SECONDS and slow else (10, 14) if slow else (24, 30)
    at = proof_points(rule)[: 1 if slow else 2][-1]
    changed = scaled(rule, Fraction(10**size + 1, 10**size))
    proof = prove(changed, at, proof_frequencies(rule, at, 6)[2:3], digits)
    assert not proof.holds
    assert proof.worst.agreement == pytest.approx(size, abs=1.5)


@settings(max_examples=400 if DEEP else 10, deadline=None, derandomize=True)
@given(data=st.data())
def test_multiplier_identity_at_drawn_points(data):
    """One parameter of an edge point is moved by a drawn factor; the frequency is drawn too."""
    rule = data.draw(st.sampled_from(RULES).filter(lambda rule: not is_slow(rule)))
    at = data.draw(st.sampled_from(proof_points(rule) if DEEP else proof_points(rule)[:2]))
    moved = {rule.parameter: at[rule.parameter] * Fraction(data.draw(st.integers(90, 110)), 100)}
    with suppress(UsageError):  # the edge may lie at the border of the domain
        candidate = rule.law.parse(at | moved)
        at = candidate if rule.holds_at(candidate) else at
    frequency = proof_frequencies(rule, at, 6)[2] * Fraction(data.draw(st.integers(50, 100)), 100)
    if rule.law.support.period is not None:
        frequency = Fraction(1)
    assert prove(rule, at, (frequency,), digits=30).holds, (rule.id, at, frequency)


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
    """The score of the normal law: its polynomial weight enters through derivatives of phi."""
    law = get_rule("NOR-mu-D").law
    at = law.parse({"loc": "0.3", "scale": "0.8"})
    for parameter in law.names:
        for baseline in baselines_for(law, parameter):
            assert prove(baseline, at, (Fraction(1), Fraction(5, 2)), digits=25).holds


@pytest.mark.parametrize("id", ("GAM-k-U", "PAR-al-S", "POI") if not DEEP else [rule.id for rule in RULES])
def test_the_summary_proves_up_to_forty_spreads(id):
    summary = proof_summary(get_rule(id))
    assert summary.proved and summary.agreement >= summary.digits == 30
    assert len(summary.frequencies) == 5 and summary.space == get_rule(id).space


@dataclass(frozen=True)
class AbsoluteCauchy(Noise):
    """|Z| of a standard Cauchy Z; the poles of its density are at +-i."""

    support = "half-line"
    turn = 2
    log_density = sympy.log(2 / sympy.pi) - sympy.log(1 + x**2)


def rule_of(law, parameter, letter, kernel, noise, space="line"):
    return Rule(
        id="TEST", family=law, parameter=parameter, letter=letter, kernel=kernel, noise=noise, space=space
    )  # fmt: skip


def test_an_oscillating_heavy_tail_is_integrated_off_the_real_axis():
    """-|w| as a second difference over |Cauchy| jumps: x enters as 1/x^2 with three phases."""

    def kernel(f, c, z, x):
        return (1 + x**2) / (2 * x**2) * (f(z + c.gamma * x) + f(z - c.gamma * x) - 2 * f(z)) / c.gamma

    rule = rule_of("cauchy", "scale", "gamma", kernel, {"x": AbsoluteCauchy()})
    at = rule.law.parse({"loc": "0.2", "scale": "1.3"})
    off = prove(scaled(rule, Fraction(10**24 + 1, 10**24)), at, (Fraction(1),), digits=30)
    assert off.worst.agreement == pytest.approx(24, abs=1.5)


@pytest.mark.parametrize("space", ["line", "log"])
def test_either_space_proves_a_multiplicative_rule(space):
    """(z/k) f'(z R), R = V + (1 - V) u of the gamma shape: the uniform variable is carried, whatever the space."""

    def kernel(f, c, z, v, u):
        start = c.math.power(v, 1 / c.k)
        return z / c.k * f.derivative(z * (start + (1 - start) * u))

    rule = rule_of("gamma", "concentration", "k", kernel, {"v": Uniform(), "u": Uniform()}, space)
    at = rule.law.parse({"concentration": "2", "rate": "1"})
    proof = prove(rule, at, (Fraction(1, 3),), digits=30)
    assert proof.holds and proof.carried == ("u", "z")


def test_a_floor_of_a_uniform_variable_is_carried():
    """f(z + J + 1) - f(z + J) with J uniform on 0, ..., n - 1 is (f(z + n) - f(z))/n."""

    def difference(f, c, z, u):
        steps = c.math.floor(3 * u)
        return f(z + steps + 1) - f(z + steps)

    def telescoped(f, c, z):
        return (f(z + 3) - f(z)) / 3

    at = get_family("poisson").parse({"rate": "2.5"})
    frequency = (Fraction(7, 5),)
    left, right = (
        prove(rule_of("poisson", "rate", "lam", kernel, noise), at, frequency).multipliers[0].computed
        for kernel, noise in ((difference, {"u": Uniform()}), (telescoped, {}))
    )
    with precision(45):
        assert float(abs(left - right).upper()) < 1e-30


def test_numbers_in_a_kernel_may_be_compared():
    with precision(40):
        m, x = CarryMath(), arb(3) / 2
        assert m.where(m.exp(x) > 4, 1, 0) == 1 and m.sign(x - 2) < 0 and m.abs(x - 2) < 1 and m.floor(x) == 1
        assert isinstance(m.log(-x), acb)


def test_what_leaves_the_algebra_is_not_carried():
    m, z, f = CarryMath(), Form.variable("z"), TestFunction()
    wave = f(z)
    for leave in (
        lambda: wave * wave,
        lambda: 1 / wave,
        lambda: 1 / (1 + z),
        lambda: m.tanh(z),
        lambda: m.exp(z * z),
        lambda: (z + 1).monomial(),
        lambda: (z * z).affine(),
    ):
        with pytest.raises(NotCarried):
            leave()
    assert (z * z / z).affine()[1]["z"] == 1
    assert m.sqrt(4 * z * z).monomial().powers == {"z": 1}


def test_a_divergent_mean_is_not_continued():
    """E e^(-3/2) would be Gamma(-1/2) by continuation; the mean does not exist, so nothing may be carried."""

    def kernel(f, c, z, e):
        return c.math.power(e, -c.math.rational(3, 2)) * f(z)

    rule = rule_of("exponential", "rate", "s", kernel, {"e": Exponential()})
    with precision(40):
        assert Setup.of(rule, {"rate": acb(2)}).carried == {"z"}
