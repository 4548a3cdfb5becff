"""Vectors, mixtures and random sums against mpmath: E f and its whole gradient, from the laws as textbooks define them.

Each `_law(p)` below is E f as an analytic function of the parameters. At theta + i h it gives both: its real part is
E f, its imaginary part h times the derivative, with an error of the order h^2 and without any cancellation (Squire and
Trapp 1998). Nothing here knows of balls, routes or characteristic functions.
"""

from itertools import product

import mpmath
import pytest
from mpmath import exp, gamma, mpf, pi, quad, sqrt

from fsb_oracle.families import list_templates, resolve_family
from fsb_oracle.oracle import exact
from fsb_oracle.oracle.value import as_fraction

from .test_independent_joint import EDGES

STEP = mpf(10) ** -20
LINE = (-mpmath.inf, 0, mpmath.inf)


def _softmax(p, size):
    powers = [exp(p[f"logits.{i}"]) for i in range(size)]
    return [power / sum(powers) for power in powers]


def _matrix(p, name):
    a, b, c, d = (p[f"{name}.{i}.{j}"] for i in range(2) for j in range(2))
    return a, (b + c) / 2, d


def _normal_density(u):
    return exp(-(u**2) / 2) / sqrt(2 * pi)


def _multivariate_normal(p):
    """The trapezoidal rule for f times density, which is entire and falls like exp(-z^2)."""
    a, b, c = _matrix(p, "covariance_matrix")
    determinant, step = a * c - b**2, mpf("0.35")
    line = [step * j for j in range(-18, 19)]

    def density(x, y):
        return exp(-(c * x**2 - 2 * b * x * y + a * y**2) / (2 * determinant)) / (2 * pi * sqrt(determinant))

    points = product(line, line)
    return step**2 * sum(exp(-(x**2) - y**2) * density(x - p["loc.0"], y - p["loc.1"]) for x, y in points)


def _multivariate_laplace(p):
    """z0 + 2 z1 is m + s sqrt(E) N with an exponential E of mean 1: E of a Gaussian f given E, then over E."""
    a, b, c = _matrix(p, "covariance_matrix")
    loc, square = p["loc.0"] + 2 * p["loc.1"], a + 4 * b + 4 * c
    return quad(lambda e: exp(-e) * _bump_under_normal(loc, square * e), [0, 1, mpmath.inf])


def _asymmetric_multivariate_laplace(p):
    """The same with a mean that moves with E."""
    a, b, c = _matrix(p, "covariance_matrix")
    loc, drift, square = p["loc.0"] + 2 * p["loc.1"], p["drift.0"] + 2 * p["drift.1"], a + 4 * b + 4 * c
    return quad(lambda e: exp(-e) * _bump_under_normal(loc + drift * e, square * e), [0, 1, 5, mpmath.inf])


def _bump_under_normal(loc, variance):
    """E exp(-z^2), z ~ N(loc, variance)."""
    return exp(-(loc**2) / (1 + 2 * variance)) / sqrt(1 + 2 * variance)


def _multivariate_student_t(p):
    """z0 + 2 z1 is m + s T: the density of T."""
    df, (l00, l10, l11) = p["df"], (p[f"scale_tril.{ij}"] for ij in ("0.0", "1.0", "1.1"))
    loc, scale = p["loc.0"] + 2 * p["loc.1"], sqrt((l00 + 2 * l10) ** 2 + (2 * l11) ** 2)
    front = gamma((df + 1) / 2) / (gamma(df / 2) * sqrt(df * pi))
    return quad(lambda t: exp(-((loc + scale * t) ** 2)) * front * (1 + t**2 / df) ** (-(df + 1) / 2), LINE)


def _mixture(p):
    def component(i):
        loc, scale = p[f"components.{i}.loc"], p[f"components.{i}.scale"]
        return quad(lambda u: exp(-((loc + scale * u) ** 2)) * _normal_density(u), LINE)

    return sum(share * component(i) for i, share in enumerate(_softmax(p, 2)))


def _of_random_sum(rate, given):
    """E of given(n), n ~ Poisson(rate)."""
    return sum(exp(-rate) * rate**n / mpmath.factorial(n) * given(n) for n in range(60))


def _compound_poisson(p):
    return _of_random_sum(p["rate"], lambda n: _bump_under_normal(n * p["jump.loc"], n * p["jump.scale"] ** 2))


def _tweedie(p):
    """The sum of n gamma variables is gamma(a, b); E exp(-z^2) of it by DLMF 12.5.1."""

    def given(n):
        if n == 0:
            return mpf(1)
        a, b = n * p["jump_concentration"], p["jump_rate"]
        return (b / sqrt(2)) ** a * exp(b**2 / 8) * mpmath.pcfd(-a, b / sqrt(2))

    return _of_random_sum(p["rate"], given)


def _categorical(p):
    return sum(share * exp(-(mpf(k) ** 2)) for k, share in enumerate(_softmax(p, 3)))


def _counts(total, size):
    return (n for n in product(range(total + 1), repeat=size) if sum(n) == total)


def _bumps(n):
    return exp(-(mpf(n[0]) ** 2) - mpf(n[1]) ** 2)


def _multinomial(p):
    probs = _softmax(p, 3)

    def mass(n):
        return mpmath.factorial(5) * mpmath.fprod(q**k / mpmath.factorial(k) for q, k in zip(probs, n, strict=True))

    return sum(mass(n) * _bumps(n) for n in _counts(5, 3))


def _polya(n, a):
    rising = mpmath.fprod(mpmath.rf(x, k) / mpmath.factorial(k) for x, k in zip(a, n, strict=True))
    return mpmath.factorial(sum(n)) / mpmath.rf(sum(a), sum(n)) * rising


def _dirichlet_multinomial(p):
    a = [p[f"concentration.{i}"] for i in range(3)]
    return sum(_polya(n, a) * _bumps(n) for n in _counts(3, 3))


def _beta_binomial(p):
    a = (p["concentration1"], p["concentration0"])
    return sum(_polya(n, a) * exp(-(mpf(n[0]) ** 2)) for n in _counts(3, 2))


def _multivariate_poisson(p):
    """Given the shared count both components are independent."""
    rates, shared = [p["rates.0"], p["rates.1"]], p["shared_rate"]

    def mass(n, rate):
        return exp(-rate) * rate**n / mpmath.factorial(n)

    def one(rate, k):
        return sum(mass(n, rate) * exp(-(mpf(n + k) ** 2)) for n in range(10))

    return sum(mass(k, shared) * one(rates[0], k) * one(rates[1], k) for k in range(10))


def _dirichlet(p):
    """z0 is beta(a, b + c), and z1/(1 - z0) beta(b, c), whose even moments make a 2F2."""
    a, b, c = (p[f"concentration.{i}"] for i in range(3))
    above, below = (b / 2, (b + 1) / 2), ((b + c) / 2, (b + c + 1) / 2)

    def integrand(x):
        inner = mpmath.hyp2f2(*above, *below, -((1 - x) ** 2))
        return x ** (a - 1) * (1 - x) ** (b + c - 1) * exp(-(x**2)) * inner

    return quad(integrand, [0, 0.5, 1]) * gamma(a + b + c) / (gamma(a) * gamma(b + c))


def _wishart(p):
    """Bartlett's factor: z00 = a x, z11 = (b sqrt(x/a) + r n)^2 + r^2 y; x, y chi-square, n normal; a r^2 = det."""
    df, (a, b, c) = p["df"], _matrix(p, "covariance_matrix")
    square = c - b**2 / a

    def chi2(k, power):
        front = 2 ** (k / 2) * gamma(k / 2)
        return quad(lambda x: x ** (k / 2 - 1 + power) * exp(-x / 2), [0, 10, 100, mpmath.inf]) / front

    normal_square = quad(lambda u: u**2 * _normal_density(u), LINE)
    return b**2 * chi2(df, 2) + a * square * chi2(df, 1) * (normal_square + chi2(df - 1, 1))


LAWS = {
    "asymmetric_multivariate_laplace": (_asymmetric_multivariate_laplace, "exp(-(z0 + 2*z1)**2)"),
    "beta_binomial": (_beta_binomial, "exp(-z**2)"),
    "categorical": (_categorical, "exp(-z**2)"),
    "compound_poisson": (_compound_poisson, "exp(-z**2)"),
    "dirichlet": (_dirichlet, "exp(-z0**2 - z1**2)"),
    "dirichlet_multinomial": (_dirichlet_multinomial, "exp(-z0**2 - z1**2)"),
    "mixture": (_mixture, "exp(-z**2)"),
    "multinomial": (_multinomial, "exp(-z0**2 - z1**2)"),
    "multivariate_laplace": (_multivariate_laplace, "exp(-(z0 + 2*z1)**2)"),
    "multivariate_normal": (_multivariate_normal, "exp(-z0**2 - z1**2)"),
    "multivariate_student_t": (_multivariate_student_t, "exp(-(z0 + 2*z1)**2)"),
    "multivariate_poisson": (_multivariate_poisson, "exp(-z0**2 - z1**2)"),
    "tweedie": (_tweedie, "exp(-z**2)"),
    "wishart": (_wishart, "z00*z11"),
}


def test_no_law_is_missing():
    assert {law.name for law in list_templates()} | {"tweedie"} == set(LAWS)


@pytest.mark.parametrize("family", LAWS)
def test_mpmath_gives_the_whole_gradient(family):
    law, f = LAWS[family]
    digits = 12 if family == "dirichlet" else 16  # a double integral in ball arithmetic is slow
    found = exact(family, EDGES[family], f, digits=digits)
    with mpmath.workdps(25):
        at = {name: mpf(x.numerator) / x.denominator for name, x in resolve_family(family, EDGES[family])[1].items()}
        _agrees(found.expectation, law(at))
        for name, value in found.gradient.items():
            _agrees(value, law(at | {name: at[name] + 1j * STEP}).imag / STEP)


def _hard(n):
    return mpmath.cos(n[0]) * (n[1] > 2.5) + mpmath.log(1 + n[2])


@pytest.mark.parametrize("family", ["multinomial", "dirichlet_multinomial"])
def test_more_counts_and_a_jump(family):
    values = {"logits": [0.5, -1, 0.25]} if family == "multinomial" else {"concentration": [1.5, 2, 0.75]}
    found = exact(family, {"total_count": 20, **values}, "cos(z0)*Heaviside(z1 - 5/2) + log(1 + z2)", digits=16)

    def mean(numbers):
        if family == "dirichlet_multinomial":
            return sum(_polya(n, numbers) * _hard(n) for n in _counts(20, 3))
        whole = sum(map(exp, numbers))
        ways = {n: mpmath.factorial(20) / mpmath.fprod(map(mpmath.factorial, n)) for n in _counts(20, 3)}
        return sum(w * exp(mpmath.fdot(n, numbers)) / whole**20 * _hard(n) for n, w in ways.items())

    with mpmath.workdps(25):
        (own,) = values.values()
        _agrees(found.expectation, mean([mpf(x) for x in own]))
        for i, value in enumerate(found.gradient.values()):
            assert value.level == 3
            _agrees(value, mean([mpf(x) + (1j * STEP if k == i else 0) for k, x in enumerate(own)]).imag / STEP)


def test_an_f_that_is_0_at_every_count_is_exactly_0():
    """Its values there are balls around 0 in ball arithmetic, and 0 for SymPy."""
    found = exact("multinomial", {"total_count": 20, "logits": [0, 1, 2]}, "sin(pi*z0)*z1", digits=16)
    assert all(value.ball == 0 for value in (found.expectation, *found.gradient.values()))


def _agrees(value, truth):
    """Within the radius, and the 17 digits of an integral here."""
    middle, radius = (
        mpf(x.numerator) / x.denominator for x in (as_fraction(value.ball), as_fraction(value.ball.rad()))
    )
    assert value.reached
    assert abs(middle - truth) <= radius + mpf(10) ** -17 * (1 + abs(truth))
