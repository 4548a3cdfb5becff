"""Counts with shared shocks, multinomial, Dirichlet and Wishart laws, against closed forms and brute force."""

import itertools
from fractions import Fraction

import mpmath
import pytest
import sympy
from flint import acb, arb, ctx

from fsb_oracle.errors import UsageError
from fsb_oracle.oracle.exact import exact, expectation
from fsb_oracle.oracle.joint.enumeration import parseval, simplex_points, transformed_values

WISHART = {"df": "4", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"}
DIRICHLET = {"concentration": "[1.5, 2, 0.7]"}
MULTINOMIAL = {"total_count": "4", "logits": "[0.1, -0.2, 0.5]"}
SHOCKS = {"rates": "[1.5, 2]", "shared_rate": "0.7"}


def _m(number):
    number = Fraction(number)
    return mpmath.mpf(number.numerator) / number.denominator


@pytest.mark.parametrize(
    ("f", "routes"),
    [
        ("z0*z1", {"closed-form", "lattice"}),
        ("exp(z0/2)*z1", {"closed-form", "lattice"}),
        ("Heaviside(z0 - z1 - 1/2) + cos(z0*z1)", {"lattice", "spectral"}),
    ],
)
def test_poisson_counts_with_shared_shocks_by_two_routes(f, routes, agrees):
    found = exact("multivariate_poisson", SHOCKS, f, digits=20)
    assert set(found.expectation.routes) == routes and found.expectation.level == (2 if "closed-form" in routes else 3)
    with mpmath.workdps(40):
        if f == "z0*z1":  # (1.5 + 0.7) (2 + 0.7) + 0.7
            agrees(found.expectation, _m("6.64"))
            agrees(found.gradient["shared_rate"], _m("5.9"))
        if f == "exp(z0/2)*z1":  # 2.7 with one more of a share of the shared ones, under the tilted law
            half = mpmath.exp(mpmath.mpf(1) / 2)
            front = mpmath.exp(_m("2.2") * (half - 1))
            agrees(found.expectation, front * (2 + _m("0.7") * half))
            agrees(found.gradient["rates.1"], front)


def test_an_own_shock_of_another_component_and_a_shared_one_where_the_difference_counts_change_nothing():
    found = exact(
        "multivariate_poisson", {"rates": "[1.5, 2, 3]", "shared_rate": "0.7"}, "Heaviside(z0 - z1 - 1/2)", 10
    )
    assert found.gradient["rates.2"].ball == 0
    assert found.gradient["shared_rate"].ball.contains(0) and abs(found.gradient["shared_rate"].ball) < 1e-20


def test_wishart_determinant_and_waves(agrees):
    with mpmath.workdps(60):
        found = exact("wishart", WISHART, "z00*z11 - z01**2")
        determinant = _m("1.91")
        agrees(found.expectation, 12 * determinant)
        agrees(found.gradient["df"], 7 * determinant)
        agrees(found.gradient["covariance_matrix.0.1"], -12 * _m("0.3"))

        def wave(df, b):
            """Im E exp(2 i z01) = Im (1 - 2 i b t + t**2 (ac - b**2))**(-df/2) at t = 2."""
            return mpmath.im((1 - 4j * b + 4 * (2 - b * b)) ** (-df / 2))

        at = (mpmath.mpf(4), _m("0.3"))
        waves = exact("wishart", WISHART, "sin(2*z01)")
        agrees(waves.expectation, wave(*at))
        agrees(waves.gradient["df"], mpmath.diff(lambda df: wave(df, at[1]), at[0]), 20)
        agrees(waves.gradient["covariance_matrix.1.0"], mpmath.diff(lambda b: wave(at[0], b), at[1]) / 2, 20)


def test_the_branch_of_the_wishart_determinant(agrees):
    """With many degrees of freedom the power's argument goes round the origin."""
    with mpmath.workdps(60):
        found = expectation("wishart", {"df": "40", "covariance_matrix": "[[1, 0], [0, 3]]"}, "cos(z00 + z11)")
        truth = mpmath.re(mpmath.mpc(1, -2) ** -20 * mpmath.mpc(1, -6) ** -20)
        agrees(found, truth)
        other = expectation("wishart", {"df": "40", "covariance_matrix": "[[1, 0], [0, 3]]"}, "cos(z00 + z11 + z01)")
        eigenvalues = [2 + s * mpmath.sqrt(mpmath.mpf(7) / 4) for s in (1, -1)]  # of S B, with B01 = 1/2
        agrees(other, mpmath.re((1 - 2j * eigenvalues[0]) ** -20 * (1 - 2j * eigenvalues[1]) ** -20))


def test_dirichlet_monomials_and_exponentials(agrees):
    with mpmath.workdps(60):
        a = [_m(x) for x in ("1.5", "2", "0.7")]

        def moment(a0):
            total = a0 + a[1] + a[2]
            return a0 * (a0 + 1) * a[1] / (total * (total + 1) * (total + 2))

        found = exact("dirichlet", DIRICHLET, "z0**2*z1")
        agrees(found.expectation, moment(a[0]))
        agrees(found.gradient["concentration.0"], mpmath.diff(moment, a[0]), 25)

        def exponential(a0):
            """SUM over (m, n) of the moments of z0 and z1: Humbert's function."""
            total = a0 + a[1] + a[2]
            return mpmath.nsum(
                lambda m, n: mpmath.rf(a0, m) * mpmath.rf(a[1], n) * 2**m * (-3) ** n
                / (mpmath.rf(total, m + n) * mpmath.factorial(m) * mpmath.factorial(n)),
                [0, 60], [0, 60],
            )  # fmt: skip

        with mpmath.workdps(40):
            waves = expectation("dirichlet", DIRICHLET, "exp(2*z0 - 3*z1)")
            assert abs(_m(waves.value) - exponential(a[0])) < mpmath.mpf(10) ** -28


def test_powers_of_dirichlet_components_need_not_be_whole(agrees):
    with mpmath.workdps(50):
        truth = mpmath.gammaprod([2, mpmath.mpf(5) / 2, _m("4.2")], [_m("1.5"), 2, _m("5.2")])
        agrees(expectation("dirichlet", DIRICHLET, "sqrt(z0*z1)"), truth)
    with pytest.raises(UsageError, match="E z0/z2 does not exist"):
        expectation("dirichlet", DIRICHLET, "z0/z2")


def test_multinomial_by_brute_force(agrees):
    with mpmath.workdps(50):
        weights = [mpmath.exp(_m(x)) for x in ("0.1", "-0.2", "0.5")]

        def mean(first):
            p = [mpmath.exp(first), *weights[1:]]
            total = mpmath.mpf(0)
            for n in itertools.product(range(5), repeat=3):
                if sum(n) == 4:
                    ways = mpmath.factorial(4) / mpmath.fprod(mpmath.factorial(k) for k in n)
                    total += (
                        ways * mpmath.fprod(q**k for q, k in zip(p, n, strict=True)) * mpmath.sin(n[0] - n[1] * n[2])
                    )
            return total / sum(p) ** 4

        found = exact("multinomial", MULTINOMIAL, "sin(z0 - z1*z2)")
        agrees(found.expectation, mean(_m("0.1")))
        assert abs(_m(found.gradient["logits.0"].value) - mpmath.diff(mean, _m("0.1"))) < mpmath.mpf(10) ** -20
        assert found.expectation.level == 3


@pytest.mark.parametrize("side", [5, 6])  # with and without frequencies that are their own conjugates, besides 0
def test_a_mean_is_the_sum_of_two_transforms(side):
    x, y = sympy.symbols("x y")
    points = simplex_points(4, 2)
    masses = {point: arb(1 + point[0] + 3 * point[1]) / 7 for point in points}

    def phi(j: int, k: int) -> acb:
        turns = ((acb(0, 2) * arb.pi() * (j * m + k * n) / side).exp() * mass for (m, n), mass in masses.items())
        return sum(turns, acb(0))

    transform = transformed_values("x**2 - y", x**2 - y, (x, y), 4, side, ctx.prec)
    assert len(transform) == side**2 // 2 + (2 if side == 6 else 1)
    found = parseval({index: phi(*index) for index in transform}, transform, side)
    exact = sum((mass * (m**2 - n) for (m, n), mass in masses.items()), arb(0))
    assert found.overlaps(exact) and found.rad() < 1e-10
