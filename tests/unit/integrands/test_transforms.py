"""Every entry of the table of transforms against numerical integrals of f itself."""

import mpmath
import pytest
import sympy

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.mpmath_math import MpmathMath
from fsb_oracle.families.family import w, z
from fsb_oracle.integrands import integrand
from fsb_oracle.integrands.terms import Point, point_terms
from fsb_oracle.integrands.transforms import spectrum

M = MpmathMath()
ENTIRE = ["exp(-z**2)", "exp(-(2*z-1)**2/3)", "z**2*exp(-z**2)", "z*exp(-z**2/2 + z)", "exp(-z**2)*cos(3*z)"]
STRIP = [
    "tanh(z)",
    "tanh(1-2*z)",
    "erf(z-1)",
    "1/(1+exp(-z))",
    "log(1+exp(z))",
    "log(1+exp(1-2*z))",
    "1/cosh(z)",
    "1/cosh(2*z-1)",
    "1/cosh(z)**2",
    "3*tanh(z)+1/cosh(z/2)",
]
RATIONAL = ["1/(1+z**2)", "1/(1+(3*z-2)**2)", "z/(1+z**2)", "1/(1+z**2)**2", "(z+2)/(2*z**2+z+3)"]
JUMPS = [
    "Max(z-1/2,0)",
    "Heaviside(z-1)",
    "Abs(z-1)",
    "exp(-Abs(z))",
    "Max(z,0)**2",
    "sign(z+1)",
    "sin(z)*Heaviside(z)",
]


def found(text):
    result = spectrum(tuple(integrand(text).pieces))
    assert result is not None
    return result


def value_of(points, at):
    total = sum((p.expression for p in points), sympy.S.Zero)
    return compile_expression(sympy.sympify(total), (z,))(M, at)


def transform(f, at, points=(0,)):
    return mpmath.quad(lambda x: f(x) * mpmath.exp(-1j * at * x), [-mpmath.inf, *points, mpmath.inf])


@pytest.mark.parametrize("text", ENTIRE)
@pytest.mark.parametrize("at", [0.7, 2.3 - 0.4j])
def test_gaussians(text, at):
    term, f = found(text).smooth[0], integrand(text).lowered()
    formula = compile_expression(term.expression, (w,))(M, mpmath.mpc(at))
    assert mpmath.almosteq(formula, transform(lambda x: f(M, x), at), 1e-10)


@pytest.mark.parametrize("text", STRIP)
@pytest.mark.parametrize("height", [0.3, -0.3])
def test_strips_give_the_transform_less_the_asymptote_of_their_side(text, height):
    result, at = found(text), mpmath.mpc(0.6, height)
    f = integrand(text).lowered()
    asymptotes = [p for t in result.smooth for p in (t.upper if height > 0 else t.lower)] + list(result.points)
    formula = sum(compile_expression(t.expression, (w,))(M, at) for t in result.smooth)
    with mpmath.workdps(25):
        number = mpmath.quad(
            lambda x: (f(M, x) - value_of(asymptotes, x)) * mpmath.exp(-1j * at * x),
            [-120, -30, -8, 0, 8, 30, 120],
        )
    assert mpmath.almosteq(formula, number, 1e-8)


@pytest.mark.parametrize("text", RATIONAL)
def test_rational_functions(text):
    (term,), f, at = found(text).smooth, integrand(text).lowered(), mpmath.mpf(1.3)
    assert term.half_line
    formula = compile_expression(term.expression, (w,))(M, at)
    even = mpmath.quadosc(lambda x: (f(M, x) + f(M, -x)) * mpmath.cos(at * x), [0, mpmath.inf], omega=at)
    odd = mpmath.quadosc(lambda x: (f(M, x) - f(M, -x)) * mpmath.sin(at * x), [0, mpmath.inf], omega=at)
    assert mpmath.almosteq(formula, even - 1j * odd, 1e-8)


@pytest.mark.parametrize("text", JUMPS)
@pytest.mark.parametrize("height", [1.7, -1.7])
def test_edges_give_what_f_gains_on_one_side(text, height):
    """Above the pole -rate the edge is the transform of the change on the left (with a minus sign), below on
    the right.
    """
    at = mpmath.mpc(0.6, height)
    for jump in found(text).jumps:
        right_side = height < -float(jump.rate)
        for edge in jump.edges:
            a = float(edge.position)
            formula = compile_expression(edge.amplitude * sympy.exp(-sympy.I * w * edge.position), (w,))(M, at)
            ends = [a, a + 10, a + 90] if right_side else [a - 90, a - 10, a]
            number = mpmath.quad(lambda x, edge=edge: value_of(edge.change, x) * mpmath.exp(-1j * at * x), ends)
            assert mpmath.almosteq(formula, number if right_side else -number, 1e-8)


def test_jumps_add_up_to_f():
    result = found("Abs(z-1) + Max(z, 0) + tanh(z)")
    (jump,) = result.jumps
    f = integrand("Abs(z-1) + Max(z, 0) + tanh(z)").lowered()
    for at in (-2.0, 0.5, 3.0):
        edges = sum(value_of(e.change, at) for e in jump.edges if at > float(e.position))
        smooth = mpmath.tanh(at)
        assert mpmath.almosteq(value_of(jump.lower, at) + edges + smooth, f(M, mpmath.mpf(at)))


@pytest.mark.parametrize("text", ["z**4-z", "sin(3*z+1)", "sin(3*z)**4", "z**2*exp(-z)*cos(2*z)", "cosh(z/2)", "7"])
def test_point_spectra_add_up_to_f(text):
    points = point_terms(integrand(text).expression)
    assert points is not None
    f = integrand(text).lowered()
    for at in (-1.3, 0.0, 2.1):
        assert mpmath.almosteq(value_of(points, mpmath.mpf(at)), f(M, mpmath.mpf(at)), 1e-12, 1e-12)


def test_equal_terms_are_collected_and_zeros_dropped():
    assert point_terms(z + 2 * z - 3 * z + 5) == [Point(sympy.Integer(5), 0, sympy.S.Zero)]


@pytest.mark.parametrize(
    "text", ["atan(z)", "1/(1+z**4)", "exp(-z**4)", "log(1+z**2)", "1/(z-1)", "exp(-z**2)*Heaviside(z)"]
)
def test_what_is_not_in_the_table_is_left_to_the_density(text):
    assert spectrum(tuple(integrand(text).pieces)) is None
