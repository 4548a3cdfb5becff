"""The Torch back end: parity with NumPy, autograd through f, contributions of a network's parameters."""

import numpy as np
import pytest
import torch

from fsb_oracle.backends import DTYPES, get_backend, torch_backend
from fsb_oracle.backends.noise import Gamma, Uniform
from fsb_oracle.estimators import fourier
from fsb_oracle.estimators.function import CallableFunction, function_on
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


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_uniform_draw_that_the_library_rounds_to_0_has_a_finite_logarithm(monkeypatch, dtype):
    monkeypatch.setattr(torch, "rand", lambda shape, dtype, **_: torch.zeros(shape, dtype=dtype))
    drawn = get_backend("torch").uniform(torch.Generator(), (3,), dtype)
    assert torch.all(torch.isfinite(torch.log(drawn))) and torch.all(drawn < 1e-7)


def test_noise_is_drawn_in_the_shape_and_dtype_asked_for_and_follows_the_generator():
    backend = get_backend("torch")
    wanted = [(Uniform(), (4,)), (Gamma(torch.tensor([0.5, 2.0], requires_grad=True)), (3, 2)), (Gamma(0.5), ())]
    for dtype in DTYPES:
        generator = torch.Generator().manual_seed(7)
        first, second = (backend.draw_each(wanted, generator, dtype) for _ in range(2))
        again = backend.draw_each(wanted, torch.Generator().manual_seed(7), dtype)
        for one, other, repeated, (_, shape) in zip(first, second, again, wanted, strict=True):
            assert one.shape == shape and backend.dtype_of(one) == dtype and not one.requires_grad
            assert torch.all(one == repeated) and torch.all(one != other) and torch.all(one > 0)


POINTS = torch.linspace(-2.0, 2.0, 7)


@pytest.mark.parametrize("f", ["sin(3*z)", "Max(z, 0)", "1", "z**3*exp(-z)", torch.sin, torch.sign, torch.erf])
@pytest.mark.parametrize("without_forward_mode", [False, True])
def test_forward_and_reverse_mode_give_the_same_derivative(monkeypatch, f, without_forward_mode):
    backend = get_backend("torch")
    function = function_on(f, backend)
    called = function if isinstance(f, str) else f
    expected = backend.gradient(called)(POINTS)
    if without_forward_mode:

        def refuse(*_, **__):
            raise NotImplementedError

        monkeypatch.setattr(torch_backend, "_dual", refuse)
    found = function.derivative(POINTS)
    assert torch.allclose(found, expected, rtol=1e-6, atol=0) and not found.requires_grad
    with torch.no_grad():
        assert torch.equal(function.derivative(POINTS), found)
    with torch.autograd.forward_ad.dual_level():  # somebody else's level
        assert torch.allclose(function.derivative(POINTS), expected, rtol=1e-6, atol=0)
    point = POINTS.clone().requires_grad_(True)
    assert function.derivative(point).requires_grad == bool(function.derivative(point, 2).any())


def test_only_functions_of_torch_itself_are_differentiated_in_forward_mode():
    """Forward mode drops the derivative of a compiled part without a word."""

    def somebodys(z):
        return torch.sin(z)

    own = [torch.sin, torch.erf, function_on("sin(z)", get_backend("torch"))]
    others = [
        somebodys,
        torch.compile(torch.sin),
        torch.nn.Sigmoid(),
        CallableFunction(torch.sin, get_backend("torch")),
    ]
    assert [torch_backend._of_torch_alone(f) for f in (*own, *others)] == [True] * 3 + [False] * 4
