"""Laws that the audit does not know (vectors, mixtures, random sums) against sums written here, with NumPy and SciPy.

Of a law with transform phi, E exp(-|z|^2) = pi^(-d/2) 2^-d INT exp(-|w|^2/4) phi(w) dw, by the trapezoidal rule.
"""

from itertools import product
from math import factorial, lgamma

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gamma, kv, roots_jacobi, softmax

from fsb_oracle.families import list_templates
from fsb_oracle.oracle import expectation

LOC, SIGMA = np.array([0.1, -0.2]), np.array([[1, 0.3], [0.3, 2]])
DRIFT = np.array([0.5, -0.3])
LOGITS, CONCENTRATION = np.array([0.1, -0.2, 0.5]), np.array([1.5, 2, 0.7])
STEP, END = 0.05, 13.0
LINE = np.arange(-END, END + STEP / 2, STEP)


def _line(phi):
    return float(np.real(np.sum(np.exp(-(LINE**2) / 4) * phi(LINE))) * STEP / (2 * np.sqrt(np.pi)))


def _half_line(phi):
    """The same where phi is singular at 0."""
    found, _ = quad(lambda w: float(np.real(np.exp(-(w**2) / 4) * phi(w))), 0, END, epsabs=1e-14, epsrel=1e-13)
    return found / np.sqrt(np.pi)


def _plane(phi):
    w0, w1 = np.meshgrid(LINE, LINE)
    return float(np.real(np.sum(np.exp(-(w0**2 + w1**2) / 4) * phi(w0, w1))) * STEP**2 / (4 * np.pi))


def _form(square, w0, w1):
    return square[0, 0] * w0**2 + 2 * square[0, 1] * w0 * w1 + square[1, 1] * w1**2


def _shift(w0, w1):
    return np.exp(1j * (LOC[0] * w0 + LOC[1] * w1))


def _student(w0, w1):
    root = np.array([[1, 0], [0.3, 1.4]])
    x = np.sqrt(5 * _form(root @ root.T, w0, w1))
    return _shift(w0, w1) * kv(2.5, x) * x**2.5 / (gamma(2.5) * 2**1.5)


def _counts(total, size):
    return (n for n in product(range(total + 1), repeat=size) if sum(n) == total)


def _multinomial(total, probs):
    for n in _counts(total, len(probs)):
        yield n, factorial(total) / np.prod([factorial(k) for k in n]) * np.prod(probs ** np.array(n))


def _polya(total, a):
    front = factorial(total) * np.exp(lgamma(a.sum()) - lgamma(total + a.sum()))
    for n in _counts(total, len(a)):
        yield n, front * np.prod([np.exp(lgamma(k + x) - lgamma(x)) / factorial(k) for k, x in zip(n, a, strict=True)])


def _shocks(rates, shared):
    """Own counts and shared ones one by one: exp(-n^2) is 0 beyond n = 7."""
    for n, own in product(range(8), product(range(8), repeat=2)):
        mass = np.exp(-shared - rates.sum()) * shared**n / factorial(n)
        yield np.array(own) + n, mass * np.prod(rates ** np.array(own) / [factorial(k) for k in own])


def _dirichlet():
    """z0 is beta(a0, a1 + a2), and z1/(1 - z0) beta(a1, a2): Gauss-Jacobi rules."""
    a = CONCENTRATION
    (x, u), (y, v) = roots_jacobi(40, a[1] + a[2] - 1, a[0] - 1), roots_jacobi(40, a[2] - 1, a[1] - 1)
    z0, z1 = (1 + x[:, None]) / 2, (1 + y[None, :]) / 2
    weights = np.outer(u / u.sum(), v / v.sum())
    return float(np.sum(weights * np.exp(-(z0**2) - ((1 - z0) * z1) ** 2)))


def _bumps(masses):
    """E exp(-n0^2 - n1^2) of counts."""
    return sum(p * np.exp(-(n[0] ** 2) - n[1] ** 2) for n, p in masses)


BUMP, BUMPS, RIDGE = "exp(-z**2)", "exp(-z0**2 - z1**2)", "exp(-(z0 + 2*z1)**2)"
CASES = {
    "multivariate_normal": (BUMPS, lambda: _plane(lambda *w: _shift(*w) * np.exp(-_form(SIGMA, *w) / 2))),
    "multivariate_laplace": (RIDGE, lambda: _line(lambda w: _shift(w, 2 * w) / (1 + _form(SIGMA, w, 2 * w) / 2))),
    "asymmetric_multivariate_laplace": (
        RIDGE,
        lambda: _line(
            lambda w: _shift(w, 2 * w) / (1 - 1j * w * (DRIFT[0] + 2 * DRIFT[1]) + _form(SIGMA, w, 2 * w) / 2)
        ),
    ),
    "multivariate_student_t": (RIDGE, lambda: _half_line(lambda w: _student(w, 2 * w))),
    "mixture": (BUMP, lambda: _line(lambda w: np.exp(-(w**2) / 2) * np.cos(w))),
    "compound_poisson": (BUMP, lambda: _line(lambda w: np.exp(1.5 * (np.exp(-(w**2) / 2) - 1)))),
    "tweedie": (BUMP, lambda: _line(lambda w: np.exp(2 * ((1 - 1j * w) ** -2.5 - 1)))),
    "categorical": (BUMP, lambda: float(softmax(LOGITS) @ np.exp(-(np.arange(3.0) ** 2)))),
    "multinomial": (BUMPS, lambda: _bumps(_multinomial(5, softmax(LOGITS)))),
    "multivariate_poisson": (BUMPS, lambda: _bumps(_shocks(np.array([1.5, 2]), 0.7))),
    "dirichlet": (BUMPS, _dirichlet),
    "dirichlet_multinomial": (BUMPS, lambda: _bumps(_polya(3, CONCENTRATION))),
    "beta_binomial": (BUMP, lambda: sum(p * np.exp(-(n[0] ** 2)) for n, p in _polya(3, np.array([1.5, 0.7])))),
    # E of a product of Wishart entries (Muirhead 1982, 3.2.8)
    "wishart": ("z00*z11", lambda: 16 * SIGMA[0, 0] * SIGMA[1, 1] + 8 * SIGMA[0, 1] ** 2),
}
EDGES = {law.name: dict(law.edges[0]) for law in list_templates()}
EDGES["tweedie"] = {"rate": "2", "jump_concentration": "2.5", "jump_rate": "1"}


@pytest.mark.parametrize("law", EDGES)
def test_an_independent_sum_agrees(law):
    f, truth = CASES[law]
    value = float(expectation(law, EDGES[law], f, digits=16))
    assert value == pytest.approx(truth(), rel=1e-11)
