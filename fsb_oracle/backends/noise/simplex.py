"""The simplex as one primitive: weights that sum to 1, drawn in log space so that the smallest shapes stay numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from fsb_oracle.backends.noise.primitive import Noise


def rising(m: Any, a: Any, power: Any) -> Any:
    """Gamma(a + power)/Gamma(a): a product where the power is a natural number, so that a = 0 is allowed."""
    if power == 0:
        return 1
    if power == int(power) and power > 0:
        return prod(a + k for k in range(int(power)))
    return m.gamma(a + power) / m.gamma(a)


@dataclass(frozen=True, eq=False)
class Simplex(Noise):
    """Dirichlet(concentration): weights of sum 1 along one more axis, the last; a concentration of 0 gives weight 0."""

    concentration: Any
    support = "simplex"

    def at(self, m: Any, letters: dict[str, Any]) -> Simplex:
        return self  # its concentration is an array already

    def generic(self) -> Simplex:
        return self

    def copy(self, index: tuple[int, ...], size: tuple[int, ...]) -> Simplex:
        import numpy as np

        return Simplex(np.broadcast_to(self.concentration, (*size, self.concentration.shape[-1]))[index])

    def moment(self, m: Any, powers: Sequence[Any]) -> Any:
        """E PROD x_i^powers_i of one copy, on the namespace `m`: real powers above -concentration."""
        numerator = prod(rising(m, a, p) for a, p in zip(self.concentration, powers, strict=True))
        return numerator / rising(m, sum(self.concentration), sum(powers))

    def draw(self, backend: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> Any:
        """log G(a) = log G(a + 1) - e/a with e ~ Exp(1): no weight underflows before the largest is taken out."""
        m, a = backend.math, self.concentration
        first, second = backend.split(stream, 2)
        size = (*shape, a.shape[-1])
        present = a > 0
        g, e = backend.gamma(first, a + 1, size, dtype), backend.exponential(second, size, dtype)
        log_weight = m.where(present, m.log(g) - e / m.where(present, a, 1 + 0 * a), -float("inf"))
        weight = m.exp(log_weight - m.largest(log_weight))
        return weight / weight.sum(-1)[..., None]
