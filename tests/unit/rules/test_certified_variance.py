"""Certified moments against closed forms, golden values, quadrature over all noise, and rules that are wrong."""

import json
from dataclasses import replace
from fractions import Fraction
from math import inf

import mpmath
import pytest
import sympy
from flint import arb

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import get_family
from fsb_oracle.families.family import z
from fsb_oracle.integrands import Integrand, integrand
from fsb_oracle.oracle import OracleError
from fsb_oracle.rules import baselines_for, list_rules, measure_valued
from fsb_oracle.rules.baselines import score
from fsb_oracle.rules.certified_variance import as_float, certified_moments, certified_score_best
from fsb_oracle.rules.collapse import constant_derivative, number
from fsb_oracle.rules.proof import prove
from fsb_oracle.rules.symbolic import trace
from fsb_oracle.rules.table import variance
from fsb_oracle.rules.variance import exact_moments

S = sympy.sympify
# the laws for which every rule but the few named below collapses; other rules have estimates, or the same collapse
LAWS = ("normal", "exponential", "uniform", "poisson", "bernoulli", "dirac")
OTHERS = {"LAP-mu-D", "LAP-mu-L", "LAP-b-U", "LAP-b-SB2", "GAM-k-U", "GAM-k-SB", "GAM-s-U", "GAM-s-S"} | {
    "BET-a-U",
    "BET-a-VSB",
    "BET-b-U",
    "BET-b-VSB",
}
RULES = {rule.id: rule for rule in list_rules() if rule.family in LAWS or rule.id in OTHERS}
MEASURE_VALUED = measure_valued.RULES


def at(rule, edge=1):
    return rule.law.parse(rule.law.edges[edge % len(rule.law.edges)])


def baseline(family, parameter, id):
    return next(rule for rule in baselines_for(get_family(family), parameter) if rule.id == id)


def floats(moments):
    assert moments is not None
    return as_float(moments.mean)[0], as_float(moments.variance)[0], as_float(moments.kurtosis)[0]


def closed_form(found, exact, digits=16):
    """An exact number lies in the ball, and the ball is small."""
    with precision(40):
        assert found.contains(number(sympy.sympify(exact))), (found, exact)
        assert found.rad() <= arb(10) ** -digits * abs(number(sympy.sympify(exact)))


# --- the table


def test_the_acceptance_line():
    rows = {
        (row.parameter, row.id): row
        for row in variance("gamma", {"concentration": "2.5", "rate": "1"}, "tanh(z)", ["score", "GAM-k-U", "pathwise"])
    }
    expected = {"score": "0.275097160350640", "GAM-k-U": "0.031566577064276", "pathwise": "0.0128062047284"}
    for id, text in expected.items():
        row = rows["concentration", id]
        assert row.certified and 0 < row.error < 1e-15
        assert row.variance == pytest.approx(float(text), abs=1.01 * 10 ** -(len(text) - 2))
    content = rows["concentration", "score"].to_json_object()
    assert list(content) == [
        "parameter", "id", "mean", "variance", "error", "kurtosis", "certified", "cost", "cost_adjusted", "bias",
    ]  # fmt: skip
    assert content["cost_adjusted"] == content["variance"]  # one f
    json.dumps(content, allow_nan=False)


def test_a_row_that_does_not_collapse_is_an_estimate():
    (row,) = variance("gamma", {"concentration": "2.5", "rate": "1"}, "tanh(z)", ["GAM-k-SB"])
    assert not row.certified and row.variance == pytest.approx(0.028446040483776, rel=1e-9)


@pytest.mark.parametrize("loc", ["0", "0.3"])
def test_infinite_variance_is_proven_and_is_valid_json(loc):
    (row,) = variance("normal", {"loc": loc, "scale": "0.8"}, "exp(z**2/2)", ["NOR-mu-D"])
    assert row.certified and row.variance == inf
    assert json.loads(json.dumps(row.to_json_object(), allow_nan=False))["variance"] == "infinite"


# --- against independent truths


def test_golden_values_of_the_shape_rule():
    """Gamma(2.5, scale 0.7), f = sin z: closed form through phi (catalogue of characteristic-function estimators)."""
    values = get_family("gamma").parse({"concentration": "2.5", "rate": "10/7"})
    found = certified_moments(RULES["GAM-k-U"], values, integrand("sin(z)"))
    mean, second_central, _ = floats(found)
    assert mean == pytest.approx(-0.104691543058, abs=1e-12)
    assert second_central == pytest.approx(0.186197786328, abs=1e-12)


@pytest.mark.parametrize(
    ("family", "values", "parameter", "means"),
    [
        ("normal", {"loc": "0.3", "scale": "0.8"}, "scale", ("-0.171673370802", "-0.411489688439")),
        ("gamma", {"concentration": "0.1", "rate": "1"}, "concentration", ("0.730040374277", "-0.435262140536")),
        ("laplace", {"loc": "0.3", "scale": "1.2"}, "scale", ("-0.119129349635", "-0.240702317013")),
        ("beta", {"concentration1": "0.3", "concentration0": "0.4"}, "concentration0", ("-0.506494400891",)),
        ("poisson", {"rate": "2.5"}, "rate", ("-0.26092878424", "-0.128315438141")),
    ],
)
def test_means_are_the_golden_gradients(family, values, parameter, means):
    law = get_family(family)
    rule = score(law, parameter)
    for text, expected in zip(("sin(z)", "exp(-z**2)"), means, strict=False):
        found = certified_moments(rule, law.parse(values), integrand(text), fourth=False)
        assert as_float(found.mean)[0] == pytest.approx(float(expected), abs=2e-12)


@pytest.mark.parametrize("k", ["5/2", "1/10", "7"])
def test_quadratic_f_under_the_gamma_law(k):
    """Shape rule: 4 s^4 (k + 5/12); its Rao-Blackwellisation: s^4 (4 k + 1)."""
    values, shape = get_family("gamma").parse({"concentration": k, "rate": "2"}), sympy.Rational(k)
    s4 = sympy.Rational(1, 16)
    closed_form(certified_moments(RULES["GAM-k-U"], values, integrand("z2")).variance, 4 * s4 * (shape + S(5) / 12))
    closed_form(certified_moments(RULES["GAM-k-SB"], values, integrand("z2")).variance, s4 * (4 * shape + 1))


def test_hermite_polynomial_under_the_normal_law():
    """f = He_3: E g^2 is 3! 3 for f', 3! 7 for the score, 3! 3 * 5 for pathwise in the scale (all at scale 1)."""
    values, f = get_family("normal").parse({"loc": "0", "scale": "1"}), integrand("z**3 - 3*z")
    for rule, expected in (
        (RULES["NOR-mu-D"], 18),
        (baseline("normal", "loc", "score"), 42),
        (RULES["NOR-sig-path"], 90),
    ):
        found = certified_moments(rule, values, f)
        with precision(40):
            assert found.second.overlaps(arb(expected)) and found.second.rad() < 1e-15


def test_fourth_moments_in_closed_form():
    """2 z of a normal law has kurtosis 3; (2 z + 1) of Poisson(rate) has 3 + 1/rate; branches add cumulants."""
    closed_form(certified_moments(RULES["NOR-mu-D"], at(RULES["NOR-mu-D"]), integrand("z2")).kurtosis, 3)
    found = certified_moments(RULES["POI"], at(RULES["POI"]), integrand("z2"))
    closed_form(found.variance, 10)
    closed_form(found.kurtosis, S("17/5"))
    # exponential(rate=2), f = z: g = -(y - x)/rate with y ~ Gamma(2), x ~ Exp(1): cumulants 3 and 18 of y - x
    pair = measure_valued.measure_valued(get_family("exponential"), "rate")
    found = certified_moments(pair, {"rate": Fraction(2)}, integrand("z"))
    closed_form(found.variance, S("3/4") / 4)
    closed_form(found.kurtosis, 5)


def test_a_fourth_moment_may_be_infinite_where_the_second_is_not():
    """f' = z exp(z^2/5) under N(0, 0.8): exponents 2/5 and 4/5 of z^2 against 25/32."""
    values = get_family("normal").parse({"loc": "0", "scale": "0.8"})
    found = certified_moments(RULES["NOR-mu-D"], values, integrand("exp(z**2/5)"))
    spread = S("25/16") - S("4/5")  # E z^2 exp(2 z^2/5) = (5/4) spread**(-3/2), times (2/5)^2
    closed_form(found.variance, S("4/25") * S("5/4") * spread ** S("-3/2"))
    assert as_float(found.fourth)[0] == as_float(found.kurtosis)[0] == inf


def test_variance_zero_is_exact():
    for id, text in (
        ("GAM-k-U", "3*z"), ("GAM-s-U", "z"), ("BET-a-U", "z"), ("BET-b-U", "z"), ("EXP-s-U", "z"),
        ("LAP-b-SB2", "z**2 + z"), ("BER-p", "tanh(z)"), ("DIRAC-x-D", "sin(z)"),
    ):  # fmt: skip
        found = certified_moments(RULES[id], at(RULES[id]), integrand(text))
        assert found.variance == 0 and found.kurtosis == 1, id


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        pytest.param(rule, text, id=f"{text}-{rule.id}-{rule.family}-{rule.parameter}")
        for rule in (*RULES.values(), *MEASURE_VALUED)
        for text in ("sin(z)", "z**2")
        if rule.admits(integrand(text), at(rule))
    ],
)
def test_quadrature_over_all_noise_agrees(rule, text):
    """Two methods without a common formula: the collapse, and the kernel on a product grid in float64."""
    values, f = at(rule), integrand(text)
    found, estimated = certified_moments(rule, values, f), exact_moments(rule, values, f)
    if found is None:
        assert rule.id in {
            "GAM-k-SB",
            "GAM-s-S",
            "EXP-s-S",
            "NOR-sig-K",
            "LAP-b-SB2",
            "BET-a-VSB",
            "BET-b-VSB",
            "EXP-s-SB",
        }
        return
    mean, variance_, kurtosis = floats(found)
    scale = estimated.second + 1e-300
    assert mean == pytest.approx(estimated.mean, abs=1e-10 * scale**0.5)
    assert variance_ == pytest.approx(estimated.variance, abs=1e-10 * scale + 4 * estimated.variance_error)
    if variance_ > 1e-12 * scale:
        assert kurtosis == pytest.approx(estimated.kurtosis, rel=1e-6)


def test_kinks_and_jumps_by_an_independent_integral():
    """A step function: the score's second moment is an incomplete integral, and the derivative of a ramp a tail."""
    values = get_family("normal").parse({"loc": "0.3", "scale": "0.8"})
    found = certified_moments(baseline("normal", "loc", "score"), values, integrand("Heaviside(z - 1/2)"))
    with mpmath.workdps(30):
        a, sigma = mpmath.mpf(1) / 4, mpmath.mpf(4) / 5
        density = mpmath.npdf(a)
        second = (mpmath.erfc(a / mpmath.sqrt(2)) / 2 + a * density) / sigma**2
        exact = second - (density / sigma) ** 2
    assert as_float(found.variance)[0] == pytest.approx(float(exact), rel=1e-15)
    ramp = certified_moments(RULES["NOR-mu-D"], values, integrand("Max(z - 1/2, 0)"))
    p = float(mpmath.erfc(a / mpmath.sqrt(2)) / 2)
    assert as_float(ramp.variance)[0] == pytest.approx(p * (1 - p), rel=1e-14)


def test_the_best_constant_baseline():
    law, f = get_family("gamma"), integrand("tanh(z)")
    values = law.parse({"concentration": "5", "rate": "1"})
    best = certified_score_best(law, values, f, "concentration")
    for b in ("953/1000", "954/1000"):
        other = certified_moments(score(law, "concentration", S(b)), values, f)
        assert other.variance > best.variance
    bits = get_family("bernoulli")
    exact = certified_score_best(bits, bits.parse({"probs": "0.3"}), f, "probs")
    assert exact.variance.contains(0) and as_float(exact.variance)[0] == 0 and as_float(exact.variance)[1] < 1e-25


def test_quadrature_centres_the_fourth_moment_on_integers_too():
    rule = RULES["POI"]
    assert exact_moments(rule, at(rule), integrand("z2")).kurtosis == pytest.approx(3.4, rel=1e-10)


# --- what is detected, and that wrong rules are found out


def test_constant_weights_are_read_off_the_kernel():
    found = {id: constant_derivative(trace(rule, at(rule))) for id, rule in RULES.items()}
    detected = {id for id, weight in found.items() if weight is not None}
    assert detected == {
        "NOR-mu-D", "LAP-mu-D", "EXP-s-U", "GAM-k-U", "GAM-s-U", "BET-a-U", "BET-b-U", "DIRAC-x-D",
        "NOR-sig-D2", "UNI-a-U", "UNI-b-U",
    }  # fmt: skip
    assert found["BET-a-U"] == (S("3/25"), 1)


@pytest.mark.parametrize("id", ["EXP-s-U", "GAM-k-U", "GAM-s-U", "BET-a-U", "BET-b-U"])
def test_rules_of_constant_weight_are_proved(id):
    rule = RULES[id]
    assert prove(rule, at(rule), (Fraction(1, 2), Fraction(3)), digits=25).holds


@pytest.mark.parametrize(
    "kernel",
    [
        lambda f, c, z, u, e: c.s * f.derivative(z + c.s * e + 0 * u),  # right for linear f only
        lambda f, c, z, u, e: 2 * c.s * f.derivative(z + c.s * u * e),
    ],
    ids=["wrong-shift", "wrong-weight"],
)
def test_a_biased_rule_of_constant_weight_is_found_out(kernel):
    wrong = replace(RULES["GAM-k-U"], id="wrong", kernel=kernel)
    with pytest.raises(OracleError):
        certified_moments(wrong, at(wrong), integrand("tanh(z)"))


@pytest.mark.parametrize("id", ["POI", "NOR-mu-L", "LAP-b-U", "UNI-b-P"])
def test_a_biased_rule_is_found_out_by_its_mean(id):
    kernel = RULES[id].kernel
    if RULES[id].uses_z:
        wrong = replace(RULES[id], id="wrong", kernel=lambda f, c, z: kernel(f, c, z) * (1 + c.math.rational(1, 10**9)))
    else:
        wrong = replace(
            RULES[id], id="wrong", kernel=lambda f, c, **noise: kernel(f, c, **noise) * (1 + c.math.rational(1, 10**9))
        )
    with pytest.raises(OracleError):
        certified_moments(wrong, at(wrong), integrand("sin(z)"))


def test_rounded_numbers_in_a_kernel_are_not_certified():
    wrong = replace(RULES["POI"], id="wrong", kernel=lambda f, c, z: 1.0 * (f(z + 1) - f(z)))
    assert certified_moments(wrong, at(wrong), integrand("sin(z)")) is None


# --- measure-valued derivatives


@pytest.mark.parametrize("rule", MEASURE_VALUED, ids=lambda rule: f"{rule.family}-{rule.parameter}")
def test_measure_valued_derivatives_are_proved(rule):
    assert prove(rule, at(rule), (Fraction(1, 2), Fraction(2)), digits=20).holds


def test_disjoint_branches_have_the_smallest_mass():
    """The mass of a Hahn-Jordan pair is E max(score, 0): found with f = sign of the score."""
    for rule in MEASURE_VALUED:
        if not measure_valued.is_hahn_jordan(rule) or rule.family not in ("normal", "laplace"):
            continue
        values = at(rule)
        f = Integrand(sympy.sign(z - rule.law.at(rule.law.mean, values)))
        found = certified_moments(rule, values, f)
        assert found.variance == 0 or found.variance.contains(0)  # g = 2 c whatever the draw
