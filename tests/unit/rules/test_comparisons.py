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

DEEP = os.environ.get("FSB_ORACLE_PROFILE") == "deep"


def tool(name):
    path = Path(__file__).parents[3] / "tools" / f"{name}.py"
    spec = util.spec_from_file_location(name, path)
    module = sys.modules[name] = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


COMPARE = tool("compare_rules")
# exact, or the mean of all other rules given z: nothing has a smaller variance, they lose by their cost
WITHOUT_LOSS = {"BER-p", "BET-a-MOM", "BET-b-MOM", "EXP-s-SER"}


def test_every_rule_wins_somewhere_and_loses_somewhere():
    """Against others of its parameter. Where a law has no density there are no baselines: a rule may stand alone."""
    for rule in own_rules():
        if rule.law.log_density is not None and rule.law.support.kind != "point":
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


POINTS = [
    (id, side, found[side]) for id, found in table().items() for side in ("wins", "loses") if found[side] is not None
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
