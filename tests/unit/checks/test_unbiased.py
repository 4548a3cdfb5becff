"""The check of a mean, where what it knows of the variance is doubtful."""

import pytest

from fsb_oracle.checks import get_profile
from fsb_oracle.runs.plan import make_plan
from fsb_oracle.runs.verify import verify


def test_a_variance_whose_grids_miss_the_mean_is_no_claim():
    """relu at df=1000: x and x exp(t) part at the kink in a strip of width 1/df, which lies between the nodes: the
    quadrature finds a third of the variance and another mean, and must not pass for exact."""
    case = "unbiased/student_t/df=1000,loc=1,scale=2/df/relu/STU-nu-SB/numpy-float64"
    (planned,) = make_plan(["fsb_oracle"], get_profile("smoke"), case, ("numpy",)).cases
    moments, _ = planned.subject.known_moments(planned.parameter, planned.at, planned.integrand)
    assert not moments.bounds(-5.933358358014289e-7)
    record = verify("fsb_oracle", select=case, profile="smoke", backends=("numpy",))
    (result,) = record.results
    assert result.status == "pass"
    assert result.reason is None
    assert result.variance_class == "H"
    assert result.variance > 2 * moments.variance


@pytest.mark.parametrize(("parameter", "status"), [("scale", "not_applicable"), ("loc", "pass")])
def test_a_pathwise_estimator_without_a_mean_is_named_not_judged(parameter, status):
    """E |z| does not exist for stable with alpha=0.3, and cos(3 z) does not die out: only the velocity of loc is 1."""
    case = f"unbiased/stable/alpha=0.3,beta=1,loc=0,scale=1/{parameter}/sin3/pathwise/numpy-float64"
    (result,) = verify("fsb_oracle", select=case, profile="smoke", backends=("numpy",)).results
    assert result.status == status
    assert (result.reason is not None and "has no mean" in result.reason) == (status == "not_applicable")
