"""Transport fields of vector laws: they solve the continuity equation."""

from fractions import Fraction

import numpy as np
import pytest

from fsb_oracle.families import resolve_family
from fsb_oracle.oracle import transport

NORMAL = {"loc": "[0.1, -0.2]", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"}


@pytest.mark.parametrize("parameter", ["covariance_matrix.0.0", "covariance_matrix.0.1"])
def test_a_field_of_a_normal_law_moves_its_covariance(parameter):
    """For v = A (z - loc) the equation says A S + S A' = dS, with half of an off-diagonal entry in each triangle."""
    law, values = resolve_family("multivariate_normal", NORMAL)
    loc, square = np.array([0.1, -0.2]), np.array([[1, 0.3], [0.3, 2]])
    a = transport.transport_field(law, values, parameter, loc + np.eye(2)).T
    i, j = map(int, parameter.split(".")[1:])
    moved = np.zeros((2, 2))
    moved[i, j] += 0.5
    moved[j, i] += 0.5
    np.testing.assert_allclose(a @ square + square @ a.T, moved, atol=1e-14)


def test_a_field_of_a_dirichlet_law_keeps_the_simplex_and_has_the_right_mean():
    law, values = resolve_family("dirichlet", {"concentration": "[1.5, 2, 0.7]"})
    z = np.random.default_rng(0).dirichlet([1.5, 2, 0.7], 4000)
    v = transport.transport_field(law, values, "concentration.0", z)
    np.testing.assert_allclose(v.sum(-1), 0, atol=1e-12)
    exact = np.array([2.7, -2, -0.7]) / 4.2**2  # of E z
    np.testing.assert_allclose(v.mean(0), exact, atol=5 * v.std(0).max() / 4000**0.5)


def test_at_many_points_it_is_interpolated():
    own, others = Fraction(1, 10), Fraction(3, 5)
    z = np.random.default_rng(0).beta(0.1, 0.6, transport.FEW + 1)
    z = z[(z > 1e-30) & (z < 1)]
    near = transport._exact_speed(own, others, z[:20])
    many = transport._speed(own, others, np.resize(z, 2 * transport.FEW))[:20]
    np.testing.assert_allclose(many, near, rtol=1e-5)
    assert (
        transport.transport_field(resolve_family("wishart", {"df": "4", "covariance_matrix": "[[1]]"})[0], {}, "df", z)
        is None
    )
