"""Lowering: one expression, the same numbers on NumPy, balls and mpmath; only whitelisted source is ever executed."""

import mpmath
import numpy as np
import pytest
import sympy
from flint import acb

from fsb_oracle.backends import get_backend, unavailable
from fsb_oracle.backends.expressions import compile_expression, hyp1f1
from fsb_oracle.backends.flint_math import FlintMath, precision
from fsb_oracle.backends.mpmath_math import MpmathMath
from fsb_oracle.backends.numpy_backend import NumpyMath
from fsb_oracle.errors import UsageError
from fsb_oracle.families.vector_recipe import applied

x = sympy.Symbol("x", real=True)
EXPRESSIONS = [
    sympy.sin(3 * x) / (1 + x**2),
    sympy.exp(-(x**2)) * sympy.tanh(x) - x ** sympy.Rational(1, 3),
    sympy.loggamma(x) + sympy.digamma(x) + sympy.polygamma(1, x),
    sympy.atan(x) + sympy.erf(x) + sympy.erfc(x) + sympy.cosh(x) - sympy.sinh(x),
    sympy.Max(x - 1, 0) + sympy.Min(x, 2) + sympy.Abs(x - 3) + sympy.sign(x) + sympy.Heaviside(x - 1),
    x + sympy.loggamma(sympy.Rational(1007, 2)) - sympy.loggamma(500) - sympy.log(sympy.factorial(200) * x),
    x + sympy.log(sympy.Rational(sympy.factorial(499), 7**900)) - sympy.log(sympy.Rational(3, 2**1200)),
    sympy.sqrt(x) / x**2 + 1 / sympy.sqrt(x + 1) + sympy.pi * sympy.E,
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=range(len(EXPRESSIONS)))
def test_all_arithmetics_agree(expression):
    function = compile_expression(expression, (x,))
    points = [0.3, 1.0, 2.75]
    on_arrays = function(NumpyMath(), np.array(points))
    for point, value in zip(points, np.broadcast_to(on_arrays, 3), strict=True):
        with precision(30), mpmath.workdps(30):
            ball = function(FlintMath(), acb(point))
            number = function(MpmathMath(), mpmath.mpf(point))
            assert float(number) == pytest.approx(value, rel=1e-13)
            assert abs(float(acb(ball).real.mid()) - float(number)) < 1e-14 * (1 + abs(float(number)))


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=range(len(EXPRESSIONS)))
def test_float32_stays_float32(expression):
    value = compile_expression(expression, (x,))(NumpyMath(), np.array([0.5, 1.5], np.float32))
    assert value.dtype == np.float32


def test_hyp1f1_differentiates_in_its_argument():
    a, b = sympy.symbols("a b")
    assert sympy.diff(hyp1f1(a, b, x), x) == a / b * hyp1f1(a + 1, b + 1, x)


def test_heaviside_is_one_half_at_zero():
    step = compile_expression(sympy.Heaviside(x), (x,))
    assert list(step(NumpyMath(), np.array([-1.0, 0.0, 1.0]))) == [0.0, 0.5, 1.0]


def test_unknown_symbols_and_functions_are_refused():
    with pytest.raises(UsageError, match="unknown symbol"):
        compile_expression(sympy.Symbol("q") + x, (x,))
    with pytest.raises(UsageError, match="no lowering"):
        compile_expression(sympy.airyai(x), (x,))


def test_a_missing_or_misspelt_back_end_is_one_sentence():
    with pytest.raises(UsageError, match="did you mean 'numpy'"):
        get_backend("nump")
    assert unavailable("numpy") is None


def test_noise_draws_have_their_mean_and_follow_the_seed():
    from fsb_oracle.backends import noise

    backend = get_backend("numpy")
    means = {
        noise.Uniform(): 0.5,
        noise.Exponential(): 1.0,
        noise.Normal(): 0.0,
        noise.Laplace(): 0.0,
        noise.Rayleigh(): np.sqrt(np.pi / 2),
        noise.Rademacher(): 0.0,
        noise.Gamma(2.5): 2.5,
        noise.Beta(2.0, 3.0): 0.4,
        noise.Bernoulli(0.3): 0.3,
        noise.Poisson(4.0): 4.0,
    }
    for primitive, mean in means.items():
        for dtype in ("float32", "float64"):
            first, again = (
                backend.draw(primitive, backend.stream(np.random.SeedSequence(5)), (100_000,), dtype) for _ in range(2)
            )
            assert first.dtype == dtype
            assert np.array_equal(first, again)
            assert abs(first.mean() - mean) < 6 * max(first.std(), 1e-3) / np.sqrt(100_000)


@pytest.mark.parametrize("order", [0, 1, 50, 1000, 20000])
@pytest.mark.parametrize("at", [1e-3, 1.0, 20.0, 700.0, 2000.0, 1e5])
def test_the_logarithm_and_the_ratio_of_bessel_functions_stay_finite(order, at):
    """Where I itself overflows (at 2000) or underflows (at the order 20000)."""
    m, balls = NumpyMath(), FlintMath()
    with precision(40):
        logarithm, ratio = (float(acb(f(order, acb(at))).real.mid()) for f in (balls.log_besseli, balls.besseli_ratio))
    assert m.log_besseli(order, at) == pytest.approx(logarithm, rel=1e-12, abs=1e-12)
    assert m.besseli_ratio(order, at) == pytest.approx(ratio, rel=1e-12)


@pytest.mark.parametrize("leading", [(), (7,), (3, 1, 2), (0,)], ids=str)
@pytest.mark.parametrize("batched", [False, True], ids=["one matrix", "a matrix each"])
def test_products_and_solutions_are_those_of_each_vector(leading, batched):
    random = np.random.default_rng(0)
    matrix = random.standard_normal((*(leading if batched else ()), 3, 3)) + 4 * np.eye(3)
    vector = random.standard_normal((*leading, 3))
    product, solution = applied(matrix, vector), NumpyMath.solve(matrix, vector[..., None])[..., 0]
    assert product.shape == solution.shape == vector.shape
    each = np.broadcast_to(matrix, (*leading, 3, 3))
    for place in np.ndindex(leading):
        assert np.allclose(product[place], each[place] @ vector[place], rtol=1e-14)
        assert np.allclose(each[place] @ solution[place], vector[place], rtol=1e-13)
