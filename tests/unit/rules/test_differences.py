"""Differences over tiny steps keep their digits in float32; in exact arithmetic they are what they were."""

import numpy as np
import pytest

from fsb_oracle.backends import get_backend
from fsb_oracle.estimators.function import function_on
from fsb_oracle.estimators.lowering import draw_noise, from_noise
from fsb_oracle.rules import get_rule
from fsb_oracle.rules.differences import difference

NUMPY = get_backend("numpy")
# rule, parameters, f, and what rounding to float32 may do to one contribution, in root mean squares, of S
CASES = [
    # the jumps are Gamma(0.1) variables: one in seven leaves z as it is, and some are 0
    ("TS-C-SB", {"alpha": 0.9, "intensity": 0.1, "rate": 10}, "sin(10*z)", 1e-4),
    ("TS-al-SB", {"alpha": 0.9, "intensity": 0.1, "rate": 10}, "sin(10*z)", 1e-4),
    # what a shape of 500 does to z is a difference of two differences
    ("NAK-k-SB", {"concentration": 500, "scale": 0.3}, "sin(100*z)", 1e-2),
    ("FIS-m-SM", {"df1": 300, "df2": 200}, "sin(9*z)", 3e-3),
    ("GAM-k-SM", {"concentration": 1000, "rate": 1000}, "sin(30*z)", 1e-3),
    ("BPR-b-SM", {"concentration1": 300, "concentration0": 200}, "sin(9*z)", 1e-3),
]


def both_precisions(id, parameters, f):
    """The contributions in float32 and, from the same noise, in float64."""
    rule, function = get_rule(id), function_on(f, NUMPY)
    single = {name: np.float32(value) for name, value in parameters.items()}
    noise = draw_noise(rule, NUMPY, single, 20_000, np.random.default_rng(0), "float32")
    double = [{name: np.asarray(value, float) for name, value in each.items()} for each in (single, *noise)]
    return (
        from_noise(rule, NUMPY, single, function, *noise, 20_000, "float32").astype(float),
        from_noise(rule, NUMPY, double[0], function, *double[1:], 20_000, "float64"),
    )


@pytest.mark.parametrize(("id", "parameters", "f", "limit"), CASES, ids=[case[0] for case in CASES])
def test_float32_keeps_the_digits_of_a_difference(id, parameters, f, limit):
    single, double = both_precisions(id, parameters, f)
    scale = np.sqrt(np.mean(double**2))
    assert np.sqrt(np.mean((single - double) ** 2)) <= limit * scale
    assert abs(np.mean(single - double)) <= 0.1 * limit * scale


def test_the_slope_stands_in_for_the_smallest_steps_only():
    f = function_on("sin(3*z)", NUMPY)
    z, step = np.full(4, 0.7), np.array([0.0, 1e-12, 1e-6, 0.1])
    with np.errstate(all="ignore"):
        found = difference(f, z, z + step, step, 2 / step, 2.0)
    assert found[:2] == pytest.approx(6 * np.cos(3 * (z + step / 2))[:2], rel=1e-14)
    assert np.array_equal(found[2:], 2 / step[2:] * (np.sin(3 * (z + step)) - np.sin(3 * z))[2:])


def test_a_jump_is_seen_over_every_step():
    """The slope of a step function is 0 almost everywhere."""
    f, step = function_on("Heaviside(z - 1)", NUMPY), np.array([1e-9])
    z = 1 - step / 2
    assert difference(f, z, z + step, step, 1 / step, 1.0) == pytest.approx([1e9])
