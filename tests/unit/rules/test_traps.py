"""Fourteen traps, each behaving as stated: rules out of their class, wrong conventions, shared noise, heavy tails."""

from dataclasses import replace
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from fsb_oracle import UsageError, exact, fourier
from fsb_oracle.backends.noise import Exponential
from fsb_oracle.families import get_family
from fsb_oracle.integrands import integrand
from fsb_oracle.rules import baselines_for, get_rule, recommended
from fsb_oracle.rules.proof import prove
from fsb_oracle.rules.table import variance

RELU, STEP = "Max(z - 1/2, 0)", "Heaviside(z - 1/2)"
NORMAL, LAPLACE, GAMMA = {"loc": 0.3, "scale": 0.8}, {"loc": 0.3, "scale": 1.2}, {"concentration": 2.5, "rate": 1.0}
BETA = {"concentration1": 2.0, "concentration0": 3.0}
DRAWS = 100_000


def drawn(family, params, f, id, draws=DRAWS, seed=5):
    parameter = get_rule(id).parameter
    return fourier.gradient(family, f, params, draws, np.random.default_rng(seed), {parameter: id})[parameter]


def truth(family, params, f, parameter):
    found = exact(family, {name: str(value) for name, value in params.items()}, f, digits=12)
    return float(found.gradient[parameter].value)


def assert_unbiased(family, params, f, id):
    g = drawn(family, params, f, id)
    error = g.std() / np.sqrt(len(g))
    assert abs(g.mean() - truth(family, params, f, get_rule(id).parameter)) < 5 * error, id


def test_1_a_kink_has_no_second_derivative():
    for family, params, curved, right in (
        ("normal", NORMAL, "NOR-sig-D2", ("NOR-sig-Upm", "NOR-sig-Ua", "NOR-sig-K")),
        ("laplace", LAPLACE, "LAP-b-D2", ("LAP-b-A", "LAP-b-U", "LAP-b-S", "LAP-b-SB2")),
    ):
        assert (drawn(family, params, RELU, curved, 1000) == 0).all()
        assert abs(truth(family, params, RELU, "scale")) > 0.1
        assert not integrand(RELU).admits(get_rule(curved).requires)
        for id in right:
            assert_unbiased(family, params, RELU, id)


def test_2_a_jump_has_no_derivative():
    for family, params, slope, right in (
        ("gamma", GAMMA, "GAM-k-U", ("GAM-k-Shalf",)),
        ("beta", BETA, "BET-a-U", ("BET-a-Sfin", "BET-a-VShalf")),
        ("normal", NORMAL, "NOR-mu-D", ("NOR-mu-L",)),
        ("normal", NORMAL, "NOR-sig-path", ("NOR-sig-K",)),
        ("uniform", {"low": -0.4, "high": 1.7}, "UNI-b-U", ("UNI-b-P",)),
    ):
        assert (drawn(family, params, STEP, slope, 1000) == 0).all()
        assert abs(truth(family, params, STEP, get_rule(slope).parameter)) > 0.05
        for id in right:
            assert_unbiased(family, params, STEP, id)
            assert get_rule(id).sampled == "F0"  # of finite variance for jumps


def _truncated_second_moment(step, weight):
    """E g^2 over shifts x > step for f = 1{z > 1}, z ~ Gamma(2): INT weight(x) P(1 - x < z < 1) dx."""
    x = np.geomspace(step, 60, 200_001)
    start = np.maximum(1 - x, 0)
    between = (1 + start) * np.exp(-start) - 2 * np.exp(-1)
    return np.trapezoid(weight(x) * between * x, np.log(x))


def test_3_the_exponential_proposal_has_no_variance_at_a_jump():
    by_exponential = [_truncated_second_moment(step, lambda x: np.exp(-x) / x**2) for step in (1e-2, 1e-4, 1e-6, 1e-8)]
    by_half = [
        _truncated_second_moment(step, lambda x: np.sqrt(np.pi) * np.exp(-x) / x**1.5)
        for step in (1e-2, 1e-4, 1e-6, 1e-8)
    ]
    assert by_exponential == pytest.approx([1.42, 3.11, 4.81, 6.50], abs=0.01)  # grows like log(1/step)
    assert by_half == pytest.approx([0.896, 1.013, 1.025, 1.026], abs=0.001)
    at = {"concentration": 2.0, "rate": 1.0}
    g = drawn("gamma", at, "Heaviside(z - 1)", "GAM-k-SB", 1_000_000)
    assert g.mean() == pytest.approx(truth("gamma", at, "Heaviside(z - 1)", "concentration"), abs=0.02)
    assert get_rule("GAM-k-SB").sampled == "F1"
    assert recommended(get_family("gamma"), "concentration", integrand(STEP)) == get_rule("GAM-k-Shalf")


@pytest.mark.parametrize("id", ["GAM-k-SER", "EXP-s-SER"])
def test_4_a_series_that_is_forced_shows_its_bias(id):
    """Of its 50 terms, from phi alone: (SUM (i w s)^n/n + log(1 - i w s)) phi(w) at the shape, a geometric series at
    the scale."""
    law, s = get_rule(id).law, mpmath.mpf(7) / 10
    given = {"concentration": "5/2", "rate": "10/7"} if id == "GAM-k-SER" else {"rate": "10/7"}
    for w in (1, 3):
        x, shape = 1j * w * s, mpmath.mpf(5) / 2 if id == "GAM-k-SER" else mpmath.mpf(1)
        terms = mpmath.fsum(x**n / n if id == "GAM-k-SER" else x**n / s for n in range(1, 51))
        symbol = -mpmath.log(1 - x) if id == "GAM-k-SER" else x / (1 - x) / s
        factor = 1 if id == "GAM-k-SER" else -(s**2)  # of the rate
        expected = mpmath.re(factor * (terms - symbol) * (1 - x) ** -shape)
        (row,) = variance(law.name, given, f"cos({w}*z)", [id])
        assert row.bias == pytest.approx(float(expected), rel=1e-4)
    numbers = {name: float(Fraction(value)) for name, value in given.items()}
    forced = fourier.gradient(law.name, "cos(3*z)", numbers, 5, np.random.default_rng(0), id, force=True)
    assert np.isfinite(next(iter(forced.values()))).all()


@pytest.mark.parametrize("id", ["GAM-k-SER", "EXP-s-SER"])
def test_4_series_are_refused_outside_their_disc(id):
    rule, f = get_rule(id), integrand("cos(3*z)")
    others = {} if rule.family == "exponential" else {"concentration": 2.5}
    inside, outside = {**others, "rate": 16.0}, {**others, "rate": 0.5}
    assert rule.admits(f, rule.law.parse(inside)) and not rule.admits(f, rule.law.parse(outside))
    assert_unbiased(rule.family, inside, "cos(3*z)", id)
    assert_unbiased(rule.family, outside, "z**3 - z", id)  # polynomials have the frequency 0
    with pytest.raises(UsageError, match=r"converges only for frequencies up to 0\.125"):
        drawn(rule.family, outside, "cos(3*z)", id)
    with pytest.raises(UsageError, match="is a series in derivatives of f"):
        drawn(rule.family, inside, "exp(-z**2)", id)


def test_4_partial_sums_diverge_outside_and_are_geometric_inside():
    """f = sin and cos(3 z) of Gamma(2.5, scale 0.7): |w s| = 0.7 and 2.1, errors after 5, 10, 20, 40 terms."""
    errors = {}
    for w, phase in ((1, "imag"), (3, "real")):
        symbol = 1j * w * 0.7
        phi = (1 - symbol) ** -2.5
        partial = [sum(symbol**n / n for n in range(1, count + 1)) for count in (5, 10, 20, 40)]
        errors[w] = [abs(getattr(phi * (total + np.log(1 - symbol)), phase)) for total in partial]
    assert errors[1] == pytest.approx([1e-2, 9e-4, 1e-5, 5e-9], rel=0.5)
    assert errors[3] == pytest.approx([0.85, 18, 1.5e4, 2e10], rel=0.5)


def _ratio_rule(a, b, draws, rng):
    """The gamma-ratio chain rule for d/da E z, z ~ Beta(a, b): its tail is that of 1/S."""
    numerator = rng.gamma(a, size=draws) + rng.random(draws) * rng.exponential(size=draws)
    other = rng.gamma(b, size=draws)
    return other / (numerator + other) ** 2


def _tail_index(g, high=1e-3, low=1e-5):
    """The exponent of P(|g| > t) from two quantiles."""
    far, farther = np.quantile(np.abs(g), (1 - high, 1 - low))
    return np.log(high / low) / np.log(farther / far)


@pytest.mark.parametrize(("a", "b"), [(0.1, 0.1), (0.3, 0.4)])
def test_5_the_ratio_rule_has_no_variance_below_1(a, b):
    """P(S < x) falls like x^(a + b + 1) log(1/x): a second moment needs a + b > 1."""
    assert _tail_index(_ratio_rule(a, b, 2_000_000, np.random.default_rng(1))) < 2
    params = {"concentration1": a, "concentration0": b}
    g = drawn("beta", params, "z", "BET-a-U", 100)
    assert g == pytest.approx(b / (a + b) ** 2, abs=1e-12)  # the recommended rule: variance 0


def test_6_the_score_of_a_moving_support_is_wrong():
    family, params = get_family("uniform"), {"low": -0.4, "high": 1.7}
    assert {rule.id for rule in baselines_for(family, "high")} == {"pathwise"}
    # d log p / d high = -1/(high - low): the mean of f times that misses f(high) p(high)
    mean = float(exact("uniform", {"low": "-0.4", "high": "1.7"}, "sin(z)").expectation.value)
    missed = truth("uniform", params, "sin(z)", "high") + mean / 2.1
    assert missed == pytest.approx(np.sin(1.7) / 2.1, rel=1e-10)


def test_7_pathwise_scale_derivatives_of_heavy_tails_have_no_variance():
    """E (x cos(x))^2 over |x| < R grows like R; the second moment of the Khinchine rule stays."""
    far = [1e2, 1e4]
    moments = []
    for end in far:
        x = np.linspace(0, end, 4_000_001)
        moments.append(2 * np.trapezoid((x * np.cos(x)) ** 2 / (np.pi * (1 + x**2)), x))
    assert moments[1] / moments[0] == pytest.approx(100, rel=0.05)
    assert {rule.id for rule in baselines_for(get_family("cauchy"), "scale")} >= {"pathwise"}
    g = drawn("cauchy", {"loc": 0.0, "scale": 1.0}, "sin(z + 1)", "CAU-g-K")
    assert np.abs(g).max() <= 2
    assert_unbiased("cauchy", {"loc": 0.2, "scale": 1.3}, "sin(z)", "CAU-g-K")


def test_8_differences_of_second_order_cancel_and_ours_do_not():
    x, z = 1e-12, 0.7
    naive = (np.sin(z + x) - np.sin(z) - x * np.cos(z)) / x**2
    assert abs(naive + np.sin(z) / 2) > 1e4  # the limit is -sin(z)/2
    params = {name: np.float32(value) for name, value in (("alpha", 1.8), ("beta", 0.3), ("loc", 0.1), ("scale", 0.8))}
    for id in ("STA-c", "STA-beta", "STA-alpha", "CAU-g-S", "LAP-b-SB2"):
        family = get_rule(id).family
        at = params if family == "stable" else {name: np.float32(v) for name, v in LAPLACE.items()}
        g = drawn(family, at, "sin(z)", id, 200_000)
        assert np.isfinite(g).all() and np.abs(g).max() < 1e3, id


def test_9_conventions_are_those_that_are_stated():
    at = get_family("gamma").parse({"concentration": "2.5", "rate": "2"})
    assert get_family("gamma").at(get_rule("GAM-s-U").chain_factor, at) == Fraction(-1, 4)  # rate = 1/scale
    assert get_rule("NB-p-A").chain_factor == -1  # probs = 1 - p
    assert truth("geometric", {"probs": 0.25}, "z", "probs") == pytest.approx(-16)  # failures: mean (1 - p)/p
    assert truth("negative_binomial", {"total_count": 2, "probs": 0.5}, "z", "probs") == pytest.approx(8)
    # S1 rather than S0: the mean of an alpha above 1 is loc, whatever the skewness
    s1 = {"alpha": "1.5", "beta": "0.5", "loc": "0.2", "scale": "1"}
    family = get_family("stable")
    assert family.at(family.mean, family.parse(s1)) == Fraction(1, 5)
    found = exact("multivariate_normal", {"loc": [0, 0], "covariance_matrix": [[1, "0.3"], ["0.3", 2]]}, "z0*z1")
    pair = [float(found.gradient[f"covariance_matrix.{i}.{1 - i}"].value) for i in (0, 1)]
    assert pair == [0.5, 0.5]  # the symmetric G: moving both entries together gives their sum, 1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_10_tiny_shapes_underflow_and_the_rule_does_not_mind(dtype):
    rng, k = np.random.default_rng(3), 1e-3
    lost = (rng.standard_gamma(k, 100_000, np.dtype(dtype)) <= np.finfo(dtype).tiny).mean()
    assert lost > (0.9 if dtype == "float32" else 0.4)  # there log z of the score is lost
    params = {"concentration": np.asarray(k, dtype), "rate": np.asarray(1, dtype)}
    for id in ("GAM-k-U", "GAM-k-SB", "GAM-k-Shalf"):
        g = drawn("gamma", params, "sin(z)", id)
        assert g.dtype == dtype and np.isfinite(g).all()
        exact_value = truth("gamma", {"concentration": float(params["concentration"]), "rate": 1}, "sin(z)",
                            "concentration")  # fmt: skip
        assert abs(g.mean() - exact_value) < 5 * g.std() / np.sqrt(len(g)), id


def test_11_noise_is_not_used_twice_but_parameters_may_share_it():
    rule = get_rule("EXP-s-U")
    twice = replace(rule, id="TWICE", kernel=lambda f, c, e: f.derivative(2 * c.s * e), noise={"e": Exponential()})
    at = rule.law.parse({"rate": "1.3"})
    assert prove(rule, at, (Fraction(1),)).holds
    assert prove(twice, at, (Fraction(1),)).worst.agreement < 2
    rng = np.random.default_rng(2)
    z, u, e = rng.gamma(2.5, size=DRAWS), rng.random(DRAWS), rng.exponential(size=DRAWS)
    for contributions, parameter in ((np.cos(z + u * e), "concentration"), (-2.5 * np.cos(z + e), "rate")):
        error = contributions.std() / np.sqrt(DRAWS)
        assert abs(contributions.mean() - truth("gamma", GAMMA, "sin(z)", parameter)) < 5 * error


def test_12_coordinates_are_shifted_one_at_a_time():
    """f = z0 z1 of two gamma variables: d/dk0 is k1, but k1 + 1/2 where z1 is shifted too."""
    rng = np.random.default_rng(4)
    k0, k1 = 2.0, 3.0
    z1, y1 = rng.gamma(k1, size=DRAWS), rng.random(DRAWS) * rng.exponential(size=DRAWS)
    alone, together = z1, z1 + y1  # the derivative in z0, at any z0
    assert abs(alone.mean() - k1) < 5 * alone.std() / np.sqrt(DRAWS)
    assert together.mean() == pytest.approx(k1 + 0.5, abs=5 * together.std() / np.sqrt(DRAWS)) and k0 > 0


def test_13_just_above_1_the_ratio_rules_sample_variance_says_nothing():
    """Its tail index is a + b + 1, about 2: sample variances of equal size differ by far more than they should."""
    a, b = 0.5, 0.55
    rng = np.random.default_rng(6)
    samples = [_ratio_rule(a, b, 100_000, rng) for _ in range(20)]
    assert 1.6 < _tail_index(np.concatenate(samples)) < 2.4
    variances = [g.var() for g in samples]
    assert np.std(variances) > 0.2 * np.mean(variances)
    assert np.quantile(samples, 0.5, axis=1).std() < 0.01  # quantiles agree


def test_14_the_two_terms_of_the_student_rule_share_x():
    nu, loc = 50.0, 0.4
    params = {"df": nu, "loc": loc, "scale": 1.0}
    rule = get_rule("STU-nu-SB")
    together = drawn("student_t", params, "tanh(z)", rule.id, 200_000)
    first, second = (_student_terms(params, np.random.default_rng(seed)) for seed in (1, 2))
    apart = first[0] + second[1]
    target = truth("student_t", params, "tanh(z)", "df")
    for g in (together, apart):
        assert abs(g.mean() - target) < 5 * g.std() / np.sqrt(len(g))
    assert apart.var() > 100 * together.var()  # each term is O(1/nu), their sum O(1/nu^2)


def _student_terms(params, rng):
    """The two terms of STU-nu-SB: x f'(z)/(2 nu), and the difference over the mixing jump."""
    from scipy.special import digamma

    nu, loc, count = params["df"], params["loc"], 200_000
    k = nu / 2
    x = rng.standard_normal(count) * np.sqrt(nu / (2 * rng.gamma(k, size=count)))
    y = np.empty(count)
    left = np.ones(count, bool)
    while left.any():
        proposal = rng.random(left.sum()) ** (1 / (2 * k - 1))
        accepted = rng.random(left.sum()) * (1 + proposal) < 1
        places = np.flatnonzero(left)[accepted]
        y[places], left[places] = proposal[accepted], False
    mass = digamma(k) - digamma(k - 0.5)
    slope = x / np.cosh(loc + x) ** 2 / (2 * nu)
    return slope, -mass / 2 * (np.tanh(loc + x / y) - np.tanh(loc + x)) / (1 / y - 1)


def test_4_a_series_ends_with_the_degree_of_a_polynomial():
    """The higher coefficients overflow, and would make no number of derivatives that are 0."""
    at = {"concentration": np.float32(1000.0), "rate": np.float32(1e-3)}
    rng = np.random.default_rng(0)
    series = fourier.gradient("gamma", "z**2", at, 10_000, rng, "GAM-k-SER")["concentration"]
    assert series.dtype == np.float32
    assert series.mean() == pytest.approx((2 * 1000 + 1) * 1e6, rel=1e-2)
