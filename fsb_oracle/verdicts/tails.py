"""The tail report of a sample: what is printed about skewness, kurtosis and the largest units. It decides nothing by
itself; the guards of class H do."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field

import numpy as np

from fsb_oracle.verdicts.moments import Floats, Moments

__all__ = ["TailReport", "TopList", "pareto_shape", "tail_report"]

KEPT = 2048  # largest units that are kept: what the fit of a tail may use
SHAPE, SHARE = 0.5, 0.01  # a heavy tail is suspected beyond both: k-hat alone misfires on bounded oscillating units
FEWEST = 5  # points in a tail below which no shape is fitted
PRIOR_SHAPE, PRIOR_POINTS = 0.5, 10


@dataclass(frozen=True, slots=True)
class TailReport:
    """`k_hat` is the shape of a generalised Pareto law fitted to the largest |X| (the variance is infinite beyond 1/2);
    None where there are too few."""

    skewness: float
    kurtosis: float
    max_share: float
    k_hat: float | None

    @property
    def heavy(self) -> bool:
        """Whether a heavy tail is suspected."""
        return self.k_hat is not None and self.k_hat > SHAPE and self.max_share > SHARE

    def record(self) -> dict[str, float | bool | None]:
        """The members of the record."""
        return {**asdict(self), "heavy": self.heavy}


@dataclass(frozen=True, slots=True, eq=False)
class TopList:
    """The largest |X| of a stream, at most KEPT, in any order; the same whatever the order of its parts."""

    sizes: Floats = field(default_factory=lambda: np.empty(0))

    def with_units(self, units: Floats) -> TopList:
        """The list with more units."""
        sizes = np.abs(units)
        if len(self.sizes) == KEPT:
            sizes = sizes[sizes > self.sizes.min()]
        return self.merge(TopList(sizes))

    def merge(self, other: TopList) -> TopList:
        """The list of both streams."""
        both = np.concatenate([self.sizes, other.sizes])
        return TopList(both if len(both) <= KEPT else np.partition(both, len(both) - KEPT)[-KEPT:])


def tail_report(moments: Moments, largest: TopList) -> TailReport:
    """The report on one statistic; without a shape where no list was kept."""
    n, top = moments.count, -np.sort(-largest.sizes)
    used = min(int(min(0.2 * n, 3 * math.sqrt(n))), len(top) - 1)
    shape = pareto_shape(top[:used] - top[used]) if used >= FEWEST and np.isfinite(top[0]) else None
    return TailReport(float(moments.skewness), float(moments.kurtosis), float(moments.max_share), shape)


def pareto_shape(excess: Floats) -> float | None:
    """Shape of the generalised Pareto law of these exceedances over a threshold, in decreasing order: the estimate of
    Zhang and Stephens (2009), drawn to 1/2 by a prior that is worth ten points (Vehtari et al. 2024). None where the
    largest equal the threshold."""
    x = np.sort(np.asarray(excess, dtype=np.float64))
    n = len(x)
    quartile = x[int(n / 4 + 0.5) - 1]
    if not (quartile > 0 and math.isfinite(x[-1])):
        return None
    m = 30 + int(math.sqrt(n))
    scale = 1 / x[-1] + (1 - np.sqrt(m / (np.arange(1, m + 1) - 0.5))) / (3 * quartile)
    shape = np.mean(np.log1p(-scale[:, None] * x), axis=1)
    likelihood = n * (np.log(-scale / shape) - shape - 1)
    weight = np.exp(likelihood - likelihood.max())
    best = float(np.sum(scale * weight) / np.sum(weight))
    fitted = float(np.mean(np.log1p(-best * x)))
    return (n * fitted + PRIOR_POINTS * PRIOR_SHAPE) / (n + PRIOR_POINTS)
