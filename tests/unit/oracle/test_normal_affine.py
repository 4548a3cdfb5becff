"""One affine form given one variable, on two axes: closed forms, null tests, sums in float64, differences, refusals."""

from dataclasses import replace
from time import process_time

import mpmath
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
from fsb_oracle.oracle.joint.normal_affine import Affine, affine_forms
from fsb_oracle.oracle.joint.normal_function import Law
from fsb_oracle.oracle.joint.normal_grid import Grid
from fsb_oracle.oracle.joint.normal_smooth import smooth_routes

LAW = "multivariate_normal"
LOC, COVARIANCE = [0.3, 0.25, -0.125], [[1, 0.3, 0.2], [0.3, 1.25, -0.25], [0.2, -0.25, 0.8]]
THREE = {"loc": str(LOC), "covariance_matrix": str(COVARIANCE)}
CHOLESKY = {"loc": "[0.1,-0.2,0.3]", "scale_tril": "[[1,0,0],[0.4,0.8,0],[-0.3,0.2,0.9]]"}
FOUR = {
    "loc": "[0.1,-0.2,0.3,0]",
    "covariance_matrix": "[[1,0.3,0.1,0],[0.3,1.5,-0.2,0.1],[0.1,-0.2,0.8,0.2],[0,0.1,0.2,0.5]]",
}


@pytest.mark.parametrize(
    ("parameters", "f"),
    [(THREE, "sin(z0 + z1*z2)"), (CHOLESKY, "cos(z0 + 2*z1 - z2)"), (FOUR, "cos(z0 + z1*z2 - z3)")],
)
def test_expectation_and_gradient_lie_in_the_closed_forms_balls(parameters, f):
    cell = cell_of(LAW, parameters, f, 20)
    for own in (cell, *(cell.derivative(name) for name in cell.family.continuous_names)):
        known = closed_form(own, own.f.expression)[0].ball(30, arb(1))
        for digits in (6, 12):
            found = smooth_routes(own, own.f.expression)[0].ball(digits, arb(1))
            assert found.is_finite() and found.overlaps(known) and arb(found.rad()) < arb(10) ** -digits


@pytest.mark.parametrize("digits", [0, 2, 8])
def test_the_moments_of_one_are_those_of_the_normal_law(digits):
    """Whatever the form: its direction turns with the variable that is given."""
    vector = Vector(cell_of(LAW, THREE, "tanh(z0 + z1*z2)", 20))
    form = next(affine_forms(vector.cell.f.expression, vector.cell.family.samples))
    assert (form.given, form.others) == (1, (0, 2))
    with precision(digits + 15):
        one = Affine(Law.of(vector, (1, 0, 2)), sympy.S.One, replace(form, function=sympy.S.One))
        moments = Grid(one).moments(arb(10) ** -digits)
    assert len(moments) == 10
    for powers, moment in moments.items():
        assert moment.is_finite() and moment.contains(1 if all(n % 2 == 0 for n in powers) else 0)


@pytest.mark.parametrize("f", ["tanh(z0 + z1*z2)", "log(1 + exp(z0*z1 + z2))", "1/(2 + cos(z0 + z1*z2))"])
def test_three_coupled_variables(f, float_sum):
    found = oracle.exact(LAW, THREE, f, digits=10)
    assert found.reached and (found.expectation.routes, found.expectation.level) == (("density",), 1)
    assert float(found.expectation) == pytest.approx(float_sum(f, LOC, COVARIANCE), abs=1e-8)


def test_an_error_function_is_one_integral():
    """E erf(m + s N) = erf(m/sqrt(1 + 2 s^2))."""
    found = oracle.expectation(LAW, THREE, "erf(z0 + z1*z2)", digits=12)

    def given(x):
        z1 = 0.25 + np.sqrt(1.25) * x
        means = [LOC[i] + COVARIANCE[i][1] / 1.25 * (z1 - 0.25) for i in (0, 2)]
        left = [[COVARIANCE[i][j] - COVARIANCE[i][1] * COVARIANCE[j][1] / 1.25 for j in (0, 2)] for i in (0, 2)]
        square = left[0][0] + 2 * z1 * left[0][1] + z1**2 * left[1][1]
        return mpmath.npdf(x) * mpmath.erf((means[0] + z1 * means[1]) / mpmath.sqrt(1 + 2 * square))

    assert float(found) == pytest.approx(float(mpmath.quad(given, [-9, -3, 0, 3, 9])), abs=1e-12)


@pytest.mark.parametrize(
    ("name", "entry"), [("loc.0", None), ("covariance_matrix.0.0", (0, 0)), ("covariance_matrix.1.2", (1, 2))]
)
def test_gradients_are_slopes(name, entry):
    f, step = "tanh(z0 + z1*z2)", 2.0**-10

    def moved(shift):
        loc, square = list(LOC), [list(row) for row in COVARIANCE]
        if entry is None:
            loc[0] += shift
        else:  # both entries of a pair move, and the gradient is the symmetric one
            i, j = entry
            square[i][j] = square[j][i] = square[i][j] + shift
        return float(oracle.expectation(LAW, {"loc": str(loc), "covariance_matrix": str(square)}, f, digits=13))

    share = 0.5 if entry is not None and entry[0] != entry[1] else 1.0
    slope = float(oracle.gradient(LAW, THREE, f, name, digits=12))
    assert slope == pytest.approx(share * (moved(step) - moved(-step)) / (2 * step), abs=1e-6)


@pytest.mark.parametrize(
    ("f", "given"),
    [("tanh(z0*(z1 + z2))", [0]), ("z1*tanh(z0 + z1*z2)", [1]), ("tanh(z0*z1*z2)", []), ("z0*tanh(z0 + z1*z2)", [])],
)
def test_what_is_a_function_of_one_affine_form(f, given):
    cell = cell_of(LAW, THREE, f, 10)
    assert [form.given for form in affine_forms(cell.f.expression, cell.family.samples)] == given


@pytest.mark.parametrize("f", ["tanh(z0*z1*z2)", "1/(1 + z0**2 + z1**2*z2**2)"])
def test_what_needs_three_thin_axes_is_refused_soon(f):
    started = process_time()
    with pytest.raises(NoExactValue, match=r"the grid would be too large|no strip is known in which f is analytic"):
        oracle.expectation(LAW, THREE, f, digits=10)
    assert process_time() - started < 60
