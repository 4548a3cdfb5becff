"""Values: decimals that hold, the JSON contract, acceptance figures, relative digits, levels."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import get_family
from fsb_oracle.oracle import Value, exact, expectation, gradient
from fsb_oracle.oracle.certificate import Route, certify, correct_digits
from fsb_oracle.oracle.value import OracleError, as_fraction

GAMMA = {"concentration": "2.5", "rate": "1.4285714285714286"}


def boxed(ball: arb) -> Value:
    return Value(ball, ("density",), 1, min(correct_digits(ball), 60), 0.0)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(
    st.fractions(max_denominator=10**9).filter(lambda q: abs(q) < 10**6),
    st.integers(-40, 40),
    st.integers(1, 60),
    st.booleans(),
)
def test_decimals_cover_the_whole_ball(number, exponent, accuracy, wide):
    with precision(80):
        middle = arb(number.numerator) / number.denominator * arb(10) ** exponent
        ball = arb(middle.mid(), abs(middle.mid()) * arb(10) ** -accuracy * (5 if wide else 1))
    value = boxed(ball)
    low, high = as_fraction(ball) - as_fraction(ball.rad()), as_fraction(ball) + as_fraction(ball.rad())
    stated, radius = Fraction(value.value), Fraction(value.radius)
    assert stated - radius <= low <= high <= stated + radius
    # rounded up to three digits, and to cover the rounding of the value; a ball around 0 is stated from 0 on
    straddles = low <= 0 <= high
    assert radius <= as_fraction(ball.rad()) * Fraction(103, 100) * (2 if straddles else 1)
    near, spread = Fraction(float(value)), Fraction(value.float_radius)
    assert near - spread <= low <= high <= near + spread


def test_a_ball_around_0_is_stated_as_0():
    value = boxed(arb("1e-41", "1e-40"))
    assert value.value == "0"
    assert Fraction(value.radius) >= Fraction(11, 10**41)
    assert float(value) == 0.0


@pytest.mark.parametrize(
    ("ball", "text"),
    [
        (arb(5), "5"),
        (arb("0.25"), "0.25"),
        (-(arb(2) ** 70), "-1180591620717411303424"),
        (arb(2) ** -20, "9.5367431640625e-7"),
    ],
)
def test_exact_numbers_are_stated_exactly(ball, text):
    assert boxed(ball).value == text
    assert boxed(ball).radius == "0"


def test_the_radius_of_a_number_far_below_the_smallest_double_is_exact():
    with precision(40):
        ball = arb((3**70, -30_000)) + arb(0, arb((1, -30_100)))
        value = Value(ball, ("density",), 1, 30, 0.0)
        middle, spread = as_fraction(ball), as_fraction(ball.rad())
        distance = spread + abs(middle - Fraction(Decimal(value.value)))
        assert distance <= Fraction(Decimal(value.radius)) <= distance * Fraction(101, 100)


def test_json_contract():
    result = exact("gamma", GAMMA, "sin(z)", digits=20)
    data = json.loads(json.dumps(result.to_json_object()))
    assert list(data) == ["family", "parameters", "f", "digits", "expectation", "gradient"]
    assert data["family"] == "gamma"
    assert data["parameters"] == {"concentration": "2.5", "rate": "1.4285714285714286"}
    assert data["f"] == "sin(z)"
    assert list(data["gradient"]) == ["concentration", "rate"]
    for entry in (data["expectation"], *data["gradient"].values()):
        assert list(entry) == ["value", "radius", "routes", "level"]
        assert Decimal(entry["radius"]) < Decimal("1e-19")
        assert Decimal(entry["value"]).is_finite()


def test_acceptance_40_digits_by_both_routes():
    result = exact("gamma", GAMMA, "sin(z)", digits=40)
    for value in (result.expectation, *result.gradient.values()):
        assert value.routes == ("density", "spectral")
        assert value.level == 3
        assert Decimal(value.radius) < Decimal("1e-38")


@pytest.mark.parametrize("digits", [1, 50, 120])
def test_any_number_of_digits(digits):
    result = exact("gamma", {"concentration": 2, "rate": 1}, "sin(3*z)", digits=digits)
    assert result.expectation.contains(Fraction(6, 100))  # Im (1 - 3i)^-2
    assert result.reached
    assert Decimal(result.expectation.radius) <= Decimal(10) ** -digits


def test_relative_digits_of_a_tiny_value():
    value = gradient("normal", {"loc": 0, "scale": "0.01"}, "Heaviside(z-1/2)", "loc")
    assert value.value.startswith("5.405149204192708")
    assert value.value.endswith("e-542")
    assert value.digits >= 30
    assert value.level == 3


def test_relative_digits_of_a_large_value():
    value = expectation("normal", {"loc": 0, "scale": 10}, "z**60")
    double_factorial = 1
    for odd in range(1, 60, 2):
        double_factorial *= odd
    assert value.contains(Fraction(double_factorial * 10**60))
    assert value.digits >= 30


@pytest.mark.parametrize(
    ("family", "parameters", "f", "parameter"),
    [
        ("normal", {"loc": 0, "scale": 1}, "sin(z)", "scale"),
        ("laplace", {"loc": 0, "scale": 1}, "tanh(z)", "scale"),
        ("uniform", {"low": -1, "high": 1}, "cos(pi*z)", None),
        ("bernoulli", {"probs": "0.2"}, "z**4-z", "probs"),
    ],
)
def test_zero_is_reported_within_a_tiny_radius(family, parameters, f, parameter):
    value = expectation(family, parameters, f) if parameter is None else gradient(family, parameters, f, parameter)
    assert value.value == "0"
    assert Decimal(value.radius) < Decimal("1e-55")
    assert value.reached


def test_text_is_decimal_and_a_float_is_binary():
    decimal = expectation("normal", {"loc": "0.3", "scale": 1}, "z")
    binary = expectation("normal", {"loc": 0.3, "scale": 1}, "z")
    assert decimal.contains(Fraction(3, 10))
    assert not binary.contains(Fraction(3, 10))
    assert binary.contains(Fraction(0.3))


def test_precision_and_series_cap_are_restored():
    bits, cap = ctx.prec, ctx.cap
    exact("beta", {"concentration1": 2, "concentration0": 3}, "sin(z)", digits=20)
    with pytest.raises(ValueError, match="does not exist"):
        exact("gamma", {"concentration": 2, "rate": 1}, "exp(z)")
    assert (ctx.prec, ctx.cap) == (bits, cap)


def test_digits_that_are_out_of_reach_are_flagged_and_the_ball_still_holds():
    """A route that stays coarse: the value carries the ball it has, and says so."""
    truth = arb("0.75")
    value = certify([Route("density", lambda digits, scale: arb(truth + arb("1e-8"), arb("1e-7")))], 30, lambda: arb(1))
    assert not value.reached
    assert value.digits < 30
    assert value.contains(Fraction(3, 4))
    assert value.level == 1


def two_routes(first: arb, second: arb) -> list[Route]:
    return [Route("density", lambda digits, scale: first), Route("spectral", lambda digits, scale: second)]


def test_balls_that_do_not_overlap_are_never_a_value():
    with precision(50):
        routes = two_routes(arb(1, "1e-40"), arb(1, "1e-40") + arb("1e-35"))
    with pytest.raises(OracleError, match=r"density gives .* spectral gives .* do not overlap"):
        certify(routes, 30, lambda: arb(1))


def test_the_intersection_is_inside_both_balls():
    with precision(50):
        first, second = arb(1, "1e-35"), arb(1, "1e-35") + arb("1.5e-35")
    value = certify(two_routes(first, second), 30, lambda: arb(1))
    assert value.ball.rad() < first.rad()
    assert value.ball.overlaps(first)
    assert value.ball.overlaps(second)
    assert value.level == 3


EXTREMES = [
    ("gamma", {"concentration": "0.01", "rate": 1}),
    ("gamma", {"concentration": 1000, "rate": 100}),
    ("beta", {"concentration1": "0.1", "concentration0": 2}),
    ("beta", {"concentration1": 20, "concentration0": 5}),
    ("poisson", {"rate": "0.1"}),
    ("poisson", {"rate": 1000}),
    ("normal", {"loc": 0, "scale": "0.01"}),
    ("normal", {"loc": "-0.5", "scale": 10}),
    ("uniform", {"low": 1, "high": "1.01"}),
    ("exponential", {"rate": 100}),
]


@pytest.mark.parametrize("f", ["sin(2*z)", "exp(-z**2)", "Max(z-1/2,0)", "tanh(z)", "1/(1+z**2)"])
@pytest.mark.parametrize(("family", "parameters"), EXTREMES)
def test_extreme_parameters_reach_the_digits(family, parameters, f):
    result = exact(family, parameters, f)
    for value in (result.expectation, *result.gradient.values()):
        assert value.reached
        tiny = value.value == "0" and Decimal(value.radius) < Decimal("1e-250")
        assert value.level == (2 if family == "beta" and f.startswith("Max") else 3) or tiny


@pytest.mark.parametrize("family", ["gamma", "exponential", "beta"])
@pytest.mark.parametrize(
    "f", ["log(z)", "sqrt(z)", "z**(1/3)", "1/(1+sqrt(z))", "log(z)**2*exp(-z)", "log(1+z)", "atan(z)"]
)
def test_functions_without_a_transform_are_answered_by_the_density_and_the_distribution_function(family, f):
    result = exact(family, get_family(family).edges[1], f, digits=20)
    for value in (result.expectation, *result.gradient.values()):
        by_parts = family == "exponential"
        if by_parts and f.startswith("log(z)"):
            assert value.routes[0] == "density"  # f' F next to a pole of f' is not always bounded
        else:
            assert value.routes == (("density", "cdf") if by_parts else ("density",))
        assert value.level == (3 if len(value.routes) == 2 else 1)
        assert value.reached


def test_log_moments_in_closed_form():
    euler = "0.57721566490153286060651209008240243104215933593992"
    value = expectation("gamma", {"concentration": 1, "rate": 1}, "log(z)")
    assert abs(Fraction(value.value) + Fraction(euler)) <= Fraction(value.radius) + Fraction(1, 10**48)
    inverse = exact("gamma", {"concentration": "3/2", "rate": 1}, "1/z")
    assert inverse.expectation.contains(2)
    assert inverse.gradient["concentration"].contains(-4)
    assert inverse.gradient["rate"].contains(2)
