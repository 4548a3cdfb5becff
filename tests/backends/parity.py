"""Given the same noise, a rule gives the same numbers on every back end: shared by the Torch and the JAX tests."""

import numpy as np
import pytest

from fsb_oracle.backends import DTYPES
from fsb_oracle.integrands import integrand
from fsb_oracle.rules.nodes import float_nodes
from fsb_oracle.subjects.rules import rule_subjects

ULPS = {"float64": 512, "float32": 512}  # of the sum of absolute terms


def subjects_beside_numpy(backend):
    """Pairs (on the back end, on NumPy) of every rule and baseline."""
    return list(zip(rule_subjects((backend,)), rule_subjects(("numpy",)), strict=True))


def assert_parity(other, reference, dtype):
    """Same noise in, same numbers out; and autodiff of f agrees with its symbolic derivative."""
    generator = np.random.default_rng(11)
    for f in (integrand("sin3"), integrand("bump")):
        at = other.family.parse(other.family.edges[1])
        if other.refusal(other.claimed[0], at, dtype) or reference.noise_at(other.claimed[0], at, dtype) is None:
            continue  # what has no density has no nodes: its draws are compared with its law instead
        if other.without_mean(other.claimed[0], at, f) is not None:
            f = integrand("z2")  # a series, which serves polynomials alone, or waves inside its disc
        at = {name: type(value)(float(np.dtype(dtype).type(float(value)))) for name, value in at.items()}
        f = f.rounded(dtype)
        noise = {}
        for name, primitive in other.noise_at(other.claimed[0], at, dtype).items():
            nodes, weights = float_nodes(primitive, 5)
            picked = generator.choice(nodes, size=500, p=weights / weights.sum())
            noise[name] = picked.astype(dtype).astype(np.float64)
        there = np.broadcast_to(other.at_noise(other.claimed[0], at, f, noise, dtype), 500)
        here = np.broadcast_to(reference.at_noise(reference.claimed[0], at, f, noise, "float64"), 500)
        scale = np.abs(here) + np.abs(here).mean() + 1.0
        assert np.all(np.isfinite(there))
        # differences divided by a small shift amplify rounding by 1/shift: compare where the shift is not tiny
        error = np.abs(there - here) / scale / np.finfo(dtype).eps
        assert np.quantile(error, 0.98) < ULPS[dtype], (other.name, dtype, error.max())
        assert np.median(error) < 32


# the tangent multiplies the rounding of its argument by the square of its value
NOT_IN_FLOAT32 = {("cauchy", "pathwise")}
# so heavy a tail that float32 does not tell the phase of a wave there
TOO_HEAVY_FOR_FLOAT32 = ("levy",)


def in_float32(subject):
    """Whether rounding to float32 leaves the numbers comparable."""
    name = subject.family.name
    return name not in TOO_HEAVY_FOR_FLOAT32 and (name, subject.name) not in NOT_IN_FLOAT32


def parity_parameters(backend):
    return [
        pytest.param(other, reference, dtype, id=f"{other.family.name}-{other.claimed[0]}-{other.name}-{dtype}")
        for other, reference in subjects_beside_numpy(backend)
        for dtype in DTYPES
        if dtype == "float64" or in_float32(other)
    ]
