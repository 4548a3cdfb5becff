"""What must hold for every law of several variables and law of laws: slopes, routes, null tests, refusals."""

from fractions import Fraction

import pytest
from flint import arb

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.errors import UsageError
from fsb_oracle.families import resolve_family
from fsb_oracle.integrands import integrand
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.exact import expectation, gradient, routes_of
from fsb_oracle.oracle.value import as_fraction

NORMAL = {"loc": "[0.1, -0.2]", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"}
CHOLESKY = {"loc": "[0.1, -0.2]", "scale_tril": "[[1, 0], [0.3, 1.4]]"}
DRIFTING = {"loc": "[0.1, -0.2]", "drift": "[0.5, -0.3]", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"}
STUDENT = {"df": "5", **CHOLESKY}
WISHART = {"df": "4", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"}
DIRICHLET = {"concentration": "[1.5, 2, 0.7]"}
MULTINOMIAL = {"total_count": "4", "logits": "[0.1, -0.2, 0.5]"}
MIXTURE = {"logits": "[0.3, -0.4]", "components": "[normal(loc=-1, scale=1), gamma(concentration=2.5, rate=1)]"}
COMPOUND = {"rate": "1.5", "jump": "normal(loc=0.2, scale=0.8)"}
SHOCKS = {"rates": "[1.5, 2]", "shared_rate": "0.7"}


CELLS = [
    ("categorical", {"logits": "[0.1, -0.2, 0.5]"}, "sin(2*z)"),
    ("multinomial", MULTINOMIAL, "Max(z0 - 1/2, 0)*z1"),
    ("dirichlet", DIRICHLET, "sin(2*z0)"),
    ("dirichlet", DIRICHLET, "z0*exp(z1 - 2*z2)"),
    ("multivariate_normal", NORMAL, "Max(z0 - z1/2, 0)"),
    ("multivariate_normal", NORMAL, "z0*sin(z1) + z0**2*exp(-z1**2)"),
    ("multivariate_normal", CHOLESKY, "exp(-(z0 + z1)**2)*z1"),
    ("multivariate_normal", CHOLESKY, "z0/(1 + z0**2 + z1**2)"),
    ("multivariate_student_t", STUDENT, "z0**2*z1 + z1**2"),
    ("multivariate_laplace", NORMAL, "z0*z1*cos(z1) + Max(z0, z1)"),
    ("asymmetric_multivariate_laplace", DRIFTING, "z0*z1*cos(z1) + Max(z0, z1)"),
    ("wishart", WISHART, "z00*z01 + sin(z00 + 2*z01 + z11)"),
    ("wishart", WISHART, "cos(z01)"),
    ("mixture", MIXTURE, "exp(-z**2)"),
    ("compound_poisson", COMPOUND, "exp(-z**2)"),
    ("compound_poisson", {"rate": "0.7", "jump": "poisson(rate=1.2)"}, "Max(z - 1/2, 0)"),
]
IDS = [f"{name}-{number}" for number, (name, _, _) in enumerate(CELLS)]


def _cell(name, values, f, parameter=None):
    law, found = resolve_family(name, values)
    return Cell(law, found, integrand(f), parameter)


def _moved(cell, parameter, step):
    """The law with one parameter moved; a symmetric matrix stays symmetric, so that half of the step goes each way."""
    values = dict(cell.values)
    kind, *place = parameter.split(".")
    if kind == "covariance_matrix" and place[0] != place[1]:
        for name in (parameter, f"{kind}.{place[1]}.{place[0]}"):
            values[name] += step / 2
    else:
        values[parameter] += step
    return Cell(cell.family, values, cell.f)


def _value(cell, digits):
    """E f by the first route that answers."""
    for route in routes_of(cell):
        try:
            found = route.ball(digits, arb(1))
        except Unboundable:
            continue
        if found.is_finite():
            return found
    raise AssertionError("no route answers")


@pytest.mark.parametrize(("name", "values", "f"), CELLS, ids=IDS)
def test_gradients_are_the_slopes_of_the_expectation(name, values, f):
    """Central differences of E f itself, at 30 digits with steps of 1e-9."""
    cell, step = _cell(name, values, f), Fraction(1, 10**9)
    for parameter in cell.family.continuous_names:
        kind, *place = parameter.split(".")
        if kind == "scale_tril" and int(place[0]) < int(place[1]):
            truth = Fraction(0)
        else:
            up, down = (_value(_moved(cell, parameter, s), 30) for s in (step, -step))
            truth = (as_fraction(up) - as_fraction(down)) / (2 * step)
        found = as_fraction(_value(cell.derivative(parameter), 30))
        assert abs(found - truth) < Fraction(1, 10**13), (parameter, float(found), float(truth))


@pytest.mark.parametrize(("name", "values", "f"), CELLS, ids=IDS)
def test_every_route_contains_the_value_at_any_precision(name, values, f):
    """The balls of few digits, in which truncation dominates, contain the value of many."""
    base = _cell(name, values, f)
    for parameter in (None, base.family.continuous_names[-1]):
        cell = base if parameter is None else base.derivative(parameter)
        with precision(80):
            truth = _value(cell, 40)
            assert truth.rad() < arb(10) ** -30
        for route in routes_of(cell):
            for digits in (-2, 0, 3):
                try:
                    found = route.ball(digits, arb(1))
                except Unboundable:
                    continue
                assert found.is_finite()
                with precision(80):
                    assert found.overlaps(truth), (route.name, digits, parameter)


@pytest.mark.parametrize(
    ("name", "values"),
    [(name, values) for k, (name, values, _) in enumerate(CELLS) if name not in [c[0] for c in CELLS[:k]]],
    ids=lambda item: item if isinstance(item, str) else "",
)
def test_the_mean_of_1_is_1_and_its_gradient_is_0(name, values):
    for f, scale in (("1", 1), ("3", 3)):
        cell = _cell(name, values, f)
        for route in routes_of(cell):
            for digits in (-2, 0, 30):
                assert route.ball(digits, arb(1)).contains(scale)
        for parameter in cell.family.continuous_names:
            for route in routes_of(cell.derivative(parameter)):
                assert route.ball(30, arb(1)).contains(0)


def test_nested_integrals_agree_with_closed_forms():
    """E cos(z0 z1) of independent normal variables is 1/sqrt(2); monomials of a Dirichlet vector are exact."""
    from fsb_oracle.oracle.joint import dirichlet, normal_terms

    cell = _cell("multivariate_normal", {"loc": "[0, 0]", "covariance_matrix": "[[1, 0], [0, 1]]"}, "cos(z0*z1)")
    (route,) = normal_terms.pair_routes(cell, cell.f.expression, alone=True)
    for digits in (0, 4, 12):
        found = route.ball(digits, arb(1))
        assert found.overlaps(1 / arb(2).sqrt()) and found.rad() < arb(10) ** (1 - digits)
    cell = _cell("dirichlet", DIRICHLET, "z0*z1", "concentration.1")
    (route,) = dirichlet._pair_routes(cell, cell.f.expression, alone=True)
    exact_slope = Fraction(gradient("dirichlet", DIRICHLET, "z0*z1", "concentration.1").value)
    found = route.ball(8, arb(1))
    assert abs(as_fraction(found) - exact_slope) < Fraction(1, 10**8)


@pytest.mark.parametrize(
    ("name", "values", "f", "words"),
    [
        ("multivariate_normal", NORMAL, "exp(z0**2)", "E exp(z0**2) does not exist"),
        ("multivariate_normal", NORMAL, "exp(z0*z1)", "E exp(z0*z1) does not exist"),
        ("multivariate_normal", NORMAL, "Max(z0*z1, 0)", "kinks or jumps depend on several variables"),
        ("multivariate_student_t", STUDENT, "z0**2*z1**3", "does not exist"),
        ("multivariate_student_t", STUDENT, "sin(z0*z1)", "no route is known for sin(z0*z1)"),
        ("multivariate_laplace", NORMAL, "exp(2*z0)", "E exp(2*z0) does not exist"),
        # 1 - b.drift - b'Sb/2 = 1 - 0.72 - 0.972: without the drift it would be positive
        ("asymmetric_multivariate_laplace", DRIFTING, "exp(9*z0/10 - 9*z1/10)", "does not exist"),
        ("multivariate_poisson", SHOCKS, "exp(z0*z1)", "grows too fast in several variables"),
        ("multivariate_poisson", SHOCKS, "1/(z0 + z1)", "may be 0"),
        ("multivariate_poisson", {"rates": "[200, 1]", "shared_rate": "9"}, "cos(z0*z1)", "50000 values are summed"),
        ("wishart", WISHART, "exp(z00)", "E exp(z/4) does not exist for gamma"),
        ("wishart", WISHART, "tanh(z01)", "neither a polynomial nor exponential"),
        ("dirichlet", DIRICHLET, "1/z2", "E 1/z does not exist for beta"),
        ("multinomial", {"total_count": "400", "logits": "[0, 0, 0]"}, "sin(z0*z1)", "80601 values"),
        ("categorical", {"logits": "[0, 0]"}, "1/z", "not a finite real number at z = 0"),
        ("mixture", {"logits": "[0]", "components": "[cauchy(loc=0, scale=1)]"}, "z**2", "does not exist for cauchy"),
        ("compound_poisson", {"rate": "1", "jump": "cauchy(loc=0, scale=1)"}, "z**2", "does not exist"),
        ("compound_poisson", {"rate": "1", "jump": "laplace(loc=0, scale=1)"}, "Max(z, 0)", "only polynomials, waves"),
    ],
    ids=[
        "normal-growth", "normal-product", "normal-kink", "student-moment", "student-product", "laplace-growth",
        "drift-growth", "shocks-growth", "shocks-pole", "shocks-many",
        "wishart-growth", "wishart-tanh", "dirichlet-pole", "multinomial-size", "categorical-pole", "mixture-moment",
        "compound-moment", "compound-kink",
    ],
)  # fmt: skip
def test_what_cannot_be_had_is_refused_in_one_sentence(name, values, f, words):
    with pytest.raises(UsageError) as caught:
        expectation(name, values, f)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
