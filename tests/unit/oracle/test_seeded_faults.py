"""Faults planted in the oracle: each must turn one of its checks red.

`stress` and `agreement` are small copies of the checks that run elsewhere on every route; without a fault
they are silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import mpmath
import pytest
import sympy
from flint import acb, acb_series, arb

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.backends.flint_series import series_length
from fsb_oracle.errors import UsageError
from fsb_oracle.families.family import Family
from fsb_oracle.oracle import (
    OracleError,
    contours,
    cumulative,
    density,
    exact,
    expectation,
    quadrature,
    segments,
    spectral,
)
from fsb_oracle.oracle.exact import routes_of
from fsb_oracle.oracle.half_plane import rays
from fsb_oracle.oracle.lattice import sums
from fsb_oracle.oracle.value import as_fraction

from .conftest import cell, holds

routes = import_module("fsb_oracle.oracle.exact")  # the package's `exact` and `tails` are the functions
tails = import_module("fsb_oracle.oracle.tails")
QUESTIONS = [
    ("normal", {"loc": "0.3", "scale": "0.8"}),
    ("laplace", {"loc": "0.3", "scale": "1.2"}),
    ("gamma", {"concentration": "2.5", "rate": "10/7"}),
    ("gamma", {"concentration": "0.3", "rate": "1"}),
    ("exponential", {"rate": "10/13"}),
    ("beta", {"concentration1": "0.3", "concentration0": "0.4"}),
]


def stress() -> list[str]:
    """Null tests at loose goals: a constant has the mean 1 and the gradient 0. The sentences of the
    violations.
    """
    red = []
    with precision(60):
        for family, parameters in QUESTIONS:
            for parameter in (None, *parameters):
                question = cell(family, parameters, "1", parameter)
                for digits in range(-2, 9):
                    ball = density.integrate(question, digits)
                    if not holds(ball, Fraction(1 if parameter is None else 0)):
                        red.append(f"{question.text} {parameter} {digits}: {ball}")
    return red


def agreement(f: str) -> None:
    """Both routes at 20 digits: raises OracleError where they contradict each other."""
    for family, parameters in QUESTIONS[:4]:
        exact(family, parameters, f, digits=20)


def test_without_a_fault_all_checks_are_green():
    assert stress() == []
    for f in ("tanh(z)", "Max(z-1/2,0)", "exp(-z**2)"):
        agreement(f)


def test_a_tail_bound_halved(monkeypatch):
    honest = tails.remainder
    monkeypatch.setattr(tails, "remainder", lambda bound, start: (honest(bound, start)[0] / 2, honest(bound, start)[1]))
    assert stress()


def test_a_tail_bound_for_one_side_only(monkeypatch):
    honest, calls = segments.cut, [0]

    def one_sided(*args: Any) -> tuple[float, arb]:
        start, bound = honest(*args)
        calls[0] += 1
        return start, bound if calls[0] % 2 else arb(0)

    monkeypatch.setattr(segments, "cut", one_sided)
    assert stress()


def test_a_dropped_digamma(monkeypatch, fresh_integrands):
    honest = Family.score

    def dropped(self: Family, parameter: str) -> sympy.Expr:
        return honest(self, parameter).replace(lambda e: isinstance(e, sympy.polygamma), lambda e: sympy.S.Zero)

    monkeypatch.setattr(Family, "score", dropped)
    assert any("gamma" in sentence for sentence in stress())
    with pytest.raises(OracleError, match="do not overlap"):
        exact("gamma", {"concentration": "2.5", "rate": 1}, "sin(z)", digits=15)


@pytest.mark.parametrize(
    ("f", "truth"),
    [
        ("sqrt(z)", lambda: mpmath.mpf(14) / 9),
        (
            "sqrt(1 + z**2)",
            lambda: (4 * mpmath.sqrt(17) + mpmath.asinh(4) - mpmath.sqrt(2) - mpmath.asinh(1)) / 6,
        ),
    ],
)
def test_a_missing_analytic_flag(monkeypatch, f, truth):
    """Powers and logarithms on a ball across their cut are discontinuous: not to say so makes a wrong ball."""
    with mpmath.workdps(60):
        exactly = truth()
    question = cell("uniform", {"low": 1, "high": 4}, f)

    def wrong() -> bool:
        with precision(60):
            return not all(holds(density.integrate(question, digits), exactly) for digits in (10, 20, 30))

    assert not wrong()
    monkeypatch.setattr(quadrature, "ANALYTIC", quadrature.PLAIN)
    assert wrong()


ACROSS = {
    "log": (-1, 0), "sqrt": (-1, 0), "power": (-1, 0), "loggamma": (-1, 0), "atan": (0, 2), "asinh": (0, -2),
    "besselk": (-1, 0), "besselk_dorder": (-1, 0), "uppergamma": (-1, 0), "uppergamma_ds": (-1, 0),
    "abs": (0, 2), "sign": (0, 2), "heaviside": (0, 2), "maximum": (1, 2), "minimum": (1, 2),
}  # fmt: skip


@pytest.mark.parametrize("name", ACROSS)
def test_no_function_is_finite_on_a_ball_across_its_cut_where_it_must_be_analytic(name):
    """A logarithm there is bounded on the real axis' own branch and would pass for analytic: the flag forbids it."""
    m, (real, imaginary) = quadrature.ANALYTIC, ACROSS[name]
    ball = acb(arb(real, 0.25), arb(imaginary, 0.25))
    function = getattr(m, name)
    if name == "power":
        value = function(ball, acb("0.3"))
    elif name in ("maximum", "minimum"):
        value = function(ball, acb(1))
    elif name.startswith(("bessel", "upper")):
        value = function(acb("0.3"), ball)
    else:
        value = function(ball)
    assert not value.is_finite()


def near(ball: arb, truth: Any) -> bool:
    """Whether a ball contains a truth that is known to 15 digits."""
    middle = truth if isinstance(truth, Fraction) else Fraction(float(truth))
    return ball.is_finite() and abs(as_fraction(ball) - middle) <= as_fraction(ball.rad()) + Fraction(1, 10**14)


def test_another_sheet_of_the_characteristic_function(monkeypatch):
    """(1 - i w/rate)**-concentration on the sheet next to the principal one."""
    honest = spectral.transformed

    def turned(family: Family, parameter: str | None) -> sympy.Expr:
        sheet = family.symbol("concentration") if "concentration" in family.names else sympy.S.Zero
        return honest(family, parameter) * sympy.exp(2 * sympy.pi * sympy.I * sheet)

    monkeypatch.setattr(spectral, "transformed", turned)
    with pytest.raises(OracleError, match="do not overlap"):
        expectation("gamma", QUESTIONS[2][1], "exp(-z**2)", digits=15)


def lattice_stress() -> list[str]:
    """Null tests of the sums over the integers."""
    red = []
    with precision(60):
        for family, parameters in (("poisson", {"rate": "2.5"}), ("geometric", {"probs": "0.3"})):
            for parameter in (None, *parameters):
                question = cell(family, parameters, "1", parameter)
                for digits in range(-2, 9):
                    if not holds(sums.integrate(question, digits), Fraction(1 if parameter is None else 0)):
                        red.append(f"{question.text} {parameter} {digits}")
    return red


def test_a_tail_of_a_sum_that_counts_for_nothing(monkeypatch):
    assert lattice_stress() == []
    honest = sums.window
    monkeypatch.setattr(sums, "window", lambda *args: replace(honest(*args), beyond=arb(0)))
    assert lattice_stress()


def test_a_dropped_end_of_a_ray_of_the_half_plane(monkeypatch):
    """A stable law of index 1/2 and skewness 1 is Levy's: P(Z > 1) = erf(1/sqrt(2))."""
    law = {"alpha": "1/2", "beta": 1, "loc": 0, "scale": 1}
    truth = mpmath.erf(mpmath.sqrt(0.5))

    def loose() -> list[bool]:
        with precision(60):
            question = cell("stable", law, "Heaviside(z-1)")
            return [near(spectral.integrate(question, digits), truth) for digits in range(-2, 9)]

    assert all(loose())
    honest = rays._near
    monkeypatch.setattr(rays, "_near", lambda *args: None if (b := honest(*args)) is None else b * 0)
    assert not all(loose())


def test_a_missing_two_pi(monkeypatch):
    honest = spectral._over_pi
    monkeypatch.setattr(spectral, "_over_pi", lambda *args: honest(*args) / 2)
    for f in ("exp(-z**2)", "Max(z-1/2,0)"):
        with pytest.raises(OracleError, match="do not overlap"):
            agreement(f)


@pytest.mark.parametrize("f", ["tanh(z)", "Max(z-1/2,0)", "Heaviside(z-1)"])
def test_a_wrong_sign_of_the_asymptote(monkeypatch, f):
    def flipped(*args: Any) -> tuple[contours.Line, ...]:
        return tuple(
            replace(line, asymptote=tuple(replace(p, coefficient=-p.coefficient) for p in line.asymptote))
            for line in contours.lines(*args)
        )

    monkeypatch.setattr(spectral, "lines", flipped)
    with pytest.raises(OracleError, match="do not overlap"):
        for family, parameters in (
            *QUESTIONS[:4],
            ("normal", {"loc": "2", "scale": "1"}),
            ("normal", {"loc": "-2", "scale": "1"}),
        ):
            exact(family, parameters, f, digits=15)


def test_a_missing_asymptote(monkeypatch):
    monkeypatch.setattr(spectral, "lines", lambda *args: tuple(replace(x, asymptote=()) for x in contours.lines(*args)))
    with pytest.raises(OracleError, match="do not overlap"):
        agreement("Max(z-1/2,0)")


def test_a_contour_turned_the_wrong_way(monkeypatch):
    """The integrand then grows along the ray: no tail bound, hence no ball; never a wrong one."""
    assert expectation("laplace", QUESTIONS[1][1], "Heaviside(z-1)", digits=15).routes == ("density", "spectral")
    honest = spectral._ray
    monkeypatch.setattr(spectral, "_ray", lambda *args: honest(*args[:4], args[4].conjugate(), *args[5:]))
    assert expectation("laplace", QUESTIONS[1][1], "Heaviside(z-1)", digits=15).routes == ("density", "mixture")


def test_a_series_divided_by_a_ball_that_contains_0_is_a_ball_of_everything():
    """python-flint raises there; a route must not."""
    with series_length(2):
        zero = acb_series([acb(arb(0, 1)), acb(1)], 2)
        with pytest.raises((ZeroDivisionError, ValueError)):
            acb_series([acb(1)], 2) / zero
        value = quadrature.safe(lambda m, x: (acb_series([acb(1)], 2) / zero)[0])(acb(0), False)
    assert value.rad() == float("inf") and not value.is_finite()


def test_precision_is_global_so_that_no_module_of_the_oracle_starts_threads():
    for path in Path(routes.__file__).parent.rglob("*.py"):
        assert not re.search(r"import threading|ThreadPool|\"threads\"|\"threading\"", path.read_text("utf-8")), path


@pytest.fixture(params=[float("nan"), ZeroDivisionError, ValueError])
def broken(request: pytest.FixtureRequest) -> Iterator[Any]:
    def function(m: Any, x: acb, *constants: Any) -> acb:
        if isinstance(request.param, float):
            return acb(request.param)
        raise request.param

    yield function


def test_an_integrand_that_is_nan_or_raises(monkeypatch, broken):
    honest = segments.safe
    monkeypatch.setattr(segments, "safe", lambda function, *constants: honest(broken))
    assert expectation("normal", QUESTIONS[0][1], "sin(z)", digits=10).routes == ("spectral",)
    with pytest.raises(UsageError, match="cannot be computed"):
        expectation("gamma", QUESTIONS[2][1], "atan(z)", digits=10)


def test_a_nan_ball_is_never_handed_back(monkeypatch):
    """arb(nan) overlaps and contains everything: finiteness must come first, in every route."""
    assert arb("nan").overlaps(arb(1))
    monkeypatch.setattr(spectral, "integrate", lambda *args: arb("nan"))
    value = exact("normal", QUESTIONS[0][1], "sin(z)", digits=10).expectation
    assert value.routes == ("density", "cdf")
    monkeypatch.setattr(cumulative, "integrate", lambda *args: arb("nan"))
    value = exact("normal", QUESTIONS[0][1], "sin(z)", digits=10).expectation
    assert value.routes == ("density",)
    assert value.level == 1
    monkeypatch.setattr(density, "integrate", lambda *args: arb("nan"))
    with pytest.raises(UsageError):
        exact("normal", QUESTIONS[0][1], "sin(z)", digits=10)


def test_a_dropped_jump_in_the_integration_by_parts(monkeypatch):
    """The third route is planted with a fault of its own: the first and the third then contradict each other."""
    monkeypatch.setattr(routes, "_ROUTES", tuple(route for route in routes._ROUTES if route[0] != "spectral"))
    assert expectation("normal", QUESTIONS[0][1], "Heaviside(z-1)", digits=15).routes == ("density", "cdf")
    honest = cumulative._value
    monkeypatch.setattr(cumulative, "_value", lambda expression, point: honest(expression, point) * 0)
    with pytest.raises(OracleError, match="do not overlap"):
        expectation("normal", QUESTIONS[0][1], "Heaviside(z-1)", digits=15)


def test_a_constant_of_53_bits_shows_in_the_radius(monkeypatch):
    """A constant made outside of the precision context is a wide ball: the radius grows, the truth stays
    inside.
    """
    question = cell("normal", QUESTIONS[0][1], "z**2")
    honest = density.arguments
    with precision(15):
        coarse = honest(question.family, question.values)
    monkeypatch.setattr(density, "arguments", lambda *args: coarse)
    with precision(60):
        ball = density.integrate(question, 30)
    assert holds(ball, Fraction("0.73"))
    assert ball.rad() > 1e-25


def test_the_fault_tests_cover_every_route_of_the_line():
    assert [route.name for route in routes_of(cell("normal", QUESTIONS[0][1], "tanh(z)"))] == [
        "density",
        "spectral",
        "cdf",
    ]
