"""Velocities dz/d parameter and scores that a law states itself, since the derivative of its recipe or of its log
density loses digits or overflows."""

import mpmath
import numpy as np
import pytest
import sympy

from fsb_oracle.backends.mpmath_math import MpmathMath
from fsb_oracle.backends.noise import evaluate
from fsb_oracle.backends.numpy_backend import NumpyMath
from fsb_oracle.families import get_family, own_families

STATED = [
    (law, edge, parameter) for law in own_families() for edge in law.edge_points for parameter in law.recipe.velocities
]
UNIFORMS = ("0.001", "0.3", "0.97")


@pytest.mark.parametrize(("law", "edge", "parameter"), STATED, ids=lambda value: str(getattr(value, "name", value)))
def test_a_stated_velocity_is_the_derivative_of_the_recipe(law, edge, parameter):
    (noise,), values = law.recipe.noise, law.substitution(edge)
    stated, derivative = law.recipe.velocities[parameter], sympy.diff(law.recipe.expression, law.symbol(parameter))
    with mpmath.workdps(40):
        for u in UNIFORMS:
            at = {noise: mpmath.mpf(u)} | {s.name: mpmath.mpf(v.p) / v.q for s, v in values.items()}
            found, expected = (evaluate(expression, MpmathMath(), at) for expression in (stated, derivative))
            assert abs(found - expected) <= 1e-14 * abs(expected)


@pytest.mark.parametrize(
    ("name", "values", "parameter"),
    [
        ("continuous_bernoulli", {"probs": 0.4999}, "probs"),
        ("continuous_bernoulli", {"probs": 0.503}, "probs"),
        ("relaxed_bernoulli", {"temperature": 0.1, "probs": 0.5}, "probs"),
        ("relaxed_bernoulli", {"temperature": 0.1, "probs": 0.5}, "temperature"),
    ],
)
def test_velocities_keep_their_digits_in_float32(name, values, parameter):
    """Where the derivative of the recipe is 0/0, and where 1/(1 + exp(-x)) rounds to 1 and its exp overflows."""
    law, m = get_family(name), NumpyMath()
    velocity = law.recipe.velocity(law.symbol(parameter))
    u = np.linspace(0, 1, 1001)[1:-1].astype(np.float32)
    u = np.append(u, np.float32([2**-24, 1 - 2**-24]))
    with np.errstate(over="ignore"):
        rounded = evaluate(velocity, m, {"u": u} | {key: np.float32(value) for key, value in values.items()})
        exact = evaluate(velocity, m, {"u": u.astype(float)} | {key: float(np.float32(v)) for key, v in values.items()})
    assert rounded.dtype == np.float32
    allowed = 1e-4 * np.max(np.abs(exact))
    if name == "continuous_bernoulli":  # z itself, of which the slope is 2, is a quotient of logarithms near 1
        probs = values["probs"]
        allowed = 2 * 4 * 2**-24 / abs(np.log(probs / (1 - probs)))
    assert np.max(np.abs(rounded - exact)) <= allowed


SCORED = [(law, edge, parameter) for law in own_families() for edge in law.edge_points for parameter in law.scores]


@pytest.mark.parametrize(("law", "edge", "parameter"), SCORED, ids=lambda value: str(getattr(value, "name", value)))
def test_a_stated_score_is_the_derivative_of_the_log_density(law, edge, parameter):
    with mpmath.workdps(60):
        at = {s.name: mpmath.mpf(v.p) / v.q for s, v in law.substitution(edge).items()}
        for z in ("0.01", "0.3", "2.1", "40"):
            stated, derivative = (
                evaluate(expression, MpmathMath(), at | {"z": mpmath.mpf(z)})
                for expression in (law.scores[parameter], law.score(parameter))
            )
            assert abs(stated - derivative) <= 1e-30 * abs(derivative)


def test_the_score_of_a_narrow_inverse_gaussian_law_keeps_its_digits_in_float32():
    """1/(2 z) + z/(2 loc^2) - 1/loc is all cancellation near z = loc."""
    law, m = get_family("inverse_gaussian"), NumpyMath()
    z = (2 + 0.028 * np.linspace(-4, 4, 101)).astype(np.float32)
    rounded, exact = (
        evaluate(law.scores["concentration"], m, {"loc": real(2), "concentration": real(10_000), "z": z.astype(real)})
        for real in (np.float32, np.float64)
    )
    assert rounded.dtype == np.float32
    assert np.max(np.abs(rounded - exact)) <= 8 * 2**-24 * np.max(np.abs(exact))
