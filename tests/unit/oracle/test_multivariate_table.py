"""The table of the acceptance for laws of several variables, and that their parameters stay exact."""

from fractions import Fraction

import pytest

from fsb_oracle.families import resolve_family
from fsb_oracle.oracle.exact import exact, expectation

NORMAL = {"loc": "[0.1, -0.2]", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"}
CHOLESKY = {"loc": "[0.1, -0.2]", "scale_tril": "[[1, 0], [0.3, 1.4]]"}
DRIFTING = {"loc": "[0.1, -0.2]", "drift": "[0.5, -0.3]", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"}
STUDENT = {"df": "5", **CHOLESKY}
WISHART = {"df": "4", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"}
DIRICHLET = {"concentration": "[1.5, 2, 0.7]"}
MULTINOMIAL = {"total_count": "4", "logits": "[0.1, -0.2, 0.5]"}
MIXTURE = {"logits": "[0.3, -0.4]", "components": "[normal(loc=-1, scale=1), gamma(concentration=2.5, rate=1)]"}
COMPOUND = {"rate": "1.5", "jump": "normal(loc=0.2, scale=0.8)"}


FUNCTIONS = ("sin(2*{z})", "exp(-{z}**2)", "Max({z} - 1/2, 0)")
POINTS = {
    "categorical": ({"logits": "[0.1, -0.2, 0.5]"}, {"logits": "[-40, 0, 3, 40]"}, {"logits": "[0, 700]"}),
    "multinomial": (
        MULTINOMIAL,
        {"total_count": "1", "logits": "[-20, 20]"},
        {"total_count": "60", "logits": "[1, 2, 3]"},
    ),
    "dirichlet": (DIRICHLET, {"concentration": "[0.01, 0.01, 0.02]"}, {"concentration": "[1000, 200, 3000, 1]"}),
    "multivariate_normal": (
        NORMAL,
        {"loc": "[10, -10]", "covariance_matrix": "[[0.0001, 0.00009999], [0.00009999, 0.0001]]"},
        {"loc": "[0, 0, 1]", "scale_tril": "[[100, 0, 0], [-3, 0.01, 0], [1, 2, 1]]"},
    ),
    "multivariate_student_t": (
        STUDENT,
        {"df": "1.5", "loc": "[0, 1]", "scale_tril": "[[0.1, 0], [0.5, 2]]"},
        {"df": "300", "loc": "[3, 0]", "scale_tril": "[[1, 0], [0, 1]]"},
    ),
    "multivariate_laplace": (
        NORMAL,
        {"loc": "[0, 1]", "covariance_matrix": "[[0.0001, 0], [0, 100]]"},
        {"loc": "[2, -1, 0]", "covariance_matrix": "[[100, 9, 0], [9, 1, 0], [0, 0, 1]]"},
    ),
    "asymmetric_multivariate_laplace": (
        DRIFTING,
        {"loc": "[0, 1]", "drift": "[0, 3]", "covariance_matrix": "[[0.0001, 0], [0, 100]]"},
        {"loc": "[2, -1, 0]", "drift": "[-9, 1, 0]", "covariance_matrix": "[[100, 9, 0], [9, 1, 0], [0, 0, 1]]"},
    ),
    "multivariate_poisson": (
        {"rates": "[1.5, 2]", "shared_rate": "0.7"},
        {"rates": "[0.001, 5]", "shared_rate": "100"},
        {"rates": "[0.4, 1, 2.5]", "shared_rate": "0.001"},
    ),
    "wishart": (
        WISHART,
        {"df": "1.01", "covariance_matrix": "[[0.01, 0.09], [0.09, 1]]"},
        {"df": "50", "covariance_matrix": "[[1, 0.9, 0.5], [0.9, 1, 0.7], [0.5, 0.7, 1]]"},
    ),
    "mixture": (
        MIXTURE,
        {"logits": "[30, -30]", "components": "[normal(loc=0, scale=0.01), laplace(loc=10, scale=5)]"},
        {"logits": "[0, 1, 2]", "components": "[poisson(rate=2.5), bernoulli(probs=0.3), dirac(loc=0.3)]"},
    ),
    "compound_poisson": (
        COMPOUND,
        {"rate": "0.001", "jump": "normal(loc=3, scale=0.5)"},
        {"rate": "5", "jump": "exponential(rate=3)"},
    ),
}
TABLE = [(name, k, f) for name in POINTS for k in range(3) for f in FUNCTIONS]


@pytest.mark.parametrize(("name", "number", "f"), TABLE, ids=[f"{n}-{k}-{FUNCTIONS.index(f)}" for n, k, f in TABLE])
def test_the_table_of_the_acceptance(name, number, f):
    """Every answer is a ball of 30 digits."""
    values = POINTS[name][number]
    law, _ = resolve_family(name, values)
    found = exact(name, values, f.format(z=law.samples[0]))
    assert found.reached
    assert set(found.gradient) == set(law.continuous_names)
    assert all(value.digits >= 30 for value in (found.expectation, *found.gradient.values()))


def test_parameters_stay_exact_on_their_way():
    """A linear form of the normal law has a rational variance, so that 60 digits are those of 2.01."""
    found = expectation("multivariate_normal", {"loc": "[0.1]", "covariance_matrix": "[[2]]"}, "z0**2", digits=60)
    assert found.contains(Fraction("2.01"))
    assert Fraction(found.radius) < Fraction(1, 10**58)
