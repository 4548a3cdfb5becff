"""The audit: mpmath's integral of the characteristic function lies in the ball, for every law."""

from __future__ import annotations

from dataclasses import replace

import mpmath
import pytest
from flint import arb

from fsb_oracle.families import get_family, list_families
from fsb_oracle.oracle import OracleError, exact, gradient
from fsb_oracle.oracle.audit import spectral as audit
from fsb_oracle.oracle.spectral import found_spectrum

from .conftest import DEEP, cell
from .test_acceptance import CELLS as ACCEPTANCE
from .test_acceptance import reason_for

CELLS = [
    ("normal", {"loc": "0.3", "scale": "0.8"}, "tanh(z)"),
    ("normal", {"loc": "0.3", "scale": "0.8"}, "Heaviside(z-1)"),
    ("laplace", {"loc": "0.3", "scale": "1.2"}, "Max(z-1/2,0)"),
    ("laplace", {"loc": "0.3", "scale": "1.2"}, "exp(-z**2)"),
    ("gamma", {"concentration": "2.5", "rate": "10/7"}, "tanh(z)"),
    ("gamma", {"concentration": "0.3", "rate": "1"}, "1/(1+z**2)"),
    ("gamma", {"concentration": "2.5", "rate": "10/7"}, "Heaviside(z-1)"),
    ("exponential", {"rate": "10/13"}, "exp(-z**2)"),
    ("beta", {"concentration1": "2", "concentration0": "3"}, "sin(z)"),
    ("beta", {"concentration1": "0.3", "concentration0": "0.4"}, "exp(-z**2)"),
    ("uniform", {"low": "-0.4", "high": "1.7"}, "Max(z-1/2,0)"),
    ("uniform", {"low": "-0.4", "high": "1.7"}, "tanh(z)"),
    ("bernoulli", {"probs": "0.2"}, "tanh(z)"),
    ("poisson", {"rate": "2.5"}, "exp(-z**2)"),
    ("poisson", {"rate": "2.5"}, "z**4-z"),
    ("dirac", {"loc": "0.3"}, "sin(3*z)"),
    ("cauchy", {"loc": "0.2", "scale": "1.3"}, "exp(-z**2)"),
    ("weibull", {"scale": "1", "concentration": "2"}, "exp(-z**2)"),
    ("pareto", {"scale": "1", "alpha": "3"}, "exp(-z**2)"),
    ("inverse_gamma", {"concentration": "3", "rate": "1"}, "exp(-z**2)"),
    ("stable", {"alpha": "1.5", "beta": "0.5", "loc": "0.2", "scale": "1"}, "exp(-z**2)"),
    ("stable", {"alpha": "0.9", "beta": "-0.5", "loc": "-1", "scale": "2"}, "Heaviside(z-1/2)"),
    ("tempered_stable", {"alpha": "0.6", "intensity": "0.7", "rate": "1.2"}, "Max(z-1/2,0)"),
    ("cgmy", {"alpha": "0.6", "intensity": "0.7", "rate1": "1.2", "rate0": "0.8"}, "Max(z-1/2,0)"),
    ("tempered_stable", {"alpha": "1.5", "intensity": "0.5", "rate": "1"}, "exp(-z**2)"),
    ("variance_gamma", {"loc": "0.2", "drift": "0.5", "scale": "0.8", "variance_rate": "0.6"}, "Max(z-1/2,0)"),
    ("normal_inverse_gaussian", {"loc": "0.2", "scale": "0.8", "tailweight": "1.5", "skewness": "0.6"}, "tanh(z)"),
]


@pytest.mark.parametrize(("family", "parameters", "f"), CELLS)
def test_mpmath_lies_in_every_ball(family, parameters, f):
    digits = 12 if family == "beta" and f != "sin(z)" else 18
    result = exact(family, parameters, f, digits=digits, audit=True)
    for value in (result.expectation, *result.gradient.values()):
        assert value.routes[-1] == "mpmath"
        assert value.level == (2 if "closed-form" in value.routes or len(value.routes) == 2 else 3)


@pytest.mark.parametrize(
    ("family", "parameters", "f"),
    [
        ("normal", {"loc": "0", "scale": "1e-6"}, "exp(-z**2)"),  # the transform of f is far narrower than phi
        ("lognormal", {"loc": "0.2", "scale": "0.01"}, "Max(z-1/2,0)"),  # the kink is 90 widths off the centre
        ("log_logistic", {"scale": "1", "concentration": "3"}, "exp(-z**2)"),
        # phi has poles of the order 100: Cauchy's integral of its Taylor coefficients needs more nodes
        ("variance_gamma", {"loc": "0.2", "drift": 0, "scale": "0.8", "variance_rate": "0.01"}, "Max(z-1/2,0)"),
    ],
)
def test_the_audit_does_not_contradict_what_is_right(family, parameters, f):
    assert exact(family, parameters, f, digits=12, audit=True).expectation.routes[-1] == "mpmath"


COVERED = {family for family, *_ in CELLS}
BY_A_WAVE = ("von_mises", "levy")  # a bump is beyond mpmath's integral under a tail as heavy as Levy's
UNAUDITED = ("tweedie",)  # with vectors and mixtures in `test_mpmath_joint.py`
SLOW = {"geometric": {"probs": "0.6"}, "negative_binomial": {"total_count": "2.5", "probs": "0.3"}}


@pytest.mark.parametrize("family", [law.name for law in list_families() if law.name not in (*COVERED, *UNAUDITED)])
def test_mpmath_lies_in_the_balls_of_every_other_law(family):
    f = "sin(z)" if family in BY_A_WAVE else "exp(-z**2)"
    result = exact(family, SLOW.get(family) or dict(get_family(family).edges[0]), f, digits=12, audit=True)
    for value in (result.expectation, *result.gradient.values()):
        assert value.routes[-1] == "mpmath"
        assert value.level >= 2


def audited_everywhere() -> list[tuple[str, dict[str, str], str]]:
    """Every cell of the acceptance table that has an answer, of laws in one variable with numbers as parameters."""
    laws = {law.name for law in list_families()}
    found = [question for question in ACCEPTANCE if question[0] in laws and reason_for(*question) is None]
    return found if DEEP else found[::60]


@pytest.mark.parametrize(("family", "point", "f"), audited_everywhere(), ids=str)
def test_mpmath_contradicts_no_cell_of_the_acceptance_table(family, point, f):
    """Where it can integrate at all: a contradiction raises OracleError."""
    exact(family, point, f, digits=15, audit=True)


def test_the_audit_makes_level_2_of_a_single_route(monkeypatch):
    from fsb_oracle.oracle import spectral

    monkeypatch.setattr(spectral, "integrate", lambda *args: arb("nan"))
    value = gradient("gamma", {"concentration": "2.5", "rate": "1"}, "exp(-z**2)", "rate", digits=15, audit=True)
    assert value.routes == ("density", "mpmath")
    assert value.level == 2


def test_a_ball_that_is_wrong_is_caught():
    question = cell("normal", {"loc": "0.3", "scale": "0.8"}, "exp(-z**2)")
    value = exact("normal", {"loc": "0.3", "scale": "0.8"}, "exp(-z**2)", digits=15).expectation
    assert audit.audited(question, value, 15).routes[-1] == "mpmath"
    wrong = replace(value, ball=value.ball + arb("1e-12"))
    with pytest.raises(OracleError, match="mpmath gives"):
        audit.audited(question, wrong, 15)


def test_the_audit_uses_another_asymptote_than_the_balls():
    from fsb_oracle.oracle.contours import lines

    question = cell("normal", {"loc": "0.3", "scale": "0.8"}, "Max(z-1/2,0)")
    (jump,) = found_spectrum(question).jumps
    (line,) = lines(question.family, tuple(question.values.items()), found_spectrum(question))
    with mpmath.workdps(20):
        height, asymptote = audit._height(question, jump, line.height)
    assert height * line.height < 0
    assert asymptote != line.asymptote


def test_where_the_audit_does_not_apply_it_is_not_claimed():
    value = exact("dirichlet", {"concentration": [1, 2, 3]}, "z0*z1", digits=10, audit=True).expectation
    assert "mpmath" not in value.routes
