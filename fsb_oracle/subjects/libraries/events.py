"""How samples of a class hold ours, where they are not ours themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Event:
    """A form of a sample, as array code.

    Attributes:
        ours: our samples, shape (n,) or (n, d, d), from the class's, shape (n, *event).
        theirs: `theirs(m, z, size)`, the class's samples from ours; `size` values has a law on integers from 0 on.
    """

    ours: Callable[[Any], Any]
    theirs: Callable[[Any, Any, int], Any]


def _cholesky(m: Any, z: Any, size: int) -> Any:
    one = 1 + 0 * z
    return m.stack([m.stack([one, z]), m.stack([0 * z, m.sqrt((1 - z) * (1 + z))])])


def _both_weights(m: Any, z: Any, size: int) -> Any:
    """Where z was rounded to 1 the other weight is not 0 but lost: half of what 1 - z is at least elsewhere."""
    least = float(np.finfo(str(z.dtype).removeprefix("torch.")).eps) / 4
    return m.stack([z, m.where(z < 1, 1 - z, least + 0 * z)])


SAME = Event(lambda z: z, lambda m, z, size: z)
ONE_HOT = Event(lambda z: z.argmax(-1), lambda m, z, size: m.one_hot(z, size))
# the first of two weights that add to 1
FIRST_OF_TWO = Event(lambda z: z[..., 0], _both_weights)
# of two variables, the matrix of correlations or its Cholesky root
CORRELATION = Event(
    lambda z: z[..., 1, 0], lambda m, z, size: m.stack([m.stack([1 + 0 * z, z]), m.stack([z, 1 + 0 * z])])
)
CORRELATION_ROOT = Event(lambda z: z[..., 1, 0], _cholesky)
# the Cholesky root of a matrix: their log-densities differ by what depends on no parameter
TRIANGULAR_ROOT = Event(lambda z: z @ z.mT, lambda m, z, size: m.cholesky(z))

__all__ = ["CORRELATION", "CORRELATION_ROOT", "FIRST_OF_TWO", "ONE_HOT", "SAME", "TRIANGULAR_ROOT", "Event"]
