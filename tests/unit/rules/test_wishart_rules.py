"""The Wishart rules: proved on monomials by exact Gauss rules, broken by a changed constant, and drawn."""

from dataclasses import replace

import numpy as np
import pytest
from flint import acb, fmpq

from fsb_oracle import exact, fourier
from fsb_oracle.backends import get_backend
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.backends.noise import Exponential, Gamma, Normal, Uniform
from fsb_oracle.families import resolve_family
from fsb_oracle.rules.gauss import exact_nodes
from fsb_oracle.rules.vector import get_vector_rule, recommended_vector_rule
from fsb_oracle.rules.vector_moments import prove_moments

DF_IDS = ("WIS-nu-A", "WIS-nu-SB", "WIS-nu-Shalf")
IDS = (*DF_IDS, "WIS-V-path")
TWO = "[[1, 0.3], [0.3, 2]]"
NARROW = "[[0.01, 0.09], [0.09, 1]]"
THREE = "[[1, 0.9, 0.5], [0.9, 1, 0.7], [0.5, 0.7, 1]]"


def _rule(id, df, matrix):
    law, values = resolve_family("wishart", {"df": df, "covariance_matrix": matrix})
    return get_vector_rule(law, id), values


@pytest.mark.parametrize("id", IDS)
@pytest.mark.parametrize(
    ("df", "matrix", "degree"), [("2.5", "[[0.5]]", 4), ("0.01", "[[3]]", 2), ("4", TWO, 2), ("1.01", NARROW, 2)]
)
def test_all_monomials(id, df, matrix, degree):
    proof = prove_moments(*_rule(id, df, matrix), degree)
    assert proof.holds, proof


@pytest.mark.parametrize("id", DF_IDS)
@pytest.mark.parametrize("df", ["2.5", "50"])
def test_linear_functions_of_three_rows(id, df):
    proof = prove_moments(*_rule(id, df, THREE), 1)
    assert proof.holds, proof


@pytest.mark.parametrize("id", IDS)
def test_a_changed_constant_breaks_the_proof(id):
    rule, values = _rule(id, "4", TWO)
    kernel = rule.kernel

    def with_z(f, c, z, **noise):
        return kernel(f, c, z, **noise) * c.math.rational(10**24 + 1, 10**24)

    def without_z(f, c, **noise):
        return kernel(f, c, **noise) * c.math.rational(10**24 + 1, 10**24)

    proof = prove_moments(replace(rule, kernel=with_z if rule.uses_z else without_z), values, 1)
    assert not proof.holds
    assert proof.worst == pytest.approx(24, abs=0.5)


def test_a_changed_shift_breaks_the_proof():
    rule, values = _rule("WIS-nu-SB", "4", TWO)
    kernel = rule.kernel
    moved = replace(rule, kernel=lambda f, c, g, n, e: kernel(f, c, g, n, e * c.math.rational(10**24 + 1, 10**24)))
    assert not prove_moments(moved, values, 2).holds


@pytest.mark.parametrize(
    ("noise", "power", "moment"),
    [
        (Uniform(), 4, fmpq(1, 5)),
        (Exponential(), 4, 24),
        (Normal(), 8, 105),
        (Normal(), 7, 0),
        (Gamma(fmpq(5, 2)), 4, fmpq(5 * 7 * 9 * 11, 16)),
        (Gamma(fmpq(1, 2)), 4, fmpq(3 * 5 * 7, 16)),
    ],
)
def test_gauss_rules_are_exact(noise, power, moment):
    with precision(50):
        nodes = zip(*exact_nodes(noise, 4), strict=True)
        assert abs(sum(weight * x**power for x, weight in nodes) - moment) < 1e-40


def test_the_gauss_rule_of_half_a_square_takes_odd_roots():
    """E sqrt(y) = 1/sqrt(pi) for y ~ Gamma(1/2)."""
    with precision(50):
        nodes = zip(*exact_nodes(Gamma(fmpq(1, 2)), 4), strict=True)
        assert abs(sum(weight * x.sqrt() for x, weight in nodes) - 1 / acb.pi().sqrt()) < 1e-40


def test_sampled_means_meet_the_exact_gradient():
    params = {"df": 1.5, "covariance_matrix": np.array([[1, 0.3], [0.3, 2]])}
    wanted = exact("wishart", {"df": "1.5", "covariance_matrix": TWO}, "cos(z01) - z00", digits=8).gradient
    rng = np.random.Generator(np.random.Philox(21))
    for id in DF_IDS:
        draws = fourier.gradient("wishart", "cos(z01) - z00", params, 40_000, rng, rule=id)["df"]
        assert abs(draws.mean() - float(wanted["df"].value)) < 5 * draws.std() / 200
    draws = fourier.gradient("wishart", "cos(z01) - z00", params, 40_000, rng, rule="WIS-V-path")["covariance_matrix"]
    for i, j in np.ndindex(2, 2):
        distance = abs(draws[:, i, j].mean() - float(wanted[f"covariance_matrix.{i}.{j}"].value))
        assert distance < 5 * draws[:, i, j].std() / 200


def test_jumps_meet_the_exact_gradient():
    """z00 is a gamma variable; its jump needs the half power."""
    wanted = exact("wishart", {"df": "3", "covariance_matrix": TWO}, "Heaviside(z00 - 1/3)", digits=8).gradient["df"]
    params = {"df": 3.0, "covariance_matrix": [[1, 0.3], [0.3, 2]]}
    rng = np.random.Generator(np.random.Philox(22))
    draws = fourier.gradient("wishart", "Heaviside(z00 - 1/3)", params, 40_000, rng, rule="WIS-nu-Shalf")["df"]
    assert abs(draws.mean() - float(wanted.value)) < 5 * draws.std() / 200


@pytest.mark.parametrize("name", ["numpy", "torch"])
def test_squares_that_underflow_give_finite_contributions(name):
    """Just above df = 1 half of the last squares are 0 in float32."""
    backend = get_backend(name)
    stream = backend.stream(np.random.SeedSequence(7))
    params = {"df": backend.array(1.01, "float32"), "covariance_matrix": backend.array([[1, 0.3], [0.3, 2]], "float32")}
    for id in IDS:
        (draws,) = fourier.gradient("wishart", "z00 + z01*z11", params, 5000, stream, rule=id).values()
        assert np.isfinite(backend.numpy(draws)).all()


def test_batches():
    params = {"df": np.array([[3.0], [5.0]]), "covariance_matrix": np.stack([np.eye(3), 2 * np.eye(3)])}
    rng = np.random.default_rng(1)
    for id in DF_IDS:
        assert fourier.gradient("wishart", "z01*z22", params, 7, rng, rule=id)["df"].shape == (7, 2, 2)
    draws = fourier.gradient("wishart", "z01*z22", params, 7, rng, rule="WIS-V-path")["covariance_matrix"]
    assert draws.shape == (7, 2, 2, 3, 3)
    assert np.array_equal(draws, draws.swapaxes(-1, -2))


def test_smooth_and_jumping_functions_get_different_rules():
    law, _ = resolve_family("wishart", {"df": "4", "covariance_matrix": TWO})
    chosen = [recommended_vector_rule(law, "df", kind) for kind in ("F0", "F1")]
    assert [rule.id for rule in chosen if rule] == ["WIS-nu-Shalf", "WIS-nu-A"]
    assert recommended_vector_rule(law, "covariance_matrix", "F0") is None
