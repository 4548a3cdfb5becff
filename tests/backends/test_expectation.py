"""`fourier.expectation` under NumPy, which does not differentiate: the mean alone, and what is refused anywhere."""

import numpy as np
import pytest

from fsb_oracle import UsageError, fourier


def test_numpy_returns_the_mean():
    rng = np.random.default_rng(1)
    params = {"concentration": np.array([0.5, 2.5]), "rate": 2.0}
    value = fourier.expectation("gamma", lambda z: z, params, 100_000, rng)
    np.testing.assert_allclose(value, [0.25, 1.25], atol=5 * 0.8 / np.sqrt(100_000))
    point = fourier.expectation("dirac", "exp(z)", {"loc": 0.0}, 3, rng)
    assert point == 1.0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("gamma", "z", {"concentration": 1.0}, 3), "gamma takes concentration, rate"),
        (("gama", "z", {"rate": 1.0}, 3), "did you mean"),
        (("gamma", "z", {"concentration": np.ones(2), "rate": np.ones(3)}, 3), "do not broadcast"),
        (("gamma", lambda z: z.sum(), {"concentration": 1.0, "rate": 1.0}, 3), r"must return the shape \(3,\)"),
    ],
)
def test_refusals_are_one_sentence(arguments, sentence):
    with pytest.raises(UsageError, match=sentence):
        fourier.expectation(*arguments, np.random.default_rng(1))


def test_a_rule_of_another_law_is_refused():
    with pytest.raises(UsageError, match="is for gamma concentration, not for normal"):
        fourier.expectation("normal", "z", {"loc": 0.0, "scale": 1.0}, 3, np.random.default_rng(1), "GAM-k-U")
