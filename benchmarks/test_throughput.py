"""Gamma-shape gradients a second: GAM-k-U against the pathwise derivative of torch.distributions.Gamma, on the CPU."""

import pytest

from fsb_oracle.estimators import fourier

torch = pytest.importorskip("torch")


@pytest.mark.parametrize("num_samples", [1_000, 100_000])
@pytest.mark.parametrize("side", ["GAM-k-U", "torch rsample"])
def test_gamma_shape_gradients(benchmark, num_samples, side):
    benchmark.group = f"gamma-shape gradients, {num_samples} samples, float32, f = sin"
    benchmark.extra_info["side"] = "ours" if side == "GAM-k-U" else "peer"
    generator = torch.Generator().manual_seed(0)
    concentration, rate = torch.tensor(2.5), torch.tensor(1.0)

    def ours():
        given = {"concentration": concentration, "rate": rate}
        return fourier.gradient("gamma", torch.sin, given, num_samples, generator, rule="GAM-k-U")[
            "concentration"
        ].mean()

    def peer():
        leaf = concentration.expand(num_samples).clone().requires_grad_(True)
        torch.sin(torch.distributions.Gamma(leaf, rate).rsample()).mean().backward()
        return leaf.grad.sum()

    benchmark.pedantic(ours if side == "GAM-k-U" else peer, rounds=20, warmup_rounds=2)
