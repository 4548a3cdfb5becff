"""The formulas of classes R, K and H, each against an independent computation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from fsb_oracle.verdicts import class_h, class_k, class_r
from fsb_oracle.verdicts.moments import Moments
from fsb_oracle.verdicts.plan import Plan


def sample(seed: int = 0, size: int = 3000, bias: float = 0.1) -> Moments:
    return Moments.of(np.random.default_rng(seed).standard_exponential(size) - 1 + bias)


def test_the_inequality_behind_class_r() -> None:
    """max of exp(y - y^2/6) - (1 + y + y^2/3) is 0, at y = 0."""
    y = np.linspace(-60, 60, 1_200_001)
    gap = np.exp(y - y**2 / 6) - (1 + y + y**2 / 3)
    assert gap.max() <= 1e-15
    assert abs(y[gap.argmax()]) < 1e-3


def test_evidence_is_the_mixture_of_supermartingales() -> None:
    moments, variance, margin, rate = sample(bias=0.05), 1.0, 0.1, 1e-6
    level = 2 * math.log(1 / rate)
    spread = math.sqrt((level + math.log(1 + level)) * margin**2 / (60 * variance**2))
    first, second, *_ = moments.about(0.0)
    a, b = float(first), (float(second) + 2 * moments.count * variance) / 3
    centre, width = a / (b + 1 / spread**2), 1 / math.sqrt(b + 1 / spread**2)
    mixture, _ = integrate.quad(
        lambda x: math.exp(x * a - x * x * b / 2) * stats.norm.pdf(x, scale=spread),
        centre - 12 * width,
        centre + 12 * width,
    )
    assert class_r.log_evidence(moments, variance, margin, 0.0, rate) == pytest.approx(math.log(mixture))


def test_evidence_against_an_interval_is_its_least_value() -> None:
    for bias in (0.0, 0.04, 0.5, 30.0):
        moments = sample(bias=bias)
        whole = class_r.log_evidence(moments, 1.0, 0.1, 0.05, 1e-6)
        for point in np.linspace(-0.05, 0.05, 41):
            shifted = Moments.of(np.random.default_rng(0).standard_exponential(3000) - 1 + bias - point)
            assert whole <= class_r.log_evidence(shifted, 1.0, 0.1, 0.0, 1e-6) + 1e-9


def test_radius_solves_the_supermartingale() -> None:
    moments, variance, margin, rate = sample(), 1.3, 0.2, 1e-4
    slope = margin / (variance + margin**2 / 3)

    def excess(point: float) -> float:
        first, second, *_ = moments.about(point)
        b = (second + 2 * moments.count * variance) / 3
        return float(slope * first - slope**2 * b / 2 - math.log(1 / rate))

    mean = float(moments.mean)
    lower = optimize.root_scalar(excess, bracket=(mean - 3 / slope, mean), xtol=1e-15).root
    assert class_r.radius(moments, variance, margin, rate) == pytest.approx(mean - lower)
    bound = class_r.hidden_bias(moments, variance, margin, rate, oracle_error=0.01)
    assert bound == pytest.approx(abs(mean) + mean - lower + 0.01)


def test_there_is_no_bound_from_a_handful_of_units() -> None:
    assert class_r.radius(sample(size=3), 1.0, 0.1, 1e-6) == math.inf
    few = sample(size=3)
    assert class_r.fail_interval(few, 1.0, 0.1, 1e-6) == (-math.inf, math.inf)


def test_the_fail_interval_ends_where_the_evidence_reaches_its_threshold() -> None:
    moments, rate = sample(size=20_000), 1e-8
    lower, upper = class_r.fail_interval(moments, 1.0, 0.1, rate)
    x = np.random.default_rng(0).standard_exponential(20_000) - 1 + 0.1
    for end in (lower, upper):
        at_end = class_r.log_evidence(Moments.of(x - end), 1.0, 0.1, 0.0, rate)
        assert at_end == pytest.approx(math.log(1 / rate), rel=1e-6)
    assert lower < 0.1 < upper
    wider = class_r.fail_interval(moments, 1.0, 0.1, rate, oracle_error=0.5)
    assert wider == pytest.approx((lower - 0.5, upper + 0.5))


def test_a_wrong_variance_claim_is_refuted_and_a_right_one_is_not() -> None:
    moments = sample(size=40_000, bias=5.0)  # a bias is no variance
    assert not class_r.claim_refuted(moments, 1.0, 9.0)
    assert not class_r.claim_refuted(moments, 1.0, None)
    assert class_r.claim_refuted(moments, 0.8, 9.0)
    assert class_r.claim_refuted(moments, 0.8, None)
    x = np.zeros(4096)
    x[0] = 1e3
    assert not class_r.claim_refuted(Moments.of(x), 1.0, None)  # one huge unit says nothing about a variance


def test_class_k_bounds_the_variance_from_above() -> None:
    moments = sample(size=200_000, bias=0.0)
    upper = class_k.variance_upper(moments, 9.0, 1e-9, 4)
    radius = math.sqrt(2 * 9 * math.log(5 * 6 / 1e-9) / 200_000)
    assert upper == pytest.approx(float(moments.about(0.0)[1]) / 200_000 / (1 - radius))
    assert class_k.variance_upper(sample(size=100), 9.0, 1e-9, 0) == math.inf


def test_class_k_is_a_little_weaker_than_class_r() -> None:
    moments = sample(size=1_000_000, bias=0.007)
    plan_r = Plan(0.007, variance_bound=1.0)
    plan_k = Plan(0.007, kurtosis_bound=9.0, pilot_variance=1.0)
    known, less = class_r.read(moments, plan_r), class_k.read(moments, plan_k, 3)
    assert 0.9 * known.log_evidence < less.log_evidence < known.log_evidence
    assert known.bias_bound < less.bias_bound < 1.1 * known.bias_bound
    (low, high), (lower, upper) = class_k.intervals(moments, plan_k, 3)
    assert low < lower < float(moments.mean) < upper < high


def test_class_k_spends_a_tenth_of_each_rate_on_the_variance() -> None:
    moments = sample(size=1_000_000, bias=0.007)
    plan = Plan(
        0.007,
        kurtosis_bound=9.0,
        pilot_variance=0.8,
        false_fail_rate=1e-8,
        false_pass_rate=1e-3,
        tolerance=0.001,
    )
    reading = class_k.read(moments, plan, 2)
    bound = class_k.variance_upper(moments, 9.0, 1e-9, 2)
    evidence = class_r.log_evidence(moments, bound, 0.007, 0.001, 9e-9, design_variance=0.8)
    assert reading.log_evidence - math.log(1e8) == pytest.approx(evidence - math.log(1 / 9e-9))
    bound = class_k.variance_upper(moments, 9.0, 1e-4, 2)
    assert reading.bias_bound == pytest.approx(class_r.hidden_bias(moments, bound, 0.007, 9e-4, design_variance=0.8))


def test_class_h_of_a_symmetric_sample_is_a_t_test() -> None:
    x = np.random.default_rng(4).standard_normal(20_000)
    x = np.concatenate([x, -x]) + 0.01
    moments, plan = Moments.of(x), Plan(0.05, false_fail_rate=1e-3, false_pass_rate=1e-2)
    reading, (fail, _) = class_h.read(moments, plan, 0), class_h.intervals(moments, plan, 0)
    t = 0.01 / float(moments.standard_error)
    assert reading.log_evidence == pytest.approx(math.log(0.5 / (2 * stats.t.sf(t, 39_999))), rel=1e-6)
    half = stats.t.isf(1e-3 * 0.5 / 2, 39_999) * float(moments.standard_error)
    assert fail == pytest.approx((0.01 - half, 0.01 + half))
    one_sided = stats.t.isf(1e-2 * 0.5, 39_999) * float(moments.standard_error)
    assert reading.bias_bound == pytest.approx(0.01 + one_sided)


def test_the_bound_of_class_h_inverts_its_pivot() -> None:
    """H <= margin exactly where the transformed statistic at both margins is beyond the critical value."""
    moments, plan = sample(size=50_000, bias=0.0), Plan(0.05, false_pass_rate=1e-2)
    bound = float(class_h.read(moments, plan, 2).bias_bound)
    hall = class_h._Hall.of(moments, 0.0)
    critical = stats.t.isf(1e-2 / 12, 49_999)
    assert min(abs(hall.pivot(bound)), abs(hall.pivot(-bound))) == pytest.approx(critical, rel=1e-9)


def test_the_tail_of_student_t_beyond_underflow() -> None:
    for t in (0.0, 3.0, 30.0):
        assert class_h._log_tail(np.array(t), 4095) == pytest.approx(math.log(stats.t.sf(t, 4095)))
    x = np.array([45.0, 60.0, 200.0])
    tails = class_h._log_tail(x, 4095)
    exact = [stats.t.logpdf(v, 4095) + math.log(_mills(v, 4095)) for v in x]
    assert tails == pytest.approx(exact, rel=1e-4)
    assert np.all(tails >= np.array(exact) - 1e-9)  # errs towards less evidence


def _mills(t: float, degrees: int) -> float:
    """P(T > t) / density(t), by quadrature."""
    value, _ = integrate.quad(lambda x: math.exp(stats.t.logpdf(t + x, degrees) - stats.t.logpdf(t, degrees)), 0, 5)
    return value


def test_the_guard_of_class_h() -> None:
    assert class_h.guard(sample(size=4096))
    assert not class_h.guard(sample(size=400))  # too few for a kurtosis of about 9
    assert not class_h.guard(Moments.of(np.linspace(-1, 1, 170)))  # kurtosis 1.8 asks for 180
    assert class_h.guard(Moments.of(np.linspace(-1, 1, 190)))
    x = np.random.default_rng(5).standard_normal(4096)
    x[7] = 12.0
    assert not class_h.guard(Moments.of(x))  # one unit holds more than 2 %
    assert class_h.guard(Moments.of(np.full(4096, 0.25)), 1e-20)
