"""Laws known by their characteristic function: stable, tempered stable, variance gamma, normal inverse Gaussian."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from fsb_oracle.backends import get_backend
from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.backends.mpmath_math import MpmathMath
from fsb_oracle.backends.noise import evaluate
from fsb_oracle.errors import UsageError
from fsb_oracle.families import get_family
from fsb_oracle.families.family import w
from fsb_oracle.oracle import exact, expectation, gradient
from fsb_oracle.oracle.exact import routes_of

from .conftest import cell

mp = mpmath.mp
LAWS = ("stable", "tempered_stable", "variance_gamma", "normal_inverse_gaussian")
EDGES = [(name, dict(edge)) for name in LAWS for edge in get_family(name).edges]
GOALS = st.sampled_from([-2, -1, 0, 1, 2, 3, 5, 16, 30])


def agrees(value, truth, digits=28):
    """The ball contains the truth (an mpmath number of 50 digits) up to the rounding of the truth."""
    with mpmath.workdps(60):
        middle, radius = mpmath.mpf(value.value), mpmath.mpf(value.radius)
        return (
            abs(middle - truth) <= radius + mpmath.mpf(10) ** -46 and radius <= abs(truth) * mpmath.mpf(10) ** -digits
        )


def ids(cell):
    return ",".join(str(v) for v in cell.values()) if isinstance(cell, dict) else str(cell)


@pytest.mark.parametrize(
    ("f", "truth"),
    [
        ("Heaviside(z - 1/2)", lambda m, s: mpmath.erfc((mpmath.mpf("0.5") - m) / s / 2) / 2),
        (
            "Max(z - 1/2, 0)",
            lambda m, s: (
                (m - mpmath.mpf("0.5")) * mpmath.erfc((mpmath.mpf("0.5") - m) / s / 2) / 2
                + s / mpmath.sqrt(mpmath.pi) * mpmath.exp(-(((mpmath.mpf("0.5") - m) / s / 2) ** 2))
            ),
        ),
        ("exp(-z**2)", lambda m, s: mpmath.exp(-(m**2) / (1 + 4 * s**2)) / mpmath.sqrt(1 + 4 * s**2)),
        ("sin(2*z)", lambda m, s: mpmath.sin(2 * m) * mpmath.exp(-4 * s**2)),
        ("z", lambda m, s: m),
    ],
)
def test_a_stable_law_of_index_2_is_normal_with_variance_2_scale_squared(f, truth):
    result = exact("stable", {"alpha": "2", "beta": "0.4", "loc": "0.2", "scale": "1.3"}, f, digits=30)
    with mpmath.workdps(50):
        m, s = mpmath.mpf("0.2"), mpmath.mpf("1.3")
        assert agrees(result.expectation, truth(m, s))
        slope = mpmath.taylor(lambda x: truth(x, s), m, 1)[1]
        assert abs(mpmath.mpf(result.gradient["loc"].value) - slope) < mpmath.mpf(10) ** -20
        slope = mpmath.taylor(lambda x: truth(m, x), s, 1)[1]
        assert abs(mpmath.mpf(result.gradient["scale"].value) - slope) < mpmath.mpf(10) ** -20
    assert float(result.gradient["beta"]) == 0


def test_a_stable_law_of_index_1_is_cauchy():
    parameters = {"loc": "0.2", "scale": "1.3"}
    for f in ("Heaviside(z - 1/2)", "exp(-z**2)", "1/(1 + z**2)", "sin(2*z)", "Min(Max(z, 0), 1)"):
        ours = exact("stable", {"alpha": "1", "beta": "0", **parameters}, f, digits=30)
        theirs = exact("cauchy", parameters, f, digits=30)
        assert ours.expectation.ball.overlaps(theirs.expectation.ball)
        for name in parameters:
            assert ours.gradient[name].ball.overlaps(theirs.gradient[name].ball)
    with mpmath.workdps(50):
        u = (mpmath.mpf("0.5") - mpmath.mpf("0.2")) / mpmath.mpf("1.3")
        truth = mpmath.mpf(1) / 2 - mpmath.atan(u) / mpmath.pi
    value = expectation("stable", {"alpha": "1", "beta": "0", **parameters}, "Heaviside(z - 1/2)", digits=30)
    assert agrees(value, truth)


def test_a_one_sided_stable_law_of_index_one_half_is_levy():
    """P(Z > a) = erf(sqrt(scale/(2 (a - loc))))."""
    parameters = {"alpha": "1/2", "beta": "1", "loc": "-0.3", "scale": "1.7"}
    result = exact("stable", parameters, "Heaviside(z - 1/2)", digits=30)
    with mpmath.workdps(50):
        gap, scale = mpmath.mpf("0.8"), mpmath.mpf("1.7")
        root = mpmath.sqrt(scale / (2 * gap))
        slope = 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-(root**2)) * root
        assert agrees(result.expectation, mpmath.erf(root))
        assert agrees(result.gradient["loc"], slope / (2 * gap))
        assert agrees(result.gradient["scale"], slope / (2 * scale))
    below = expectation("stable", parameters, "Heaviside(-1/2 - z)", digits=30)
    assert float(below) == 0  # the law starts at loc


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        ("Min(Max(z, 0), 1)", "Heaviside(z) - Heaviside(z - 1)"),
        ("tanh(z)", "1/cosh(z)**2"),
        ("exp(-z**2)*cos(3*z)", "-2*z*exp(-z**2)*cos(3*z) - 3*exp(-z**2)*sin(3*z)"),
        ("exp(-Abs(z))", "-sign(z)*exp(-Abs(z))"),
        ("erf(z)", "2/sqrt(pi)*exp(-z**2)"),
    ],
)
@pytest.mark.parametrize(("alpha", "beta"), [("0.75", "-0.9"), ("1.5", "0.5")])
def test_the_gradient_in_loc_is_the_mean_of_the_derivative(alpha, beta, f, slope):
    parameters = {"alpha": alpha, "beta": beta, "loc": "0.2", "scale": "0.8"}
    left, right = gradient("stable", parameters, f, "loc"), expectation("stable", parameters, slope)
    assert left.reached and right.reached
    assert left.ball.overlaps(right.ball)


def test_softplus_and_relu_differ_by_an_integrable_function():
    """log(1 + exp(z)) has a double pole with a kernel, Max(z, 0) one without; their loc gradients have neither."""
    parameters = {"alpha": "1.5", "beta": "0.5", "loc": "0.2", "scale": "0.8"}
    left = gradient("stable", parameters, "log(1 + exp(z))", "loc")
    right = expectation("stable", parameters, "1/(1 + exp(-z))")
    assert left.ball.overlaps(right.ball)
    assert expectation("stable", parameters, "log(1 + exp(z))").reached


@pytest.mark.parametrize("f", ["exp(-z**2)", "Max(z - 1/2, 0)", "Heaviside(z - 1/2)"])
@pytest.mark.parametrize(
    ("family", "values"),
    [
        ("stable", {"alpha": "1.5", "beta": "0.5", "loc": "0.2", "scale": "1"}),
        ("tempered_stable", {"alpha": "0.6", "intensity": "0.7", "rate": "1.2"}),
        ("tempered_stable", {"alpha": "1.4", "intensity": "0.7", "rate": "1.2"}),
        ("cgmy", {"alpha": "0.6", "intensity": "0.7", "rate1": "1.2", "rate0": "0.8"}),
        ("cgmy", {"alpha": "1.4", "intensity": "0.7", "rate1": "1.2", "rate0": "0.8"}),
        ("variance_gamma", {"loc": "0.2", "drift": "0.5", "scale": "0.8", "variance_rate": "0.6"}),
        ("normal_inverse_gaussian", {"loc": "0.2", "scale": "0.8", "tailweight": "1.5", "skewness": "0.6"}),
    ],
)
def test_gradients_are_central_differences_of_expectations(family, values, f):
    """The error of a central difference with h = 1e-10 is about 1e-20."""
    step = Fraction(1, 10**10)
    result = exact(family, values, f, digits=25)
    for name, value in result.gradient.items():
        ends = [
            expectation(family, {**values, name: Fraction(values[name]) + sign * step}, f, digits=35)
            for sign in (1, -1)
        ]
        with mpmath.workdps(60):
            slope = (mpmath.mpf(ends[0].value) - mpmath.mpf(ends[1].value)) / (2 * mpmath.mpf(10) ** -10)
            assert abs(slope - mpmath.mpf(value.value)) < mpmath.mpf(10) ** -16, name


def test_moments_of_tempered_stable_laws():
    """E exp(r Z) = exp(intensity Gamma(-alpha) ((rate - r)**alpha - rate**alpha)), and its derivatives at 0."""
    for alpha, f, r in (
        ("0.6", "exp(z/2)", "0.5"),
        ("1.4", "exp(-z)", "-1"),
        ("0.6", "z", None),
        ("1.4", "z**2", None),
    ):
        value = expectation("tempered_stable", {"alpha": alpha, "intensity": "0.7", "rate": "1.2"}, f)
        with mpmath.workdps(50):
            a, c, rate = mpmath.mpf(alpha), mpmath.mpf("0.7"), mpmath.mpf("1.2")
            mean = c * mpmath.gamma(1 - a) * rate ** (a - 1)
            if r is not None:
                truth = mpmath.exp(c * mpmath.gamma(-a) * ((rate - mpmath.mpf(r)) ** a - rate**a))
            else:
                truth = mean if f == "z" else mean**2 + c * mpmath.gamma(2 - a) * rate ** (a - 2)
            assert agrees(value, truth)


def test_a_cgmy_law_is_the_difference_of_two_tempered_stable_laws():
    """E exp(r Z) and waves follow from those of both parts; with hardly any jumps down, a step is that of those up."""
    values = {"alpha": "0.6", "intensity": "0.7", "rate1": "1.2", "rate0": "0.8"}
    up, down = ({"alpha": "0.6", "intensity": "0.7", "rate": values[name]} for name in ("rate1", "rate0"))
    for f, mirrored in (("exp(z/2)", "exp(-z/2)"), ("exp(-z/3)", "exp(z/3)")):
        whole = expectation("cgmy", values, f).ball
        first, second = expectation("tempered_stable", up, f).ball, expectation("tempered_stable", down, mirrored).ball
        assert whole.overlaps(first * second) and whole.rel_accuracy_bits() > 90
    waves = [expectation("tempered_stable", at, f).ball for at in (up, down) for f in ("cos(2*z)", "sin(2*z)")]
    assert expectation("cgmy", values, "sin(2*z)").ball.overlaps(waves[1] * waves[2] - waves[0] * waves[3])
    rare = expectation("cgmy", values | {"rate0": "1e30"}, "Heaviside(z - 1/2)", digits=12)
    alone = expectation("tempered_stable", up, "Heaviside(z - 1/2)", digits=12)
    assert abs(float(rare.value) - float(alone.value)) < 1e-8


def test_a_tempered_stable_law_of_index_one_half_is_inverse_gaussian():
    """Its distribution function in the closed form of Shuster 1968."""
    value = expectation("tempered_stable", {"alpha": "1/2", "intensity": "0.7", "rate": "1.2"}, "Heaviside(z - 1/2)")
    with mpmath.workdps(50):
        a, shape = mpmath.mpf("0.5"), 2 * mpmath.pi * mpmath.mpf("0.7") ** 2
        mean = mpmath.sqrt(shape / (2 * mpmath.mpf("1.2")))
        root = mpmath.sqrt(shape / (2 * a))
        below, above = root * (a / mean - 1), root * (a / mean + 1)
        assert agrees(value, mpmath.erfc(below) / 2 - mpmath.exp(2 * shape / mean) * mpmath.erfc(above) / 2)


@pytest.mark.parametrize(("family", "values"), EDGES, ids=ids)
@pytest.mark.parametrize("f", ["sin(2*z)", "exp(-z**2)"])
def test_every_edge_has_thirty_digits(family, values, f):
    result = exact(family, values, f, digits=30)
    assert result.reached


def test_two_tails_add_up_at_every_goal():
    """P(Z > a) + P(Z < a) = 1, and the gradients add up to 0: where cut-off tails dominate, too."""

    @settings(max_examples=25, derandomize=True, deadline=None)
    @given(st.sampled_from(EDGES), GOALS, st.data())
    def check(edge, digits, data):
        family, values = edge
        parameter = data.draw(st.sampled_from([None, *values]))
        truth = 1 if parameter is None else 0
        with precision(60):
            parts = [
                route.ball(digits, arb(1))
                for f in ("Heaviside(z - 1/3)", "Heaviside(1/3 - z)")
                for route in routes_of(cell(family, values, f, parameter))
                if route.name == "spectral"
            ]
            assert len(parts) == 2
            total = parts[0] + parts[1]
            assert total.is_finite()
            assert total.contains(truth), (family, values, parameter, digits, total)

    check()


def test_loose_balls_contain_the_certified_value():
    @settings(max_examples=20, derandomize=True, deadline=None)
    @given(st.sampled_from(EDGES), st.sampled_from(["exp(-z**2)", "Min(Max(z - 1/2, 0), 2)"]), GOALS, st.data())
    def check(edge, f, digits, data):
        family, values = edge
        parameter = data.draw(st.sampled_from([None, *values]))
        question = cell(family, values, f, parameter)
        with precision(60):
            routes = [route for route in routes_of(question) if route.name == "spectral"]
            try:
                sharp = routes[0].ball(35, arb(1))
            except UsageError:
                return  # index at most 1/2: too singular at w = 0
            for route in routes:
                assert route.ball(digits, arb(1)).contains(sharp.mid()), (family, values, f, parameter, digits)

    check()


@pytest.mark.parametrize(
    ("family", "values", "f", "words"),
    [
        (
            "stable",
            {"alpha": "0.7", "beta": "0", "loc": "0", "scale": "1"},
            "Max(z - 1/2, 0)",
            "does not exist for stable",
        ),
        ("stable", {"alpha": "1", "beta": "0", "loc": "0", "scale": "1"}, "Abs(z)", "does not exist for stable"),
        (
            "stable",
            {"alpha": "1.5", "beta": "1", "loc": "0", "scale": "1"},
            "Max(z, 0)**2",
            "does not exist for stable",
        ),
        ("stable", {"alpha": "1.5", "beta": "0", "loc": "0", "scale": "1"}, "z**2", "does not exist for stable"),
        ("stable", {"alpha": "1.5", "beta": "0", "loc": "0", "scale": "1"}, "exp(z)", "does not exist for stable"),
        ("stable", {"alpha": "0.7", "beta": "-1", "loc": "0", "scale": "1"}, "Max(z + 3, 0)", "cannot be computed"),
        ("stable", {"alpha": "1", "beta": "0.5", "loc": "0", "scale": "1"}, "sin(z)", "beta = 0 where alpha = 1"),
        ("stable", {"alpha": "2.1", "beta": "0", "loc": "0", "scale": "1"}, "sin(z)", "greater than 0 and at most 2"),
        ("stable", {"alpha": "1.5", "beta": "1.1", "loc": "0", "scale": "1"}, "sin(z)", "between -1 and 1"),
        ("tempered_stable", {"alpha": "1", "intensity": "1", "rate": "1"}, "sin(z)", "but not 1"),
        ("tempered_stable", {"alpha": "0.5", "intensity": "1", "rate": "1"}, "exp(2*z)", "does not exist"),
        (
            "normal_inverse_gaussian",
            {"loc": "0", "scale": "1", "tailweight": "1", "skewness": "-1"},
            "sin(z)",
            "|skewness| < tailweight",
        ),
        (
            "variance_gamma",
            {"loc": "0", "drift": "0", "scale": "1", "variance_rate": "1"},
            "exp(2*z)",
            "does not exist",
        ),
    ],
)
def test_refusals_are_one_sentence(family, values, f, words):
    with pytest.raises(UsageError) as caught:
        exact(family, values, f)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("family", "values"), [(n, e) for n, e in EDGES if n != "tempered_stable"], ids=ids)
def test_recipes_have_the_declared_characteristic_function(family, values):
    """100,000 draws at three frequencies; 6 standard errors."""
    law, backend = get_family(family), get_backend("numpy")
    at = law.parse(values)
    numbers = {name: float(value) for name, value in at.items()}
    stream = np.random.Generator(np.random.Philox(5))
    noise = {
        name: backend.draw(primitive.at(backend.math, numbers), stream, (100_000,), "float64")
        for name, primitive in law.recipe.noise.items()
    }
    samples = evaluate(law.recipe.expression, backend.math, {**numbers, **noise})
    phi = compile_expression(law.characteristic_function, (w, *law.symbols))
    for k in (0.3, 1.0, 2.5):
        frequency = k / law.spread(at)
        truth = complex(phi(MpmathMath(), mpmath.mpf(frequency), *(mpmath.mpf(x) for x in numbers.values())))
        assert abs(np.mean(np.exp(1j * frequency * samples)) - truth) <= 6 / np.sqrt(100_000)
