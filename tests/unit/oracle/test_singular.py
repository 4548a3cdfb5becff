"""Branch points and poles of f inside the support: integrated to the digits asked for, or refused by name."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import mpmath
import pytest
import sympy

from fsb_oracle.errors import UsageError
from fsb_oracle.families import get_family
from fsb_oracle.families.family import z
from fsb_oracle.oracle import density, expectation, gradient
from fsb_oracle.oracle.singular import distance, parts, pole, resolved

from .conftest import ClosedForm, cell, holds


def _digamma_difference(a, b):
    return mpmath.digamma(a) - mpmath.digamma(a + b)


def _absolute_power(m, s, p):
    """E |Z|**p of a normal law, by Kummer's function (Winkelbauer 2012)."""
    size = s**p * 2 ** (p / 2) * mpmath.gamma((p + 1) / 2) / mpmath.sqrt(mpmath.pi)
    return size * mpmath.hyp1f1(-p / 2, mpmath.mpf(1) / 2, -(m**2) / (2 * s**2))


def _log_of_uniform(a, b):
    return (b * mpmath.log(b) - a * mpmath.log(-a)) / (b - a) - 1


FORMS = [
    ClosedForm("normal", "Abs(z)**(1/3)", lambda m, s: _absolute_power(m, s, mpmath.mpf(1) / 3)),
    ClosedForm("normal", "sqrt(Abs(z))", lambda m, s: _absolute_power(m, s, mpmath.mpf(1) / 2)),
    ClosedForm("normal", "Abs(z)**(-9/10)", lambda m, s: _absolute_power(m, s, mpmath.mpf(-9) / 10)),
    ClosedForm("normal", "log(Abs(z))", lambda m, s: mpmath.diff(lambda p: _absolute_power(m, s, p), 0)),
    ClosedForm("gamma", "log(z)", lambda k, r: mpmath.digamma(k) - mpmath.log(r)),
    ClosedForm("gamma", "z**(-1/4)", lambda k, r: mpmath.gamma(k - 0.25) / mpmath.gamma(k) * r ** mpmath.mpf(0.25)),
    ClosedForm("beta", "log(z)", _digamma_difference),
    ClosedForm("beta", "log(1-z)", lambda a, b: _digamma_difference(b, a)),
    ClosedForm("beta", "z**(-1/4)", lambda a, b: mpmath.beta(a - 0.25, b) / mpmath.beta(a, b)),
    ClosedForm("exponential", "sqrt(Abs(z-1))", lambda r: _root_about_one(r)),
]


def _root_about_one(r):
    """E |Z - 1|**(1/2): above 1 a gamma integral, below 1 Dawson's."""
    above = mpmath.exp(-r) * mpmath.gamma(mpmath.mpf(3) / 2) / mpmath.sqrt(r)
    below = mpmath.exp(-r) * r * mpmath.hyp1f1(mpmath.mpf(3) / 2, mpmath.mpf(5) / 2, r) * 2 / 3
    return above + below


PARAMETERS = {
    "normal": [{"loc": "0.3", "scale": "1.25"}, {"loc": 0, "scale": 1}],
    "gamma": [{"concentration": "2.5", "rate": "1.3"}, {"concentration": "0.3", "rate": 2}],
    "beta": [{"concentration1": 2, "concentration0": 3}, {"concentration1": "0.3", "concentration0": "0.4"}],
    "exponential": [{"rate": "1.3"}],
}
LAWS = [(form, parameters) for form in FORMS for parameters in PARAMETERS[form.family]]


@pytest.mark.parametrize(
    ("form", "parameters"), LAWS, ids=lambda v: str(getattr(v, "f", list(getattr(v, "values", dict)())))
)
def test_closed_forms(form, parameters):
    for parameter in (None, *get_family(form.family).names):
        question = cell(form.family, parameters, form.f, parameter)
        ball = density.integrate(question, 20)
        truth = form.truth(question.values, parameter)
        with mpmath.workdps(60):
            assert abs(truth - mpmath.mpf(str(float(ball)))) < 1e-12 * max(1, abs(truth))
        assert holds(ball, truth)
        assert float(ball.rad()) < 1e-17


@pytest.mark.parametrize("digits", [-2, -1, 0, 1, 2, 4])
@pytest.mark.parametrize(("form", "parameters"), LAWS[:8], ids=lambda v: str(getattr(v, "f", v)))
def test_low_tolerances_hold_where_truncation_dominates(form, parameters, digits):
    for parameter in (None, *get_family(form.family).names):
        question = cell(form.family, parameters, form.f, parameter)
        assert holds(density.integrate(question, digits), form.truth(question.values, parameter))


def test_means_over_bounded_intervals():
    unit = {"low": 0, "high": 1}
    assert expectation("uniform", unit, "log(z)").contains(-1)
    assert expectation("uniform", {"low": -1, "high": 1}, "Abs(z)**(-3/4)").contains(4)
    assert gradient("uniform", {"low": -1, "high": 1}, "Abs(z)**(-3/4)", "high").contains(Fraction(-3, 2))
    half_pi = mpmath.pi / 2
    value = expectation("uniform", {"low": -1, "high": 1}, "1/sqrt(1-z**2)", digits=20)
    with mpmath.workdps(30):
        assert abs(mpmath.mpf(value.value) - mpmath.pi / 2) <= mpmath.mpf(value.radius) + mpmath.mpf(10) ** -28
    assert half_pi > 1.5


def test_a_singular_point_where_two_charts_meet():
    value = expectation("laplace", {"loc": "0.3", "scale": 1}, "log(Abs(z - 0.3))")
    with mpmath.workdps(40):
        assert abs(mpmath.mpf(value.value) + mpmath.euler) <= mpmath.mpf(value.radius) + mpmath.mpf(10) ** -38
    moved = gradient("laplace", {"loc": "0.3", "scale": 2}, "log(Abs(z - 0.3))", "scale")
    assert moved.contains(Fraction(1, 2))


@pytest.mark.parametrize(
    ("family", "parameters", "f", "at"),
    [
        ("normal", {"loc": "0.3", "scale": 1}, "1/z", 0),
        ("normal", {"loc": "0.3", "scale": 1}, "1/(z-1)**2", 1),
        ("gamma", {"concentration": 2, "rate": 1}, "1/(z-1)", 1),
        ("gamma", {"concentration": 2, "rate": 1}, "1/z", None),
        ("uniform", {"low": 0, "high": 1}, "1/z", 0),
        ("uniform", {"low": 0, "high": 1}, "tan(z)", None),
        ("uniform", {"low": 0, "high": 2}, "tan(z)", sympy.pi / 2),
        ("normal", {"loc": "0.3", "scale": 1}, "sin(z)/z", None),
        ("normal", {"loc": "0.3", "scale": 1}, "1/sqrt(Abs(z))", None),
        ("normal", {"loc": "0.3", "scale": 1}, "1/(1+z**2)", None),
    ],
)
def test_poles(family, parameters, f, at):
    assert pole(cell(family, parameters, f)) == at


@pytest.mark.parametrize("power", ["-1/4", "-1/2", "-3/4", "-0.999"])
def test_the_boundary_of_existence(power):
    normal = {"loc": 0, "scale": 1}
    assert expectation("normal", normal, f"Abs(z)**({power})", digits=8).reached
    with pytest.raises(UsageError, match="does not exist for normal"):
        expectation("normal", normal, f"Abs(z)**({power} - 1/4*4)", digits=8)
    with pytest.raises(UsageError, match="does not exist for normal"):
        expectation("normal", normal, "1/Abs(z)", digits=8)


def test_parts_cover_a_piece_once():
    question = cell("normal", {"loc": "0.3", "scale": 1}, "1/sqrt(Abs(z**2-4))")
    (chart,) = question.family.charts
    found = [part for piece in question.pieces for part in parts(question, chart, piece)]
    intervals = []
    for part in found:
        low, high = part.piece.lower, part.piece.upper
        if part.side > 0:
            low = part.point
        if part.side < 0:
            high = part.point
        intervals.append((float("-inf") if low is None else float(low), float("inf") if high is None else float(high)))
    intervals.sort()
    assert intervals[0][0] == float("-inf")
    assert intervals[-1][1] == float("inf")
    assert all(a[1] == b[0] for a, b in pairwise(intervals))
    assert sorted(part.side for part in found if part.side) == [-1, -1, 1, 1]


@pytest.mark.parametrize(
    "f", ["log(z**2-4)", "sqrt(z**3-8)", "(z-2)**(-1/3)*exp(z)", "1/(z**2-4)", "log((z-2)**3*(z+1))"]
)
def test_powers_of_the_distance_are_taken_out(f):
    expression = cell("normal", {"loc": 0, "scale": 1}, f).f.expression
    form = resolved(expression, sympy.Integer(2), 1)
    for at in (sympy.Rational(1, 3), sympy.Rational(1, 10**9)):
        direct = expression.subs(z, 2 + at).evalf(30)
        assert abs(form.subs(distance, at).evalf(30) - direct) < 1e-20 * (1 + abs(direct))
