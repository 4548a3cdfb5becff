"""`fourier.expectation` under Torch: a stochastic layer whose gradients are right, in every place where layers go."""

import numpy as np
import pytest
import torch

from fsb_oracle import UsageError, fourier

from .example_posterior import assert_posterior, load
from .expectation_cases import CASES, IDS, NUM_SAMPLES, assert_exact

pytestmark = pytest.mark.torch
SECOND = "no second ones"


def stream(seed=1):
    return torch.Generator().manual_seed(seed)


def leaf(value, dtype=torch.float64):
    return torch.tensor(value, dtype=dtype, requires_grad=True)


def of_gamma(concentration, f, num_samples, rng, rate=1.0):
    return fourier.expectation("gamma", f, {"concentration": concentration, "rate": rate}, num_samples, rng)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("family", "params", "f", "rule"), CASES, ids=IDS)
def test_value_and_gradient_are_exact(family, params, f, rule, dtype):
    leaves = {name: leaf(value, dtype) for name, value in params}
    value = fourier.expectation(family, f, leaves, NUM_SAMPLES, stream(), rule)
    value.backward()
    assert value.dtype == dtype
    assert {x.grad.dtype for x in leaves.values()} == {dtype}
    assert_exact(value.detach(), {name: x.grad for name, x in leaves.items()}, family, params, f, rule)


def test_a_batch_broadcasts_and_its_gradient_is_that_of_each_element():
    _, params, f, _ = CASES[0]
    concentration, rate = leaf([[0.5], [2.5]]), leaf([1.5, 1.5, 1.5])
    value = fourier.expectation("gamma", f, {"concentration": concentration, "rate": rate}, NUM_SAMPLES, stream())
    assert value.shape == (2, 3)
    weights = torch.tensor([[0.0, 0.0, 0.0], [0.0, 0.0, 1.0]], dtype=torch.float64)
    (value * weights).sum().backward()
    assert concentration.grad.shape == (2, 1)
    assert rate.grad[:2].tolist() == [0.0, 0.0]
    assert concentration.grad[0].item() == 0.0
    gradient = {"concentration": concentration.grad[1, 0], "rate": rate.grad[2]}
    assert_exact(value[1, 2].detach(), gradient, "gamma", params, f, None)


def test_a_network_before_and_weights_inside_f():
    network = torch.nn.Linear(1, 2, dtype=torch.float64)
    with torch.no_grad():
        network.weight.zero_()
        network.bias.copy_(torch.tensor([2.5, 1.5]))
    frequency = leaf(3.0)
    outputs = network(torch.ones(1, dtype=torch.float64))
    concentration, rate = outputs[0], outputs[1]
    value = of_gamma(concentration, lambda z: torch.sin(frequency * z), NUM_SAMPLES, stream(), rate)
    value.backward()
    gradient = dict(zip(("concentration", "rate"), network.weight.grad[:, 0], strict=True))
    assert_exact(value.detach(), gradient, "gamma", CASES[0][1], "sin(3*z)", None)
    # E z cos(3 z), the ordinary gradient at the samples; |z cos| <= z has a second moment below 4
    phi = (1 - 3j / 1.5) ** -3.5 * 2.5 / 1.5
    assert abs(frequency.grad.item() - phi.real) < 5 * 2 / np.sqrt(NUM_SAMPLES)


def test_vectors():
    mean = leaf([0.5, -1.0])
    covariance = torch.tensor([[1.0, 0.3], [0.3, 2.0]], dtype=torch.float64)
    params = {"loc": mean, "covariance_matrix": covariance.clone().requires_grad_()}
    value = fourier.expectation("multivariate_normal", lambda z: (z**2).sum(-1), params, NUM_SAMPLES, stream())
    value.backward()
    assert value.item() == pytest.approx(1.25 + 3.0, abs=0.15)
    assert mean.grad.tolist() == pytest.approx([1.0, -2.0], abs=0.1)
    assert params["covariance_matrix"].grad.flatten().tolist() == pytest.approx([1.0, 0.0, 0.0, 1.0], abs=0.05)


def loss(raw, weight, rng):
    return of_gamma(torch.exp(raw), lambda z: torch.sin(weight * z), 200, rng).square().sum()


def test_compiled_gives_the_same_numbers():
    raw, weight = leaf([0.1, 1.0]), leaf(2.0)
    expected = torch.autograd.grad(loss(raw, weight, stream()), (raw, weight))
    compiled = torch.compile(loss, backend="aot_eager")
    found = torch.autograd.grad(compiled(raw, weight, stream()), (raw, weight))
    for one, other in zip(found, expected, strict=True):
        assert torch.equal(one, other)


def test_gradients_per_sample_without_a_loop():
    raw = torch.linspace(-1.0, 1.0, 4, dtype=torch.float64)
    weight = torch.tensor(3.0, dtype=torch.float64)

    def mean(x, w):
        return of_gamma(torch.exp(x), lambda z: torch.sin(w * z), NUM_SAMPLES, rng)

    rng = stream()
    mapped = torch.func.vmap(torch.func.grad(mean, (0, 1)), (0, None), randomness="different")(raw, weight)
    outer = torch.func.grad(lambda x: torch.func.vmap(mean, (0, None), randomness="different")(x, weight).sum())(raw)
    k, w = np.exp(raw.numpy()), 3.0
    phi = (1 - 1j * w) ** -k
    slope = k * (-np.log(1 - 1j * w) * phi).imag
    sd = 4 * k  # |x'| |w cos| <= 3 k, per draw
    np.testing.assert_array_less(np.abs(mapped[0].numpy() - slope), 5 * sd / np.sqrt(NUM_SAMPLES))
    np.testing.assert_array_less(np.abs(outer.numpy() - slope), 5 * sd / np.sqrt(NUM_SAMPLES))
    inside = (k / (1 - 1j * w) * phi).real
    moment = np.sqrt(k * (k + 1))  # of z
    np.testing.assert_array_less(np.abs(mapped[1].numpy() - inside), 5 * moment / np.sqrt(NUM_SAMPLES))


def test_no_rule_runs_where_nothing_is_differentiated():
    with_gradient, without = stream(), stream()
    value = of_gamma(torch.tensor(2.5), torch.sin, 100, without)
    assert not value.requires_grad
    differentiable = of_gamma(leaf(2.5, torch.float32), torch.sin, 100, with_gradient)
    assert torch.equal(value, differentiable.detach())
    assert not torch.equal(with_gradient.get_state(), without.get_state())  # the rule drew from its own
    with torch.no_grad():
        assert not of_gamma(leaf(2.5, torch.float32), torch.sin, 100, stream()).requires_grad


def test_deterministic_laws_differentiate_as_ever():
    at = leaf(0.7)
    value = fourier.expectation("dirac", torch.sin, {"loc": at}, 3, stream())
    value.backward()
    assert (value.item(), at.grad.item()) == pytest.approx((np.sin(0.7), np.cos(0.7)), abs=1e-15)


def test_second_derivatives_are_refused_not_wrong():
    concentration, weight = leaf(2.5), leaf(3.0)

    def slope(variable):
        value = of_gamma(concentration, lambda z: torch.sin(weight * z), 10, stream())
        return torch.autograd.grad(value**2, variable, create_graph=True)[0]

    for first, second in ((concentration, concentration), (concentration, weight), (weight, concentration)):
        with pytest.raises(UsageError, match=SECOND):
            torch.autograd.grad(slope(first), second)
    torch.autograd.grad(slope(weight), weight)  # an ordinary one
    with pytest.raises(UsageError, match=SECOND):
        torch.func.grad(torch.func.grad(lambda c: of_gamma(c, torch.sin, 10, stream())))(torch.tensor(2.5))


def test_what_has_no_gradient_says_so_when_asked():
    trials, probability = leaf(5.0, torch.float32), leaf(0.5, torch.float32)
    value = fourier.expectation("binomial", "z", {"total_count": trials, "probs": probability}, 1000, stream())
    (slope,) = torch.autograd.grad(value, probability, retain_graph=True)
    assert slope.item() == pytest.approx(5.0, abs=0.5)
    with pytest.raises(UsageError, match="total_count is a count"):
        torch.autograd.grad(value, trials)


def test_wrong_shapes_are_one_sentence():
    with pytest.raises(UsageError, match="do not broadcast"):
        of_gamma(torch.ones(2), torch.sin, 10, stream(), torch.ones(3))
    with pytest.raises(UsageError, match=r"f must return the shape \(10, 2\) for these samples, not \(10,\)"):
        of_gamma(torch.ones(2), lambda z: z.sum(-1), 10, stream())


def test_the_example_finds_the_posterior():
    assert_posterior(*load("gamma_poisson_torch").posterior())
