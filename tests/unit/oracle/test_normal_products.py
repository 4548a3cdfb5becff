"""Products of functions of correlated normal variables: the certified grid against closed forms."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import resolve_family
from fsb_oracle.integrands import integrand
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle import exact, gradient
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.joint import normal_products
from fsb_oracle.oracle.joint.gaussian import closed_form
from fsb_oracle.oracle.joint.normal_products import grid_routes
from fsb_oracle.oracle.joint.normal_terms import pair_routes

from .conftest import examples

COVARIANCE = "[[1, 0.3, 0.1], [0.3, 2, 0.2], [0.1, 0.2, 1]]"
NORMAL = {"loc": "[0.1, -0.2, 0.3]", "covariance_matrix": COVARIANCE}
PRODUCTS = ["cos(z0)*exp(-z1**2)", "z0*exp(z1/2)*sin(z2)", "3*z0**2*cos(2*z1)*exp(-z2**2/2)"]


def question(parameters: dict[str, str], f: str, parameter: str | None = None) -> Cell:
    law, values = resolve_family("multivariate_normal", parameters)
    return Cell(law, values, integrand(f, named=False), parameter)


def number(low: str, high: str) -> st.SearchStrategy[Fraction]:
    return st.fractions(Fraction(low), Fraction(high), max_denominator=20)


@st.composite
def triangular(draw: st.DrawFn) -> dict[str, str]:
    def entry(i: int, j: int) -> Fraction:
        return draw(number("0.4", "2") if i == j else number("-1", "1")) if j <= i else Fraction(0)

    rows = [f"[{', '.join(str(entry(i, j)) for j in range(3))}]" for i in range(3)]
    loc = [str(draw(number("-1", "1"))) for _ in range(3)]
    return {"loc": f"[{', '.join(loc)}]", "scale_tril": f"[{', '.join(rows)}]"}


def both(cell: Cell, digits: int) -> tuple[arb, arb]:
    """The grid's ball at an absolute goal, and the closed form's at 40 digits."""
    f = cell.f.expression
    with precision(60):
        (known,) = closed_form(cell, f)
        return grid_routes(cell, f)[0].ball(digits, arb(1)), known.ball(40, arb(1))


@pytest.mark.parametrize("f", PRODUCTS)
def test_the_grid_against_closed_forms(f):
    @settings(max_examples=examples(4), derandomize=True, deadline=None)
    @given(triangular(), st.sampled_from([*range(-2, 6), 16, 25]), st.data())
    def check(parameters, digits, data):
        names = list(question(parameters, f).family.continuous_names)
        parameter = data.draw(st.sampled_from([None, *names]))
        cell = question(parameters, f, parameter)
        try:
            found, known = both(cell, digits)
        except Unboundable:
            assert digits > 5  # so strongly correlated that the grid would be too large
            return
        assert found.is_finite() and found.overlaps(known), (parameters, parameter, digits, found, known)

    check()


def loose(f: str) -> bool:
    """Whether the grid holds the closed forms at goals where its bounds are all that matters."""
    cells = [question(NORMAL, f, parameter) for parameter in (None, "loc.0", "covariance_matrix.0.1")]
    pairs = [both(cell, digits) for cell in cells for digits in range(-2, 9)]
    return all(found.is_finite() and found.overlaps(known) for found, known in pairs)


def test_each_bound_of_the_grid_is_needed(monkeypatch):
    f = PRODUCTS[1]
    assert loose(f)
    cut, plan = normal_products._cut, normal_products._plan
    with monkeypatch.context() as planted:
        planted.setattr(normal_products, "_cut", lambda axes, tolerance: (cut(axes, tolerance)[0] / 3, arb(0)))
        assert not loose(f)
    with monkeypatch.context() as planted:
        planted.setattr(normal_products, "CELLS", 4)
        planted.setattr(normal_products, "_plan", lambda *args: (4, plan(*args)[1]))
        assert not loose(f)


def test_poles_near_the_axis_make_the_grid_finer_or_refused():
    """1/(1 + 25 z^2) has its poles at i/5: nodes as for tanh would make a sum that looks converged and is wrong."""
    cell = question(NORMAL, "tanh(z0)/(1 + 25*z1**2)")
    with precision(60):
        (route,) = grid_routes(cell, cell.f.expression)
        fine, coarse = route.ball(12, arb(1)), route.ball(3, arb(1))
        assert fine.is_finite() and coarse.overlaps(fine)
        cell = question(NORMAL, "tanh(z0)/(1 + 10**8*z1**2)")
        (route,) = grid_routes(cell, cell.f.expression)
        with pytest.raises(Unboundable):
            route.ball(12, arb(1))


def test_the_grid_against_nested_integrals():
    """Nested Gauss-Legendre rules with scores of the law, and the trapezoidal sum with derivatives of f."""
    for parameter in (None, "covariance_matrix.0.1"):
        cell = question(NORMAL, "tanh(z0)*tanh(z1)", parameter)
        f = cell.f.expression
        with precision(40):
            nested, grid = pair_routes(cell, f, alone=True)[0], grid_routes(cell, f)[0]
            first, second = nested.ball(6, arb(1)), grid.ball(12, arb(1))
        assert first.is_finite() and first.overlaps(second) and first.rad() < 1e-4


def test_three_correlated_variables_at_30_digits():
    value = gradient("multivariate_normal", NORMAL, "tanh(z0)*tanh(z1)*tanh(z2)", "covariance_matrix.0.1")
    assert value.reached
    assert value.value.startswith("0.02704139979117667709466022719743410382")
    assert value.routes == ("density",)


def test_a_parameter_that_does_not_matter_is_exactly_0():
    result = exact("multivariate_normal", NORMAL, "tanh(z0)*tanh(z1)", digits=12)
    for name in ("loc.2", "covariance_matrix.0.2", "covariance_matrix.2.2"):
        assert result.gradient[name].value == "0"
    assert result.gradient["covariance_matrix.0.1"].digits >= 12


def test_weights_of_a_triangular_scale_are_those_of_the_chain_rule():
    """With S = LL', dE/dL_ij = 2 (G L)_ij for the symmetric gradient G in S, which closed forms know."""
    law = {"loc": "[0.1, -0.2, 0.3]", "scale_tril": "[[1, 0, 0], [0.3, 1.2, 0], [0.1, -0.4, 0.9]]"}
    for parameter in ("scale_tril.1.0", "scale_tril.2.1", "scale_tril.0.0"):
        found, known = both(question(law, PRODUCTS[1], parameter), 20)
        assert found.overlaps(known) and found.rad() < 1e-18
    cell = question(law, PRODUCTS[1], "scale_tril.0.1")
    assert grid_routes(cell, cell.f.expression)[0].ball(10, arb(1)) == 0


def test_kinks_and_functions_of_two_variables_are_left_to_other_routes():
    for f in ("Abs(z0)*tanh(z1)", "tanh(z0*z1)", "tanh(z0)"):
        cell = question(NORMAL, f)
        assert grid_routes(cell, cell.f.expression) == []
