"""Every primitive and every law as the back ends draw it: distribution function and transform against the exact ones.

Bounds are those of Dvoretzky, Kiefer, Wolfowitz and Massart for distribution functions and of Hoeffding for transforms,
each at 1e-9: a thousand cases raise a false alarm once in a million runs.
"""

import os

import mpmath
import numpy as np
import pytest
import sympy
from flint import acb
from scipy.special import gammainc

from fsb_oracle.backends import get_backend, noise
from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import FlintMath, precision
from fsb_oracle.backends.mpmath_math import MpmathMath
from fsb_oracle.backends.noise import evaluate
from fsb_oracle.backends.numpy_backend import NumpyBackend
from fsb_oracle.families import get_family, own_families, parameter_text
from fsb_oracle.families.family import w, z
from fsb_oracle.rules import baselines_for
from fsb_oracle.rules.density import density_noise
from fsb_oracle.rules.nodes import float_nodes
from fsb_oracle.subjects.rules import RuleSubject

DEEP = os.environ.get("FSB_ORACLE_PROFILE") == "deep"
COUNT, RATE = 20_000, 1e-9
DISTANCE = np.sqrt(np.log(2 / RATE) / (2 * COUNT))
WAVE = np.sqrt(8 * np.log(4 / RATE) / COUNT)  # real and imaginary part, each within [-1, 1]

PRIMITIVES = (
    noise.Uniform(), noise.Exponential(), noise.Normal(), noise.Laplace(), noise.Rayleigh(), noise.Gamma(0.05),
    noise.Gamma(2.5), noise.Gamma(300.0), noise.Beta(0.3, 0.4), noise.Beta(2.0, 3.0), noise.Beta(0.5, 40.0),
    noise.NoncentralChi2(1.5, 2.0), noise.LogGamma(0.02), noise.LogGamma(4.0), noise.TaylorPart(),
    noise.UniformRoot(0.3), noise.ReciprocalGamma(), noise.Bernoulli(0.3), noise.Rademacher(), noise.Poisson(2.5),
    noise.Poisson(400.0), noise.Binomial(12.0, 0.3), noise.NegativeBinomial(2.3, 0.6),
    noise.NegativeBinomial(0.01, 0.6), noise.Logarithmic(0.9), noise.Geometric(0.01), noise.ExponentialOverZeta(),
    noise.LaplaceOverZeta(),
    noise.SizeBiasedLogistic(), noise.LogisticLayer(), noise.LogisticKhinchine(), noise.GumbelLayerAbove(),
    noise.GumbelLayerBelow(), noise.GumbelKhinchine(), noise.StudentKhinchine(5.0), noise.FoldedExponential(0.5),
    noise.BetaJump(2.0, 3.0), noise.BetaJump(0.05, 20.0), noise.Logistic(), noise.GeneralizedPareto(0.2),
    noise.GeneralizedPareto(2.0), noise.TruncatedNormal(-1.2, 0.4), noise.TruncatedNormal(-9.0, -8.0),
    noise.TruncatedNormal(3.0, 4.0), noise.TruncatedNormal(-0.1, 0.1),
)  # fmt: skip
PLACES = [(name, dtype) for name in ("numpy", "torch", "jax") for dtype in ("float32", "float64")]


def places_of(i):
    """All six in the deep profile; by default one of them, by turns."""
    return PLACES if DEEP else PLACES[i % 6 : i % 6 + 1]


DRAWABLE = [law for law in own_families() if law.recipe.expression is not sympy.nan]
BY_DENSITY = [law for law in DRAWABLE if density_noise(law, law.edge_points[0]) is not None]
BY_TRANSFORM = [law for law in DRAWABLE if law not in BY_DENSITY and law.characteristic_function is not None]
BY_CDF = [law for law in DRAWABLE if law not in (*BY_DENSITY, *BY_TRANSFORM) and law.cdf is not None]


def cases_of(laws):
    """Each law at its second edge (in the deep profile at all), in its places."""
    points = [(i, law, at) for i, law in enumerate(laws) for at in (law.edge_points if DEEP else law.edge_points[1:2])]
    return [(law, at, *place) for i, law, at in points for place in places_of(i)]


def law_ids(value):
    return getattr(value, "name", None) or (parameter_text(value) if isinstance(value, dict) else str(value))


CASES = [(primitive, *place) for i, primitive in enumerate(PRIMITIVES) for place in places_of(i)]


def test_every_law_that_can_be_drawn_is_tested():
    assert set(DRAWABLE) == {*BY_DENSITY, *BY_TRANSFORM, *BY_CDF}


def drawn(draw, name, dtype, seed=3):
    backend = get_backend(name)
    with backend.scope(dtype):
        array = backend.numpy(draw(backend, backend.stream(np.random.SeedSequence(seed)), (COUNT,), dtype))
    assert array.dtype == dtype
    return array.astype(float)


def assert_distribution(sample, nodes, weights, dtype):
    """At the nodes that the dtype can hold; draws below its smallest numbers lie below all of those."""
    order = np.argsort(nodes)
    nodes, cumulative = nodes[order], np.cumsum(weights[order])
    held = np.abs(nodes) > 8 * np.finfo(dtype).tiny
    nodes, upper, lower = nodes[held], cumulative[held], (cumulative - weights[order])[held]
    sample = np.sort(sample)
    slack = 4 * np.finfo(dtype).eps * np.abs(nodes)  # draws are rounded
    below = np.searchsorted(sample, nodes - slack, side="left") / COUNT
    above = np.searchsorted(sample, nodes + slack, side="right") / COUNT
    assert (below - upper).max() < DISTANCE and (lower - above).max() < DISTANCE


def at_dtype(primitive, backend, dtype):
    """With its parameters as arrays of the back end."""
    return type(primitive)(*(backend.array(value, dtype) for value in vars(primitive).values()))


@pytest.mark.parametrize(("primitive", "name", "dtype"), CASES, ids=lambda v: str(v))
def test_a_primitive_has_its_distribution(primitive, name, dtype):
    sample = drawn(
        lambda backend, stream, shape, dtype: backend.draw(at_dtype(primitive, backend, dtype), stream, shape, dtype),
        name, dtype,
    )  # fmt: skip
    assert np.isfinite(sample).all()
    nodes, weights = (
        (np.array([float(v) for v, _ in primitive.atoms]), np.array([float(p) for _, p in primitive.atoms]))
        if primitive.atoms is not None
        else float_nodes(primitive, 8)
    )
    assert weights.sum() == pytest.approx(1, abs=1e-6)
    assert_distribution(sample, nodes, weights, dtype)


class Loops(NumpyBackend):
    """NumPy, which notes whether a draw loops."""

    looped = False

    def repeat(self, *arguments):
        self.looped = True
        return super().repeat(*arguments)

    def accumulate(self, *arguments):
        self.looped = True
        return super().accumulate(*arguments)


@pytest.mark.parametrize("primitive", [*PRIMITIVES, noise.VonMises(2.0), noise.TemperedStable(0.5, 1.0)], ids=str)
def test_a_primitive_that_is_drawn_by_a_loop_says_so(primitive):
    """JAX compiles those as a whole, the others call by call. A mixture of both says nothing itself."""
    backend = Loops()
    primitive.draw(backend, np.random.default_rng(0), (4,), "float64")
    inner = isinstance(primitive, noise.LaplaceOverZeta)
    assert backend.looped == (primitive.loops or inner)


@pytest.mark.jax
def test_jax_compiles_a_loop_once_whatever_its_parameters():
    backend = get_backend("jax")
    with backend.scope("float32"):
        before = jax_draws().misses
        for seed, rate in enumerate((0.5, 0.7, 0.9)):
            stream = backend.stream(np.random.SeedSequence(seed))
            backend.draw(noise.FoldedExponential(backend.array(rate, "float32")), stream, (8,), "float32")
    assert jax_draws().misses == before + 1


def jax_draws():
    from fsb_oracle.backends.jax_backend import _compiled_draw

    return _compiled_draw.cache_info()


def recipe_draw(law, at):
    def draw(backend, stream, shape, dtype):
        m, values = backend.math, {name: backend.array(float(value), dtype) for name, value in at.items()}
        letters = {**values, **{name: evaluate(letter, m, values) for name, letter in law.catalogue.items()}}
        streams = backend.split(stream, max(1, len(law.recipe.noise)))
        own = {
            name: backend.draw(primitive.at(m, letters), one, shape, dtype)
            for (name, primitive), one in zip(law.recipe.noise.items(), streams, strict=False)
        }
        z = evaluate(law.recipe.expression, m, {**values, **own})
        return z if tuple(np.shape(z)) == shape else z + backend.array(np.zeros(shape), dtype)

    return draw


def rounded(law, at, dtype):
    return law.parse({key: float(np.dtype(dtype).type(float(value))) for key, value in at.items()})


@pytest.mark.parametrize(("law", "at", "name", "dtype"), cases_of(BY_DENSITY), ids=law_ids)
def test_a_law_on_the_half_line_has_its_density(law, at, name, dtype):
    sample = drawn(recipe_draw(law, at), name, dtype)
    nodes, weights = float_nodes(density_noise(law, rounded(law, at, dtype)), 8)
    assert weights.sum() == pytest.approx(1, abs=1e-5)
    assert_distribution(sample, nodes, weights, dtype)


@pytest.mark.parametrize(("law", "at", "name", "dtype"), cases_of(BY_CDF), ids=law_ids)
def test_a_law_has_its_distribution_function(law, at, name, dtype):
    sample, values = drawn(recipe_draw(law, at), name, dtype), rounded(law, at, dtype)
    function = compile_expression(law.cdf, (z, *law.symbols))
    for point in np.unique(np.quantile(sample, np.linspace(0.01, 0.99, 25))):
        with mpmath.workdps(40):  # far out it is a difference of numbers near 1
            below = float(function(MpmathMath(), mpmath.mpf(point), *map(mpmath.mpf, map(float, values.values()))))
        slack = 4 * np.finfo(dtype).eps * abs(point)
        assert (sample < point - slack).mean() - below < DISTANCE
        assert below - (sample <= point + slack).mean() < DISTANCE


@pytest.mark.parametrize(("law", "at", "name", "dtype"), cases_of(BY_TRANSFORM), ids=law_ids)
def test_a_law_has_its_transform(law, at, name, dtype):
    sample, values = drawn(recipe_draw(law, at), name, dtype), rounded(law, at, dtype)
    transform = compile_expression(law.characteristic_function, (w, *law.symbols))
    for scaled in (0.3, 1.0, 3.0):
        frequency = round(scaled) or 2 if law.support.period is not None else scaled / law.spread(at)
        with precision(30):
            exact = complex(transform(FlintMath(), acb(frequency), *(acb(float(v)) for v in values.values())))
        assert abs(np.exp(1j * frequency * sample).mean() - exact) < WAVE


@pytest.mark.parametrize(("name", "dtype"), PLACES)
def test_a_tiny_shape_is_drawn_in_log_space_and_refused_where_its_logarithm_is_needed(name, dtype):
    """Gamma(1e-3): nine draws in ten are no float32. log z is drawn as it is; z itself keeps the law above that."""
    k = 1e-3
    logs = drawn(lambda b, s, shape, d: b.draw(noise.LogGamma(b.array(k, d)), s, shape, d), name, dtype)
    assert np.isfinite(logs).all() and (logs < np.log(np.finfo(dtype).tiny)).mean() > 0.4
    # far below 0, P(log z < t) = exp(k t)/Gamma(1 + k)
    for quantile in (0.1, 0.5, 0.9):
        t = np.log(quantile) / k
        assert abs((logs < t).mean() - quantile) < DISTANCE + 0.01 * quantile
    draws = drawn(lambda b, s, shape, d: b.draw(noise.Gamma(b.array(k, d)), s, shape, d), name, dtype)
    assert (draws > 0).all()
    for point in (1e-30, 1e-6, 0.5):
        assert abs((draws <= point).mean() - gammainc(k, point)) < DISTANCE
    law = get_family("gamma")
    score = next(rule for rule in baselines_for(law, "concentration") if rule.id == "score")
    at = law.parse({"concentration": "0.001", "rate": "1"})
    assert "rounds to an end of the support" in RuleSubject(score, name).refusal("concentration", at, dtype)
