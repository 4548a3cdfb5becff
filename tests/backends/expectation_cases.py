"""What the Torch and the JAX tests of `fourier.expectation` compare with: exact values and standard errors."""

from __future__ import annotations

from functools import cache

import numpy as np

from fsb_oracle import exact, fourier

# several parameters, a difference rule and the usual derivatives, a bounded support, a lattice
CASES = [
    ("gamma", (("concentration", 2.5), ("rate", 1.5)), "sin(3*z)", None),
    ("gamma", (("concentration", 0.5), ("rate", 1.0)), "tanh(z)", "GAM-k-SB"),
    ("normal", (("loc", -0.5), ("scale", 1.25)), "tanh(z)", None),
    ("beta", (("concentration1", 0.75), ("concentration0", 2.0)), "exp(z)", None),
    ("poisson", (("rate", 3.5),), "sin(z)", None),
]
IDS = [f"{family}-{f}-{rule}" for family, _, f, rule in CASES]
NUM_SAMPLES = 40_000
STANDARD_ERRORS = 5


@cache
def truth(family, params, f):
    """E f and its gradient, as floats."""
    found = exact(family, {name: str(value) for name, value in params}, f, digits=12)
    return float(found.expectation.ball.mid()), {name: float(g.ball.mid()) for name, g in found.gradient.items()}


@cache
def allowed(family, params, f, rule):
    """Five standard errors of the mean and of each derivative, measured by NumPy on draws of its own."""
    rng = np.random.default_rng(5)
    found = fourier.gradient(family, f, dict(params), 4000, rng)
    if rule:
        found |= fourier.gradient(family, f, dict(params), 4000, rng, rule)
    means = fourier.expectation(family, f, {name: np.full(200, value) for name, value in params}, 100, rng)
    scale = STANDARD_ERRORS / np.sqrt(NUM_SAMPLES)
    return scale * 10 * np.std(means), {name: scale * np.std(samples) for name, samples in found.items()}


def assert_exact(value, gradient, family, params, f, rule):
    """A mean and its derivatives, over NUM_SAMPLES samples each, lie within five standard errors of the truth."""
    mean, slopes = truth(family, params, f)
    value_error, slope_errors = allowed(family, params, f, rule)
    assert abs(float(value) - mean) < value_error
    assert set(gradient) == set(slopes)
    for name, slope in gradient.items():
        assert abs(float(slope) - slopes[name]) < slope_errors[name], name
