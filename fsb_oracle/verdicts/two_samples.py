"""Whether two samples have one law: distribution free, valid at any size, no moments needed."""

from __future__ import annotations

import math

import numpy as np

__all__ = ["allowed_distance", "distance"]


def distance(first: np.ndarray, second: np.ndarray) -> float:
    """sup |F_n - F_m|, the Kolmogorov-Smirnov distance of two samples; ties count as they should on lattices."""
    first, second = np.sort(first), np.sort(second)
    points = np.concatenate([first, second])
    below_first = np.searchsorted(first, points, side="right") / len(first)
    below_second = np.searchsorted(second, points, side="right") / len(second)
    return float(np.max(np.abs(below_first - below_second)))


def allowed_distance(count: int, other: int, false_fail_rate: float) -> float:
    """The distance that samples of these sizes of one law exceed with at most the given probability.

    Each empirical distribution lies within sqrt(log(2/p)/(2n)) of the law but with probability p (Massart 1990), here
    with p half of the rate.
    """
    spent = math.log(4 / false_fail_rate)
    return math.sqrt(spent / (2 * count)) + math.sqrt(spent / (2 * other))
