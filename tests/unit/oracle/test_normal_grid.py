"""Any smooth f of two or three normal variables: the grid against closed forms, null tests, and what is refused."""

import numpy as np
import pytest
import sympy
from flint import arb

from fsb_oracle import oracle
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.errors import NoExactValue
from fsb_oracle.oracle.exact import _cell as cell_of
from fsb_oracle.oracle.joint.elliptical import Vector
from fsb_oracle.oracle.joint.gaussian import closed_form
from fsb_oracle.oracle.joint.normal_function import Law, Plain
from fsb_oracle.oracle.joint.normal_grid import Grid
from fsb_oracle.oracle.joint.normal_smooth import smooth_routes

COVARIANCE = {"loc": "[0.1,-0.2]", "covariance_matrix": "[[1,0.3],[0.3,1.5]]"}
TRIANGLE = {"loc": "[0.1,-0.2]", "scale_tril": "[[1,0],[-0.9,0.2]]"}
THREE = {"loc": "[0.1,-0.2,0.3]", "covariance_matrix": "[[1,0.3,0.1],[0.3,1.5,-0.2],[0.1,-0.2,0.8]]"}
LAW = "multivariate_normal"


@pytest.mark.parametrize(("parameters", "f"), [(COVARIANCE, "sin(z0*z1)"), (TRIANGLE, "exp(-z0**2 - z1**2 + z0*z1)")])
def test_expectation_and_gradient_lie_in_the_closed_forms_balls(parameters, f):
    cell = cell_of(LAW, parameters, f, 20)
    for own in (cell, *(cell.derivative(name) for name in cell.family.continuous_names)):
        found = smooth_routes(own, own.f.expression)[0].ball(20, arb(1))
        known = closed_form(own, own.f.expression)[0].ball(30, arb(1))
        assert found.is_finite() and found.overlaps(known) and arb(found.rad()) < arb(10) ** -18


def test_three_variables():
    cell = cell_of(LAW, THREE, "exp(-z0**2 - z1**2 - z2**2/2 + z0*z2)", 6)
    for own in (cell, *(cell.derivative(name) for name in ("loc.1", "covariance_matrix.0.2", "covariance_matrix.1.1"))):
        found = smooth_routes(own, own.f.expression)[0].ball(6, arb(1))
        known = closed_form(own, own.f.expression)[0].ball(20, arb(1))
        assert found.is_finite() and found.overlaps(known) and arb(found.rad()) < arb(10) ** -6


@pytest.mark.parametrize("digits", [-2, -1, 0, 1, 2, 3, 5, 30])
def test_the_moments_of_one_are_those_of_the_normal_law(digits):
    """Coarse balls are where a bound that is too small would show."""
    vector = Vector(cell_of(LAW, TRIANGLE, "z0", 20))
    with precision(max(digits, 0) + 15):
        moments = Grid(Plain(Law.of(vector, (0, 1)), sympy.S.One)).moments(arb(10) ** -digits)
    for powers, moment in moments.items():
        assert moment.is_finite() and moment.contains(1 if all(n % 2 == 0 for n in powers) else 0)


@pytest.mark.parametrize("f", ["exp(-z1**2)*cos(z0*z1)", "log(2 + z0**2 + z1**2)"])
def test_coarse_balls_hold_the_middle_of_a_finer_one(f):
    vector = Vector(cell_of(LAW, COVARIANCE, f, 20))

    def moments(digits):
        with precision(max(digits, 0) + 15):
            return Grid(Plain(Law.of(vector, (0, 1)), vector.cell.f.expression)).moments(arb(10) ** -digits)

    fine = moments(12)
    for digits in (-1, 2):
        assert all(ball.contains(fine[powers].mid()) for powers, ball in moments(digits).items())


@pytest.mark.parametrize(
    ("f", "digits", "routes", "level"),
    [("exp(-(z0 - z1**2)**2/4)", 30, ("density", "mixture"), 3), ("1/(2 + tanh(z0 - z1**2))", 16, ("density",), 1)],
)
def test_a_smooth_function_of_two_variables_has_the_digits(f, digits, routes, level):
    """By the grid alone, unless given one of them closed forms are left."""
    found = oracle.expectation(LAW, COVARIANCE, f, digits=digits)
    assert found.reached and (found.routes, found.level) == (routes, level)


@pytest.mark.parametrize(
    ("f", "function"), [("tanh(z0*z1)", lambda x, y: np.tanh(x * y)), ("cos(z0*z1**2)", lambda x, y: np.cos(x * y * y))]
)
def test_strips_that_become_thin_far_out(f, function):
    """Rows of cells have heights of their own. The peer is a sum over a fine grid in float64."""
    own = cell_of(LAW, COVARIANCE, f, 10)
    found = smooth_routes(own, own.f.expression)[0].ball(10, arb(1))
    u, step = np.linspace(-9, 9, 3001, retstep=True)
    root = np.linalg.cholesky([[1, 0.3], [0.3, 1.5]])
    weights = np.exp(-(u**2) / 2) * step / np.sqrt(2 * np.pi)
    x = (0.1 + root[0, 0] * u)[:, None]
    y = -0.2 + root[1, 0] * u[:, None] + root[1, 1] * u
    assert float(found.rad()) < 1e-10
    assert float(found.mid()) == pytest.approx(weights @ function(x, y) @ weights, abs=2e-10)


@pytest.mark.parametrize("f", ["1/(z0**2 + z1)", "exp(z0**2*z1**2)", "log(z0*z1 + 1)"])
def test_poles_and_growth_are_refused(f):
    with pytest.raises(NoExactValue):
        oracle.expectation(LAW, COVARIANCE, f, digits=10)
