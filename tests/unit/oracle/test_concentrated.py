"""The density route at extreme parameters: balls that hold, with the digits asked for, from few evaluations."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import mpmath
import pytest
import sympy
from flint import acb, arb
from hypothesis import given, settings
from hypothesis import strategies as st

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import get_family
from fsb_oracle.oracle import concentrated, density, gradient, segments
from fsb_oracle.oracle.certificate import correct_digits
from fsb_oracle.oracle.charts import integrand
from fsb_oracle.oracle.concentrated import sharpened
from fsb_oracle.oracle.lowering import ANALYTIC, PLAIN, arguments

from .conftest import ClosedForm, cell, holds

GAMMAS = [("1e-6", "1"), ("1e-3", "2"), ("1e3", "1e3"), ("1e6", "1e6"), ("1e9", "1e9"), ("1e9", "3e8"), ("1e6", "1")]
BETAS = [("1e-4", "1e-4"), ("1e3", "1e-3"), ("1e4", "1e4"), ("1e6", "2e6"), ("2e6", "1e-2")]
TINY_AND_HUGE = [("0.3", "1e-9"), ("0.3", "1e9"), ("1e6", "1")]


def _moment(a, b, n):
    return mpmath.rf(a, n) / mpmath.rf(a + b, n)


def _log_power(k, r):
    """(1 + 1/r)**-k without cancellation."""
    return mpmath.exp(-k * mpmath.log1p(1 / r))


def _bump(m, s):
    return mpmath.exp(-(m**2) / (1 + 2 * s**2)) / mpmath.sqrt(1 + 2 * s**2)


GAMMA_NAMES, BETA_NAMES = ("concentration", "rate"), ("concentration1", "concentration0")
CASES = [
    *(("gamma", GAMMA_NAMES, p, ClosedForm("gamma", "exp(-z)", _log_power)) for p in GAMMAS),
    *(("gamma", GAMMA_NAMES, p, ClosedForm("gamma", "z**2", lambda k, r: k * (k + 1) / r**2)) for p in GAMMAS),
    *(("beta", BETA_NAMES, p, ClosedForm("beta", "z**3", lambda a, b: _moment(a, b, 3))) for p in BETAS),
    *(("normal", ("loc", "scale"), p, ClosedForm("normal", "exp(-z**2)", _bump)) for p in TINY_AND_HUGE),
    *(
        ("exponential", ("rate",), (p,), ClosedForm("exponential", "exp(-z)", lambda r: r / (1 + r)))
        for p in ("1e-9", "1e9")
    ),
]


@pytest.mark.parametrize(("family", "names", "point", "form"), CASES, ids=lambda v: str(getattr(v, "f", v)))
def test_closed_forms_hold_at_extreme_parameters(family, names, point, form):
    parameters = dict(zip(names, point, strict=True))
    for parameter in (None, *get_family(family).names):
        question = cell(family, parameters, form.f, parameter)
        truth = form.truth(question.values, parameter)
        ball = density.integrate(question, 30)
        if abs(truth) < mpmath.mpf(10) ** -(10**6):  # an exact fraction of this size would fill the memory
            assert ball.contains(0)
            assert abs(ball) < arb(10) ** -(10**6)
            continue
        assert holds(ball, truth)
        size = max(1, abs(truth))
        assert float(ball.rad()) < 1e-25 * size


@pytest.mark.parametrize("digits", [-2, 1, 3, 30])
@pytest.mark.parametrize(
    ("family", "parameters"),
    [
        ("gamma", {"concentration": "1e9", "rate": "1e9"}),
        ("gamma", {"concentration": "1e-6", "rate": "1"}),
        ("beta", {"concentration1": "1e6", "concentration0": "2e6"}),
        ("beta", {"concentration1": "1e-4", "concentration0": "1e-4"}),
        ("normal", {"loc": "0.3", "scale": "1e-9"}),
        ("laplace", {"loc": "1e6", "scale": "1e-6"}),
    ],
)
def test_the_mass_is_1_and_its_gradient_0(family, parameters, digits):
    for parameter in (None, *get_family(family).names):
        ball = density.integrate(cell(family, parameters, "1", parameter), digits)
        assert holds(ball, Fraction(parameter is None))


@pytest.mark.parametrize("f", ["sin(2*z)", "exp(-z**2)", "Max(z-1/2,0)", "tanh(z)", "1/(1+z**2)"])
@pytest.mark.parametrize(
    ("family", "parameters"),
    [
        ("gamma", {"concentration": "1e6", "rate": "1e6"}),
        ("gamma", {"concentration": "1e9", "rate": "1e9"}),
        ("beta", {"concentration1": "1e6", "concentration0": "2e6"}),
    ],
)
def test_concentrated_laws_take_few_evaluations(family, parameters, f, monkeypatch):
    counted, plain = [0], segments.safe

    def safe(function, *constants):
        inner = plain(function, *constants)

        def callback(x, analytic):
            counted[0] += 1
            return inner(x, analytic)

        return callback

    monkeypatch.setattr(segments, "safe", safe)
    question = cell(family, parameters, f)
    ball = density.integrate(question, 30)
    assert counted[0] < 1500
    mean = question.family.at(question.family.mean, question.values)
    near = question.f.smooth_at(mean + sympy.Rational(1, 10**12)).subs(sympy.Symbol("z", real=True), mean)
    assert abs(float(ball) - float(near)) < 1e-5  # the law sits at its mean
    assert float(ball.rad()) < 1e-28


@pytest.mark.parametrize("digits", [-2, 0, 2, 5])
@pytest.mark.parametrize("frequency", [1, 100, 1000])
def test_fast_oscillation(frequency, digits):
    with mpmath.workdps(40):
        truth = mpmath.re((1 - mpmath.mpc(0, frequency)) ** mpmath.mpf(-2.5))
        ball = density.integrate(cell("gamma", {"concentration": "2.5", "rate": 1}, f"cos({frequency}*z)"), digits)
        assert holds(ball, truth)


@settings(max_examples=80, derandomize=True, deadline=None)
@given(
    st.sampled_from(["1", "1e3", "1e6", "1e9"]),
    st.floats(-4, 4),
    st.floats(-4, 0.3),
    st.floats(-1, 1),
    st.floats(-1, 1),
)
def test_wide_balls_are_enclosed(concentration, where, exponent, real, imaginary):
    """Values at points of a ball, in units of the width of the density, lie in its enclosure."""
    family = get_family("gamma")
    parameters = family.parse({"concentration": concentration, "rate": concentration})
    width = float(concentration) ** -0.5
    with precision(60):
        lowered = integrand(family, sympy.tanh(sympy.Symbol("z", real=True)), "rate", family.charts[0], None)
        constants = lowered.values(family.symbols, arguments(family, parameters))
        radius = arb(10**exponent * width)
        middle = arb(where * width)
        point = acb(middle + radius * arb(real) * arb(0.99), radius * arb(imaginary) * arb(0.99))
        ball = acb(arb(middle, radius), arb(0, radius))
        wide = sharpened(lowered)(ANALYTIC, ball, *constants)
        value = lowered.function(PLAIN, point, *constants)
        assert not wide.is_finite() or wide.contains(value) or wide.overlaps(value)
        direct = lowered.function(ANALYTIC, ball, *constants)
        assert not direct.is_finite() or not wide.rad() > 3 * direct.rad()


@pytest.mark.parametrize("parameters", [{"loc": "0.3", "scale": "1e-9"}, {"loc": "0.3", "scale": "1e-5"}])
def test_values_too_small_to_write_out_are_0_within_a_tiny_radius(parameters):
    """P(Z > 1/2) = 10**(-8.7e15): neither memory nor time may grow with the exponent."""
    value = gradient("normal", parameters, "Max(z-1/2,0)", "loc")
    assert value.reached
    assert value.value == "0"
    assert Decimal(value.radius) < Decimal("1e-99999")


def test_a_wrong_curvature_would_be_seen(monkeypatch):
    """Half of the second-order term left out, the ball of a wide argument no longer holds its values."""
    family = get_family("gamma")
    parameters = family.parse({"concentration": "1e6", "rate": "1e6"})
    honest = concentrated._taylor

    def flat(*arguments):
        value, slope, bend = honest(*arguments)
        return value, slope, bend / 2

    def enclosure():
        with precision(60):
            lowered = integrand(family, sympy.S.One, None, family.charts[0], None)
            constants = lowered.values(family.symbols, arguments(family, parameters))
            wide = sharpened(lowered)(ANALYTIC, acb(arb(0.005, 0.004)), *constants)
            return wide, lowered.function(PLAIN, acb(arb(0.0011)), *constants)

    wide, value = enclosure()
    assert wide.contains(value)
    monkeypatch.setattr(concentrated, "_taylor", flat)
    wide, value = enclosure()
    assert not wide.overlaps(value) or correct_digits(wide.real) < 1
