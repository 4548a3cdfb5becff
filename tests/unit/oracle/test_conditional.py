"""The mixture route: conditionally normal laws against closed forms, and against their other routes."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import get_family
from fsb_oracle.integrands import integrand
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.integrands.normal_means import normal_mean
from fsb_oracle.integrands.transforms import spectrum
from fsb_oracle.oracle import conditional, exact
from fsb_oracle.oracle.exact import routes_of

from .conftest import cell

LAWS = ("laplace", "student_t", "variance_gamma", "normal_inverse_gaussian")
POINTS = [(name, dict(edge)) for name in LAWS for edge in get_family(name).edges[:3]]
GOALS = st.sampled_from([-2, -1, 0, 1, 2, 3, 5, 16, 30])


@pytest.mark.parametrize(
    "f",
    [
        "z**3 - z", "exp(z/2)", "z*sin(2*z)", "exp(-z**2)", "z**2*exp(-z**2/2 + z)", "exp(-z**2)*cos(3*z)",
        "Heaviside(z - 1/2)", "Max(z - 1/2, 0)", "Abs(z)", "exp(-Abs(z))", "Max(z, 0)**3", "Min(Max(z, 0), 1)",
    ],
)  # fmt: skip
def test_normal_means(f):
    """Against quadrature of the normal density."""
    import sympy

    m, s = sympy.Rational(3, 10), sympy.Rational(7, 5)
    pieces = tuple(integrand(f).pieces)
    found = spectrum(pieces) if len(pieces) > 1 else None
    edges = None if found is None else [edge for jump in found.jumps for edge in jump.edges]
    with mpmath.workdps(30):
        value = mpmath.re(mpmath.mpmathify(sympy.N(normal_mean(pieces, edges, m, s), 30)))
        function = sympy.lambdify(sympy.Symbol("z", real=True), integrand(f).expression, "mpmath")

        def weighted(x):
            return function(x) * mpmath.exp(-((x - mpmath.mpf(3) / 10) ** 2) / (mpmath.mpf(14) / 5))

        cuts = [-20, -8, -3, -1, 0, mpmath.mpf(1) / 2, 1, 2, 4, 8, 20]
        truth = mpmath.quad(weighted, cuts) / mpmath.sqrt(2 * mpmath.pi * mpmath.mpf(7) / 5)
        assert abs(value - truth) < mpmath.mpf(10) ** -24


def test_no_closed_form_for_other_functions():
    for f in ("tanh(z)", "1/(1 + z**2)", "exp(z**2)", "Heaviside(z)*tanh(z)", "Heaviside(z)*sin(z)"):
        assert not conditional.applies(cell("laplace", {"loc": "0", "scale": "1"}, f))
    assert not conditional.applies(cell("normal", {"loc": "0", "scale": "1"}, "z"))


def _mixture(question, digits):
    with precision(60):
        return conditional.integrate(question, digits)


def test_laplace_closed_forms():
    """E exp(z/2) = exp(loc/2)/(1 - scale**2/4); P(Z > a) = exp(-(a - loc)/scale)/2 above loc."""
    values = {"loc": "0.3", "scale": "1.2"}
    with mpmath.workdps(40):
        loc, scale = mpmath.mpf("0.3"), mpmath.mpf("1.2")
        tail = mpmath.exp(-(mpmath.mpf("0.5") - loc) / scale) / 2
        truths = {
            ("exp(z/2)", None): mpmath.exp(loc / 2) / (1 - scale**2 / 4),
            ("exp(z/2)", "scale"): mpmath.exp(loc / 2) * scale / 2 / (1 - scale**2 / 4) ** 2,
            ("Heaviside(z - 1/2)", None): tail,
            ("Heaviside(z - 1/2)", "loc"): tail / scale,
            ("Heaviside(z - 1/2)", "scale"): tail * (mpmath.mpf("0.5") - loc) / scale**2,
            ("Max(z - 1/2, 0)", None): tail * scale,
        }
        for (f, parameter), truth in truths.items():
            ball = _mixture(cell("laplace", values, f, parameter), 30)
            assert _contains(ball, truth), (f, parameter)


def _contains(ball, truth):
    with precision(60):
        return bool(ball.overlaps(arb(mpmath.nstr(truth, 38)) + arb(0, 1e-35))) and ball.rad() < 1e-25


def test_moments():
    """Mean and variance as declared, for each law in which they exist."""
    for family, values in POINTS:
        law = get_family(family)
        at = law.parse(values)
        if not law.at(law.variance, at).is_finite:
            continue
        mean, variance = (law.at(e, at).evalf(40) for e in (law.mean, law.variance))
        with mpmath.workdps(40):
            for f, truth in (("z", mean), ("z**2", variance + mean**2)):
                assert _contains(_mixture(cell(family, values, f), 30), mpmath.mpmathify(truth)), (family, values, f)


@pytest.mark.parametrize("family", LAWS)
def test_a_constant_has_the_mean_1_and_the_gradient_0(family):
    @settings(max_examples=25, derandomize=True, deadline=None)
    @given(st.sampled_from([edge for name, edge in POINTS if name == family]), GOALS, st.data())
    def check(values, digits, data):
        parameter = data.draw(st.sampled_from([None, *values]))
        ball = _mixture(cell(family, values, "1", parameter), digits)
        assert ball.is_finite()
        assert ball.contains(1 if parameter is None else 0), (values, parameter, digits, ball)

    check()


@pytest.mark.parametrize("f", ["sin(2*z)", "exp(-z**2)", "Max(z - 1/2, 0)", "Heaviside(z)"])
@pytest.mark.parametrize("family", LAWS)
def test_the_routes_overlap_at_every_goal(family, f):
    @settings(max_examples=6, derandomize=True, deadline=None)
    @given(st.sampled_from([edge for name, edge in POINTS if name == family]), GOALS, st.data())
    def check(values, digits, data):
        question = cell(family, values, f, data.draw(st.sampled_from([None, *values])))
        if float(Fraction(values.get("df", 5))) <= 1 and f.startswith("Max"):
            return
        ball = _mixture(question, digits)
        assert ball.is_finite(), (values, question.parameter, digits)
        with precision(60):
            for route in routes_of(question):
                try:
                    other = route.ball(25, arb(1))
                except Unboundable:
                    continue
                if other.is_finite():
                    assert ball.overlaps(other), (values, question.parameter, digits, route.name, ball, other)

    check()


def test_a_jump_where_the_conditional_mean_lies():
    """a = loc: the tail bounds meet a coefficient that is exactly 0."""
    for family, values in POINTS:
        ball = _mixture(cell(family, {**values, "loc": "0"}, "Heaviside(z)"), 20)
        assert ball.is_finite()
        if family in ("laplace", "student_t"):
            assert ball.contains(0.5)


def test_the_mixture_route_makes_level_3():
    value = exact("variance_gamma", dict(get_family("variance_gamma").edges[1]), "exp(-z**2)").expectation
    assert set(value.routes) == {"mixture", "spectral"}
    assert value.level == 3
