"""Every ball of every route contains the truth where it is known: at loose tolerances, where cut-off tails
dominate, too.
"""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import get_family, list_families
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle import exact
from fsb_oracle.oracle.exact import routes_of

from .conftest import CHECKED, CLOSED_FORMS, DEEP_FACTOR, cell, examples, holds

LOOSE = range(-2, 6)
WITHOUT_FORM = ["exp(-(2*z-1)**2)", "1/(1+z**2)", "tanh(z)", "Max(z-1/2,0)", "Heaviside(z-1/3)"]
OF_A_FORM, OF_A_CONSTANT, OF_LOOSE_BALLS = 8, 10, 2  # examples, in the default profile
INTERVAL = ["normal", "laplace", "gamma", "exponential", "beta", "uniform"]


def fractions(low: str, high: str) -> st.SearchStrategy[Fraction]:
    return st.fractions(min_value=Fraction(low), max_value=Fraction(high), max_denominator=50)


RANGES = {
    "loc": fractions("-3", "3"),
    "scale": fractions("0.02", "5"),
    "concentration": fractions("0.02", "40"),
    "rate": fractions("0.2", "8"),
    "concentration1": fractions("0.05", "30"),
    "concentration0": fractions("0.05", "30"),
    "probs": fractions("0.02", "0.98"),
    "total_count": st.integers(1, 40).map(Fraction),
    "rate1": fractions("0.05", "8"),
    "rate2": fractions("0.05", "8"),
    "low": fractions("-3", "-0.1"),
    "high": fractions("0.1", "3"),
    "df": fractions("0.3", "40"),
    "noncentrality": fractions("0", "10"),
    "alpha": fractions("0.3", "20"),
}
OWN_RANGES = {
    "continuous_bernoulli": {"probs": fractions("0.02", "0.98").filter(lambda p: p != Fraction(1, 2))},
    # nearer to 0 the density route alone does not come near 30 digits in one go
    "kumaraswamy": {"concentration1": fractions("0.1", "30"), "concentration0": fractions("0.1", "30")},
    "beta_prime": {"concentration1": fractions("0.1", "30"), "concentration0": fractions("0.25", "30")},
    "log_uniform": {"low": fractions("0.05", "0.9"), "high": fractions("1", "5")},  # both positive
    # dozens of standard deviations out in a tail hundreds of digits of its mass cancel, which takes its time
    "truncated_normal": {"loc": fractions("-1", "1"), "scale": fractions("0.3", "5")},
}
GOALS = st.sampled_from([*LOOSE, 16, 30])


def laws(name: str) -> st.SearchStrategy[dict[str, Fraction]]:
    parameters, ranges = get_family(name).parameters, RANGES | OWN_RANGES.get(name, {})
    return st.fixed_dictionaries({p.name: ranges[p.name].filter(p.domain.contains) for p in parameters})


WITH_DENSITY = [f.name for f in list_families() if f.log_density is not None and set(f.names) <= set(RANGES)]


def balls(question, digits):
    """Each route's ball at an absolute goal, without the loop that raises the digits; a route that refuses has none."""
    found = []
    with precision(60):
        for route in routes_of(question):
            with suppress(Unboundable):
                found.append((route.name, route.ball(digits, 1)))
    assert found, question.text
    CHECKED["balls"] += len(found)
    return found


@pytest.mark.parametrize("form", CLOSED_FORMS, ids=lambda form: f"{form.family}-{form.f}")
def test_random_parameters_and_goals_against_closed_forms(form):
    @settings(max_examples=examples(OF_A_FORM), derandomize=True, deadline=None)
    @given(laws(form.family), GOALS, st.data())
    def check(parameters, digits, data):
        parameter = data.draw(st.sampled_from([None, *parameters]))
        truth = form.truth(parameters, parameter)
        for name, ball in balls(cell(form.family, parameters, form.f, parameter), digits):
            assert holds(ball, truth), (form, parameters, parameter, digits, name, ball)

    check()


@pytest.mark.parametrize("family", WITH_DENSITY)
def test_a_constant_has_the_mean_1_and_the_gradient_0(family):
    @settings(max_examples=examples(OF_A_CONSTANT), derandomize=True, deadline=None)
    @given(laws(family), GOALS)
    def check(parameters, digits):
        for parameter in (None, *get_family(family).continuous_names):
            truth = Fraction(1 if parameter is None else 0)
            for name, ball in balls(cell(family, parameters, "1", parameter), digits):
                assert holds(ball, truth), (family, parameters, parameter, digits, name, ball)

    check()


@pytest.mark.parametrize("family", INTERVAL)
@pytest.mark.parametrize("f", WITHOUT_FORM)
def test_loose_balls_contain_the_certified_value(family, f):
    """No closed form here: the routes at low goals against the certified value at 25 digits."""

    @settings(max_examples=examples(OF_LOOSE_BALLS), derandomize=True, deadline=None)
    @given(laws(family), st.sampled_from(list(LOOSE)))
    def check(parameters, digits):
        certified = exact(family, parameters, f, digits=25)
        for parameter, value in ((None, certified.expectation), *certified.gradient.items()):
            for name, ball in balls(cell(family, parameters, f, parameter), digits):
                assert ball.is_finite(), (family, parameters, parameter, digits, name)
                assert ball.overlaps(value.ball), (
                    family,
                    parameters,
                    parameter,
                    digits,
                    name,
                    ball,
                    value.ball,
                )

    check()


@pytest.mark.parametrize("family", [f.name for f in list_families()])
def test_more_digits_stay_within_fewer(family):
    for parameters in get_family(family).edges[:2]:
        for f in ("sin(z)", "exp(-z**2)"):
            question = cell(family, dict(parameters), f)
            if question.family.support.period is not None and f != "sin(z)":
                continue  # refused: not periodic
            for (name, few), (other, many) in zip(balls(question, 10), balls(question, 40), strict=True):
                assert name == other and few.contains(many.mid()), (family, f, name)


def test_the_deep_profile_checks_half_a_million_balls():
    """One for each route of each number that an example asks for, counted at the laws' first points."""

    def routes(family, f):
        at = dict(get_family(family).edges[0])
        return [len(routes_of(cell(family, at, f, p))) for p in (None, *get_family(family).continuous_names)]

    each = OF_A_FORM * sum(min(routes(form.family, form.f)) for form in CLOSED_FORMS)
    each += OF_A_CONSTANT * sum(sum(routes(family, "1")) for family in WITH_DENSITY)
    each += OF_LOOSE_BALLS * sum(sum(routes(family, f)) for family in INTERVAL for f in WITHOUT_FORM)
    assert DEEP_FACTOR * each >= 500_000
