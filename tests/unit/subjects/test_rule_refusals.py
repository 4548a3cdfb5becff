"""Where our own baselines are not asked: what a dtype does to their terms, in one sentence."""

import numpy as np
import pytest

from fsb_oracle.families import get_family
from fsb_oracle.rules import baselines
from fsb_oracle.subjects.rules import RuleSubject, wrong_score_mass

FAMILY = get_family("noncentral_chi2")


def _subject(parameter: str) -> RuleSubject:
    rule = baselines.score(FAMILY, parameter)
    assert rule is not None
    return RuleSubject(rule, "numpy")


@pytest.mark.parametrize("parameter", ["df", "noncentrality"])
def test_a_score_whose_special_function_overflows_in_the_tail_alone_is_refused(parameter):
    """0F1 beyond float32: nan in the noncentrality, and in df a quotient by infinity, finite and wrong."""
    subject, at = _subject(parameter), FAMILY.parse({"df": "100", "noncentrality": "100"})
    assert "overflows in float32" in (subject.refusal(parameter, at, "float32") or "")
    assert subject.refusal(parameter, at, "float64") is None
    z = np.random.default_rng(0).noncentral_chisquare(100, 100, 1 << 16)
    with np.errstate(all="ignore"):
        rounded, exact = (subject.scores_at(parameter, at, z, dtype) for dtype in ("float32", "float64"))
    wrong = np.mean(~(np.abs(rounded - exact) <= 0.1 * np.maximum(np.abs(exact), np.std(exact))))
    expected = wrong_score_mass(subject, tuple(at.items()), "float32")
    assert wrong == pytest.approx(expected, abs=6 * np.sqrt(expected / len(z)))


@pytest.mark.parametrize("parameter", ["df", "noncentrality"])
def test_a_score_that_rounding_alone_touches_is_asked(parameter):
    assert _subject(parameter).refusal(parameter, FAMILY.parse({"df": "3", "noncentrality": "4"}), "float32") is None
