"""Laws of several variables and laws of laws, against closed forms, mpmath's integrals and differences."""

import itertools
from fractions import Fraction

import mpmath
import pytest
from flint import arb

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.errors import UsageError
from fsb_oracle.families import resolve_family
from fsb_oracle.integrands import integrand
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.exact import exact, expectation, gradient, routes_of
from fsb_oracle.oracle.value import as_fraction

mp = mpmath.mp
NORMAL = {"loc": "[0.1, -0.2]", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"}
CHOLESKY = {"loc": "[0.1, -0.2]", "scale_tril": "[[1, 0], [0.3, 1.4]]"}
DRIFTING = {"loc": "[0.1, -0.2]", "drift": "[0.5, -0.3]", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"}
STUDENT = {"df": "5", **CHOLESKY}
WISHART = {"df": "4", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"}
DIRICHLET = {"concentration": "[1.5, 2, 0.7]"}
MULTINOMIAL = {"total_count": "4", "logits": "[0.1, -0.2, 0.5]"}
MIXTURE = {"logits": "[0.3, -0.4]", "components": "[normal(loc=-1, scale=1), gamma(concentration=2.5, rate=1)]"}
COMPOUND = {"rate": "1.5", "jump": "normal(loc=0.2, scale=0.8)"}


def _m(number):
    number = Fraction(number)
    return mpmath.mpf(number.numerator) / number.denominator


def _agrees(value, truth, digits=28):
    """|value - truth| <= the stated radius and the truth's own rounding."""
    with mpmath.workdps(60):
        distance = abs(_m(value.value) - truth)
        assert distance <= _m(value.radius) + mpmath.mpf(10) ** -45 * (1 + abs(truth)), (value.value, truth)
        assert value.digits >= digits
    return True


# --- closed forms


def test_a_wave_of_a_normal_vector():
    with mpmath.workdps(60):
        spread = 1 + 4 * _m("2") - 4 * _m("0.3")  # of z0 - 2 z1
        mean = _m("0.1") + 2 * _m("0.2")
        decay = mpmath.exp(-spread / 2)
        found = exact("multivariate_normal", NORMAL, "sin(z0 - 2*z1)")
        _agrees(found.expectation, mpmath.sin(mean) * decay)
        _agrees(found.gradient["loc.1"], -2 * mpmath.cos(mean) * decay)
        _agrees(found.gradient["covariance_matrix.0.1"], mpmath.sin(mean) * decay)  # half of -1 * -2 sin
        _agrees(found.gradient["covariance_matrix.1.1"], -2 * mpmath.sin(mean) * decay)
        assert found.expectation.level == 3


def test_a_gaussian_of_a_normal_vector():
    """E exp(-z'z) = det(I + 2S)^(-1/2) exp(-loc'(I + 2S)^-1 loc)."""
    with mpmath.workdps(60):

        def truth(a, b, c):
            determinant = (1 + 2 * a) * (1 + 2 * c) - 4 * b * b
            m0, m1 = _m("0.1"), _m("-0.2")
            form = (m0 * m0 * (1 + 2 * c) + m1 * m1 * (1 + 2 * a) - 4 * b * m0 * m1) / determinant
            return mpmath.exp(-form) / mpmath.sqrt(determinant)

        found = exact("multivariate_normal", NORMAL, "exp(-z0**2 - z1**2)")
        at = (mpmath.mpf(1), _m("0.3"), mpmath.mpf(2))
        _agrees(found.expectation, truth(*at))
        _agrees(found.gradient["covariance_matrix.0.0"], mpmath.diff(lambda a: truth(a, *at[1:]), at[0]), 25)
        _agrees(found.gradient["covariance_matrix.0.1"], mpmath.diff(lambda b: truth(at[0], b, at[2]), at[1]) / 2, 25)


def test_moments_of_a_normal_vector():
    """Isserlis: E z0**2 z1**2 of a centred vector is ac + 2 b**2."""
    values = {"loc": "[0, 0]", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"}
    found = exact("multivariate_normal", values, "z0**2*z1**2")
    with mpmath.workdps(60):
        _agrees(found.expectation, _m("2.18"))
        _agrees(found.gradient["covariance_matrix.0.0"], mpmath.mpf(2))
        _agrees(found.gradient["covariance_matrix.1.0"], _m("0.6"))
    assert found.expectation.level == 2


def test_a_radial_function_in_three_dimensions():
    """1/(1 + |z|**2) of a standard normal vector, by the integral over the radius."""
    values = {"loc": "[0, 0, 0]", "covariance_matrix": "[[1, 0, 0], [0, 1, 0], [0, 0, 1]]"}
    with mpmath.workdps(50):

        def mean(scale):
            density = mpmath.sqrt(2 / mpmath.pi)
            return mpmath.quad(
                lambda r: density * r**2 * mpmath.exp(-r * r / 2) / (1 + scale * r * r), [0, 1, 4, 15, 30]
            )

        truth = mean(mpmath.mpf(1))
        found = expectation("multivariate_normal", values, "1/(1 + z0**2 + z1**2 + z2**2)")
        assert abs(_m(found.value) - truth) < mpmath.mpf(10) ** -28
        # all three diagonal entries move together when the scale does
        slope = gradient("multivariate_normal", values, "1/(1 + z0**2 + z1**2 + z2**2)", "covariance_matrix.1.1")
        assert abs(3 * _m(slope.value) - mpmath.diff(mean, 1)) < mpmath.mpf(10) ** -15


def test_products_of_uncorrelated_components():
    values = {"loc": "[0.5, 1]", "covariance_matrix": "[[1, 0], [0, 4]]"}
    one = expectation("normal", {"loc": "0.5", "scale": 1}, "tanh(z)")
    other = expectation("normal", {"loc": 1, "scale": 2}, "Max(z, 0)")
    slopes = [
        gradient("normal", {"loc": m, "scale": s}, f, "loc") for m, s, f in (("0.5", 1, "tanh(z)"), (1, 2, "Max(z, 0)"))
    ]
    found = exact("multivariate_normal", values, "tanh(z0)*Max(z1, 0)")
    with mpmath.workdps(50):
        assert abs(_m(found.expectation.value) - _m(one.value) * _m(other.value)) < mpmath.mpf(10) ** -29
        mixed = _m(slopes[0].value) * _m(slopes[1].value) / 2
        assert abs(_m(found.gradient["covariance_matrix.0.1"].value) - mixed) < mpmath.mpf(10) ** -29


def test_student_moments():
    found = exact("multivariate_student_t", STUDENT, "z0*z1")
    with mpmath.workdps(50):
        # loc0 loc1 + df/(df - 2) (LL')01
        _agrees(found.expectation, _m("-0.02") + _m(Fraction(5, 3)) * _m("0.3"))
        _agrees(found.gradient["df"], _m("0.3") * -2 / 9)
        _agrees(found.gradient["scale_tril.1.0"], mpmath.mpf(5) / 3)


def test_student_margins():
    found = exact("multivariate_student_t", STUDENT, "tanh(z1)")
    with mpmath.workdps(40):
        scale = mpmath.sqrt(_m("0.09") + _m("1.96"))
        own = expectation("student_t", {"df": 5, "loc": "-0.2", "scale": str(mpmath.nstr(scale, 38))}, "tanh(z)")
        assert abs(_m(found.expectation.value) - _m(own.value)) < mpmath.mpf(10) ** -28


def test_laplace_waves_and_exponentials():
    with mpmath.workdps(60):
        found = exact("multivariate_laplace", NORMAL, "cos(z0 + z1)")
        variance, mean = _m("3.6"), _m("-0.1")
        _agrees(found.expectation, mpmath.cos(mean) / (1 + variance / 2))
        _agrees(found.gradient["covariance_matrix.0.1"], -mpmath.cos(mean) / (1 + variance / 2) ** 2 / 2)
        grown = exact("multivariate_laplace", NORMAL, "exp(z0/2)*z1")
        # d/dt of exp(m0/2 + t m1)/(1 - v/2) at t = 0, v = 1/4 + 2 b t/2 + ...
        front, room = mpmath.exp(_m("0.05")), 1 - mpmath.mpf(1) / 8
        _agrees(grown.expectation, front * (_m("-0.2") / room + _m("0.15") / room**2))


def test_laplace_moments_and_exponentials_with_a_drift():
    with mpmath.workdps(60):
        found = exact("asymmetric_multivariate_laplace", DRIFTING, "z0*z1")
        # E z0 z1 = (0.1 + 0.5 E)(-0.2 - 0.3 E) + 0.3 E, and E has the moments 1 and 2
        _agrees(found.expectation, _m("-0.02") - _m("0.13") - _m("0.3") + _m("0.3"))
        _agrees(found.gradient["drift.0"], _m("-0.2") - 2 * _m("0.3"))
        _agrees(found.gradient["covariance_matrix.0.1"], mpmath.mpf(1) / 2)
        grown = exact("asymmetric_multivariate_laplace", DRIFTING, "exp(z0/2)*z1")
        front, room = mpmath.exp(_m("0.05")), 1 - mpmath.mpf(1) / 4 - mpmath.mpf(1) / 8
        _agrees(grown.expectation, front * (_m("-0.2") / room + (_m("-0.3") + _m("0.15")) / room**2))


SHOCKS = {"rates": "[1.5, 2]", "shared_rate": "0.7"}


@pytest.mark.parametrize(
    ("f", "routes"),
    [
        ("z0*z1", {"closed-form", "lattice"}),
        ("exp(z0/2)*z1", {"closed-form", "lattice"}),
        ("Heaviside(z0 - z1 - 1/2) + cos(z0*z1)", {"lattice", "spectral"}),
    ],
)
def test_poisson_counts_with_shared_shocks_by_two_routes(f, routes):
    found = exact("multivariate_poisson", SHOCKS, f, digits=20)
    assert set(found.expectation.routes) == routes and found.expectation.level == (2 if "closed-form" in routes else 3)
    with mpmath.workdps(40):
        if f == "z0*z1":  # (1.5 + 0.7) (2 + 0.7) + 0.7
            _agrees(found.expectation, _m("6.64"))
            _agrees(found.gradient["shared_rate"], _m("5.9"))
        if f == "exp(z0/2)*z1":  # 2.7 with one more of a share of the shared ones, under the tilted law
            half = mpmath.exp(mpmath.mpf(1) / 2)
            front = mpmath.exp(_m("2.2") * (half - 1))
            _agrees(found.expectation, front * (2 + _m("0.7") * half))
            _agrees(found.gradient["rates.1"], front)


def test_an_own_shock_of_another_component_and_a_shared_one_where_the_difference_counts_change_nothing():
    found = exact(
        "multivariate_poisson", {"rates": "[1.5, 2, 3]", "shared_rate": "0.7"}, "Heaviside(z0 - z1 - 1/2)", 10
    )
    assert found.gradient["rates.2"].ball == 0
    assert found.gradient["shared_rate"].ball.contains(0) and abs(found.gradient["shared_rate"].ball) < 1e-20


def test_wishart_determinant_and_waves():
    with mpmath.workdps(60):
        found = exact("wishart", WISHART, "z00*z11 - z01**2")
        determinant = _m("1.91")
        _agrees(found.expectation, 12 * determinant)
        _agrees(found.gradient["df"], 7 * determinant)
        _agrees(found.gradient["covariance_matrix.0.1"], -12 * _m("0.3"))

        def wave(df, b):
            """Im E exp(2 i z01) = Im (1 - 2 i b t + t**2 (ac - b**2))**(-df/2) at t = 2."""
            return mpmath.im((1 - 4j * b + 4 * (2 - b * b)) ** (-df / 2))

        at = (mpmath.mpf(4), _m("0.3"))
        waves = exact("wishart", WISHART, "sin(2*z01)")
        _agrees(waves.expectation, wave(*at))
        _agrees(waves.gradient["df"], mpmath.diff(lambda df: wave(df, at[1]), at[0]), 20)
        _agrees(waves.gradient["covariance_matrix.1.0"], mpmath.diff(lambda b: wave(at[0], b), at[1]) / 2, 20)


def test_the_branch_of_the_wishart_determinant():
    """With many degrees of freedom the power's argument goes round the origin."""
    with mpmath.workdps(60):
        found = expectation("wishart", {"df": "40", "covariance_matrix": "[[1, 0], [0, 3]]"}, "cos(z00 + z11)")
        truth = mpmath.re(mpmath.mpc(1, -2) ** -20 * mpmath.mpc(1, -6) ** -20)
        _agrees(found, truth)
        other = expectation("wishart", {"df": "40", "covariance_matrix": "[[1, 0], [0, 3]]"}, "cos(z00 + z11 + z01)")
        eigenvalues = [2 + s * mpmath.sqrt(mpmath.mpf(7) / 4) for s in (1, -1)]  # of S B, with B01 = 1/2
        _agrees(other, mpmath.re((1 - 2j * eigenvalues[0]) ** -20 * (1 - 2j * eigenvalues[1]) ** -20))


def test_dirichlet_monomials_and_exponentials():
    with mpmath.workdps(60):
        a = [_m(x) for x in ("1.5", "2", "0.7")]

        def moment(a0):
            total = a0 + a[1] + a[2]
            return a0 * (a0 + 1) * a[1] / (total * (total + 1) * (total + 2))

        found = exact("dirichlet", DIRICHLET, "z0**2*z1")
        _agrees(found.expectation, moment(a[0]))
        _agrees(found.gradient["concentration.0"], mpmath.diff(moment, a[0]), 25)

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


def test_powers_of_dirichlet_components_need_not_be_whole():
    with mpmath.workdps(50):
        truth = mpmath.gammaprod([2, mpmath.mpf(5) / 2, _m("4.2")], [_m("1.5"), 2, _m("5.2")])
        _agrees(expectation("dirichlet", DIRICHLET, "sqrt(z0*z1)"), truth)
    with pytest.raises(UsageError, match="E z0/z2 does not exist"):
        expectation("dirichlet", DIRICHLET, "z0/z2")


def test_multinomial_by_brute_force():
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
        _agrees(found.expectation, mean(_m("0.1")))
        assert abs(_m(found.gradient["logits.0"].value) - mpmath.diff(mean, _m("0.1"))) < mpmath.mpf(10) ** -20
        assert found.expectation.level == 3


def test_mixtures_weigh_their_components():
    with mpmath.workdps(50):
        p = 1 / (1 + mpmath.exp(_m("-0.7")))
        one = exact("normal", {"loc": -1, "scale": 1}, "tanh(z)")
        other = exact("gamma", {"concentration": "2.5", "rate": 1}, "tanh(z)")
        found = exact("mixture", MIXTURE, "tanh(z)")
        first, second = _m(one.expectation.value), _m(other.expectation.value)
        tolerance = mpmath.mpf(10) ** -29
        assert abs(_m(found.expectation.value) - p * first - (1 - p) * second) < tolerance
        assert abs(_m(found.gradient["logits.0"].value) - p * (1 - p) * (first - second)) < tolerance
        slope = p * _m(one.gradient["scale"].value)
        assert abs(_m(found.gradient["components.0.scale"].value) - slope) < tolerance
        assert found.expectation.level == 3


def test_mixtures_hold_vectors_and_atoms():
    vectors = "[multivariate_normal(loc=[0, 1], covariance_matrix=[[1, 0], [0, 1]]), dirichlet(concentration=[1, 3])]"
    found = exact("mixture", {"logits": "[0, 0]", "components": vectors}, "z0 + 2*z1")
    _agrees(found.expectation, (mpmath.mpf(2) + mpmath.mpf(7) / 4) / 2)
    atoms = exact("mixture", {"logits": "[0, 0]", "components": "[dirac(loc=2), poisson(rate=3)]"}, "z**2")
    _agrees(atoms.expectation, mpmath.mpf(8))
    _agrees(atoms.gradient["components.0.loc"], mpmath.mpf(2))


def test_compound_poisson_has_an_atom_at_0():
    """E Heaviside(Z) = exp(-rate)/2 + (1 - exp(-rate)) P(S > 0), where Heaviside(0) = 1/2."""
    with mpmath.workdps(50):
        found = exact("compound_poisson", {"rate": 2, "jump": "gamma(concentration=1.5, rate=1)"}, "Heaviside(z)")
        _agrees(found.expectation, 1 - mpmath.exp(-2) / 2)
        _agrees(found.gradient["rate"], mpmath.exp(-2) / 2)


def test_compound_poisson_sums_and_waves():
    with mpmath.workdps(50):
        found = exact("compound_poisson", COMPOUND, "cos(z)")
        phi = mpmath.exp(_m("0.2") * 1j - _m("0.32"))
        truth = mpmath.exp(_m("1.5") * (phi - 1))
        _agrees(found.expectation, mpmath.re(truth))
        _agrees(found.gradient["rate"], mpmath.re((phi - 1) * truth))

        # E Max(Z - 1, 0) as a sum over the number of jumps of the normal formula
        def call(n):
            mean, spread = n * _m("0.2") - 1, mpmath.sqrt(n) * _m("0.8")
            return mean * mpmath.ncdf(mean / spread) + spread * mpmath.npdf(mean / spread)

        kinked = expectation("compound_poisson", COMPOUND, "Max(z - 1, 0)")
        terms = (mpmath.exp(-_m("1.5")) * _m("1.5") ** n / mpmath.factorial(n) * call(n) for n in range(1, 60))
        _agrees(kinked, mpmath.fsum(terms))
        assert kinked.level == 3


# --- what must hold for every law

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
