"""Faults planted in our own engine (F45, F50): the controls that watch over it see them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fsb_oracle.checks import CHECKS, unbiased
from fsb_oracle.checks.points import parameter_points
from fsb_oracle.records import Status
from fsb_oracle.runs.decide import decide

from .impostor import impostor, subject_of
from .killing import BAD, PROFILE, SETTINGS, first_kill, share
from .planted import NAMED

COPIES = 16


def repeated(params, f, num_samples, rng):
    """Right on average; each draw is returned COPIES times, so that a mean has COPIES times the variance it seems to
    have."""
    z = rng.normal(float(params["loc"]), float(params["scale"]), -(-num_samples // COPIES))
    return {"loc": f.derivative(np.repeat(z, COPIES)[:num_samples].astype(params["loc"].dtype))}


def failures(seeds):
    subject = subject_of(repeated, "normal", "loc")
    (point,) = parameter_points(subject, 1)
    cases = [
        case
        for case in CHECKS["unbiased"].plan(subject, PROFILE)
        if case.parameters == point and case.dtype == "float64" and case.integrand.slug in ("sin3", "tanh")
    ]
    results = [decide(case, replace(SETTINGS, seed=seed, cap=1 << 19), share(case)) for seed in seeds for case in cases]
    return [result for result in results if result.status in BAD]


def test_a_standard_error_of_correlated_samples(monkeypatch):
    """F45: without the check of dependence a right estimator is accused; with it never."""
    seeds = range(3)
    assert failures(seeds) == []
    monkeypatch.setattr(unbiased, "is_dependent", lambda ratio: False)
    assert failures(seeds) != []


@pytest.mark.parametrize("rule_id", ["GAM-k-U", "POI"])
def test_a_check_that_cannot_fail(rule_id, monkeypatch):
    """F50: with a tolerance that nothing exceeds, mutants survive, so that the list of planted faults goes red."""
    mutant = next(m for m in NAMED if m.rule_id == rule_id and m.provable and not m.second_moment)
    kill = first_kill(impostor(mutant, black_box=True), asked=("unbiased",))
    assert kill is not None and kill.result.status is Status.fail
    monkeypatch.setattr(unbiased, "with_declared", lambda case, tolerance, scale: 1e6 * scale)
    assert first_kill(impostor(mutant, black_box=True), asked=("unbiased",)) is None
