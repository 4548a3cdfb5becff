"""Two samples of one law are as near as the bound says; of two laws they are not."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

from fsb_oracle.verdicts.two_samples import allowed_distance, distance


@pytest.mark.parametrize("draw", ["normal", "poisson"])
def test_distance_is_that_of_kolmogorov_and_smirnov(draw):
    rng = np.random.default_rng(0)
    first, second = getattr(rng, draw)(1.0, size=200), getattr(rng, draw)(1.3, size=300)
    assert distance(first, second) == pytest.approx(ks_2samp(first, second).statistic)


def test_one_law_exceeds_the_allowed_distance_at_most_at_the_rate():
    rng, rate = np.random.default_rng(1), 0.05
    allowed = allowed_distance(100, 400, rate)
    far = [distance(rng.standard_normal(100), rng.standard_normal(400)) > allowed for _ in range(2000)]
    assert np.mean(far) <= rate


def test_two_laws_are_told_apart():
    rng = np.random.default_rng(2)
    first, second = rng.standard_normal(512), 2 * rng.standard_normal(4096) + 1
    assert distance(first, second) > allowed_distance(512, 4096, 1e-9)
