"""The tail report: the shape of known tails, mergeable top lists, and when a heavy tail is suspected."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import genpareto

from fsb_oracle.verdicts.moments import Moments
from fsb_oracle.verdicts.tails import KEPT, TailReport, TopList, pareto_shape, tail_report


@pytest.mark.parametrize("shape", [-0.4, 0.0, 0.3, 0.7, 1.2])
def test_the_shape_of_a_generalised_pareto_law(shape: float) -> None:
    estimates = [pareto_shape(np.asarray(genpareto.rvs(shape, size=1000, random_state=seed))) for seed in range(40)]
    assert np.mean(estimates) == pytest.approx(shape, abs=0.03)


def test_top_lists_merge_to_the_top_of_all() -> None:
    x = np.random.default_rng(0).standard_cauchy(12_000)
    blocks = [x[start : start + 3000] for start in range(0, 12_000, 3000)]
    expected = sorted(np.abs(x))[-KEPT:]
    grown = TopList()
    for block in blocks:
        grown = grown.with_units(block)
    a, b, c, d = (TopList().with_units(block) for block in blocks)
    for found in (grown, a.merge(b).merge(c.merge(d)), d.merge(b.merge(a)).merge(c)):
        assert sorted(found.sizes) == expected


def report(x: np.ndarray) -> TailReport:
    return tail_report(Moments.of(x), TopList().with_units(x))


def test_a_heavy_tail_is_suspected() -> None:
    """exp(0.6 z), z ~ Exp(1): the tail of x^(-5/3), which has no variance."""
    x = np.exp(0.6 * np.random.default_rng(1).standard_exponential(100_000))
    found = report(x - 2.5)
    assert found.heavy
    assert found.k_hat == pytest.approx(0.6, abs=0.1)


@pytest.mark.parametrize("law", ["normal", "exponential", "cosine", "constant"])
def test_light_tails_are_not_accused(law: str) -> None:
    rng = np.random.default_rng(2)
    z = rng.standard_normal(100_000)
    x = {"normal": z, "exponential": rng.standard_exponential(100_000), "cosine": np.cos(5 * z), "constant": 0 * z + 1}
    assert not report(x[law]).heavy


def test_few_units_have_no_shape() -> None:
    assert report(np.arange(12.0)).k_hat is None
    assert tail_report(Moments.of(np.arange(1000.0)), TopList()).k_hat is None  # no top list was kept
