"""The rules of the continuous laws: complete, unbiased by quadrature, and as good and as bad as they declare."""

import os
from contextlib import suppress
from functools import lru_cache

import numpy as np
import pytest
from flint import acb
from hypothesis import given, settings
from hypothesis import strategies as st

from fsb_oracle import oracle
from fsb_oracle.backends import noise
from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import FlintMath, precision
from fsb_oracle.backends.numpy_backend import BACKEND
from fsb_oracle.errors import UsageError
from fsb_oracle.families import get_family
from fsb_oracle.integrands import integrand
from fsb_oracle.rules import baselines_for, list_rules, recommended, rules_for
from fsb_oracle.rules.catalogue import rules_of
from fsb_oracle.rules.nodes import float_nodes
from fsb_oracle.rules.theorems import KINDS, drawn
from fsb_oracle.rules.variance import BOUND, exact_moments, implicit_moments, score_best

LAWS = (
    "normal", "laplace", "exponential", "gamma", "beta", "uniform", "logistic", "gumbel", "cauchy", "student_t",
    "von_mises", "weibull", "lognormal", "pareto", "inverse_gamma", "inverse_gaussian", "chi2", "noncentral_chi2",
    "dirac",
)  # fmt: skip
RULES = [rule for name in LAWS for rule in rules_of(get_family(name))]
DEEP = os.environ.get("FSB_ORACLE_PROFILE") == "deep"
WITHOUT_RULES_FOR_JUMPS = {
    ("inverse_gamma", "concentration"),
    ("student_t", "df"),
    ("von_mises", "loc"),
    ("dirac", "loc"),
}
WITHOUT_LOSS = {"BET-a-MOM", "BET-b-MOM", "EXP-s-SER"}  # they have the least variance of all, and the highest cost
WITHOUT_QUADRATURE = {"CAU-g-S"}  # too many variables, one of them known by its transform alone: proved, not integrated

PRIMITIVES = (
    noise.ExponentialOverZeta(), noise.LaplaceOverZeta(), noise.SizeBiasedLogistic(), noise.LogisticLayer(),
    noise.LogisticKhinchine(), noise.GumbelLayerAbove(), noise.GumbelLayerBelow(), noise.GumbelKhinchine(),
    noise.StudentKhinchine(5.0), noise.LogGamma(4.0), noise.FoldedExponential(0.5), noise.FoldedExponential(9.0),
    noise.BetaJump(2.0, 3.0), noise.BetaJump(0.05, 20.0), noise.BetaJump(3.0, 0.1), noise.VonMises(2.5),
    noise.VonMises(0.001),
)  # fmt: skip


@pytest.mark.parametrize("law", [*map(get_family, LAWS)], ids=lambda law: law.name)
def test_every_parameter_has_rules_and_a_recommendation_for_each_class_of_f(law):
    for name in law.continuous_names:
        assert rules_for(law, name)
        for f in ("tanh(z)", "Max(z - 1/3, 0)", "Heaviside(z - 1/3)"):
            rule = recommended(law, name, integrand(f))
            if f.startswith("Heaviside") and (law.name, name) in WITHOUT_RULES_FOR_JUMPS:
                assert rule is None
            else:
                assert rule is not None and rule.parameter == name


@pytest.mark.parametrize("primitive", PRIMITIVES, ids=str)
def test_a_primitive_obeys_its_density_its_transform_and_its_sampler(primitive):
    nodes, weights = float_nodes(primitive, 8)
    assert weights.sum() == pytest.approx(1, abs=1e-10)
    generic = primitive.generic()
    if generic.characteristic_function is not None:
        transform = compile_expression(generic.characteristic_function, (noise.w, *vars(generic).values()))
        # that of an angle is declared for the frequencies of periodic functions alone
        turn = 2 * np.pi if isinstance(primitive, noise.VonMises) else None
        for frequency in (-turn, turn, 3 * turn) if turn else (-1.3, 0.4, 2.0):
            with precision(30):
                parameters = [acb(value) for value in vars(primitive).values()]
                exact = complex(transform(FlintMath(), acb(frequency), *parameters))
            assert np.sum(weights * np.exp(1j * frequency * nodes)) == pytest.approx(exact, abs=1e-8)
    count = 40_000
    drawn = np.sort(primitive.draw(BACKEND, np.random.default_rng(7), (count,), "float64"))
    order = np.argsort(nodes)
    cumulative = np.cumsum(weights[order]) - weights[order] / 2
    distance = np.max(np.abs(np.searchsorted(drawn, nodes[order]) / count - cumulative) - weights[order])
    assert distance < np.sqrt(np.log(2 / 1e-6) / (2 * count))  # Dvoretzky, Kiefer, Wolfowitz and Massart 1990


@lru_cache
def _moments(law, edge, f, parameter, id):
    """Mean and second moment of one draw of a rule or a baseline, by float64 quadrature."""
    at, f = law.parse(dict(edge)), integrand(f)
    if id == "score-best":
        return exact_moments(score_best(law, at, f, parameter), at, f, BOUND)
    for rule in (*rules_for(law, parameter), *baselines_for(law, parameter)):
        if rule.id == id:
            return exact_moments(rule, at, f, BOUND)
    assert id == "pathwise"
    return implicit_moments(law, at, f, parameter)


def _variance(rule, edge, f, id=None):
    return _moments(rule.law, tuple(edge.items()), f, rule.parameter, id or rule.id).variance


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_mean_is_the_gradient(rule):
    """Through the density or the recipe, by quadrature, against the oracle: nothing of the proof takes part."""
    if rule.id in WITHOUT_QUADRATURE:
        assert rule.noise["x"].characteristic_function is not None
        return
    f = "exp(cos(z))" if rule.law.support.period is not None else "tanh(z)" if rule.disc is None else "z**3 - z"
    edge = rule.law.edges[1]
    at = rule.law.parse(edge)
    moments = _moments(rule.law, tuple(edge.items()), f, rule.parameter, rule.id)
    exact = float(oracle.gradient(rule.law, at, integrand(f), rule.parameter, 12).ball.mid())
    assert moments.mean == pytest.approx(exact, rel=2e-4, abs=2e-4 * np.sqrt(moments.second) + 2 * moments.mean_error)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_states_where_it_wins_and_where_it_loses(rule):
    assert rule.formula and rule.source
    if rule.law.support.kind != "point":
        assert rule.wins and (rule.loses or rule.id in WITHOUT_LOSS)


# variances alone: `test_comparisons.py` has the points at which variance times cost was compared
COMPARISONS = [
    (rule, point, sign)
    for rule in RULES
    for sign, points in ((1, rule.wins), (-1, rule.loses))
    for point in points
    if not point.cost_adjusted
]


TRIED = COMPARISONS if DEEP else COMPARISONS[::5]


@pytest.mark.parametrize(
    ("rule", "point", "sign"), TRIED, ids=[f"{i}-{rule.id}-{point.against}" for i, (rule, point, _) in enumerate(TRIED)]
)
def test_wins_and_losses_are_as_declared(rule, point, sign):
    if rule.id in WITHOUT_QUADRATURE:
        ours = _sampled_variance(rule, point)
    else:
        ours = _variance(rule, point.parameters, point.f)
    theirs = _variance(rule, point.parameters, point.f, point.against)
    assert sign * (theirs - ours) > 0.1 * min(ours, theirs)


def _sampled_variance(rule, point):
    from fsb_oracle.estimators import fourier

    numbers = {name: float(value) for name, value in point.parameters.items()}
    drawn = fourier.gradient(
        rule.family, point.f, numbers, 400_000, np.random.default_rng(3), {rule.parameter: rule.id}
    )
    return float(np.var(drawn[rule.parameter]))


CLAIMS = [
    (rule, claim)
    for rule in RULES
    for claim in rule.lower_variance_than
    if not (claim.against == "score" and rule.law.support.moves)
]


@settings(max_examples=400 if DEEP else 25, deadline=None, derandomize=True)
@given(
    claimed=st.sampled_from(CLAIMS),
    letters=st.tuples(st.integers(0, 1), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)),
    factor=st.integers(6, 14),
)
def test_theorems_hold(claimed, letters, factor):
    """At parameters near an ordinary point and for f that are drawn inside of what the theorem says; the mean too."""
    rule, claim = claimed
    edge = dict(rule.law.edges[1])
    with suppress(UsageError):  # the point moved may lie outside of the domain
        moved = {rule.parameter: str(float(edge[rule.parameter]) * factor / 10)}
        rule.law.parse(edge | moved)
        edge |= moved
    at, f = rule.law.parse(edge), drawn(claim.where, *letters)
    if claim.condition is not None and not rule.law.at(claim.condition, at):
        return
    ours, theirs = (_moments(rule.law, tuple(edge.items()), f, rule.parameter, id) for id in (rule.id, claim.against))
    assert ours.variance <= theirs.variance * (1 + 1e-6) + 1e-9 * ours.second + 2 * ours.variance_error, (at, f)


def test_theorems_speak_of_known_kinds_of_f():
    assert {claim.where for rule in list_rules() for claim in rule.lower_variance_than} == set(KINDS)
