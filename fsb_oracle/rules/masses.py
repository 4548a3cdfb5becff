"""The masses of a noise primitive on the integers that matter, in float64 and as balls."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

GRID = 4096
FARTHEST = 2.0**52


def relevant_integers(heights: Callable[[np.ndarray], np.ndarray], cut: float) -> np.ndarray:
    """The integers from 0 on at which a unimodal log-mass is within `cut` of its largest value.

    Args:
        heights: the log-mass on an array of integers in float64; what is not finite is outside the support.
    """

    def inside(lower: float, upper: float) -> tuple[np.ndarray, np.ndarray]:
        grid = np.unique(np.round(np.linspace(lower, upper, GRID + 1)))
        with np.errstate(all="ignore"):
            values = heights(grid)
        values = np.where(np.isfinite(values), values, -np.inf)
        return grid, values > values.max() - cut

    upper = 64.0
    grid, used = inside(0.0, upper)
    while used[-1] and upper < FARTHEST:
        upper *= 2
        grid, used = inside(0.0, upper)
    lower = 0.0
    for _ in range(6):  # zoom in on the mode, until the grid holds every integer
        kept = np.flatnonzero(used)
        narrower = float(grid[max(kept[0] - 1, 0)]), float(grid[min(kept[-1] + 1, len(grid) - 1)])
        if len(grid) == upper - lower + 1 or narrower == (lower, upper):
            break
        lower, upper = narrower
        grid, used = inside(lower, upper)
    kept = np.flatnonzero(used)
    return np.arange(float(grid[kept[0]]), float(grid[kept[-1]]) + 1)
