"""Routes that keep values from resting on one: the circle's Fourier series, and the incomplete gamma function."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle import OracleError, circle, exact, expectation, incomplete_gamma

from .conftest import cell, exact_ball, examples, holds

GOALS = st.sampled_from([*range(-2, 6), 16, 30])
VON_MISES = st.fixed_dictionaries(
    {
        "loc": st.fractions(-3, 3, max_denominator=50),
        "concentration": st.fractions(Fraction(1, 50), 8, max_denominator=50),
    }
)


def tilted(k: mpmath.mpf) -> mpmath.mpf:
    """E exp(cos(Z - loc)) = I_0(k + 1)/I_0(k)."""
    return mpmath.besseli(0, k + 1) / mpmath.besseli(0, k)


@settings(max_examples=examples(6), derandomize=True, deadline=None)
@given(VON_MISES, GOALS)
def test_the_fourier_series_against_a_closed_form(parameters, digits):
    x = parameters["loc"]
    f = f"exp(cos(z - ({x})))"
    with mpmath.workdps(60):
        k = mpmath.mpf(parameters["concentration"].numerator) / parameters["concentration"].denominator
        truths = {None: tilted(k), "concentration": mpmath.diff(tilted, k), "loc": mpmath.mpf(0)}
    with precision(60):
        for parameter, truth in truths.items():
            question = cell("von_mises", parameters, f, parameter)
            try:
                assert holds(circle.integrate(question, digits), truth), (parameters, parameter, digits)
            except Unboundable:
                assert parameters["concentration"] > 3  # too long a series: refused, not answered wrongly
            ones = cell("von_mises", parameters, "1", parameter)
            assert holds(circle.integrate(ones, digits), Fraction(1 if parameter is None else 0))


@pytest.mark.parametrize("f", ["exp(sin(z))", "Abs(sin(z))", "sign(cos(z))", "Max(cos(z - 1) - 1/2, 0)**2"])
def test_periodic_functions_have_two_routes_kinks_or_not(f):
    result = exact("von_mises", {"loc": "0.5", "concentration": "2"}, f, digits=20)
    for value in (result.expectation, *result.gradient.values()):
        assert value.reached
        assert (value.routes, value.level) == (("density", "spectral"), 3)


def test_a_concentrated_law_on_the_circle_has_the_density_alone():
    value = expectation("von_mises", {"loc": 3, "concentration": 10_000}, "Abs(sin(z))", digits=20)
    assert (value.routes, value.level) == (("density",), 1)


def test_a_series_that_ends_too_soon_is_caught(monkeypatch):
    """Planted: the terms that are left out count for nothing."""
    monkeypatch.setattr(circle, "_cut", lambda concentration, tolerance: (8, arb(0)))
    with pytest.raises(OracleError, match="do not overlap"):
        expectation("von_mises", {"loc": "0.5", "concentration": "2"}, "exp(sin(z))", digits=20)


@settings(max_examples=examples(12), derandomize=True, deadline=None)
@given(st.fractions(Fraction(1, 20), 40, max_denominator=40), st.fractions(Fraction(1, 40), 60, max_denominator=40))
def test_the_incomplete_gamma_function_and_its_derivatives(s, x):
    with precision(30):
        found = incomplete_gamma.lower_gamma(exact_ball(s), exact_ball(x))
    with mpmath.workdps(60):
        s0, x0 = mpmath.mpf(s.numerator) / s.denominator, mpmath.mpf(x.numerator) / x.denominator

        def p(a, b):
            return mpmath.gammainc(a, 0, b, regularized=True)

        truths = p(s0, x0), mpmath.diff(lambda a: p(a, x0), s0), x0 ** (s0 - 1) * mpmath.exp(-x0) / mpmath.gamma(s0)
    for ball, truth in zip(found, truths, strict=True):
        assert holds(ball, truth), (s, x)
        assert ball.rad() < 1e-25


@pytest.mark.parametrize(
    ("parameters", "f"),
    [
        ({"concentration": "3", "rate": "2"}, "Max(z - 1/2, 0)"),
        ({"concentration": "0.1", "rate": "2"}, "Heaviside(z - 3)"),
        ({"concentration": "1000", "rate": "2000"}, "Max(z - 1/2, 0)"),
        ({"concentration": "5.5", "rate": "2"}, "Abs(z - 1)*z**2 + z"),
    ],
)
def test_kinks_of_the_inverse_gamma_law_have_a_closed_form(parameters, f):
    result = exact("inverse_gamma", parameters, f, digits=20)
    for value in (result.expectation, *result.gradient.values()):
        assert value.reached
        assert (set(value.routes), value.level) == ({"density", "closed-form"}, 2)


def test_a_dropped_digamma_of_the_incomplete_gamma_function_is_caught(monkeypatch):
    honest = incomplete_gamma.lower_gamma

    def dropped(s, x):
        below, in_s, in_x = honest(s, x)
        return below, in_s + (s + 1).digamma() * below, in_x

    monkeypatch.setattr(incomplete_gamma, "lower_gamma", dropped)
    with pytest.raises(OracleError, match="do not overlap"):
        exact("inverse_gamma", {"concentration": 3, "rate": 2}, "Heaviside(z - 1)", digits=15)


@pytest.mark.parametrize(("loc", "scale"), [("0", "1"), ("-2", "0.01"), ("5", "100000")])
def test_waves_under_a_levy_law_have_two_routes(loc, scale):
    """E exp(3 i Z) = exp(3 i loc - sqrt(-6 i scale))."""
    found = exact("levy", {"loc": loc, "scale": scale}, "sin(3*z)", digits=20)
    with mpmath.workdps(60):
        truth = mpmath.exp(3j * mpmath.mpf(loc) - mpmath.sqrt(-6j * mpmath.mpf(scale))).imag
        assert holds(found.expectation.ball, truth)
    for value in (found.expectation, *found.gradient.values()):
        assert value.reached
        assert (value.routes, value.level) == (("density", "spectral"), 3)


def test_a_smooth_f_under_a_logistic_law_has_its_contour_off_the_axis():
    """phi = pi s w/sinh(pi s w) is 0/0 at w = 0, which no ball around it knows to be 1."""
    found = exact("logistic", {"loc": "0.2", "scale": "0.8"}, "exp(-z**2)", digits=20)
    for value in (found.expectation, *found.gradient.values()):
        assert value.routes == ("density", "spectral") and value.level == 3


def test_an_inverse_gamma_law_of_half_integer_concentration_has_two_routes():
    found = exact("inverse_gamma", {"concentration": "3.5", "rate": "1.3"}, "exp(-z**2)", digits=15)
    for value in (found.expectation, *found.gradient.values()):
        assert value.routes == ("density", "spectral") and value.level == 3
