"""Planted faults in samplers that differentiate their samples: the derivative is wrong in a region, or everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fsb_oracle.families import get_family
from fsb_oracle.subjects.pathwise import PathwiseSubject

Slope = Callable[[Any, Any], Any]


class Sampler(PathwiseSubject):
    """Weibull samples z = scale e^(1/k) with a given derivative in the concentration k."""

    backend_name = "numpy"

    def __init__(self, name: str, slope: Slope, forward: Slope | None = None) -> None:
        self.family = get_family("weibull")
        self.name = self.target = f"planted.py:{name.replace(' ', '_')}"
        self.claimed = ("concentration",)
        self._slope, self._forward = slope, forward

    def differentiated_samples(self, values: Any, num_samples: int, seeds: Any, dtype: str) -> Any:
        e = np.random.default_rng(seeds).standard_exponential(num_samples, dtype=np.dtype(dtype))
        z = values["scale"] * e ** (1 / values["concentration"])
        return z, {"concentration": np.asarray(self._slope(z, values), dtype=dtype)}

    def forward_contributions(self, parameters: Any, f: Any, num_samples: int, seeds: Any, dtype: str) -> Any:
        if self._forward is None:
            return None
        other = Sampler(self.name, self._forward)
        return other.contributions(parameters, f, num_samples, seeds, dtype)


def right(z: Any, c: Any) -> Any:
    """dz/dk = -(z/k) log(z/scale)."""
    return -z / c["concentration"] * np.log(z / c["scale"])


def _series(z: Any, c: Any) -> Any:
    x = z / c["scale"] - 1
    return -z / c["concentration"] * np.where(np.abs(x) < 1, x - x**2 / 2 + x**3 / 3, np.log1p(x))


def _tails(z: Any, c: Any) -> Any:
    return right(np.clip(z, 0.3 * c["scale"], 2 * c["scale"]), c)


def _single(z: Any, c: Any) -> Any:
    k = c["concentration"].astype(np.float32)
    h = np.float32(1e-4) * k
    e = (z / c["scale"]).astype(np.float32) ** k
    return c["scale"] * (e ** (1 / (k + h)) - e ** (1 / (k - h))) / (2 * h)


@dataclass(frozen=True)
class SamplerMutant:
    """A wrong derivative; `within`: the fault is smaller than the margin, and must be reported as a small bias."""

    fault: str
    model: str
    slope: Slope
    within: bool = False
    forward: Slope | None = None

    @property
    def subject(self) -> Sampler:
        return Sampler(self.fault, self.slope, self.forward)

    def __str__(self) -> str:
        return self.fault.replace(" ", "-")


SAMPLERS = (
    SamplerMutant("wrong sign below the scale", "F02", lambda z, c: np.abs(right(z, c))),
    SamplerMutant("truncated series", "F15", _series),
    SamplerMutant("asymptotic form out of its range", "F16", lambda z, c: (
        np.where(z > 2 * c["scale"], -z / c["concentration"] * (z / c["scale"] - 1) / (z / c["scale"]), right(z, c))
    )),
    SamplerMutant("jump at a switch", "F17", lambda z, c: (
        right(z, c) * np.where(np.abs(z / c["scale"] - 0.8) < 0.1, 1.02, 1)
    ), within=True),
    SamplerMutant("cancellation in float32", "F18", _single, within=True),
    SamplerMutant("zero in a window around the scale", "F19", lambda z, c: (
        np.where(np.abs(np.log(z / c["scale"])) < 0.3, 0, right(z, c))
    )),
    SamplerMutant("mask after clipping", "F31", _tails),
    SamplerMutant("divided by the density of another parameterisation", "F30", lambda z, c: right(z, c) * c["scale"]),
    SamplerMutant("forward and reverse mode disagree", "F26", right, forward=lambda z, c: 1.001 * right(z, c)),
)  # fmt: skip
