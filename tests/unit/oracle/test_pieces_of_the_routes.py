"""Parts on which the routes rest, each against an independent computation."""

from __future__ import annotations

import sys
from fractions import Fraction

import mpmath
import pytest
import sympy
from flint import acb, arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from fsb_oracle.backends.expressions import compile_expression, hyp1f1_da, hyp1f1_db
from fsb_oracle.backends.flint_math import FlintMath, precision
from fsb_oracle.backends.flint_series import SeriesMath, series_length, variable_at
from fsb_oracle.backends.mpmath_math import MpmathMath
from fsb_oracle.families import get_family, list_families
from fsb_oracle.families.charts import End, s
from fsb_oracle.families.family import w, z
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle.charts import integrand, log_measure
from fsb_oracle.oracle.compact import CompactTransform
from fsb_oracle.oracle.contours import direction, eta, on_ray, u
from fsb_oracle.oracle.incomplete_beta import lower_tail
from fsb_oracle.oracle.lattice import sums, transform
from fsb_oracle.oracle.lattice.sizes import IntegrandSizes
from fsb_oracle.oracle.lattice.windows import window
from fsb_oracle.oracle.lowering import PLAIN, arguments, lower
from fsb_oracle.oracle.means import moments
from fsb_oracle.oracle.spectral import applies
from fsb_oracle.oracle.tails import cut

from .conftest import cell, holds

INTERVAL = [f for f in list_families() if f.support.kind == "interval"]
BETA = {"concentration1": "0.3", "concentration0": "0.4"}


def numeric(expression: sympy.Expr, values: dict) -> complex:
    return complex(expression.subs(values).evalf(30))


@pytest.mark.parametrize("family", [f for f in INTERVAL if f.log_density is not None], ids=lambda f: f.name)
def test_charts_invert_each_other_and_carry_the_measure(family):
    values = family.substitution(family.parse(family.edges[1]))
    for chart in family.charts:
        for at in (sympy.Rational(7, 10), sympy.Rational(3, 2)):
            point = chart.point.xreplace({chart.variable: at}).subs(values)
            assert numeric(chart.coordinate, {**values, z: point}) == pytest.approx(float(at), abs=1e-12)
            slope = sympy.diff(chart.point, chart.variable).xreplace({chart.variable: at})
            assert (numeric(slope, values).real < 0) == chart.reversed
            measure = log_measure(family, chart.point, chart.variable).xreplace({chart.variable: at})
            direct = family.log_density.xreplace({z: point}) + sympy.log(sympy.Abs(slope))
            assert numeric(measure, values) == pytest.approx(numeric(direct, values), abs=1e-12)


@pytest.mark.parametrize("family", INTERVAL, ids=lambda f: f.name)
def test_ends_of_charts_approach_the_ends_of_the_support(family):
    values = family.substitution(family.parse(family.edges[1]))
    for chart in family.charts:
        for end in (chart.lower, chart.upper):
            if isinstance(end, End):
                back = end.coordinate.xreplace({chart.variable: end.approach})
                assert sympy.simplify(back - s) == 0
                point = chart.point.xreplace({chart.variable: end.approach}).subs(values)
                goal = family.at(family.support.upper, family.parse(family.edges[1]))
                if (end is chart.lower) != chart.reversed:
                    goal = family.at(family.support.lower, family.parse(family.edges[1]))
                assert sympy.limit(point, s, sympy.oo) == goal


def test_constants_are_hoisted_out_of_integrands():
    """Digamma of a wide ball is NaN and loggamma is slow: neither may stand inside."""
    family = get_family("gamma")
    lowered = integrand(family, sympy.tanh(z), "concentration", family.charts[0], None)
    assert not lowered.expression.has(sympy.loggamma, sympy.polygamma)
    assert any(constant.has(sympy.polygamma) for constant in lowered.constants)


@pytest.mark.parametrize("name", ["laplace", "gamma", "exponential", "uniform"])
def test_waves_add_up_to_the_characteristic_function(name):
    family = get_family(name)
    values = family.substitution(family.parse(family.edges[1]))
    total = sum(sympy.exp(sympy.I * w * phase) * factor for phase, factor in family.waves)
    for at in (0.3, 2.7):
        assert numeric(total, {**values, w: at}) == pytest.approx(
            numeric(family.characteristic_function, {**values, w: at})
        )


def test_tidying_an_expression_on_a_ray_does_not_change_it():
    family = get_family("gamma")
    expression = family.characteristic_derivative("concentration") * sympy.exp(-2 * sympy.I * w) / (sympy.I * w) ** 3
    tidy, at = on_ray(expression), {eta: 0.4, u: 1.3, direction: 1 - sympy.I}
    values = family.substitution(family.parse(family.edges[1]))
    plain = expression.xreplace({w: sympy.I * eta + direction * u}) * direction
    assert numeric(tidy, {**values, **at}) == pytest.approx(numeric(plain, {**values, **at}), rel=1e-12)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    st.sampled_from(
        [
            ("beta", BETA),
            ("beta", {"concentration1": 20, "concentration0": 5}),
            ("uniform", {"low": -1, "high": 3}),
        ]
    ),
    st.integers(0, 2),
    st.floats(0, 12),
    st.floats(-1.5, 1.5),
    st.sampled_from([0.0, 1e-12, 1e-3, 0.2, 1.0, 5.0]),
)
def test_transforms_of_compact_laws_enclose_their_range_on_balls(law, which, real, imaginary, radius):
    """Thin balls sharply, wide ones by the a-priori bound: the values at the ball's corners lie inside."""
    family = get_family(law[0])
    parameters = family.parse(law[1])
    parameter = (None, *family.names)[which]
    with precision(30):
        phi = CompactTransform(family, parameters, parameter, 0.0, 40.0)
        ball = acb(arb(real, radius), arb(imaginary, radius))
        enclosure = phi(ball)
        assert enclosure.is_finite()
        assert radius > 1e-11 or float(enclosure.rad()) < 1e-8 or abs(complex(real, imaginary)) < 1e-6
        expression = (
            family.characteristic_function if parameter is None else family.characteristic_derivative(parameter)
        )
        direct = compile_expression(expression, (w, *family.symbols))
        for dx, dy in ((0, 0), (1, 1), (-1, 1), (1, -1)):
            at = acb(arb(real) + dx * arb(radius) * 0.99, arb(imaginary) + dy * arb(radius) * 0.99)
            truth = direct(PLAIN, at, *arguments(family, parameters))
            assert not truth.is_finite() or enclosure.overlaps(truth)


def test_moments_of_the_beta_law_are_the_rational_ones():
    family = get_family("beta")
    with precision(40):
        law = family.parse({"concentration1": 2, "concentration0": 3})
        for n, moment in enumerate(moments(family, law, None, 6)):
            truth = Fraction(1)
            for j in range(n):
                truth *= Fraction(2 + j, 5 + j)
            assert holds(moment, truth)
        for n, moment in enumerate(moments(family, law, "concentration1", 6)):
            truth, slope = Fraction(1), Fraction(0)
            for j in range(n):
                truth *= Fraction(2 + j, 5 + j)
                slope += Fraction(1, 2 + j) - Fraction(1, 5 + j)
            assert holds(moment, truth * slope)


@pytest.mark.parametrize("argument", [complex(0.3, 0), complex(-2, 9), complex(0, 17)])
def test_parameter_derivatives_of_kummers_function_agree_in_ball_and_mpmath_arithmetic(argument):
    a, b, x = sympy.symbols("a b x")
    with precision(40), mpmath.workdps(40):
        for function, index in ((hyp1f1_da, 0), (hyp1f1_db, 1)):
            lowered = compile_expression(function(a, b, x), (a, b, x))
            ball = lowered(FlintMath(), acb(arb(3) / 10), acb(arb(7) / 10), acb(argument.real, argument.imag))
            number = lowered(MpmathMath(), mpmath.mpf(3) / 10, mpmath.mpf(7) / 10, mpmath.mpc(argument))
            arguments_ = [mpmath.mpf(3) / 10, mpmath.mpf(7) / 10]

            def moved(t, i=index, args=arguments_):
                shifted = [*args]
                shifted[i] = t
                return mpmath.hyp1f1(*shifted, mpmath.mpc(argument))

            slope = mpmath.diff(moved, arguments_[index])
            assert mpmath.almosteq(number, slope, 1e-18)
            assert holds(ball.real, mpmath.re(number))
            assert holds(ball.imag, mpmath.im(number))


def test_series_arithmetic_gives_taylor_coefficients_and_restores_the_cap():
    cap, family = ctx.cap, get_family("gamma")
    phi = compile_expression(family.characteristic_function, (w, *family.symbols))
    with precision(40), series_length(5):
        series = phi(SeriesMath(), variable_at(0), acb(2), acb(1))  # (1 - i w)^-2 = SUM (n + 1) (i w)^n
        for n in range(5):
            assert (series[n] - (n + 1) * acb(0, 1) ** n).contains(0)
    assert ctx.cap == cap
    with pytest.raises(ZeroDivisionError), series_length(3):
        raise ZeroDivisionError
    assert ctx.cap == cap


@pytest.mark.parametrize("centre", [0, 1, 2j])
def test_taylor_series_of_kummers_function_and_its_derivatives_are_those_of_mpmath(centre):
    step = 0.1
    with precision(40), series_length(8), mpmath.workdps(40):
        for name in ("hyp1f1", "hyp1f1_da", "hyp1f1_db"):
            series = getattr(SeriesMath(), name)(acb(0.3), acb(0.7), variable_at(centre))
            polynomial = sum(complex(series[n].mid()) * step**n for n in range(8))
            truth = complex(getattr(MpmathMath, name)(mpmath.mpf(0.3), mpmath.mpf(0.7), mpmath.mpc(centre + step)))
            assert abs(polynomial - truth) < 2e-12  # the terms left out; the last one kept is ten times as large


@pytest.mark.parametrize(
    ("a", "b", "c"), [("0.3", "0.4", "0.2"), ("2", "30", "0.4"), ("50", "0.1", "0.5"), ("1", "1", "0.25")]
)
def test_incomplete_beta_and_its_derivatives(a, b, c):
    with precision(40), mpmath.workdps(50):
        dual = lower_tail(arb(a), arb(b), arb(c))
        x, y, t = mpmath.mpf(a), mpmath.mpf(b), mpmath.mpf(c)
        assert holds(dual.value, mpmath.betainc(x, y, 0, t, regularized=True))
        in_a = mpmath.diff(lambda v: mpmath.betainc(v, y, 0, t, regularized=True), x)
        in_b = mpmath.diff(lambda v: mpmath.betainc(x, v, 0, t, regularized=True), y)
        for ball, slope in ((dual.in_a, in_a), (dual.in_b, in_b)):
            assert abs(float(ball) - float(slope)) <= 1e-12 * (abs(float(slope)) + 1e-30)
            assert float(ball.rad()) < 1e-30


@pytest.mark.parametrize("rate", ["0.1", "2.5", "400"])
def test_poisson_windows_hold_the_mass(rate):
    question = cell("poisson", {"rate": rate}, "1")
    with precision(40):
        law = sums.masses_of(question)
        found = window(law, IntegrandSizes(question.f), sums.centre_of(question), arb(10) ** -20)
        masses = law.between(found.low, found.high)
        outside = 1 - sum(masses, arb(0))
        assert outside < found.beyond
        assert found.beyond < arb(10) ** -20
        for n in (found.low, (found.low + found.high) // 2, found.high - 1):
            assert masses[n - found.low].overlaps(law.mass(n))


def test_jumps_of_f_on_a_lattice_follow_the_convention():
    """Heaviside(0) = 1/2 and sign(0) = 0, at an atom of the law."""
    question = cell("bernoulli", {"probs": "0.25"}, "Heaviside(z-1) + 3*sign(z)")
    with precision(30):
        assert holds(sums.integrate(question, 20), Fraction(1, 4) * Fraction(7, 2))
        assert holds(transform.integrate(question, 20), Fraction(1, 4) * Fraction(7, 2))


def test_kinks_outside_of_the_support_play_no_part():
    inside = cell("gamma", {"concentration": 2, "rate": 1}, "Abs(z+1)")
    assert len(inside.pieces) == 1
    assert applies(inside)
    assert inside.pieces[0].lower is None


def test_lowered_powers_of_wide_balls_stay_finite():
    """(1/x)**n of a ball that avoids 0, where 1/(x**n) would contain 1/0."""
    x = sympy.Symbol("x")
    lowered = lower((x + 1) ** -4, x)
    ball = acb(arb(0, 0.1), arb(3, 1.4))
    assert lowered.function(PLAIN, ball, *lowered.values((), ())).is_finite()


def test_the_search_for_a_cut_gives_a_divergent_integral_up_soon(monkeypatch):
    tails = sys.modules[cut.__module__]
    starts, tail = [], tails.tail
    monkeypatch.setattr(
        tails, "tail", lambda lowered, constants, start: starts.append(start) or tail(lowered, (), start)
    )
    with pytest.raises(Unboundable):
        cut(lower(sympy.exp(sympy.exp(s) - s), s), (), 0.0, arb(1e-20))
    assert 20 < len(starts) < 80 and starts == sorted(starts)


def test_a_cut_far_out_in_an_algebraic_tail_is_found():
    with precision(30):
        start, beyond = cut(lower((1 + s) ** sympy.Rational(-5, 4), s), (), 0.0, arb(1e-20))
        assert arb(1e-20) > beyond > 4 * (1 + arb(start)) ** (-arb(1) / 4) * arb(0.999)  # the integral beyond
