"""Laws on the integers: sums, transforms and tails against closed forms, and proofs of the bounds they rest on."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import mpmath
import numpy as np
import pytest
from flint import arb

from fsb_oracle.backends import get_backend
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.backends.noise import evaluate
from fsb_oracle.errors import UsageError
from fsb_oracle.families import get_family
from fsb_oracle.oracle import exact, expectation, gradient
from fsb_oracle.oracle.exact import routes_of
from fsb_oracle.oracle.lattice import sums, transform
from fsb_oracle.oracle.lattice.sizes import IntegrandSizes
from fsb_oracle.oracle.lattice.windows import tail, window

from .conftest import ClosedForm, cell, holds

FUNCTIONS = ("sin(2*z)", "exp(-z**2)", "Max(z - 1/2, 0)", "tanh(z)")
POINTS = [
    ("poisson", {"rate": "3.7"}),
    ("poisson", {"rate": "0.001"}),
    ("poisson", {"rate": "1000"}),
    ("binomial", {"total_count": "5", "probs": "0.2"}),
    ("binomial", {"total_count": "1000000", "probs": "0.000001"}),
    ("binomial", {"total_count": "1000000", "probs": "0.999999"}),
    ("binomial", {"total_count": "4", "probs": "0.5"}),
    ("geometric", {"probs": "0.3"}),
    ("geometric", {"probs": "0.000001"}),
    ("geometric", {"probs": "0.999999"}),
    ("negative_binomial", {"total_count": "2.5", "probs": "0.4"}),
    ("negative_binomial", {"total_count": "0.01", "probs": "0.6"}),
    ("negative_binomial", {"total_count": "2.5", "probs": "0.001"}),
    ("negative_binomial", {"total_count": "1000", "probs": "0.5"}),
    ("skellam", {"rate1": "2.5", "rate2": "1.5"}),
    ("skellam", {"rate1": "0.001", "rate2": "5"}),
    ("skellam", {"rate1": "1000", "rate2": "1000"}),
    ("logarithmic", {"probs": "0.5"}),
    ("logarithmic", {"probs": "0.001"}),
    ("logarithmic", {"probs": "0.99"}),
]


def _skellam_step(a, b):
    """P(Z >= 1) from Bessel functions."""
    return mpmath.nsum(
        lambda n: mpmath.exp(-a - b) * mpmath.sqrt(a / b) ** n * mpmath.besseli(n, 2 * mpmath.sqrt(a * b)),
        [1, 60],
    )


CLOSED_FORMS = [
    ClosedForm("geometric", "exp(-z)", lambda p: p / (1 - (1 - p) / mpmath.e)),
    ClosedForm("geometric", "1/(1+z)", lambda p: -p * mpmath.log(p) / (1 - p)),
    ClosedForm("geometric", "Heaviside(z-5/2)", lambda p: (1 - p) ** 3),
    ClosedForm("geometric", "Max(z-2,0)", lambda p: (1 - p) ** 3 / p),
    ClosedForm("geometric", "z**2", lambda p: (1 - p) * (2 - p) / p**2),
    ClosedForm("negative_binomial", "exp(z/8)", lambda r, p: ((1 - p) / (1 - p * mpmath.exp(0.125))) ** r),
    ClosedForm("negative_binomial", "z*(z-1)*(z-2)", lambda r, p: mpmath.rf(r, 3) * (p / (1 - p)) ** 3),
    ClosedForm("negative_binomial", "1/(1+z)", lambda r, p: (1 - p) * (1 - (1 - p) ** (r - 1)) / (p * (r - 1))),
    ClosedForm("negative_binomial", "Heaviside(1/2-z)", lambda r, p: (1 - p) ** r),
    ClosedForm("negative_binomial", "cos(z)", lambda r, p: mpmath.re(((1 - p) / (1 - p * mpmath.expj(1))) ** r)),
    ClosedForm("skellam", "exp(-z/2)", lambda a, b: mpmath.exp(a * mpmath.expm1(-0.5) + b * mpmath.expm1(0.5))),
    ClosedForm("skellam", "z**3", lambda a, b: (a - b) ** 3 + 3 * (a - b) * (a + b) + a - b),
    ClosedForm("skellam", "sin(z)", lambda a, b: mpmath.im(mpmath.exp(a * mpmath.expm1(1j) + b * mpmath.expm1(-1j)))),
    ClosedForm("skellam", "Heaviside(z-1/2)", _skellam_step),
    ClosedForm("logarithmic", "exp(-z)", lambda p: mpmath.log(1 - p / mpmath.e) / mpmath.log(1 - p)),
    ClosedForm("logarithmic", "z", lambda p: -p / ((1 - p) * mpmath.log(1 - p))),
]
PARAMETERS = {
    "geometric": [{"probs": "3/10"}, {"probs": "1/50"}, {"probs": "99/100"}],
    "negative_binomial": [
        {"total_count": "5/2", "probs": "2/5"},
        {"total_count": "1/20", "probs": "4/5"},
        {"total_count": "40", "probs": "1/10"},
    ],
    "skellam": [{"rate1": "5/2", "rate2": "3/2"}, {"rate1": "1/5", "rate2": "8"}],
    "logarithmic": [{"probs": "1/2"}, {"probs": "9/10"}, {"probs": "1/50"}],
}


BACKENDS = ["numpy", "torch", "jax"]


@pytest.mark.parametrize("form", CLOSED_FORMS, ids=lambda form: f"{form.family}-{form.f}")
def test_every_route_holds_the_closed_form(form):
    for text in PARAMETERS[form.family]:
        parameters = {name: Fraction(value) for name, value in text.items()}
        for parameter in (None, *parameters):
            truth = form.truth(parameters, parameter)
            for digits in (-2, 1, 4, 16, 30):
                for route in routes_of(cell(form.family, parameters, form.f, parameter)):
                    ball = route.ball(digits, 1)
                    assert holds(ball, truth), (parameters, parameter, digits, route.name, ball)


@pytest.mark.parametrize(("total_count", "probs"), [(5, "1/5"), (12, "1/2"), (40, "999/1000")])
@pytest.mark.parametrize("f", ["1/(1+z)", "z**3", "Abs(z-3)", "Heaviside(z-2)"])
def test_binomial_against_exact_fractions(total_count, probs, f):
    p, half = Fraction(probs), Fraction(1, 2)
    functions = {
        "1/(1+z)": lambda n: Fraction(1, 1 + n),
        "z**3": lambda n: Fraction(n) ** 3,
        "Abs(z-3)": lambda n: Fraction(abs(n - 3)),
        "Heaviside(z-2)": lambda n: half if n == 2 else Fraction(n > 2),
    }
    masses = [comb(total_count, n) * p**n * (1 - p) ** (total_count - n) for n in range(total_count + 1)]
    truth = sum(functions[f](n) * mass for n, mass in enumerate(masses))
    slope = sum(functions[f](n) * m * (n - total_count * p) / (p * (1 - p)) for n, m in enumerate(masses))
    for parameter, number in ((None, truth), ("probs", slope)):
        question = cell("binomial", {"total_count": total_count, "probs": p}, f, parameter)
        for digits in (-2, 5, 30):
            balls = [route.ball(digits, 1) for route in routes_of(question)]
            assert balls
            assert all(holds(ball, number) for ball in balls)


@pytest.mark.parametrize(("family", "parameters"), POINTS)
def test_masses_add_up_to_1_and_their_derivatives_to_0(family, parameters):
    """The null test f = 1, without the short cut that a constant is its own mean."""
    for digits in (-2, 0, 3, 10, 30):
        for parameter in (None, *get_family(family).continuous_names):
            question = cell(family, parameters, "1", parameter)
            try:
                with precision(60):
                    ball = sums._sum(question, arb(10) ** -digits)
            except UsageError as reason:
                assert "300000 terms" in str(reason)
                assert sums.centre_of(question).spread > 5_000
                continue
            assert ball.contains(1 if parameter is None else 0), (parameter, digits, ball)
            assert ball.rad() <= arb(10) ** -digits * 2


@pytest.mark.parametrize("f", FUNCTIONS)
@pytest.mark.parametrize(("family", "parameters"), POINTS)
def test_all_points_reach_30_digits_by_two_routes(family, parameters, f):
    answer = exact(family, parameters, f)
    for value in (answer.expectation, *answer.gradient.values()):
        assert value.reached
        assert value.digits >= 30
        assert value.level >= 2 or (family, f) == ("geometric", "sin(2*z)")
        assert value.seconds < 20


@pytest.mark.parametrize("f", [*FUNCTIONS, "1/(1+z**2)", "cos(z/1000)", "log(3+z**2)", "Heaviside(z-2)*z"])
@pytest.mark.parametrize(
    ("family", "parameters"),
    [
        ("poisson", {"rate": "40"}),
        ("negative_binomial", {"total_count": "0.7", "probs": "0.9"}),
        ("skellam", {"rate1": "30", "rate2": "11"}),
        ("binomial", {"total_count": "300", "probs": "0.7"}),
    ],
)
def test_low_goals_overlap_high_ones(family, parameters, f):
    for parameter in (None, *get_family(family).continuous_names):
        question = cell(family, parameters, f, parameter)
        sharp = (
            gradient(family, parameters, f, parameter).ball if parameter else expectation(family, parameters, f).ball
        )
        for digits in (-2, 0, 2, 7):
            for route in routes_of(question):
                ball = route.ball(digits, 1)
                assert ball.is_finite()
                assert ball.overlaps(sharp), (parameter, digits, route.name, ball, sharp)


@pytest.mark.parametrize(
    ("family", "parameters", "starts"),
    [
        ("poisson", {"rate": "7"}, [(9, 1), (20, 1), (5, -1), (2, -1)]),
        ("negative_binomial", {"total_count": "0.1", "probs": "0.8"}, [(0, 1), (5, 1), (60, 1)]),
        ("negative_binomial", {"total_count": "30", "probs": "0.5"}, [(40, 1), (90, 1), (20, -1), (3, -1)]),
        ("binomial", {"total_count": "50", "probs": "0.3"}, [(20, 1), (40, 1), (50, 1), (10, -1), (0, -1)]),
        ("skellam", {"rate1": "6", "rate2": "9"}, [(1, 1), (9, 1), (-2, 1), (-6, -1), (-20, -1), (1, -1)]),
        ("logarithmic", {"probs": "0.9"}, [(1, 1), (30, 1)]),
    ],
)
def test_tail_bounds_are_above_the_tails(family, parameters, starts):
    """Envelopes against the masses themselves, one by one, and tails against the sums of what they bound."""
    for parameter in (None, *get_family(family).continuous_names):
        question = cell(family, parameters, "z**2 + 1", parameter)
        with precision(40):
            masses, sizes = sums.masses_of(question), IntegrandSizes(question.f)
            for start, direction in starts:
                low = start if direction > 0 else start - 200
                high = start + 200 if direction > 0 else start + 1
                low = low if masses.lower is None else max(low, masses.lower)
                high = high if masses.upper is None else min(high, masses.upper + 1)
                values = masses.between(low, high)[::direction]
                envelope = masses.envelope(start, direction)
                for x, value in enumerate(values):
                    bound = (envelope.size + envelope.slope * x) * envelope.ratio**x
                    assert abs(value).lower() <= bound.upper(), (parameter, start, direction, x)
                bound = tail(masses, sizes, start, direction)
                if bound is not None:
                    places = range(low, high)[::direction]
                    total = sum((abs(v) * (n * n + 1) for n, v in zip(places, values, strict=True)), arb(0))
                    assert total.lower() <= bound.upper(), (parameter, start, direction)


def test_skellam_masses_are_the_convolution_of_two_poisson_laws():
    with precision(40):
        masses = sums.masses_of(cell("skellam", {"rate1": "2.5", "rate2": "0.7"}, "1"))
        for n, mass in zip(range(-6, 9), masses.between(-6, 9), strict=True):
            with mpmath.workdps(45):
                a, b = mpmath.mpf(5) / 2, mpmath.mpf(7) / 10
                terms = (
                    a ** (k + n) / mpmath.factorial(k + n) * b**k / mpmath.factorial(k) for k in range(max(0, -n), 80)
                )
                assert holds(mass, mpmath.exp(-a - b) * mpmath.fsum(terms))


@pytest.mark.parametrize(("rate1", "rate2"), [("1000", "1000"), ("3000", "1"), ("0.01", "50"), ("100000", "90000")])
def test_windows_of_two_sided_laws_hold_the_mass(rate1, rate2):
    question = cell("skellam", {"rate1": rate1, "rate2": rate2}, "1")
    with precision(50):
        masses = sums.masses_of(question)
        found = window(masses, IntegrandSizes(question.f), sums.centre_of(question), arb(10) ** -20)
        outside = 1 - sum(masses.between(found.low, found.high), arb(0))
        assert found.beyond < arb(10) ** -20
        assert outside.upper() < found.beyond + arb(10) ** -35


def test_a_tiny_mean_keeps_its_relative_digits():
    """E exp(-z**2) = exp(-rate) SUM exp(-n**2) rate**n/n! under a large Poisson rate: far below the tolerance."""
    value = expectation("poisson", {"rate": "100000"}, "exp(-z**2)")
    assert value.digits >= 30
    assert set(value.routes) == {"lattice", "spectral"}
    assert not value.ball.contains(0)
    with mpmath.workdps(60):
        truth = mpmath.exp(-(10**5)) * mpmath.fsum(
            mpmath.exp(-n * n) * mpmath.mpf(10**5) ** n / mpmath.factorial(n) for n in range(60)
        )
        assert holds(value.ball, truth)


def test_a_gradient_that_vanishes_with_the_bulk_keeps_its_relative_digits():
    """d E tanh(Z)/d rate = E [tanh(Z + 1) - tanh(Z)] is about exp(-0.86 rate), because tanh is 1 in the bulk."""
    value = gradient("poisson", {"rate": "1000"}, "tanh(z)", "rate")
    assert value.digits >= 30
    with mpmath.workdps(60):
        terms = (
            mpmath.exp(n * mpmath.log(1000) - 1000 - mpmath.loggamma(n + 1))
            * 2
            * (1 / (mpmath.exp(2 * n) + 1) - 1 / (mpmath.exp(2 * n + 2) + 1))
            for n in range(1200)
        )
        assert holds(value.ball, mpmath.fsum(terms))


def test_a_far_jump_is_reached():
    """P(Z > 60) under Poisson(1): all of it lies far in the tail."""
    value = expectation("poisson", {"rate": "1"}, "Heaviside(z - 121/2)")
    assert value.digits >= 30
    with mpmath.workdps(60):
        assert holds(value.ball, mpmath.gammainc(61, 0, 1, regularized=True))


@pytest.mark.parametrize(
    ("family", "parameters", "f", "words"),
    [
        ("negative_binomial", {"total_count": "1000", "probs": "0.999"}, "1/(1+z)", "needs more than 300000 terms"),
        ("geometric", {"probs": "0.5"}, "log(z)", "not a finite real number"),
        ("geometric", {"probs": "0.5"}, "exp(z)", "E exp\\(z\\) does not exist for geometric with probs=0.5"),
        ("poisson", {"rate": "2"}, "exp(z**2)", "E exp\\(z\\*\\*2\\) does not exist for poisson with rate=2"),
        ("skellam", {"rate1": "2", "rate2": "1"}, "exp(z**2)", "does not exist for skellam"),
        ("negative_binomial", {"total_count": "2", "probs": "0.5"}, "2**z", "does not exist"),
    ],
)
def test_what_does_not_exist_is_refused_by_name(family, parameters, f, words):
    with pytest.raises(UsageError, match=words) as caught:
        exact(family, parameters, f)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("family", "parameters"),
    [("poisson", {"rate": "2"}), ("binomial", {"total_count": "5", "probs": "0.2"}), ("geometric", {"probs": "0.3"})],
)
def test_what_exists_is_not_refused(family, parameters):
    """Just inside the boundary of existence, and far growth on a bounded support."""
    f = {"poisson": "exp(5*z)", "binomial": "exp(z**2)", "geometric": "exp(z/3)"}[family]
    assert expectation(family, parameters, f).digits >= 30


def test_transform_alone_holds_tilted_values():
    """The discrete Fourier transform on a small circle, at the scale that the sum hands on."""
    question = cell("geometric", {"probs": "0.000001"}, "exp(-z**2)", "probs")
    summed, recovered = sums.integrate(question, 30), transform.integrate(question, 30, 1)
    assert summed.overlaps(recovered)
    assert recovered.rad() < arb(10) ** -29


@pytest.mark.parametrize(
    ("family", "parameters"),
    [
        ("binomial", {"total_count": "8", "probs": "0.5"}),
        ("geometric", {"probs": "0.7"}),
        ("negative_binomial", {"total_count": "1.5", "probs": "0.2"}),
        ("skellam", {"rate1": "1.5", "rate2": "0.5"}),
        ("logarithmic", {"probs": "0.2"}),
    ],
)
def test_mpmath_agrees(family, parameters):
    """The audit's own masses from the characteristic function, in independent software."""
    answer = exact(family, parameters, "exp(-z**2)", digits=15, audit=True)
    for value in (answer.expectation, *answer.gradient.values()):
        assert "mpmath" in value.routes


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("family", "parameters"),
    [
        ("binomial", {"total_count": "12", "probs": "0.3"}),
        ("geometric", {"probs": "0.25"}),
        ("negative_binomial", {"total_count": "2.5", "probs": "0.4"}),
        ("skellam", {"rate1": "2.5", "rate2": "1.5"}),
        ("logarithmic", {"probs": "0.7"}),
    ],
)
def test_back_ends_draw_the_law(family, parameters, backend):
    """40,000 draws; E exp(-Z/4) and P(Z <= 1) within 6 standard errors, so a false alarm has probability below 1e-8."""
    law, library = get_family(family), get_backend(backend)
    values = {name: float(value) for name, value in law.parse(parameters).items()}
    with library.scope("float64"):
        stream = library.stream(np.random.SeedSequence(11))
        streams = library.split(stream, len(law.recipe.noise))
        noise = {
            name: library.draw(primitive.at(library.math, values), one, (40_000,), "float64")
            for one, (name, primitive) in zip(streams, law.recipe.noise.items(), strict=True)
        }
        draws = library.numpy(evaluate(law.recipe.expression, library.math, {**values, **noise}))
    assert np.array_equal(draws, np.round(draws))
    for f, sample in (("exp(-z/4)", np.exp(-draws / 4)), ("Heaviside(3/2-z)", (draws <= 1).astype(float))):
        mean = float(expectation(family, parameters, f, digits=12))
        assert abs(sample.mean() - mean) <= 6 * sample.std() / 200
