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
from fsb_oracle.oracle import density, segments, trapezoid
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
        ("logistic", {"loc": "0.3", "scale": "0.9"}, "exp(-z**2)", "loc"),
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
    assert any(used)
    assert ball.overlaps(adaptive)
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
