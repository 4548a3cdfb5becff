"""Means given one linear form: against closed forms, the grid, sums in float64, differences, and what has no mean."""

import mpmath
import pytest
import sympy
from flint import acb, acb_mat, arb

from fsb_oracle import oracle
from fsb_oracle.oracle.exact import _cell as cell_of
from fsb_oracle.oracle.joint.gaussian import closed_form
from fsb_oracle.oracle.joint.normal_given import _Given, given_routes
from fsb_oracle.oracle.joint.normal_smooth import smooth_routes
from fsb_oracle.oracle.joint.quadratics import terms

LAW = "multivariate_normal"
LOC, COVARIANCE = [0.3, 0.25, -0.125], [[1, 0.3, 0.2], [0.3, 1.25, -0.25], [0.2, -0.25, 0.8]]
TWO = {"loc": "[0.1,-0.2]", "covariance_matrix": "[[1,0.3],[0.3,1.5]]"}
THREE = {"loc": str(LOC), "covariance_matrix": str(COVARIANCE)}
CHOLESKY = {"loc": "[0.1,-0.2,0.3]", "scale_tril": "[[1,0,0],[0.4,0.8,0],[-0.3,0.2,0.9]]"}


def _cells(parameters, f):
    cell = cell_of(LAW, parameters, f, 20)
    return [cell, *(cell.derivative(name) for name in cell.family.continuous_names)]


@pytest.mark.parametrize(
    ("parameters", "f"),
    [
        (THREE, "sin(z0*z1)*exp(-z2**2)"),
        (THREE, "cos(z0 + 2*z1 - z2)"),
        (CHOLESKY, "z0*cos(z1*z2)"),
        (TWO, "exp(-z0**2 - z1**2 + z0*z1)"),
    ],
)
def test_expectation_and_gradient_lie_in_the_closed_forms_balls(parameters, f):
    for cell in _cells(parameters, f):
        known = closed_form(cell, cell.f.expression)[0].ball(40, arb(1))
        for digits in (-1, 6, 16, 30):
            found = given_routes(cell, cell.f.expression)[0].ball(digits, arb(1))
            assert found.is_finite() and found.overlaps(known) and arb(found.rad()) < arb(10) ** -digits


@pytest.mark.parametrize("f", ["cos(z0*z1**2)", "exp(-z0**2*z1**2)*tanh(z0)"])
def test_the_grid_agrees(f):
    """It shares neither the integral nor the derivatives of f."""
    for cell in _cells(TWO, f):
        given, grid = (routes(cell, cell.f.expression)[0].ball(14, arb(1)) for routes in (given_routes, smooth_routes))
        assert given.overlaps(grid) and arb(given.rad()) < 1e-13 and arb(grid.rad()) < 1e-12


@pytest.mark.parametrize(
    "f", ["cos(z0*z1*z2)", "exp(-z0**2 - z1**2*z2**2)", "tanh(z0 + z1)*exp(-z2**2)", "sqrt(1 + z0**2)*sin(z1*z2)"]
)
def test_three_coupled_variables(f, float_sum):
    found = oracle.exact(LAW, THREE, f, digits=16)
    assert found.reached and found.expectation.routes == ("mixture",) and found.expectation.level == 1
    assert float(found.expectation) == pytest.approx(float_sum(f, LOC, COVARIANCE), abs=1e-8)


def test_a_product_of_independent_variables():
    """E cos(z0 z1 z2) = E exp(-(z0 z1)^2/2) = E (1 + z0^2)^(-1/2) for standard variables."""
    standard = {"loc": "[0,0,0]", "covariance_matrix": "[[1,0,0],[0,1,0],[0,0,1]]"}
    found = oracle.expectation(LAW, standard, "cos(z0*z1*z2)", digits=25)
    with mpmath.workdps(40):
        truth = mpmath.quad(lambda z: mpmath.npdf(z) / mpmath.sqrt(1 + z * z), [-15, -5, 0, 5, 15])
        assert abs(mpmath.mpf(found.value) - truth) < mpmath.mpf(10) ** -25


@pytest.mark.parametrize(
    ("name", "moved"),
    [("loc.1", lambda s: {"loc": f"[0.3,{0.25 + s!r},-0.125]"}), ("covariance_matrix.1.1", lambda s: _diagonal(s))],
)
def test_gradients_are_slopes(name, moved):
    slope = float(oracle.gradient(LAW, THREE, "exp(-z0**2 - z1**2*z2**2)", name, digits=14))
    step = 2.0**-12
    low, high = (
        float(oracle.expectation(LAW, {**THREE, **moved(s)}, "exp(-z0**2 - z1**2*z2**2)", digits=15))
        for s in (-step, step)
    )
    assert slope == pytest.approx((high - low) / (2 * step), abs=1e-7)


def _diagonal(shift):
    return {"covariance_matrix": f"[[1,0.3,0.2],[0.3,{1.25 + shift!r},-0.25],[0.2,-0.25,0.8]]"}


def test_a_term_counts_only_where_its_mean_exists():
    z1, t = sympy.Symbol("z1", real=True), sympy.Symbol("t", real=True)
    unit = acb_mat([[acb(1)]])
    for f, exists in ((sympy.exp(-(t**2) * z1**2), True), (sympy.exp(t**2 * z1**2), False)):
        own = terms(f, (z1,))
        assert own is not None
        assert _Given(own, unit).exists(acb(arb(2, 1))) is exists


def test_what_is_not_so_has_no_such_route():
    for f in ("tanh(z0*z1)", "Max(z0, 0)*cos(z0*z1)", "exp(-z0**4*z1**2 - z1**4)*tanh(z0*z1)"):
        cell = cell_of(LAW, TWO, f, 10)
        assert given_routes(cell, cell.f.expression) == []


def test_a_parameter_of_a_variable_that_f_does_not_hold():
    cell = cell_of(LAW, THREE, "cos(z0*z1**2)", 10).derivative("loc.2")
    assert given_routes(cell, cell.f.expression)[0].ball(10, arb(1)) == 0
