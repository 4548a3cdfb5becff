"""The implicit pathwise estimator as balls: the velocity on panels, its bounds, and moments in closed form."""

from fractions import Fraction

import pytest
import sympy
from flint import acb, arb

from fsb_oracle import oracle
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import get_family
from fsb_oracle.families.family import z
from fsb_oracle.integrands import integrand
from fsb_oracle.oracle.value import as_fraction
from fsb_oracle.rules.certified_variance import as_float
from fsb_oracle.rules.collapse import number
from fsb_oracle.rules.implicit import certified_implicit
from fsb_oracle.rules.panels import panels
from fsb_oracle.rules.variance import implicit_moments
from fsb_oracle.rules.velocity_series import sides


@pytest.mark.parametrize(
    ("family", "values", "parameter"),
    [
        ("gamma", ("5/2", "3"), "concentration"),
        ("gamma", ("1/10", "1"), "concentration"),
        ("beta", ("2", "3"), "concentration1"),
        ("beta", ("3/10", "4/10"), "concentration0"),
    ],
)
def test_the_velocity_on_panels_is_the_quotient_of_integrals(family, values, parameter):
    """The oracle integrates the score for the velocity at a point; the panels never do. And the bounds are bounds."""
    law = get_family(family)
    at_ = law.parse(dict(zip(law.names, values, strict=True)))
    for side in sides(law, at_, parameter):
        with precision(40):
            start, end = sorted(
                float(side.coordinate(acb(number(point))).real.mid()) for point in (side.inner, side.cut(2))
            )
            for panel in list(panels(side, start, end, 20))[::4]:
                point = as_fraction(side.point(acb(panel.centre + 0.01)).real)
                found = panel.velocity(side.coordinate(acb(number(sympy.Rational(point.numerator, point.denominator)))))
                (exact,) = oracle.velocity(law, at_, parameter, [point], 20)
                assert found.real.overlaps(exact.ball) and found.real.rad() < arb(10) ** -18 * abs(exact.ball)
        for n in (side.first(20), 2 * side.first(20)):
            cut = side.cut(n)
            beyond = side.cut(n + 1)
            (exact,) = oracle.velocity(law, at_, parameter, [Fraction(int(beyond.p), int(beyond.q))], 16)
            with precision(30):
                assert abs(exact.ball) < number(side.bound(cut).xreplace({z: beyond}))


@pytest.mark.parametrize(
    ("family", "values", "parameter", "text"),
    [
        ("gamma", ("5", "1"), "concentration", "tanh(z)"),
        ("beta", ("2", "3"), "concentration1", "cos(z)"),
        ("beta", ("0.3", "0.4"), "concentration0", "tanh(z)"),
    ],
)
def test_implicit_pathwise_agrees_with_quadrature(family, values, parameter, text):
    law, f = get_family(family), integrand(text)
    at_ = law.parse(dict(zip(law.names, values, strict=True)))
    found, estimated = certified_implicit(law, at_, f, parameter), implicit_moments(law, at_, f, parameter)
    mean, variance_, kurtosis = (as_float(ball)[0] for ball in (found.mean, found.variance, found.kurtosis))
    assert mean == pytest.approx(estimated.mean, rel=1e-9)
    assert variance_ == pytest.approx(estimated.variance, rel=1e-8)
    assert kurtosis == pytest.approx(estimated.kurtosis, rel=1e-6)
    assert as_float(found.variance)[1] < 1e-14 * variance_


def test_implicit_pathwise_in_closed_form():
    """Beta(2, 1) has F = z^2, so that v = -z log(z)/2. For f = z^2, g = -z^2 log z = t exp(-2 t) with t ~ Exp(2)."""
    law, f = get_family("beta"), integrand("z**2")
    values = law.parse({"concentration1": "2", "concentration0": "1"})
    found = certified_implicit(law, values, f, "concentration1")
    for ball, exact in (
        (found.mean, "1/8"),  # 2/4^2
        (found.second, "1/54"),  # 2 * 2/6^3
        (found.fourth, "48/100000 - 4*12/(8*4096) + 6/(64*54) - 3/4096"),  # 2 * 24/10^5 and 2 * 6/8^4
    ):
        with precision(40):
            assert ball.contains(number(sympy.sympify(exact)))
            assert ball.rad() < 1e-16


def test_what_is_not_a_series_is_not_certified():
    law = get_family("gamma")
    values = law.parse({"concentration": "2.5", "rate": "1"})
    assert certified_implicit(law, values, integrand("tanh(z)"), "rate") is None
    assert certified_implicit(law, values, integrand("Heaviside(z - 1)"), "concentration") is None
