"""Every rule states where it wins and where it loses, and the tool's points are as the file says."""

import os
import sys
from importlib import util
from pathlib import Path

import pytest

from fsb_oracle import oracle
from fsb_oracle.families import get_family, own_families
from fsb_oracle.integrands import integrand
from fsb_oracle.rules import baselines_for, get_rule, own_rules, rules_for
from fsb_oracle.rules.comparisons import table
from fsb_oracle.rules.variance import score_best
from fsb_oracle.rules.vector import get_vector_rule, vector_rules_of
from fsb_oracle.subjects.vector_rules import vector_laws

DEEP = os.environ.get("FSB_ORACLE_PROFILE") == "deep"


def tool(name):
    path = Path(__file__).parents[3] / "tools" / f"{name}.py"
    spec = util.spec_from_file_location(name, path)
    module = sys.modules[name] = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


COMPARE = tool("compare_rules")
# exact, or the mean of all other rules given z: nothing has a smaller variance, they lose by their cost
WITHOUT_LOSS = {"BER-p", "BET-a-MOM", "BET-b-MOM", "EXP-s-SER", "TWE-GAM-k-SER"}
# without a density there is no score, and no other rule but the same by another name (pathwise of a location)
ALONE = {"TWE-lam", "STA-delta", "VG-mu", "NIG-mu", "NIG-al", "NIG-be", "DIRAC-x-D"}
# of the points of the tool none on one side; rules of tempered stable laws are within 1.3 of one another
ONE_SIDED = {"TS-C-SB", "TS-al-A", "TS-al-SB", "TS-al-A2", "STA-c-A", "STA-beta-A"}


def test_every_rule_wins_somewhere_and_loses_somewhere():
    """Against others of its parameter, baselines included."""
    for rule in own_rules():
        if rule.id in ALONE:
            assert not rule.wins and not rule.loses, rule.id
        elif rule.id in ONE_SIDED:
            assert rule.wins or rule.loses, rule.id
        else:
            assert rule.wins, rule.id
            assert rule.loses or rule.id in WITHOUT_LOSS, rule.id


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
# constant weights, or a value of f where the others have its slope: no rival of theirs was found to have less
VECTORS_WITHOUT_LOSS = {"MVT-nu-SB"}
VECTORS_WITHOUT_WIN = {"MVT-nu-SM"}


def test_every_rule_of_a_vector_that_has_a_rival_wins_and_loses_somewhere():
    for law, rule in VECTOR_RULES:
        if sum(other.parameter == rule.parameter for other in vector_rules_of(law)) > 1:
            assert rule.wins or rule.id in VECTORS_WITHOUT_WIN, rule.id
            assert rule.loses or rule.id in VECTORS_WITHOUT_LOSS, rule.id


@pytest.mark.parametrize(("law", "rule"), VECTOR_RULES, ids=[f"{law.shape}-{rule.id}" for law, rule in VECTOR_RULES])
def test_vectors_win_and_lose_as_declared(law, rule):
    """By sampling with common seeds: the sum of the variances of all components."""
    for sign, declared in ((1, rule.wins), (-1, rule.loses)):
        for point in declared:
            if set(point.parameters) != set(law.names):
                continue  # of the law's other shape
            at, f = law.parse(point.parameters), integrand(point.f, named=False)
            ours, theirs = (COMPARE.vector_variance(get_vector_rule(law, id), at, f) for id in (rule.id, point.against))
            assert sign * (theirs - ours) > 0.1 * min(ours, theirs), (point, ours, theirs)


POINTS = [
    (id, side, found[side])
    for id, found in table().items()
    for side in ("wins", "loses")
    if found[side] is not None and id not in VECTOR_IDS
]
TRIED = POINTS if DEEP else POINTS[::12]


@pytest.mark.parametrize(("id", "side", "point"), TRIED, ids=[f"{id}-{side}" for id, side, _ in TRIED])
def test_the_points_of_the_file_hold(id, side, point):
    rule, f = get_rule(id), integrand(point["f"])
    law, at = rule.law, rule.law.parse(point["parameters"])
    exact = float(oracle.gradient(law, at, f, rule.parameter, 12).ball.mid())
    others = (*rules_for(law, rule.parameter), *baselines_for(law, rule.parameter))
    best = score_best(law, at, f, rule.parameter) if point["against"] == "score-best" else None
    other = best or next(other for other in others if other.id == point["against"])
    ours, theirs = (COMPARE.variance(one, at, f, exact) for one in (rule, other))
    assert (theirs > 1.15 * ours) if side == "wins" else (ours > 1.15 * theirs)
