"""Quadrature over noise: nodes and weights reproduce the moments and transforms that each primitive declares."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from flint import acb

from fsb_oracle.backends import noise
from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import FlintMath, ball, precision
from fsb_oracle.errors import UsageError
from fsb_oracle.rules.nodes import _places, ball_nodes, float_nodes, from_uniform, gauss_nodes, product_grid

MEANS = {
    noise.Uniform(): 0.5,
    noise.Exponential(): 1.0,
    noise.Normal(): 0.0,
    noise.Laplace(): 0.0,
    noise.Rayleigh(): np.sqrt(np.pi / 2),
    noise.Rademacher(): 0.0,
    noise.Bernoulli(0.3): 0.3,
    noise.Poisson(2.5): 2.5,
    noise.Poisson(1000.0): 1000.0,
    noise.Gamma(1e-2): 1e-2,
    noise.Gamma(0.5): 0.5,
    noise.Gamma(1000.0): 1000.0,
    noise.Gamma(1e5): 1e5,
    noise.Beta(0.01, 0.02): 1 / 3,
    noise.Beta(2.0, 3.0): 0.4,
    noise.Beta(1e5, 3e5): 0.25,
    noise.VonMises(2.5): 0.5,
    noise.VonMises(1e4): 0.5,
}


@pytest.mark.parametrize("primitive", MEANS, ids=str)
def test_float_nodes_integrate_one_and_the_mean(primitive):
    nodes, weights = float_nodes(primitive, 4)
    assert weights.sum() == pytest.approx(1, abs=1e-9)
    assert np.sum(nodes * weights) == pytest.approx(MEANS[primitive], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    "primitive", [p for p in MEANS if p.atoms is None and not isinstance(p, noise.Poisson)], ids=str
)
def test_refinement_converges(primitive):
    """A smooth function's integral on two grids: the finer one is right to rounding."""
    values = [
        np.sum(w * np.cos(x / (1 + abs(MEANS[primitive])))) for x, w in (float_nodes(primitive, k) for k in (5, 6))
    ]
    assert values[0] == pytest.approx(values[1], abs=1e-10)


@pytest.mark.parametrize(
    ("primitive", "frequency"),
    [
        (noise.Uniform(), 7),
        (noise.Exponential(), 3),
        (noise.Normal(), 4),
        (noise.Laplace(), 2),
        (noise.Gamma(acb(2.5)), 3),
    ],
    ids=str,
)
def test_ball_nodes_reproduce_the_characteristic_function(primitive, frequency):
    """E exp(i w x) on the nodes against the declared closed form, to 30 digits."""
    generic = primitive.generic()
    function = compile_expression(generic.characteristic_function, (noise.w, *vars(generic).values()))
    with precision(50):
        exact = function(FlintMath(), acb(frequency), *vars(primitive).values())
        nodes, weights = ball_nodes(primitive, 40, 7)
        total = acb(0)
        for node, weight in zip(nodes, weights, strict=True):
            total += weight * (acb(0, frequency) * node).exp()
        assert float(abs(total - exact).upper()) < 1e-30


@pytest.mark.parametrize("concentrations", [("1", "1"), ("2", "3"), ("1/3", "5/2"), ("7/2", "1/4")])
def test_gauss_nodes_are_exact_on_polynomials(concentrations):
    a, b = map(Fraction, concentrations)
    with precision(50):
        nodes, weights = gauss_nodes(noise.Beta(acb(ball(a)), acb(ball(b))), 12)
        for power in range(24):
            exact = Fraction(1)
            for j in range(power):
                exact *= (a + j) / (a + b + j)
            total = sum((w * x**power for x, w in zip(nodes, weights, strict=True)), acb(0))
            assert float(abs(total - acb(ball(exact))).upper()) < 1e-40


def test_the_product_grid_is_the_product_law():
    pair = {"u": noise.Uniform(), "e": noise.Exponential(), "r": noise.Rademacher()}
    total = sum(
        float((weight * nodes["u"] * nodes["e"] * (2 + nodes["r"])).sum()) for weight, nodes in product_grid(pair, 3)
    )
    assert total == pytest.approx(1.0, abs=1e-8)
    ((weight, nodes),) = product_grid({}, 3)
    assert weight.shape == () and nodes == {}


@pytest.mark.parametrize("primitive", MEANS, ids=str)
def test_weighted_values_from_uniforms_have_the_law(primitive):
    """E w = 1 and E w x = E x, with jittered uniforms: the error is far below that of independent ones."""
    count = 1 << 16
    u = (np.arange(count) + np.random.default_rng(0).random(count)) / count
    values, weights = from_uniform(primitive)(u)
    expected = MEANS[primitive]
    spread = np.sqrt(np.mean(weights * (values - expected) ** 2))
    assert np.mean(weights) == pytest.approx(1, abs=1e-4)
    assert abs(np.mean(weights * (values - expected))) <= 3e-4 * spread + 1e-12
    assert weights.max() < 1.5
    assert np.all(np.diff(values) >= -1e-12) or primitive == noise.Laplace()  # the halves of a kinked law come in turn


@pytest.mark.parametrize("count", [1, 2, 5, 1024])
def test_cells_are_found_where_a_binary_search_finds_them(count):
    """Cells of very different masses, at their ends, next to them, and between."""
    random = np.random.default_rng(count)
    ends = np.cumsum(np.exp(-40 * random.random(count)))
    inside = random.random(10_000) * ends[-1]
    numbers = np.concatenate([[0.0], ends, np.nextafter(ends, 0), np.nextafter(ends[:-1], np.inf), inside])
    expected = np.minimum(np.searchsorted(ends, numbers, side="right"), count - 1)
    assert np.array_equal(_places(ends)(numbers), expected)


def test_a_density_without_a_finite_number_is_refused_in_a_sentence():
    with pytest.raises(UsageError, match="no finite number in float64"):
        float_nodes(noise.Gamma(float("nan")), 4)


@pytest.mark.parametrize(
    ("one", "other"),
    [(noise.Categorical((0.2, 0.8)), noise.Categorical((0.5, 0.5))), (noise.Gamma(2.0), noise.Gamma(3.0))],
    ids=str,
)
def test_nodes_that_are_kept_belong_to_their_own_parameters(one, other):
    """All Categorical primitives are equal as Python objects."""
    for _ in range(2):
        assert not np.array_equal(float_nodes(one, 4)[1], float_nodes(other, 4)[1])
    assert np.array_equal(float_nodes(one, 4)[1], float_nodes(replace(one), 4)[1])


def test_primitives_that_cannot_be_compared_by_their_fields_are_themselves_alone():
    assert noise.Categorical((0.5, 0.5)) != noise.Categorical((0.1, 0.9))
    assert noise.Exponential() == noise.Exponential() and noise.Gamma(1.0) != noise.Gamma(2.0)
