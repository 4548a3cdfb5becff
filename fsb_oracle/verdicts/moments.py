"""Mergeable moments of the units X = g - exact, in float64.

Sums of powers of the deviation from the mean are kept, rather than raw power sums: they merge as well (Chan,
Golub and LeVeque 1983; Pebay 2008) and do not cancel where the mean is far larger than the spread, as with an
estimator that is biased and nearly deterministic. Every field may be an array: one value for each statistic
computed on the same draws."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Fold", "Moments", "fold", "merge"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Moments of `count` units; the fields have the shape of the statistics (() for one, (K,) for K).

    Units that are not finite are never dropped: they make the sums NaN, and the verdict a failure.
    """

    count: int
    mean: Floats
    sum2: Floats
    """Sum of (X - mean)^2; likewise `sum3` and `sum4`."""
    sum3: Floats
    sum4: Floats
    minimum: Floats
    maximum: Floats
    nonfinite: NDArray[np.int64]
    """How many units are inf or nan."""
    first_nonfinite: NDArray[np.int64]
    """Index of the first of them in the whole stream; -1 if there is none."""

    @classmethod
    def of(cls, units: ArrayLike, first_index: int = 0) -> Moments:
        """Moments over the last axis of `units`, shape (..., n); `first_index` is the place of its first unit
        in the stream."""
        x = np.ascontiguousarray(units, dtype=np.float64)
        bad = ~np.isfinite(x)
        nonfinite = np.asarray(bad.sum(axis=-1), dtype=np.int64)
        with np.errstate(invalid="ignore", over="ignore"):
            mean = np.asarray(x.mean(axis=-1))
            deviation = x - mean[..., None]
            square = deviation * deviation
            return cls(
                count=x.shape[-1],
                mean=mean,
                sum2=np.asarray(square.sum(axis=-1)),
                sum3=np.asarray((square * deviation).sum(axis=-1)),
                sum4=np.asarray((square * square).sum(axis=-1)),
                minimum=np.asarray(x.min(axis=-1)),
                maximum=np.asarray(x.max(axis=-1)),
                nonfinite=nonfinite,
                first_nonfinite=np.where(nonfinite > 0, first_index + bad.argmax(axis=-1), -1),
            )

    def row(self, index: int | Flags) -> Moments:
        """The moments of one of several statistics, or of those that are flagged."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return Moments(**{name: value if name == "count" else value[index] for name, value in values.items()})

    @property
    def variance(self) -> Floats:
        """Mean squared deviation from the mean."""
        return self.sum2 / self.count

    @property
    def standard_error(self) -> Floats:
        """Of the mean."""
        return np.sqrt(self.variance / self.count)

    @property
    def skewness(self) -> Floats:
        """Sample skewness; 0 where the units do not vary."""
        return self._standardised(np.sqrt(self.count) * self.sum3, self.sum2**1.5)

    @property
    def kurtosis(self) -> Floats:
        """Sample kurtosis (3 for a normal law); 1, its least possible value, where the units do not vary."""
        ratio = self._standardised(self.count * self.sum4, self.sum2 * self.sum2)
        return np.where(self.sum2 == 0, 1.0, ratio)

    @property
    def largest(self) -> Floats:
        """max |X|."""
        return np.maximum(np.abs(self.minimum), np.abs(self.maximum))

    @property
    def max_share(self) -> Floats:
        """Share of the largest unit in the sum of squared deviations from the mean; 0 where the units do not
        vary."""
        with np.errstate(invalid="ignore"):
            widest = np.maximum(self.maximum - self.mean, self.mean - self.minimum)
        return self._standardised(widest**2, self.sum2)

    @np.errstate(over="ignore", invalid="ignore")
    def about(self, point: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
        """Sums of (X - point)^k for k = 1, 2, 3, 4."""
        n, d = self.count, self.mean - np.asarray(point, dtype=np.float64)
        return (
            n * d,
            self.sum2 + n * d**2,
            self.sum3 + 3 * d * self.sum2 + n * d**3,
            self.sum4 + 4 * d * self.sum3 + 6 * d**2 * self.sum2 + n * d**4,
        )

    @staticmethod
    def _standardised(numerator: Floats, denominator: Floats) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            return np.where(denominator == 0, 0.0, numerator / denominator)


def merge(a: Moments, b: Moments) -> Moments:
    """Moments of the units of `a` and `b` together (Pebay 2008). Associative up to rounding."""
    n = a.count + b.count
    with np.errstate(invalid="ignore", over="ignore"):
        d = b.mean - a.mean
        left, right = a.count / n, b.count / n
        d2 = d * d
        return Moments(
            count=n,
            mean=a.mean + d * right,
            sum2=a.sum2 + b.sum2 + n * d2 * left * right,
            sum3=a.sum3
            + b.sum3
            + n * d2 * d * left * right * (left - right)
            + 3 * d * (left * b.sum2 - right * a.sum2),
            sum4=a.sum4
            + b.sum4
            + n * d2 * d2 * left * right * (left * left - left * right + right * right)
            + 6 * d2 * (left * left * b.sum2 + right * right * a.sum2)
            + 4 * d * (left * b.sum3 - right * a.sum3),
            minimum=np.minimum(a.minimum, b.minimum),
            maximum=np.maximum(a.maximum, b.maximum),
            nonfinite=a.nonfinite + b.nonfinite,
            first_nonfinite=np.where(
                a.first_nonfinite < 0,
                b.first_nonfinite,
                np.where(b.first_nonfinite < 0, a.first_nonfinite, np.minimum(a.first_nonfinite, b.first_nonfinite)),
            ),
        )


class Fold:
    """Merges blocks, given in block order, by a fixed binary tree: the same blocks give the same bits,
    however many workers computed them. Blocks [i 2^k, (i+1) 2^k) form a subtree, so a worker may fold such a
    range by itself."""

    def __init__(self) -> None:
        self._subtrees: list[tuple[int, Moments]] = []

    def push(self, block: Moments) -> None:
        """Adds the next block."""
        size = 1
        while self._subtrees and self._subtrees[-1][0] == size:
            block = merge(self._subtrees.pop()[1], block)
            size *= 2
        self._subtrees.append((size, block))

    def total(self) -> Moments:
        """Moments of all blocks so far (at least one)."""
        *rest, (_, total) = self._subtrees
        for _, subtree in reversed(rest):
            total = merge(subtree, total)
        return total


def fold(blocks: Iterable[Moments]) -> Moments:
    """Moments of all `blocks` (in block order, at least one), merged by the fixed binary tree."""
    tree = Fold()
    for block in blocks:
        tree.push(block)
    return tree.total()
