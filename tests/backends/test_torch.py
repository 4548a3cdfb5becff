"""The Torch back end: parity with NumPy, autograd through f, contributions of a network's parameters."""

import numpy as np
import pytest
import torch

from fsb_oracle.estimators import fourier
from fsb_oracle.subjects import resolve

from .parity import assert_parity, parity_parameters

pytestmark = pytest.mark.torch


@pytest.mark.parametrize(("other", "reference", "dtype"), parity_parameters("torch"))
def test_parity(other, reference, dtype):
    assert_parity(other, reference, dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gradient_of_a_callable(dtype):
    params = {"concentration": torch.tensor([0.5, 2.5], dtype=dtype), "rate": torch.tensor(1.0, dtype=dtype)}
    found = fourier.gradient("gamma", torch.sin, params, 1000, torch.Generator().manual_seed(1))
    assert {name: (tuple(g.shape), g.dtype) for name, g in found.items()} == {
        "concentration": ((1000, 2), dtype),
        "rate": ((1000, 2), dtype),
    }
    again = fourier.gradient("gamma", torch.sin, params, 1000, torch.Generator().manual_seed(1))
    assert all(torch.equal(found[name], again[name]) for name in found)


def test_no_global_state_is_touched():
    before = torch.random.get_rng_state()
    fourier.gradient("gamma", torch.sin, {"concentration": 2.0, "rate": 1.0}, 100, torch.Generator().manual_seed(1))
    subject, _ = resolve("torch.distributions:Gamma")
    at = subject.family.parse(subject.family.edges[0])
    subject.paths("concentration", at, 10, np.random.SeedSequence(1), "float32")
    assert torch.equal(before, torch.random.get_rng_state())
