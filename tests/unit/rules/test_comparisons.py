"""Every rule states where it wins and where it loses, and the tool's points are as the file says."""

import os
import sys
from importlib import util
from pathlib import Path

import numpy as np
import pytest

from fsb_oracle import oracle
from fsb_oracle.families import get_family, own_families
from fsb_oracle.integrands import integrand
from fsb_oracle.rules import baselines, own_rules
from fsb_oracle.rules.catalogue import rules_of
from fsb_oracle.rules.comparisons import key, searched, table
from fsb_oracle.rules.transform_score import score_variance
from fsb_oracle.rules.variance import exact_moments, score_best
from fsb_oracle.rules.vector import get_vector_rule, vector_rules_of
from fsb_oracle.rules.vector_score import LOG_DENSITIES, vector_score
from fsb_oracle.subjects.vector_rules import VectorRuleSubject, vector_laws

DEEP = os.environ.get("FSB_ORACLE_PROFILE") == "deep"


def tool(name):
    path = Path(__file__).parents[3] / "tools" / f"{name}.py"
    spec = util.spec_from_file_location(name, path)
    module = sys.modules[name] = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


COMPARE = tool("compare_rules")
RULES = {key(rule): rule for rule in (*own_rules(), *(rule for law in vector_laws() for rule in rules_of(law)))}
# exact, or the mean of all other rules given z: nothing has a smaller variance, nor a smaller one times its cost
WITHOUT_LOSS = {"BER-p", "BET-a-MOM", "BET-b-MOM", "DIRAC-x-D"}


def test_every_rule_wins_somewhere_and_loses_somewhere():
    """Against others of its parameter, baselines included; where the search found nothing, it is said what it was."""
    assert len(RULES) > 280
    for name, rule in RULES.items():
        assert rule.wins or searched(rule), name
        assert rule.loses or searched(rule), name
    assert {name for name, rule in RULES.items() if not (rule.wins and rule.loses)} == WITHOUT_LOSS


LAWS = ("exponential", "poisson", "geometric", "weibull", "uniform") if not DEEP else [
    law.name for law in own_families() if law.support.kind == "interval" or law.discrete
]  # fmt: skip


@pytest.mark.parametrize("name", LAWS)
def test_recommended_rules_are_the_best_or_the_reason_is_stated(name):
    """By variance times evaluations, in the geometric mean over the probes of a class of f."""
    law = get_family(name)
    for parameter in law.continuous_names:
        for kind, own, best, ratio in COMPARE.ratios(law, parameter, list(COMPARE.cells(law, parameter, False))):
            assert ratio <= COMPARE.LIMIT or (name, parameter) in COMPARE.REASONS, (parameter, kind, own, best, ratio)


VECTOR_RULES = [(law, rule) for law in vector_laws() if len(law.samples) > 1 for rule in vector_rules_of(law)]
VECTOR_IDS = {rule.id for _, rule in VECTOR_RULES}


@pytest.mark.parametrize(("law", "rule"), VECTOR_RULES, ids=[f"{law.shape}-{rule.id}" for law, rule in VECTOR_RULES])
def test_vectors_win_and_lose_as_declared(law, rule):
    """By sampling with common seeds: the sum of the variances of all components."""
    for sign, declared in ((1, rule.wins), (-1, rule.loses)):
        for point in declared:
            if set(point.parameters) != set(law.names):
                continue  # of the law's other shape
            at, f = law.parse(point.parameters), integrand(point.f, named=False)
            score = vector_score(law, rule.parameter)
            other = score if point.against == "score" else get_vector_rule(law, point.against)
            ours, theirs = (
                COMPARE.vector_variance(one, at, f) * COMPARE.evaluations(one) ** point.cost_adjusted
                for one in (rule, other)
            )
            assert sign * (theirs - ours) > 0.1 * min(ours, theirs), (point, ours, theirs)


POINTS = [
    (name, side, found[side])
    for name, found in table().items()
    for side in ("wins", "loses")
    if found[side] is not None and name not in VECTOR_IDS
]
TRIED = POINTS if DEEP else POINTS[::12]


@pytest.mark.parametrize(("name", "side", "point"), TRIED, ids=[f"{name}-{side}" for name, side, _ in TRIED])
def test_the_points_of_the_file_hold(name, side, point):
    rule, f = RULES[name], integrand(point["f"])
    law, at = rule.law, rule.law.parse(point["parameters"])
    exact = float(oracle.gradient(law, at, f, rule.parameter, 12).ball.mid())
    ours = COMPARE.variance(rule, at, f, exact) * COMPARE.evaluations(rule) ** point.get("cost_adjusted", False)
    theirs = COMPARE.rival(law, at, f, rule.parameter, exact, point["against"], point.get("cost_adjusted", False))
    assert (theirs > 1.15 * ours) if side == "wins" else (ours > 1.15 * theirs)


@pytest.mark.parametrize(("name", "parameter"), [("gamma", "concentration"), ("normal", "scale"), ("laplace", "scale")])
@pytest.mark.parametrize("best", [False, True])
def test_the_score_from_the_transform_is_the_score_from_the_density(name, parameter, best):
    law, f = get_family(name), integrand("cos(3*z)")
    at = law.parse(law.edges[1])
    known = score_best(law, at, f, parameter) if best else baselines.score(law, parameter)
    assert score_variance(law, at, f, parameter, best) == pytest.approx(exact_moments(known, at, f).variance, rel=1e-3)


SCORED = [law for law in vector_laws() if law.name in LOG_DENSITIES]


@pytest.mark.parametrize("law", SCORED, ids=[f"{law.name}-{law.shape}" for law in SCORED])
def test_the_score_of_several_variables_is_unbiased(law):
    """Within five standard errors of the exact gradient."""
    f = integrand({1: "sin(z)"}.get(len(law.samples)) or ("z00+z01" if law.name == "wishart" else "z0*z1"), named=False)
    at = law.parse(law.edges[0])
    for parameter in dict.fromkeys(rule.parameter for rule in vector_rules_of(law)):
        subject = VectorRuleSubject(vector_score(law, parameter), law, "numpy")
        drawn = subject.contributions(at, f, COMPARE.DRAWS, np.random.SeedSequence(2), "float64")
        for component, values in drawn.items():
            exact = float(oracle.gradient(law, at, f, component, 12).ball.mid())
            assert abs(values.mean() - exact) <= 5 * values.std() / len(values) ** 0.5, component
