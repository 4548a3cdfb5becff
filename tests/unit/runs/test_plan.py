"""What a profile runs of our own rules, and that nothing is left out in silence."""

from collections import Counter

import pytest

from fsb_oracle.backends import unavailable
from fsb_oracle.checks import get_profile
from fsb_oracle.checks.profile import PROFILES
from fsb_oracle.checks.truth import exact_gradient
from fsb_oracle.families import resolve_family
from fsb_oracle.integrands import integrand
from fsb_oracle.runs.options import gather
from fsb_oracle.runs.plan import make_plan
from fsb_oracle.runs.prepare import prepare


@pytest.mark.jax
@pytest.mark.torch
def test_smoke_asks_other_back_ends_for_one_mean_of_each_parameter():
    plan = make_plan(["fsb_oracle"], get_profile("smoke"), "unbiased/gamma/*")
    others = [case for case in plan.cases if case.subject.backend_name != "numpy"]
    counts = Counter((case.subject.name, case.subject.backend_name, case.parameter) for case in others)
    assert {backend for _, backend, _ in counts} == {name for name in ("torch", "jax") if unavailable(name) is None}
    assert set(counts.values()) == {1}
    assert {case.dtype for case in others} == {"float32"}


def test_smoke_says_how_many_cases_it_leaves_to_the_default_profile():
    everything = "*"
    smoke = make_plan(["fsb_oracle"], get_profile("smoke"), everything, ("numpy",))
    (scope,) = [result for result in smoke.not_applicable if result.case.startswith("scope/")]
    left = int(next(word for word in scope.reason.split() if word.isdigit()))
    ran = sum(case.subject.secondary for case in smoke.cases)
    assert left > 0
    assert ran > 0  # other rules are not left out whole
    assert all(
        case.check in ("proof", "unbiased") and case.dtype == "float64"
        for case in smoke.cases
        if case.subject.secondary
    )


def test_only_the_back_ends_that_are_needed_are_asked_for(monkeypatch):
    asked: set[str] = set()
    monkeypatch.setattr("fsb_oracle.runs.plan.unavailable", asked.add)
    assert make_plan(["fsb_oracle"], get_profile("smoke"), "unbiased/gamma/*", ("numpy",)).cases
    assert asked == {"numpy"}


def test_smoke_compares_means_with_the_ball_of_one_route_and_others_with_two():
    assert {name: profile.routes for name, profile in PROFILES.items()} == {"smoke": 1, "default": 2, "deep": 2}
    options, _ = gather({"profile": "smoke", "backend": ("numpy",)})
    assert prepare(["fsb_oracle"], options).assignment.settings.routes == 1
    gamma, values = resolve_family("gamma", {"concentration": "2.5", "rate": "10/7"})
    one, two = (exact_gradient(gamma, values, integrand("tanh(z)"), "concentration", routes=n) for n in (1, 2))
    assert len(one.routes) == 1 and len(two.routes) == 2
    assert one.ball.overlaps(two.ball) and one.digits >= 18
