"""A gradient in float64 against SciPy's adaptive quadrature of f times density times score: one value, and a batch."""

from math import exp, lgamma, log, pi, sqrt, tanh

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import digamma

from fsb_oracle.oracle import fast

ROWS = 1000
PEER_ROWS = 20  # the peer has no batches: a few rows, repeated


def _normal(z, loc, scale):
    u = (z - loc) / scale
    return exp(-u * u / 2) / (scale * sqrt(2 * pi)) * u / scale


def _gamma(z, concentration, rate):
    density = exp((concentration - 1) * log(z) + concentration * log(rate) - rate * z - lgamma(concentration))
    return density * (log(z) + log(rate) - digamma(concentration))


CELLS = {
    "normal-loc-tanh": ("normal", {"loc": 0.3, "scale": 1.25}, "loc", "tanh", tanh, _normal, (-np.inf, np.inf), None),
    "normal-loc-relu": (
        "normal", {"loc": 0.3, "scale": 1.25}, "loc", "Max(z - 1/2, 0)", lambda z: max(z - 0.5, 0.0), _normal,
        (-12.2, 12.8), [0.5],
    ),
    "gamma-concentration-tanh": (
        "gamma", {"concentration": 2.5, "rate": 1.0}, "concentration", "tanh", tanh, _gamma, (0.0, np.inf), None,
    ),
}  # fmt: skip


def _peer(cell, parameters):
    _, _, _, _, function, weight, (low, high), points = CELLS[cell]
    values = tuple(parameters.values())
    return quad(lambda z: function(z) * weight(z, *values), low, high, points=points, epsabs=0, epsrel=1e-13, limit=200)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("side", ["fsb_oracle", "scipy quad"])
def test_one_value(benchmark, cell, side):
    family, parameters, parameter, f, *_ = CELLS[cell]
    benchmark.group = f"float64 gradient, one value: {cell}"
    benchmark.extra_info["side"] = "ours" if side == "fsb_oracle" else "peer"

    def ours():
        return fast.gradient(family, parameters, f, parameter)

    def peer():
        return _peer(cell, parameters)

    assert ours().value == pytest.approx(peer()[0], rel=1e-11)
    benchmark.pedantic(ours if side == "fsb_oracle" else peer, rounds=20, iterations=20, warmup_rounds=1)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("side", ["fsb_oracle", "scipy quad"])
def test_batch(benchmark, cell, side):
    family, parameters, parameter, f, *_ = CELLS[cell]
    benchmark.group = f"float64 gradient, {ROWS} values: {cell}"
    benchmark.extra_info["side"] = "ours" if side == "fsb_oracle" else "peer"
    scales = np.linspace(1.0, 1.5, ROWS)
    batch = {name: value * scales for name, value in parameters.items()}
    rows = [{name: float(value * scale) for name, value in parameters.items()} for scale in scales[:PEER_ROWS]]

    def ours():
        return fast.gradient(family, batch, f, parameter)

    def peer():
        return [_peer(cell, row) for _ in range(ROWS // PEER_ROWS) for row in rows]

    benchmark.pedantic(ours if side == "fsb_oracle" else peer, rounds=3, warmup_rounds=1)
