"""The examples of the documentation, loaded from their files, and the posterior that they must find."""

import importlib.util
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"
# In log concentration the bound has curvature 1/2, and its slopes at 20,000 samples the standard deviation
# 25 / sqrt(20,000): after 150 steps the spread is 0.03 at best. The mean, of curvature 294, is sharp.
CONCENTRATION, MEAN = 295, 295 / 4.2
CONCENTRATION_TOLERANCE, MEAN_TOLERANCE = 0.1, 0.005


def load(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def assert_posterior(concentration, rate):
    concentration, rate = float(concentration), float(rate)
    assert abs(concentration / CONCENTRATION - 1) < CONCENTRATION_TOLERANCE
    assert abs(concentration / rate / MEAN - 1) < MEAN_TOLERANCE
