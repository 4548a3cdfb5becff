"""The trapezoidal rule and its proven error: against closed forms, and where it must not answer."""

from __future__ import annotations

from typing import Any

import pytest
from flint import acb, arb
from hypothesis import given, settings
from hypothesis import strategies as st

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import get_family
from fsb_oracle.integrands import integrand
from fsb_oracle.oracle import algebraic, density, segments, spectral, trapezoid
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.quadrature import enclosed_integral, safe


def whole(function: Any, reach: float, digits: int = 30, real: bool = True) -> acb | None:
    """The integral over (-reach, reach) to an absolute error of 10**-digits."""
    return trapezoid.trapezoid(safe(function), arb(-reach), arb(reach), arb(10) ** -digits, digits, real)


def gauss(m: Any, x: acb) -> acb:
    return m.exp(-x * x)


@pytest.mark.parametrize("digits", [-2, 3, 16, 30, 60])
@pytest.mark.parametrize("real", [True, False])
def test_a_gaussian(digits, real):
    with precision(digits + 30):
        value = whole(gauss, 14.0, digits, real)
        assert value is not None
        assert value.real.overlaps(arb.pi().sqrt())
        assert value.real.rad() < 20 * arb(10) ** -digits
        assert real or value.imag.contains(0)


@settings(max_examples=30, derandomize=True, deadline=None)
@given(st.floats(0.05, 3), st.floats(-3, 3), st.integers(1, 40))
def test_a_pole_beside_the_line(distance, where, digits):
    """INT sech(pi (x - c)/(2 d))/(2 d) = 1, with poles at c +- i d: however near, the radius holds."""
    with precision(60):
        rate, reach, centre = arb.pi() / (2 * arb(distance)), (1.5 * digits + 5) * arb(distance), arb(where)
        function = safe(lambda m, x: rate / arb.pi() / m.cosh(rate * (x - centre)))
        value = trapezoid.trapezoid(function, centre - reach, centre + reach, arb(10) ** -digits, digits, True)
        assert value is not None
        assert value.real.overlaps(1 + arb(0, 1) * (-rate * reach).exp() * 3)
        assert value.real.rad() < 20 * arb(10) ** -digits


@pytest.mark.parametrize("offset", ["0", "0.001", "0.3"])
def test_a_pole_on_the_line_is_not_passed(offset):
    with precision(60):
        assert whole(lambda m, x: m.exp(-x * x) / (x - arb(offset)), 14.0) is None


def test_a_kink_on_the_line_is_not_passed():
    with precision(60):
        assert whole(lambda m, x: m.exp(-m.abs(x)), 90.0) is None


def test_an_end_that_is_cut_too_early_is_not_passed():
    """The sides count: exp(-x**2) is not small at x = 3."""
    with precision(60):
        assert whole(gauss, 3.0) is None


def test_a_lower_half_that_differs_is_seen():
    """A pole below the line alone: the mirror image may be used for real integrands only."""
    with precision(60):
        pole = acb(0.3, -0.01)

        def function(m: Any, x: acb) -> acb:
            return m.exp(-x * x) / (x - pole)

        truth = enclosed_integral(safe(function), acb(-14), acb(14), arb(10) ** -30, 30)
        honest, mirrored = whole(function, 14.0, 10, real=False), whole(function, 14.0, 10)
        assert honest is None or honest.overlaps(truth)
        assert mirrored is None or not mirrored.real.overlaps(truth.real)


def question(family: str, parameters: dict[str, str], f: str, parameter: str | None) -> Cell:
    law = get_family(family)
    return Cell(law, law.parse(parameters), integrand(f), parameter)


@pytest.mark.parametrize(
    ("family", "parameters", "f", "parameter"),
    [
        ("normal", {"loc": "0.3", "scale": "1.25"}, "tanh(z)", "scale"),
        ("gamma", {"concentration": "2.5", "rate": "1"}, "1/(1+z**2)", "concentration"),
        ("gamma", {"concentration": "0.3", "rate": "2"}, "tanh(z)", "concentration"),
        ("logistic", {"loc": "0.3", "scale": "0.9"}, "exp(-z**2)", "loc"),
        ("logistic", {"loc": "0.3", "scale": "0.9"}, "1/(1+exp(-z))", "scale"),
        ("beta", {"concentration1": "0.4", "concentration0": "0.6"}, "exp(z)", "concentration1"),
        ("beta", {"concentration1": "2", "concentration0": "3"}, "cos(5*z)", "concentration0"),
        ("student_t", {"df": "4.5", "loc": "0.1", "scale": "1"}, "exp(-z**2)", "df"),
        ("cauchy", {"loc": "0.3", "scale": "0.8"}, "tanh(z)", "scale"),
    ],
)
@pytest.mark.parametrize("digits", [-2, 5, 20])
def test_both_rules_agree(family, parameters, f, parameter, digits, monkeypatch):
    cell = question(family, parameters, f, parameter)
    used: list[bool] = []
    honest = segments.trapezoid

    def counted(*arguments: Any, **others: Any) -> acb | None:
        found = honest(*arguments, **others)
        used.append(found is not None)
        return found

    monkeypatch.setattr(segments, "trapezoid", counted)
    ball = density.integrate(cell, digits)
    monkeypatch.setattr(segments, "trapezoid", lambda *arguments, **others: None)
    adaptive = density.integrate(cell, 30)
    assert any(used) or digits < 20  # fewer digits need no long ranges
    assert ball.overlaps(adaptive)
    assert digits < 0 or ball.rad() < 10 * arb(10) ** -digits


@pytest.mark.parametrize("digits", [-2, 5, 20])
@pytest.mark.parametrize(
    ("family", "parameters", "f", "parameter"),
    [
        ("normal", {"loc": "0.3", "scale": "1.25"}, "exp(-z**2)", "scale"),
        ("normal", {"loc": "0.3", "scale": "1.25"}, "1/cosh(z)", None),
        ("normal", {"loc": "0.3", "scale": "1.25"}, "Max(z-1/2,0)", "loc"),
        ("laplace", {"loc": "0.3", "scale": "0.8"}, "tanh(z)", "scale"),
        ("gamma", {"concentration": "2.5", "rate": "1"}, "tanh(z)", "concentration"),
    ],
)
def test_both_rules_agree_on_lines_of_frequencies(family, parameters, f, parameter, digits, monkeypatch):
    cell = question(family, parameters, f, parameter)
    used: list[bool] = []
    honest = spectral.trapezoid

    def counted(*arguments: Any, **others: Any) -> acb | None:
        found = honest(*arguments, **others)
        used.append(found is not None)
        return found

    monkeypatch.setattr(spectral, "trapezoid", counted)
    ball = spectral.integrate(cell, digits)
    monkeypatch.setattr(spectral, "trapezoid", lambda *arguments, **others: None)
    assert any(used) or digits < 20  # fewer digits need no long ranges
    assert ball.overlaps(spectral.integrate(cell, 30))
    assert digits < 0 or ball.rad() < 10 * arb(10) ** -digits


@settings(max_examples=30, derandomize=True, deadline=None)
@given(st.floats(0.05, 3), st.floats(-2, 2), st.integers(1, 40))
def test_half_of_a_mirrored_line(distance, frequency, digits):
    """INT sech(pi x/(2 d))/(2 d) exp(i k x) dx = sech(d k), half of it from 0 to infinity."""
    with precision(60):
        d, k = arb(distance), arb(frequency)
        function = safe(lambda m, x: m.exp(acb(0, k) * x) / m.cosh(arb.pi() * x / (2 * d)) / (2 * d))
        tolerance, reach = arb(10) ** -digits, (1.5 * digits + 5) * d
        value = trapezoid.trapezoid(function, arb(0), reach, tolerance, digits, mirrored=True)
        if value is not None:
            beyond = 4 / arb.pi() * (-arb.pi() * reach / (2 * d)).exp()
            assert (value.real + arb(0, beyond.upper())).overlaps(1 / (d * k).cosh() / 2)
            assert value.real.rad() < 20 * tolerance


@pytest.mark.parametrize("parameter", ["df", "scale", None])
@pytest.mark.parametrize("f", ["1/(1+z**2)", "z/(2+z+z**2)**2"])
def test_rational_f_in_charts_of_its_own(f, parameter, monkeypatch):
    """z in the middle and exp(-t) on the tails, against the charts that serve every f."""
    for law, given_ in (
        ("student_t", {"df": "3.5", "loc": "0.1", "scale": "1"}),
        ("cauchy", {"loc": "1", "scale": "2"}),
    ):
        if parameter not in (*given_, None):
            continue
        cell = question(law, given_, f, parameter)
        assert algebraic.charts(cell)
        balls = {digits: density.integrate(cell, digits) for digits in (-2, 5, 25)}
        with monkeypatch.context() as patched:
            patched.setattr(algebraic, "charts", lambda cell: ())
            plain = density.integrate(cell, 25)
        for digits, ball in balls.items():
            assert ball.overlaps(plain)
            assert digits < 0 or ball.rad() < 10 * arb(10) ** -digits


@pytest.mark.parametrize("part", ["_size", "_error"])
def test_a_fault_in_the_error_bound_is_seen(part, monkeypatch):
    """The long sides' bound, or the whole, made far too small: balls then miss the value."""
    honest = getattr(trapezoid, part)
    monkeypatch.setattr(
        trapezoid, part, lambda *arguments: None if honest(*arguments) is None else honest(*arguments) * arb(10) ** -12
    )
    with precision(60):
        value = whole(lambda m, x: 1 / m.cosh(x), 90.0)
        assert value is not None
        if part == "_size":  # fewer nodes than needed
            assert not value.real.overlaps(arb.pi())
        else:  # as many as before: the value is still right to 30 digits, the radius says 45
            assert value.real.rad() < arb(10) ** -40
            assert not value.real.overlaps(arb.pi())
