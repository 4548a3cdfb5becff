"""The univariate continuous laws against closed forms, at ordinary and extreme parameters; existence; functions."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

import mpmath
import pytest
import sympy
from flint import acb, arb
from mpmath import cos, euler, exp, gamma, mpf, pi, sqrt

from fsb_oracle.backends.flint_math import FlintMath, precision
from fsb_oracle.backends.mpmath_math import MpmathMath
from fsb_oracle.backends.special_functions import (
    besselk,
    besselk_dorder,
    expm1,
    hyp0f1,
    hyp0f1_db,
)
from fsb_oracle.errors import UsageError
from fsb_oracle.families import get_family
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.integrands.growth import upper_bound
from fsb_oracle.oracle import exact, gradient
from fsb_oracle.oracle.exact import routes_of

from .conftest import ClosedForm, cell, holds


def _wave(transform, k):
    """E cos(k Z) = Re phi(k)."""
    return lambda *p: mpmath.re(transform(mpf(k), *p))


def _logistic(w, m, s):
    return mpmath.expj(m * w) * pi * s * w / mpmath.sinh(pi * s * w)


def _gumbel(w, m, s):
    return mpmath.expj(m * w) * gamma(1 - 1j * s * w)


def _student(w, df, m, s):
    x = sqrt(df) * s * w
    return mpmath.expj(m * w) * 2 * (x / 2) ** (df / 2) * mpmath.besselk(df / 2, x) / gamma(df / 2)


def _inverse_gaussian(w, m, k):
    return exp(k / m * (1 - sqrt(1 - 2j * m**2 * w / k)))


def _inverse_gamma(w, k, r):
    x = -1j * r * w
    return 2 * x ** (k / 2) * mpmath.besselk(k, 2 * sqrt(x)) / gamma(k)


def _pareto(w, s, a):
    x = -1j * s * w
    return a * x**a * mpmath.gammainc(-a, x)


def _chi2(w, df, nc=0):
    return (1 - 2j * w) ** (-df / 2) * exp(1j * nc * w / (1 - 2j * w))


def _lognormal_tail(m, s):
    return mpmath.erfc(m / s / sqrt(2)) / 2


LOGISTIC = [{"loc": "0.3", "scale": "0.4"}, {"loc": "-2", "scale": "0.01"}]
CAUCHY = [{"loc": "0.2", "scale": "1.3"}, {"loc": "10", "scale": "0.001"}, {"loc": "-1", "scale": "40"}]
STUDENT = [{"df": "4.5", "loc": "0.4", "scale": "1.1"}, {"df": "3", "loc": "0", "scale": "1"}]
HEAVIEST = [{"df": "0.1", "loc": "0.4", "scale": "1"}, {"df": "1000", "loc": "0.4", "scale": "2"}]
WEIBULL = [{"scale": "1.5", "concentration": c} for c in ("0.7", "0.1", "20")]
LOGNORMAL = [{"loc": "0.3", "scale": s} for s in ("0.5", "0.05", "3")]
PARETO = [{"scale": "0.4", "alpha": a} for a in ("2.5", "3", "50")]
WALD = [{"loc": m, "concentration": k} for m, k in (("0.7", "3"), ("1", "0.001"), ("2", "10000"))]
INVERSE_GAMMA = [{"concentration": k, "rate": r} for k, r in (("3.5", "2"), ("1000", "900"))]
CIRCLE = [{"loc": "0.5", "concentration": k} for k in ("2.5", "0.001", "10000")]

FORMS = [
    (ClosedForm("logistic", "cos(2*z)", _wave(_logistic, 2)), LOGISTIC),
    (ClosedForm("logistic", "z**2", lambda m, s: m**2 + pi**2 * s**2 / 3), LOGISTIC),
    (ClosedForm("logistic", "exp(z)", lambda m, s: exp(m) * pi * s / mpmath.sin(pi * s)), LOGISTIC),
    (ClosedForm("logistic", "Heaviside(z-1/2)", lambda m, s: 1 / (1 + exp((0.5 - m) / s))), LOGISTIC),
    (ClosedForm("logistic", "Max(z-1/2,0)", lambda m, s: s * mpmath.log1p(exp((m - 0.5) / s))), LOGISTIC),
    (ClosedForm("gumbel", "exp(-2*z)", lambda m, s: exp(-2 * m) * gamma(1 + 2 * s)), LOGISTIC),
    (ClosedForm("gumbel", "cos(2*z)", _wave(_gumbel, 2)), LOGISTIC),
    (ClosedForm("gumbel", "z", lambda m, s: m + s * euler), LOGISTIC),
    (ClosedForm("gumbel", "Heaviside(1/2-z)", lambda m, s: exp(-exp((m - 0.5) / s))), LOGISTIC[:1]),
    (ClosedForm("cauchy", "cos(2*z)", lambda m, s: cos(2 * m) * exp(-2 * s)), CAUCHY),
    (ClosedForm("cauchy", "1/(1+z**2)", lambda m, s: (1 + s) / ((1 + s) ** 2 + m**2)), CAUCHY),
    (ClosedForm("cauchy", "Heaviside(z-1)", lambda m, s: 0.5 - mpmath.atan((1 - m) / s) / pi), CAUCHY),
    (ClosedForm("cauchy", "log(1+z**2)", lambda m, s: mpmath.log((1 + s) ** 2 + m**2)), CAUCHY),
    (ClosedForm("student_t", "z**2", lambda n, m, s: m**2 + s**2 * n / (n - 2)), STUDENT),
    (ClosedForm("student_t", "cos(2*z)", _wave(_student, 2)), [*STUDENT, *HEAVIEST]),
    (ClosedForm("weibull", "z**2", lambda s, k: s**2 * gamma(1 + 2 / k)), WEIBULL),
    (ClosedForm("weibull", "sqrt(z)", lambda s, k: sqrt(s) * gamma(1 + 1 / (2 * k))), WEIBULL),
    (ClosedForm("weibull", "Heaviside(z-1)", lambda s, k: exp(-((1 / s) ** k))), WEIBULL),
    (ClosedForm("lognormal", "z**2", lambda m, s: exp(2 * m + 2 * s**2)), LOGNORMAL),
    (ClosedForm("lognormal", "1/z", lambda m, s: exp(-m + s**2 / 2)), LOGNORMAL),
    (ClosedForm("lognormal", "log(z)**2", lambda m, s: m**2 + s**2), LOGNORMAL),
    (ClosedForm("lognormal", "Heaviside(z-1)", lambda m, s: _lognormal_tail(-m, s)), LOGNORMAL),
    (ClosedForm("pareto", "z**2", lambda s, a: a * s**2 / (a - 2)), PARETO),
    (ClosedForm("pareto", "sqrt(z)", lambda s, a: a * sqrt(s) / (a - 0.5)), PARETO),
    (ClosedForm("pareto", "cos(2*z)", _wave(_pareto, 2)), PARETO),
    (ClosedForm("pareto", "Max(z-1,0)", lambda s, a: s**a / (a - 1)), PARETO),
    (ClosedForm("inverse_gaussian", "exp(-z)", lambda m, k: exp(k / m * (1 - sqrt(1 + 2 * m**2 / k)))), WALD),
    (ClosedForm("inverse_gaussian", "cos(2*z)", _wave(_inverse_gaussian, 2)), WALD),
    (ClosedForm("inverse_gaussian", "1/z", lambda m, k: 1 / m + 1 / k), WALD),
    (ClosedForm("inverse_gamma", "z**2", lambda k, r: r**2 / ((k - 1) * (k - 2))), INVERSE_GAMMA),
    (ClosedForm("inverse_gamma", "1/z", lambda k, r: k / r), INVERSE_GAMMA),
    (ClosedForm("inverse_gamma", "cos(2*z)", _wave(_inverse_gamma, 2)), INVERSE_GAMMA[:1]),
    (ClosedForm("chi2", "exp(-z)", lambda n: mpf(3) ** (-n / 2)), [{"df": "0.01"}, {"df": "3"}, {"df": "10000"}]),
    (ClosedForm("noncentral_chi2", "cos(2*z)", _wave(_chi2, 2)), [{"df": "3", "noncentrality": "4"}]),
    (
        ClosedForm("noncentral_chi2", "exp(-z)", lambda n, c: 3 ** (-n / 2) * exp(-c / 3)),
        [{"df": n, "noncentrality": c} for n, c in (("3", "4"), ("0.1", "0.001"), ("100", "100"))],
    ),
    (
        ClosedForm("von_mises", "cos(2*z)", lambda m, k: cos(2 * m) * mpmath.besseli(2, k) / mpmath.besseli(0, k)),
        CIRCLE,
    ),
]


@pytest.mark.parametrize(
    ("form", "parameters"),
    [(form, parameters) for form, points in FORMS for parameters in points],
    ids=lambda part: f"{part.family}-{part.f}" if isinstance(part, ClosedForm) else ",".join(part.values()),
)
def test_every_route_holds_the_closed_form(form, parameters):
    law = get_family(form.family)
    values = law.parse(parameters)
    for parameter in (None, *law.names):
        truth = form.truth(values, parameter)
        question, reached = cell(form.family, parameters, form.f, parameter), 0
        for route in routes_of(question):
            for digits in (-1, 2, 25):
                with suppress(Unboundable):
                    ball = route.ball(digits, arb(1))
                    assert not ball.is_finite() or holds(ball, truth), (parameter, digits, route.name, ball, truth)
                    reached += digits == 25 and ball.rad() < 1e-20 * (1 + abs(truth))
        assert reached, parameter


@pytest.mark.parametrize(
    ("family", "parameters"),
    [("weibull", p) for p in WEIBULL] + [("lognormal", p) for p in LOGNORMAL] + [("cauchy", CAUCHY[0])],
    ids=lambda part: part if isinstance(part, str) else ",".join(part.values()),
)
def test_waves_under_heavy_tails_have_two_routes(family, parameters):
    """Along rays: the density and the distribution function (or the characteristic function) agree to 30 digits."""
    for f in ("sin(2*z)", "cos(z/3) + 1/2"):
        answer = exact(family, parameters, f)
        assert all(value.level == 3 and value.reached for value in (answer.expectation, *answer.gradient.values()))


def test_a_wave_along_the_rays_against_quadrature():
    """E sin(2 z) of the lognormal law has no closed form: mpmath on the line z = exp(t)."""
    with mpmath.workdps(30):
        truth = mpmath.quad(
            lambda t: mpmath.sin(2 * exp(t / 2)) * exp(-(t**2) / 2) / sqrt(2 * pi), mpmath.linspace(-12, 5, 60)
        ) + mpmath.quad(
            lambda t: mpmath.sin(2 * exp(t / 2)) * exp(-(t**2) / 2) / sqrt(2 * pi), mpmath.linspace(5, 9, 200)
        )
    value = exact("lognormal", {"loc": 0, "scale": "0.5"}, "sin(2*z)", digits=20).expectation
    assert float(abs(value.ball - arb(str(truth)))) < 1e-15


@pytest.mark.parametrize(
    ("family", "parameters", "f", "sentence"),
    [
        ("student_t", {"df": "1.5", "loc": 0, "scale": 1}, "z**2", "E z**2 does not exist for student_t with df=1.5"),
        ("student_t", {"df": "1.5", "loc": 0, "scale": 1}, "z**2*cos(z)", "does not exist"),
        ("cauchy", {"loc": 0, "scale": 1}, "z", "E z does not exist for cauchy"),
        ("cauchy", {"loc": 0, "scale": 1}, "Abs(z)", "E Abs(z) does not exist for cauchy"),
        ("pareto", {"scale": 1, "alpha": 2}, "z**2 + sin(z)", "does not exist for pareto with scale=1,alpha=2"),
        ("inverse_gamma", {"concentration": 2, "rate": 1}, "Max(z-1,0)**2", "does not exist for inverse_gamma"),
        ("lognormal", {"loc": 0, "scale": 1}, "exp(z)", "E exp(z) does not exist for lognormal with loc=0,scale=1"),
        ("weibull", {"scale": 1, "concentration": "0.5"}, "exp(z)", "E exp(z) does not exist for weibull"),
        ("gumbel", {"loc": 0, "scale": 1}, "exp(z)", "E exp(z) does not exist for gumbel with loc=0,scale=1"),
        ("logistic", {"loc": 0, "scale": 1}, "exp(z)", "E exp(z) does not exist for logistic with loc=0,scale=1"),
        ("inverse_gaussian", {"loc": 1, "concentration": 1}, "exp(z)", "E exp(z) does not exist for inverse_gaussian"),
        ("von_mises", {"loc": 0, "concentration": 1}, "z*sin(z)", "von_mises takes 2 pi-periodic f"),
        ("von_mises", {"loc": 0, "concentration": 1}, "sin(z/2)", "von_mises takes 2 pi-periodic f"),
    ],
)
def test_what_does_not_exist_is_refused_by_name(family, parameters, f, sentence):
    with pytest.raises(UsageError) as refused:
        exact(family, parameters, f, digits=10)
    assert sentence in str(refused.value) and "\n" not in str(refused.value)


def test_a_gradient_of_what_does_not_exist_is_refused_too():
    with pytest.raises(UsageError, match="does not exist"):
        gradient("cauchy", {"loc": 0, "scale": 1}, "Max(z,0)", "loc")


# --- special functions -----------------------------------------------------------------------------------------------

POINTS = [(p, x) for p in ("0.3", "1", "-2.5", "50.1") for x in (0.001, 3 - 1j, 20 + 3j, 200)]


@pytest.mark.parametrize("name", ["besselk_dorder", "uppergamma_ds", "hyp0f1_db"])
@pytest.mark.parametrize(("parameter", "x"), POINTS)
def test_derivatives_in_a_parameter(name, parameter, x):
    """Against mpmath's numerical derivative, to 25 digits; a wide ball holds the values inside it."""
    with precision(40), mpmath.workdps(60):
        truth = getattr(MpmathMath(), name)(mpf(parameter), mpmath.mpc(x))
        ball = getattr(FlintMath(), name)(arb(parameter), acb(x))
        assert holds(ball.real, mpmath.re(truth)) or abs(mpmath.re(truth)) < 1e-25 * abs(truth)
        assert float(abs(ball).rad()) < 1e-25 * abs(truth)
        radius = arb(0, abs(x) / 5)
        wide = getattr(FlintMath(), name)(arb(parameter), acb(x) + acb(radius, radius))
        assert not wide.is_finite() or wide.overlaps(ball)


@pytest.mark.parametrize("order", ["3", "3.5", "5.5"])
def test_besselk_on_a_ball_that_is_hardly_wide_holds_the_values_inside_it(order):
    """Of half-integer orders FLINT finds no number there."""
    with precision(40), mpmath.workdps(50):
        wide = FlintMath().besselk(arb(order), acb(arb(0.5, 0.05), arb(-0.5, 0.05)))
        assert wide.is_finite()
        for x in (0.45 - 0.45j, 0.55 - 0.55j, 0.45 - 0.55j, 0.5 - 0.5j):
            truth = mpmath.besselk(mpf(order), mpmath.mpc(x))
            assert wide.contains(acb(truth.real, truth.imag))


y = sympy.Symbol("y", positive=True)
HALF = sympy.Rational(1, 2)
GROWING = [
    expm1(-sympy.exp(-y)), expm1(-y), hyp0f1(sympy.Rational(1, 10), 3 * y), hyp0f1(5, sympy.exp(-y)),
    hyp0f1(3, (1 + sympy.I) * y), hyp0f1_db(sympy.Rational(3, 2), y), besselk(2, 1 + y),
    besselk(HALF, 2 * sympy.sqrt(1 - 3 * sympy.I * y)),
    besselk_dorder(3, 2 + y), sympy.gamma(2 - 3 * sympy.I * y), sympy.gamma(sympy.Rational(1, 5) + sympy.I * y),
    sympy.digamma(1 + 4 * sympy.I * y), sympy.erfc((1 + sympy.I) * y), sympy.erfc(-(1 + sympy.I / 3) * y),
]  # fmt: skip


@pytest.mark.parametrize("expression", GROWING, ids=str)
def test_growth_bounds_of_special_functions_hold(expression):
    from fsb_oracle.backends.expressions import compile_expression

    function = compile_expression(expression, (y,))
    with precision(30):
        for start in (0.5, 3.0, 40.0):
            bound = upper_bound(expression, y, start)
            for step in (0.0, 0.1, 1.0, 7.0, 60.0):
                size = abs(function(FlintMath(), acb(start + step)))
                assert not size > bound.at(step, start), (start, step, size, bound)


def test_a_wide_ball_of_digamma_is_finite():
    wide = FlintMath().digamma(acb(arb(3, 2.5), arb(0, 50)))
    assert wide.is_finite()
    for point in (0.6, 5 + 40j, 2 - 49j):
        assert wide.overlaps(acb(point).digamma())


def test_moments_of_fractions():
    assert exact("pareto", {"scale": 2, "alpha": 5}, "z**4").expectation.ball.contains(80)
    assert Fraction(80) == 5 * Fraction(2) ** 4 / (5 - 4)
