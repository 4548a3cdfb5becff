"""Golden values by every rule of their parameter, each within the bound of how it was computed.

By quadrature over z and the rule's noise where that is accurate, else by sampling. The golden numbers are not ours.
"""

import os

import numpy as np
import pytest

from fsb_oracle.estimators import fourier
from fsb_oracle.families import get_family
from fsb_oracle.integrands import integrand
from fsb_oracle.rules import rules_for
from fsb_oracle.rules.variance import exact_moments

from ..golden import GOLDEN

DEEP = os.environ.get("FSB_ORACLE_PROFILE") == "deep"
DRAWS = 20_000
CASES = [
    (rule, parameters, factor, f, golden)
    for family, parameters, parameter, factor, f, golden in GOLDEN
    for rule in rules_for(get_family(family), parameter)
    if rule.holds_at(rule.law.parse(parameters)) and rule.admits(integrand(f), rule.law.parse(parameters))
]


FIRST = {case[0]: i for i, case in reversed(list(enumerate(CASES)))}  # of each rule
TRIED = CASES if DEEP else [case for i, case in enumerate(CASES) if i % 4 == 0 or i in FIRST.values()]


@pytest.mark.parametrize(
    ("rule", "parameters", "factor", "f", "golden"), TRIED, ids=[f"{i}-{case[0].id}" for i, case in enumerate(TRIED)]
)
def test_the_mean_is_the_golden_value(rule, parameters, factor, f, golden):
    at = rule.law.parse(parameters)
    moments = exact_moments(rule, at, integrand(f))
    if moments.known and moments.mean_error < 1e-6:
        mean, bound = moments.mean, 1e-9 + 5 * moments.mean_error
    else:
        numbers = {name: float(value) for name, value in at.items()}
        rng = np.random.default_rng(20)
        drawn = fourier.gradient(rule.family, f, numbers, DRAWS, rng, {rule.parameter: rule.id})[rule.parameter]
        # 5 standard errors: fewer than one false alarm in a million cases
        mean, bound = drawn.mean(), 5 * drawn.std() / np.sqrt(DRAWS)
    assert abs(mean * float(factor) - float(golden)) <= bound * abs(float(factor))


def test_every_golden_row_has_its_rules():
    """All rules of each, in the deep profile for each f that they admit."""
    assert len(CASES) > 550
    assert {(rule.family, rule.parameter) for rule, *_ in CASES} == {(row[0], row[2]) for row in GOLDEN}
    assert {rule for rule, *_ in TRIED} == {rule for rule, *_ in CASES}
