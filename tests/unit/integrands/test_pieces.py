"""Kinks, jumps and Piecewise: found, split, and computed alike by every back end."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from fsb_oracle.backends import get_backend
from fsb_oracle.errors import UsageError
from fsb_oracle.families.family import z
from fsb_oracle.integrands import integrand
from fsb_oracle.integrands.pieces import singular_points

THREE = "Piecewise((z**2, z < 0), (sin(z), (z >= 0) & (z <= 2)), (exp(-z), True))"
TEXTS = [
    "Piecewise((z**2, z < 1), (z, True))",
    THREE,
    "Piecewise((1, And(z > 0, z < 1)), (z, Or(z < -1, z >= 2)), (0, True))",
    "Piecewise((z, z < 0), (z + 1, z < 1), (z**2, True))",
    "Piecewise((Abs(z - 1), -1 < z <= 2), (Max(z, 3), True))",
    "Max(exp(z) - 2, 0)",
    "Abs(tanh(z) - 1/2)*sign(z + 1)",
    "sign(Piecewise((z, z < 1), (2 - z, True)))",
    "Min(Abs(z), Heaviside(z - 1), 1/2)",
    "Abs(z**3 - 3*z + 1)",
    "sign(1/z)",
]


BACKENDS = ["numpy", "torch", "jax"]


@pytest.mark.parametrize("text", TEXTS)
@settings(max_examples=30, derandomize=True, deadline=None)
@given(number=st.integers(-4000, 4000))
def test_pieces_add_up_to_f(text, number):
    f, at = integrand(text), sympy.Rational(2 * number + 1, 1999)
    (inside,) = [e for low, high, e in f.pieces if low < at < high]
    assert not inside.has(sympy.Piecewise, sympy.Max, sympy.Abs, sympy.sign)
    assert abs(inside.subs(z, at).evalf(30) - f.expression.subs(z, at).evalf(30)) < 1e-25
    assert f.smooth_at(at) == inside


@pytest.mark.parametrize("text", TEXTS)
def test_text_is_read_back(text):
    f = integrand(text)
    assert integrand(f.text).expression == f.expression
    assert integrand(f.text).slug == f.slug


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("text", TEXTS[:5])
@pytest.mark.parametrize("order", [0, 1, 2])
def test_back_ends_compute_piecewise_alike(name, text, order):
    backend, f = get_backend(name), integrand(text)
    points = np.linspace(-3, 4, 57)  # breakpoints included: -1, 0, 1, 2
    expression = f.derivative(order) if order else f.expression
    exact = [float(expression.subs(z, sympy.Rational(Fraction(p)))) for p in points]
    with backend.scope("float64"):
        at = backend.array(points, "float64")
        computed = backend.numpy(f.lowered(order)(backend.math, at) + 0 * at)
    np.testing.assert_allclose(computed, exact, rtol=1e-14, atol=1e-14)


@pytest.mark.parametrize(
    ("text", "smoothness"),
    [
        (THREE, "F0"),
        ("Piecewise((z**2, z < 1), (z, True))", "F1"),
        ("Piecewise((z**3, z < 0), (z**4, True))", "F2"),
        ("Max(exp(z)-2, 0)", "F1"),
        ("Max(z, tanh(z))", "F2"),
        ("sqrt(Abs(z))", "F1"),
        ("log(Abs(z))", "F0"),
        ("Heaviside(log(z))", "F0"),
        ("Abs(z**5-z-1)", "F1"),
    ],
)
def test_smoothness_classes(text, smoothness):
    assert integrand(text).smoothness == smoothness


def test_derivatives_of_piecewise_drop_what_happens_at_the_breaks():
    f = integrand("Piecewise((z**2, z < 1), (Heaviside(z - 2), True))")
    assert f.derivative(1) == sympy.Piecewise((2 * z, z < 1), (0, True))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Piecewise((z, z < 1))", "the last of them with True"),
        ("Piecewise()", "Piecewise takes pairs"),
        ("Piecewise(z, True)", "'z' is none"),
        ("Piecewise((z, 3), (1, True))", "'3' is not a condition"),
        ("Piecewise((z, z == 1), (0, True))", "'z == 1' is not a condition"),
        ("Piecewise((z, not z > 1), (0, True))", "'not z > 1' is not a condition"),
        ("piecewise((z, z < 1), (0, True))", "did you mean 'Piecewise'"),
        ("Abs(sin(z))", "f has too many kinks or jumps"),
        ("Abs(z - cos(z))", "cannot locate the kinks or jumps of f"),
    ],
)
def test_refusals_are_one_sentence(text, sentence):
    with pytest.raises(UsageError) as refused:
        _ = integrand(text).pieces
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_on_a_bounded_interval_a_wave_has_finitely_many_kinks():
    pieces = integrand("Abs(sin(20*z))").pieces_on(sympy.S.Zero, sympy.S.One)
    inner = [low for low, _, _ in pieces if 0 < low < 1]
    assert inner == [sympy.pi * k / 20 for k in range(1, 7)]


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("log(z)", [0]),
        ("1/(z**2-4)", [-2, 2]),
        ("z**(1/3)", [0]),
        ("sqrt(1-z)", [1]),
        ("1/(1+z**2)", []),
        ("log(1+exp(z))", []),
        ("z**3", []),
        ("exp(-z**2)/cosh(z)", []),
    ],
)
def test_singular_points(text, points):
    assert list(singular_points(integrand(text).expression)) == points


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("sech(z)", "1/cosh(z)"),
        ("csch(2*z)", "1/sinh(2*z)"),
        ("coth(z)", "1/tanh(z)"),
        ("sec(z)", "1/cos(z)"),
        ("csc(z)", "1/sin(z)"),
        ("cot(z)", "1/tan(z)"),
    ],
)
def test_reciprocal_functions_are_spelled_out(text, same):
    assert integrand(text).expression == integrand(same).expression
