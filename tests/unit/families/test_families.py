"""Each law's declarations agree with each other: density, characteristic function, moments, recipe, letters."""

import mpmath
import numpy as np
import pytest
import sympy

from fsb_oracle.backends import get_backend
from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.mpmath_math import MpmathMath
from fsb_oracle.backends.noise import VonMises, evaluate
from fsb_oracle.backends.numpy_backend import NumpyMath
from fsb_oracle.errors import UsageError
from fsb_oracle.families import get_family, list_families, parameter_text
from fsb_oracle.families.family import LINE, w, z
from fsb_oracle.families.numbers import decimal_text, exact_number, round_to_dtype

CELLS = [(law, edge) for law in list_families() for edge in law.edges[:3]]


def _analytic_at_0(law, edge):
    """Whether the moments follow from the characteristic function at 0."""
    at = law.parse(edge)
    low, high = (law.at(end, at) for end in law.strip)
    return law.characteristic_function is not None and law.support.period is None and low < 0 < high


def _drawn_with_four_moments(law, edge):
    """Whether the back ends draw it, and its sample variance obeys the central limit theorem."""
    draws = not any(isinstance(primitive, VonMises) for primitive in law.recipe.noise.values())
    draws = draws and sympy.nan not in (law.recipe.expression, law.mean)
    return draws and law.at(law.tail_index, law.parse(edge)) > 4


def _half_charts(law):
    """Charts that start where a density on the line has its kink."""
    return [chart for chart in law.charts if chart.lower == 0] if law.support == LINE else []


ANALYTIC = [cell for cell in CELLS if _analytic_at_0(*cell)]


def _ids(cell):
    return ",".join(f"{k}={v}" for k, v in cell.items()) if isinstance(cell, dict) else cell.name


@pytest.mark.parametrize(("law", "edge"), ANALYTIC, ids=_ids)
def test_moments_follow_from_the_characteristic_function(law, edge):
    """mean = -i phi'(0), second moment = -phi''(0), by numerical differentiation in mpmath."""
    at = law.parse(edge)
    function = compile_expression(law.characteristic_function, (w, *law.symbols))
    with mpmath.workdps(40):
        values = [mpmath.mpf(v.numerator) / v.denominator for v in at.values()]

        def phi(x):
            return function(MpmathMath(), x, *values) if x else mpmath.mpf(1)

        step = mpmath.mpf(10) ** -8 / (1 + abs(float(law.at(law.mean, at))) + law.spread(at))
        first = (phi(step) - phi(-step)) / (2 * step)
        second = (phi(step) - 2 * phi(mpmath.mpf(0)) + phi(-step)) / step**2
        mean, variance = (float(law.at(e, at)) for e in (law.mean, law.variance))
        assert float(first.imag) == pytest.approx(mean, rel=1e-9, abs=1e-9)
        assert -float(mpmath.re(second)) - mean**2 == pytest.approx(variance, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("law", "edge"),
    [(law, edge) for law, edge in ANALYTIC if law.support.kind == "interval" and law.log_density is not None],
    ids=_ids,
)
def test_the_density_integrates_to_its_characteristic_function(law, edge):
    at = law.parse(edge)
    density = sympy.lambdify(z, law.at(law.log_density, at), "mpmath")
    low, high = (law.at(end, at) for end in (law.support.lower, law.support.upper))
    phi = compile_expression(law.characteristic_function, (w, *law.symbols))
    with mpmath.workdps(20):
        values = [mpmath.mpf(v.numerator) / v.denominator for v in at.values()]
        frequency = mpmath.mpf("0.7") / law.spread(at)
        mean, spread = float(law.at(law.mean, at)), law.spread(at)
        ends = [
            mpmath.mpf(mean - 60 * spread) if low == -sympy.oo else mpmath.mpf(float(low)),
            mpmath.mpf(mean + 60 * spread) if high == sympy.oo else mpmath.mpf(float(high)),
        ]
        kinks = [float(law.at(chart.point, at).subs(chart.variable, chart.lower)) for chart in _half_charts(law)]
        cuts = [ends[0], *map(mpmath.mpf, sorted({x for x in (mean, *kinks) if ends[0] < x < ends[1]})), ends[1]]

        def integrand(x):
            return mpmath.exp(density(x)) * mpmath.expj(frequency * x)

        if cuts[0] == 0:  # z = exp(y): a power singularity at 0 becomes an exponential tail
            logs = [mpmath.mpf(-700), *map(mpmath.log, cuts[1:])]
            total = mpmath.quad(lambda y: integrand(mpmath.exp(y)) * mpmath.exp(y), logs, maxdegree=9)
        else:
            total = mpmath.quad(integrand, cuts, maxdegree=9)
        assert abs(total - phi(MpmathMath(), frequency, *values)) < 1e-6


@pytest.mark.parametrize(("law", "edge"), [cell for cell in CELLS if _drawn_with_four_moments(*cell)], ids=_ids)
def test_the_recipe_has_the_declared_mean_and_variance(law, edge):
    """200,000 draws; 6 standard errors, so a false alarm has probability below 1e-8."""
    from fsb_oracle.backends.noise import evaluate

    at, backend = law.parse(edge), get_backend("numpy")
    values = {name: float(value) for name, value in at.items()}
    stream = np.random.Generator(np.random.Philox(7))
    noise = {
        name: backend.draw(primitive.at(backend.math, values), stream, (200_000,), "float64")
        for name, primitive in law.recipe.noise.items()
    }
    samples = np.broadcast_to(evaluate(law.recipe.expression, backend.math, {**values, **noise}), 200_000)
    mean, variance = (float(law.at(e, at)) for e in (law.mean, law.variance))
    assert abs(samples.mean() - mean) <= 6 * np.sqrt(variance / 200_000) + 1e-12
    fourth = np.mean((samples - mean) ** 4)
    assert abs(np.mean((samples - mean) ** 2) - variance) <= 6 * np.sqrt(max(fourth - variance**2, 0) / 200_000) + 1e-12


@pytest.mark.parametrize(
    ("law", "edge"),
    [cell for cell in CELLS if cell[0].cdf is not None and cell[0].recipe.expression is not sympy.nan],
    ids=_ids,
)
def test_the_recipe_has_the_declared_distribution_function(law, edge):
    """100,000 draws at five points; 6 standard errors."""
    from fsb_oracle.backends.noise import evaluate

    at, backend = law.parse(edge), get_backend("numpy")
    values = {name: float(value) for name, value in at.items()}
    stream = np.random.Generator(np.random.Philox(11))
    noise = {
        name: backend.draw(primitive.at(backend.math, values), stream, (100_000,), "float64")
        for name, primitive in law.recipe.noise.items()
    }
    samples = evaluate(law.recipe.expression, backend.math, {**values, **noise})
    functions = [compile_expression(tail, (z, *law.symbols)) for tail in (law.cdf, law.survival)]
    parameters = [mpmath.mpf(v.numerator) / v.denominator for v in at.values()]
    for point in np.quantile(samples[:1000], (0.02, 0.2, 0.5, 0.8, 0.98)):
        below, above = (float(function(MpmathMath(), mpmath.mpf(float(point)), *parameters)) for function in functions)
        assert below + above == pytest.approx(1, abs=1e-12)
        assert abs(np.mean(samples[1000:] <= point) - below) <= 6 * np.sqrt(below * above / 99_000)


@pytest.mark.parametrize("law", list_families(), ids=_ids)
def test_letters_are_one_to_one(law):
    """Each catalogue letter depends on one parameter, so that the chain factor is a single derivative."""
    for letter, expression in law.catalogue.items():
        assert len(sympy.sympify(expression).free_symbols) == 1, letter


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("gama", {}, "did you mean 'gamma'"),
        ("gamma", {"concentraton": "1", "rate": "1"}, "did you mean 'concentration'"),
        ("gamma", {"concentration": "1"}, "'rate' is missing"),
        ("gamma", {"concentration": "-1", "rate": "1"}, "must be greater than 0"),
        ("gamma", {"concentration": "0", "rate": "1"}, "must be greater than 0"),
        ("gamma", {"concentration": "abc", "rate": "1"}, "not a finite number"),
        ("gamma", {"concentration": "nan", "rate": "1"}, "not a finite number"),
        ("gamma", {"concentration": "1/0", "rate": "1"}, "not a finite number"),
        ("gamma", {"concentration": "1e999999999", "rate": "1"}, "not a finite number"),
        ("bernoulli", {"probs": "1"}, "between 0 and 1"),
        ("uniform", {"low": "1", "high": "1"}, "low < high"),
    ],
)
def test_bad_parameters_are_one_sentence(name, values, words):
    with pytest.raises(UsageError, match=words) as caught:
        get_family(name).parse(values)
    assert "\n" not in str(caught.value)


def test_numbers_are_exact():
    assert exact_number("0.3") * 10 == 3
    assert exact_number(0.3) != exact_number("0.3")
    assert exact_number("10/7") * 7 == 10
    for text in ("2.5", "1e-3", "0.1", "123456789", "10/7"):
        assert exact_number(decimal_text(exact_number(text))) == exact_number(text)
    assert round_to_dtype(exact_number("0.1"), "float32") == exact_number(float(np.float32(0.1)))
    assert (
        parameter_text(get_family("gamma").parse({"rate": "1", "concentration": "2.50"})) == "concentration=2.5,rate=1"
    )


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_score_of_a_skellam_law_keeps_its_digits_where_one_rate_is_tiny(dtype):
    """c |z| + c z is 0 for z < 0: as a difference it lost all digits of float32 for the rates 1e5 and 0.001."""
    law, m = get_family("skellam"), NumpyMath()
    for rates, points in (((1e5, 1e-3), (99_500, 100_300)), ((1e-3, 5), (-9, 1)), ((1e5, 1e5), (-300, 300))):
        values = dict(zip(law.names, map(dtype, rates), strict=True))
        rate1, rate2 = (mpmath.mpf(float(value)) for value in values.values())
        with mpmath.workdps(40):
            for z in points:
                x = 2 * mpmath.sqrt(rate1 * rate2)
                ratio = mpmath.besseli(abs(z) + 1, x) / mpmath.besseli(abs(z), x)
                exact = (
                    max(z, 0) / rate1 - 1 + mpmath.sqrt(rate2 / rate1) * ratio,
                    max(-z, 0) / rate2 - 1 + mpmath.sqrt(rate1 / rate2) * ratio,
                )
                for name, wanted in zip(law.names, exact, strict=True):
                    found = evaluate(law.score(name), m, {**values, "z": dtype(z)})
                    assert abs(found - float(wanted)) <= 16 * np.finfo(dtype).eps * max(1, abs(float(wanted)))
