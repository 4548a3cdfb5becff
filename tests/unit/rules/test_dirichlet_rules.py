"""The Dirichlet rules: proved by exact monomials, broken by a changed constant, and drawn on the back ends."""

from dataclasses import replace
from fractions import Fraction
from functools import cache

import mpmath
import numpy as np
import pytest
from flint import acb, fmpq

from fsb_oracle import exact, fourier
from fsb_oracle.backends import get_backend
from fsb_oracle.backends.flint_math import FlintMath, precision
from fsb_oracle.backends.noise import Simplex
from fsb_oracle.families import resolve_family
from fsb_oracle.rules.power_polynomials import NotAPolynomial, Polynomial
from fsb_oracle.rules.vector import get_vector_rule, recommended_vector_rule
from fsb_oracle.rules.vector_moments import prove_moments

IDS = ("DIR-U", "DIR-V", "DIR-VSB", "DIR-VShalf", "DIR-Sfin")
THREE = "[3/2, 2, 7/10]"


def _rule(id, concentration):
    law, values = resolve_family("dirichlet", {"concentration": concentration})
    return get_vector_rule(law, id), values


@cache
def _exact(concentration, f):
    return exact("dirichlet", {"concentration": concentration}, f, digits=10).gradient


@pytest.mark.parametrize("id", IDS)
@pytest.mark.parametrize(
    ("concentration", "degree"), [("[1/10, 1000]", 4), ("[0.01, 1/10, 7]", 3), ("[1000, 200, 3000, 1]", 2)]
)
def test_all_monomials(id, concentration, degree):
    proof = prove_moments(*_rule(id, concentration), degree)
    assert proof.holds, proof


@pytest.mark.parametrize(("id", "degree"), [("DIR-U", 4), *((id, 9) for id in IDS[1:])])
def test_all_monomials_of_high_degree(id, degree):
    """Up to z0**3 z1**3 z2**3 and beyond; the stick rule has too many terms for that here."""
    proof = prove_moments(*_rule(id, THREE), degree)
    assert proof.holds, proof


@pytest.mark.parametrize("id", IDS)
def test_a_changed_constant_breaks_the_proof(id):
    rule, values = _rule(id, THREE)
    kernel = rule.kernel

    def with_z(f, c, z, **noise):
        return kernel(f, c, z, **noise) * c.math.rational(10**24 + 1, 10**24)

    def without_z(f, c, **noise):
        return kernel(f, c, **noise) * c.math.rational(10**24 + 1, 10**24)

    proof = prove_moments(replace(rule, kernel=with_z if rule.uses_z else without_z), values, 2)
    assert not proof.holds
    assert proof.worst == pytest.approx(24, abs=0.5)


def test_a_changed_step_breaks_the_proof():
    """The law of the noise is part of the proof."""
    rule, values = _rule("DIR-VSB", THREE)
    kernel = rule.kernel
    moved = replace(rule, kernel=lambda f, c, z, b: kernel(f, c, z, b * c.math.rational(10**24 + 1, 10**24)))
    assert not prove_moments(moved, values, 3).holds


def test_real_moments_of_the_simplex():
    """With two categories they are values of the beta function."""
    with mpmath.workdps(40), precision(40):
        found = Simplex(np.array([fmpq(3, 10), fmpq(7, 2)], object)).moment(FlintMath(), (fmpq(1, 2), fmpq(-5, 4)))
        expected = mpmath.beta("0.8", "2.25") / mpmath.beta("0.3", "3.5")
        assert float(abs(acb(found) - acb(expected))) < 1e-30


def test_polynomials_refuse_what_has_no_exact_expectation():
    x, y = Polynomial.variable("x"), Polynomial.variable("y")
    assert ((x + y) ** 2 - x * x - 2 * x * y).terms == (y * y).terms
    assert (1 / (x * x) * x.power(fmpq(5, 2))).terms == x.power(fmpq(1, 2)).terms
    for refused in (lambda: 1 / (x + y), (2 * x).exponential().exponential, (x + 1).exponential, (x * y).exponential):
        with pytest.raises(NotAPolynomial):
            refused()


@pytest.mark.parametrize(
    ("id", "concentration", "f"),
    [
        *((id, "[1.5, 2, 0.7]", "z0**2*z1 + sin(3*z2)") for id in IDS),
        *((id, "[0.02, 0.05]", "sin(z0)") for id in IDS),
        *((id, "[1.5, 2, 0.7]", "Heaviside(z0 - 1/3)") for id in IDS[3:]),
    ],
)
def test_sampled_means_meet_the_exact_gradient(id, concentration, f):
    rng = np.random.Generator(np.random.Philox(20))
    values = [float(Fraction(number)) for number in concentration.strip("[]").split(",")]
    draws = fourier.gradient("dirichlet", f, {"concentration": values}, 40_000, rng, rule=id)["concentration"]
    wanted = _exact(concentration, f)
    error = draws.std(0) / np.sqrt(len(draws))
    for j, mean in enumerate(draws.mean(0)):
        assert abs(mean - float(wanted[f"concentration.{j}"].value)) < 5 * error[j]


def test_the_stick_rule_has_no_variance_along_its_own_coordinate():
    rng = np.random.default_rng(3)
    draws = fourier.gradient("dirichlet", "z0", {"concentration": [0.5, 1.0, 2.0]}, 100, rng, rule="DIR-U")
    assert draws["concentration"][:, 0] == pytest.approx(3.0 / 3.5**2, abs=1e-14)
    assert draws["concentration"][:, 1].std() > 0


def test_smooth_and_jumping_functions_get_different_rules():
    law, _ = resolve_family("dirichlet", {"concentration": THREE})
    chosen = [recommended_vector_rule(law, "concentration", kind) for kind in ("F0", "F1")]
    assert [rule.id for rule in chosen if rule] == ["DIR-VShalf", "DIR-U"]


@pytest.mark.parametrize("name", ["numpy", "torch", "jax"])
def test_tiny_concentrations_stay_numbers(name):
    backend = get_backend(name)
    stream = backend.stream(np.random.SeedSequence(5))
    concentration = backend.array([[1e-3, 1e-3, 2e-3], [1e-3, 0.0, 2e-3]], "float32")
    z = backend.numpy(Simplex(concentration).draw(backend, stream, (20_000, 2), "float32"))
    assert z.dtype == np.float32 and np.isfinite(z).all()
    assert z.sum(-1) == pytest.approx(1, abs=1e-6)
    assert (z[:, 1, 1] == 0).all()
    error = np.sqrt(0.25 / len(z))  # the largest possible standard deviation of a weight is 1/2
    assert np.abs(z.mean(0) - [[1 / 4, 1 / 4, 1 / 2], [1 / 3, 0, 2 / 3]]).max() < 5 * error


@pytest.mark.parametrize("name", ["numpy", "torch"])
@pytest.mark.parametrize("id", IDS)
def test_tiny_concentrations_give_finite_contributions_in_float32(name, id):
    backend = get_backend(name)
    stream = backend.stream(np.random.SeedSequence(6))
    concentration = backend.array([1e-3, 1e-3, 2e-3], "float32")
    draws = fourier.gradient("dirichlet", "z0**2 + z1", {"concentration": concentration}, 2000, stream, rule=id)
    assert np.isfinite(backend.numpy(draws["concentration"])).all()


def test_batches_of_concentrations():
    rng = np.random.default_rng(1)
    concentration = np.array([[[1.0, 2.0, 0.5]], [[3.0, 0.1, 1.0]]])
    for id in IDS:
        draws = fourier.gradient("dirichlet", "z0*z1", {"concentration": concentration}, 7, rng, rule=id)
        assert draws["concentration"].shape == (7, 2, 1, 3)
