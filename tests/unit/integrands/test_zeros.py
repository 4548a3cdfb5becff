"""Zeros are found completely, as exact numbers, or refused."""

from itertools import pairwise

import mpmath
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families.family import z
from fsb_oracle.integrands.parser import parse_expression
from fsb_oracle.integrands.points import ball_of
from fsb_oracle.integrands.zeros import InfinitelyMany, Unsolved, in_order, real_zeros

SOLVED = {
    "exp(z)-2": [0.6931471805599453],
    "log(z)-1": [2.718281828459045],
    "log(z)**2-2": [0.2431167344342142, 4.113250378782928],
    "tanh(z)-1/2": [0.5493061443340549],
    "tanh(z)**2-1/4": [-0.5493061443340549, 0.5493061443340549],
    "cosh(z)-2": [-1.3169578969248166, 1.3169578969248166],
    "sinh(z)-cosh(z)/2": [0.5493061443340549],
    "exp(2*z)-3*exp(z)+2": [0.0, 0.6931471805599453],
    "exp(z)-exp(2*z-1)": [1.0],
    "1/(1+exp(-z))-1/4": [-1.0986122886681098],
    "exp(-z**2)-1/2": [-0.8325546111576977, 0.8325546111576977],
    "sqrt(z)-3": [9.0],
    "atan(z)-1": [1.557407724654902],
    "asinh(z)-2": [3.626860407847019],
    "erf(z-1)": [1.0],
    "z-tanh(z)": [0.0],
    "exp(z)+z-1": [0.0],
    "z*exp(-z)": [0.0],
    "1/z": [0.0],
    "z**3-3*z+1": [-1.879385241571817, 0.3472963553338607, 1.532088886237956],
    "z**5-z-1": [1.1673039782614187],
    "1+z**2": [],
    "2+sin(z)": [],
    "1+exp(z)": [],
    "cosh(z)": [],
    "z-1e-240": [1e-240],
}


@pytest.mark.parametrize("text", SOLVED)
def test_zeros_are_all_found(text):
    points = real_zeros(parse_expression(text))
    assert [float(ball_of(p).real) for p in points] == pytest.approx(SOLVED[text], rel=1e-14, abs=1e-300)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("sin(5*z)-1/3", -2, 3), ("cos(3*z+1)+1/2", 0, 4), ("tan(z)-2", -2, 5), ("sin(z)**2-1/4", 0, 7)],
)
def test_waves_have_all_their_zeros_in_a_window(text, low, high):
    expression = parse_expression(text)
    points = [float(p) for p in real_zeros(expression, sympy.Integer(low), sympy.Integer(high))]
    function = sympy.lambdify(z, expression, "mpmath")
    grid = [low + (high - low) * mpmath.mpf(k) / 3001 for k in range(3002)]
    for left, right in pairwise(grid):
        if function(left) * function(right) < 0:
            assert any(left <= p <= right for p in points), (left, right)
    with pytest.raises(InfinitelyMany, match="too many zeros"):
        real_zeros(expression)


@pytest.mark.parametrize("text", ["z-cos(z)", "exp(z)-z-2", "erf(z)-1/2", "sin(z**2)-1/2", "log(z)-sin(z)"])
def test_what_is_not_solved_completely_is_refused(text):
    with pytest.raises(Unsolved, match=r"not known exactly|too many"):
        real_zeros(parse_expression(text))


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(st.integers(-6, 6), min_size=2, max_size=7).filter(lambda c: any(c[1:])))
def test_balls_of_roots_hold_the_roots_in_order(coefficients):
    polynomial = sum(c * z**k for k, c in enumerate(coefficients))
    points = real_zeros(sympy.sympify(polynomial))
    with precision(50):
        balls = [ball_of(p).real for p in points]
        for ball in balls:
            assert float(ball.rad()) < 1e-45
            value = sum((c * ball**k for k, c in enumerate(coefficients)), 0 * ball)
            assert value.contains(0)
        assert all(a < b for a, b in pairwise(balls))
    assert len(points) == len(set(sympy.real_roots(sympy.Poly(polynomial, z))))


def test_equal_numbers_in_two_forms_count_once():
    assert len(in_order([sympy.log(9), 2 * sympy.log(3), sympy.Integer(0), sympy.Rational(1, 10**240)])) == 3
