"""Levy kernels as rules; laws that are known by their characteristic function."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from sympy import Symbol

from fsb_oracle.backends import get_backend
from fsb_oracle.backends.noise import Exponential, Gamma, TemperedStable
from fsb_oracle.errors import UsageError
from fsb_oracle.estimators import fourier
from fsb_oracle.families import get_family
from fsb_oracle.rules.catalogue import rules_of
from fsb_oracle.rules.levy import Jump, LevyKernel
from fsb_oracle.rules.proof import prove

k, s, b = Symbol("k"), Symbol("s"), Symbol("b")
GAMMA_SHAPE = LevyKernel("GAM-k", "gamma", "concentration", "k", {1: Jump(s, Exponential(), s)})
LAPLACE_SCALE = LevyKernel(
    "LAP-b",
    "laplace",
    "scale",
    "b",
    {0: Jump(2 / b, Exponential(), b), 1: Jump(2, Gamma(2), b), 2: Jump(4 * b, Gamma(3), b)},
    symmetric=True,
)
COMPENSATED = LevyKernel(
    "EXP-s",
    "exponential",
    "rate",
    "s",
    {1: Jump(1, Gamma(2), s), 2: Jump(2 * s, Gamma(3), s)},
    drift=1,
    compensated=True,
)
KERNELS = (GAMMA_SHAPE, LAPLACE_SCALE, COMPENSATED)


def test_a_kernel_gives_the_rules_that_its_moments_allow():
    assert [rule.id for kernel in KERNELS for rule in kernel.rules()] == [
        "GAM-k-A", "GAM-k-SB", "LAP-b-S", "LAP-b-A", "LAP-b-SB", "LAP-b-A2", "LAP-b-SB2", "EXP-s-A", "EXP-s-A2",
        "EXP-s-SB2",
    ]  # fmt: skip
    with pytest.raises(UsageError, match=r"GAM-k-S needs the jumps of order 0; there are those of \{1\}"):
        GAMMA_SHAPE.shift()


def test_classes_and_costs():
    found = {rule.id: (rule.requires, rule.sampled, str(rule.cost)) for kernel in KERNELS for rule in kernel.rules()}
    assert found["GAM-k-SB"] == ("F0", "F1", "2 f")  # infinite activity: jumps of f have infinite variance
    assert found["LAP-b-SB"] == ("F0", "F0", "2 f")
    assert found["LAP-b-A2"] == ("F2", "F2", "1 f''")
    assert found["EXP-s-A"] == ("F1", "F1", "2 f'")
    assert found["EXP-s-SB2"] == ("F1", "F1", "2 f + 1 f'")


@pytest.mark.parametrize("rule", [r for kernel in KERNELS for r in kernel.rules()], ids=lambda rule: rule.id)
def test_rules_of_a_kernel_are_proved(rule):
    at = rule.law.parse(rule.law.edges[0])
    assert prove(rule, at, (Fraction(1, 3), Fraction(2))).holds
    wrong = replace(
        rule, kernel=lambda f, c, z, **noise: rule.kernel(f, c, z, **noise) * c.math.rational(10**24 + 1, 10**24)
    )
    assert prove(wrong, at, (Fraction(2),)).worst.agreement == pytest.approx(24, abs=1)


def _number(text):
    return {name: float(value) for name, value in text.items()}


GOLDEN = [  # (sin z, tanh z) by parameter, from the characteristic function in 30-digit arithmetic
    ("normal_inverse_gaussian", {"loc": 0, "scale": 0.8, "tailweight": 2, "skewness": 0.5}, 400_000, {
        "tailweight": (-0.0449314679261, -0.0536565804827), "skewness": (0.295311537038, 0.293700354726),
        "scale": (0.145260132449, 0.148345946904)}),
    ("variance_gamma", {"loc": 0, "drift": 0.3, "scale": 0.9, "variance_rate": 0.5}, 400_000, {
        "drift": (0.523439420935, 0.571168235637), "scale": (-0.183966768043, -0.108737085109),
        "variance_rate": (-0.0506198288088, -0.0251627812026)}),
    ("stable", {"alpha": 1.5, "beta": -0.6, "loc": -0.3, "scale": 0.8}, 400_000, {
        "alpha": (-0.690321436357, -0.625211933727), "beta": (-0.346926277235, -0.265401103158),
        "scale": (0.30569567609, 0.240609756376), "loc": (0.484844211924, 0.533254319983)}),
    ("stable", {"alpha": 0.7, "beta": 0.5, "loc": 0.2, "scale": 1.3}, 400_000, {
        "alpha": (0.186940740074, 0.970809639405), "beta": (0.135086615446, 0.917483612462),
        "scale": (-0.154633648724, 0.0641138902948), "loc": (0.0572819580468, 0.205336123623)}),
    ("tempered_stable", {"alpha": 0.5, "intensity": 0.7, "rate": 1.2}, 40_000, {
        "intensity": (0.407738506661, 0.581213528958), "alpha": (0.947599508777, 1.04302793228),
        "rate": (0.00565910778437, -0.112979231734)}),
]  # fmt: skip


@pytest.mark.parametrize(("law", "at", "draws", "golden"), GOLDEN, ids=lambda v: v if isinstance(v, str) else None)
@pytest.mark.parametrize(("f", "column"), [("sin(z)", 0), ("tanh(z)", 1)])
def test_means_of_the_recommended_rules(law, at, draws, golden, f, column):
    found = fourier.gradient(law, f, _number(at), draws, np.random.default_rng(20))
    for name, values in golden.items():
        error = found[name].std() / np.sqrt(draws)
        assert abs(found[name].mean() - values[column]) < 5 * error, name
        assert error < 0.05


STABLE_POINTS = [
    {"alpha": "1.5", "beta": "-0.6", "loc": "-0.3", "scale": "0.8"},
    {"alpha": "0.7", "beta": "0.5", "loc": "0.2", "scale": "1.3"},
    {"alpha": "1", "beta": "0", "loc": "0.3", "scale": "0.8"},
    {"alpha": "2", "beta": "0.3", "loc": "0.1", "scale": "0.7"},
]


@pytest.mark.parametrize("rule", rules_of(get_family("stable")), ids=lambda rule: rule.id)
@pytest.mark.parametrize("point", STABLE_POINTS, ids=lambda point: point["alpha"])
def test_stable_rules_are_proved_on_both_sides_of_1_and_at_1_and_2(rule, point):
    if rule.id.endswith("-A") and float(point["alpha"]) >= 1:
        point = {**point, "alpha": "0.95"}
    assert prove(rule, rule.law.parse(point), (Fraction(1, 3),)).holds


@pytest.mark.parametrize(
    ("name", "alpha", "intensity"), [("numpy", 0.5, 2.5), ("numpy", 1.5, 0.5), ("torch", 0.5, 2.5), ("jax", 1.5, 0.5)]
)
def test_tempered_stable_draws(name, alpha, intensity):
    """The mean of exp(i w x), within 5.5 standard errors; parameters are arrays, so that parts differ in number."""
    backend = get_backend(name)
    with backend.scope("float32"):
        both = backend.array(np.array([intensity, intensity / 10]), "float32")
        noise = TemperedStable(backend.array(np.float32(alpha), "float32"), both)
        draws = backend.numpy(backend.draw(noise, backend.stream(np.random.SeedSequence(3)), (4000, 2), "float32"))
    from math import gamma

    for column, rate in enumerate((intensity, intensity / 10)):
        for w in (0.3, 2.0):
            exact = np.exp(rate * gamma(-alpha) * ((1 - 1j * w) ** alpha - 1))
            assert abs(np.exp(1j * w * draws[:, column]).mean() - exact) < 5.5 / np.sqrt(4000)
