"""Every rule states where it wins and where it loses, and the tool's points are as the file says."""

import os
import sys
from importlib import util
from pathlib import Path

import pytest

from fsb_oracle import oracle
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
# exact: nothing has a smaller variance
WITHOUT_LOSS = {"BER-p", "BET-a-MOM", "BET-b-MOM", "DIRAC-x-D"}
WITHOUT_WIN = {"DIRAC-x-D"}  # the classical derivative is its only competitor


def test_every_rule_wins_somewhere_and_loses_somewhere():
    missing = {side: {rule.id for rule in own_rules() if not getattr(rule, side)} for side in ("wins", "loses")}
    assert missing == {"wins": WITHOUT_WIN, "loses": WITHOUT_LOSS}


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
