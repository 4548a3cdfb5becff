"""Growth bounds hold at every sampled point, and refuse what they cannot bound."""

from fractions import Fraction

import pytest
import sympy
from flint import acb, arb
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Abs, asinh, atan, cos, cosh, erf, erfc, exp, log, sin, sinh, sqrt, tanh

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import FlintMath, precision
from fsb_oracle.errors import UsageError
from fsb_oracle.integrands.bounds import Bound, NotYet, Unboundable
from fsb_oracle.integrands.growth import lower_bound, upper_bound

s = sympy.Symbol("s", positive=True)
c, d = sympy.Symbol("c", real=True), sympy.Symbol("d")
BALLS = FlintMath()

rationals = st.fractions(min_value=-3, max_value=3, max_denominator=7).map(
    lambda q: sympy.Rational(q.numerator, q.denominator)
)
leaves = st.one_of(st.just(s), rationals, st.just(s**2), st.just(c), st.just(1 + s))
unary = st.sampled_from(
    [
        sin,
        cos,
        tanh,
        atan,
        erf,
        erfc,
        asinh,
        Abs,
        lambda x: x**2,
        lambda x: x**3,
        lambda x: sqrt(1 + x**2),
        lambda x: exp(-(x**2)),
        lambda x: exp(-x),
        lambda x: exp(x / 3),
        lambda x: log(2 + x**2),
        lambda x: 1 / (1 + x**2),
        lambda x: 1 / cosh(x),
        lambda x: 1 / (2 + sin(x)),
        lambda x: sinh(x / 4),
        lambda x: 1 / (1 + exp(-x)),
        lambda x: log(1 + exp(x)),
        lambda x: sympy.loggamma(1 + x),
        lambda x: sympy.loggamma(2 + x**2),
    ]
)
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(unary, inner).map(lambda pair: pair[0](pair[1])),
        st.tuples(inner, inner).map(lambda pair: pair[0] + pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] * pair[1]),
    ),
    max_leaves=4,
)
starts = st.sampled_from([0.0, 0.5, 2.0, 10.0, 75.0])
steps = st.floats(min_value=0, max_value=60, allow_nan=False)


def bounds_at(expression: sympy.Expr, start: float, values: dict) -> tuple[Bound | None, Bound | None]:
    found = []
    for bound in (upper_bound, lower_bound):
        try:
            found.append(bound(expression, s, start, values))
        except (NotYet, Unboundable):
            found.append(None)
    return found[0], found[1]


@settings(max_examples=300, derandomize=True, deadline=None)
@given(expressions, starts, st.lists(steps, min_size=3, max_size=6), rationals)
def test_sampled_values_lie_between_the_bounds(expression, start, lengths, constant):
    with precision(40):
        values = {c: acb(arb(int(constant.p)) / int(constant.q))}
        upper, lower = bounds_at(expression, start, values)
        function = compile_expression(expression, (s, c))
        for length in lengths:
            size = abs(acb(function(BALLS, acb(arb(start) + arb(length)), values[c])))
            if not size.is_finite():
                continue
            if upper is not None:
                assert not size.lower() > upper.at(length, start).upper(), (expression, upper)
            if lower is not None:
                assert not size.upper() < lower.at(length, start).lower(), (expression, lower)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.integers(0, 4), rationals, starts, steps, st.sampled_from([acb(1), acb(1, 1), acb(1, -1)]))
def test_complex_rays_are_bounded_too(power, height, start, length, turn):
    """What the contours feed in: powers and logarithms of complex linear functions, Gaussians of complex
    argument.
    """
    eta, direction = sympy.Symbol("eta", real=True), sympy.Symbol("direction")
    w = sympy.I * eta + direction * s
    expression = exp(-(w**2) / 3 + w / 2) * log(1 - w) / (2 + w) ** power
    with precision(40):
        values = {eta: acb(int(height.p)) / int(height.q), direction: turn}
        upper, lower = bounds_at(expression, start, values)
        size = abs(compile_expression(expression, (s, eta, direction))(BALLS, acb(start + length), *values.values()))
        if upper is not None and size.is_finite():
            assert not size.lower() > upper.at(length, start).upper()
        if lower is not None and size.is_finite():
            assert not size.upper() < lower.at(length, start).lower()


@pytest.mark.parametrize(
    ("expression", "start", "size", "power", "rate"),
    [
        (s**3, 1.0, 8, 3, 0),
        (exp(-2 * s), 1.0, Fraction("0.13533528323661270"), 0, -2),
        (exp(-(s**2)), 3.0, Fraction("0.00012340980408668"), 0, -6),
        (tanh(s) * (1 + s), 2.0, 3, 1, 0),
        (1 / (1 + s**2), 4.0, Fraction(1, 17), 0, 0),
    ],
)
def test_bounds_are_as_sharp_as_expected(expression, start, size, power, rate):
    with precision(30):
        bound = upper_bound(expression, s, start)
        assert abs(float(bound.size) - float(size)) <= 1e-12 * float(size) or expression.has(1 / (1 + s**2))
        assert bound.rate.contains(rate) or bound.rate == rate
        if not expression.has(1 / (1 + s**2)):
            assert bound.power == power
        else:
            assert -2 <= bound.power <= 0


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        (sympy.tan(s), "tan has no growth bound"),
        (exp(s**2), "grows faster than linearly"),
        (exp(s**3 - s**2), "grows faster than linearly"),
        (s**s, "exponent that is not constant"),
        (sin(d * s), "complex argument"),
    ],
)
def test_refusals_are_one_sentence(expression, words):
    with precision(30), pytest.raises(UsageError, match=words) as refused:
        upper_bound(expression, s, 1.0, {d: acb(0, 1)})
    assert "\n" not in str(refused.value)


def test_growth_faster_than_any_exponential_decays_in_its_lower_bound():
    with precision(30):
        bound = lower_bound(exp(s**2), s, 2.0)
        assert bound.rate.contains(4)
        assert bound.size.contains(arb(4).exp())


def test_erfc_decays_like_a_gaussian_and_asinh_grows_like_a_logarithm():
    with precision(30):
        assert upper_bound(erfc(s), s, 3.0).rate.contains(-6)
        assert upper_bound(erfc(s - 1), s, 0.5).rate == 0
        assert upper_bound(asinh(s**3), s, 10.0).power < 1


@pytest.mark.parametrize("exponent", [exp(s) - s**2, sinh(s) - 3 * s**4, cosh(s / 2) - s])
def test_an_exponential_in_an_exponent_wins_against_polynomials(exponent):
    with precision(30):
        bound = lower_bound(exp(exponent), s, 100.0)
        assert bound.rate > 0
        value = exponent.subs(s, 101).evalf(30)
        assert bound.at(1.0, 100.0).log() <= arb(str(value))


@pytest.mark.parametrize("power", ["1/10", "1/2", "9/10"])
def test_an_exponent_that_falls_like_a_small_power_is_bounded_by_a_high_power(power):
    """No straight line falls with -s**p, p < 1: the bound falls like a power of r, the faster the later the start."""
    exponent, found = sympy.Rational(power), []
    expression = exp(-5 * (2 - sympy.I * s) ** exponent)
    function = compile_expression(expression, (s,))
    for start in (10.0, 1000.0):
        bound = upper_bound(expression, s, start)
        assert bound.rate == 0
        found.append(bound.power)
        for x in (0.0, 1.0, 30.0, 1e4):
            assert abs(function(BALLS, acb(start + x))) <= bound.at(x, start)
        # the largest power that a tangent in log r allows is the logarithmic derivative of the exponent
        steepest = -5 * exponent * abs(2 - sympy.I * start) ** exponent
        assert steepest * 1.001 < float(bound.power.mid()) < 0
    assert found[1] < found[0]
