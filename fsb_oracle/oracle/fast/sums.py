"""From what stands at the nodes to E f and covariances with the score, each with the parts of its error estimate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite, sqrt
from typing import Any

import numpy as np

from fsb_oracle.oracle.fast.grids import TINY, Nodes

EPSILON = float(np.finfo(float).eps)
BULK, DEEPEST = 8.0, 745.0  # log of the greatest density over one in the tails, and over the least above 0
SLOW, NOISE = 0.03, 100.0  # differences that fall so little, and are more than rounding errors, may be small by chance


@dataclass(eq=False, slots=True)
class Weights:
    """A law at the nodes.

    Attributes:
        density: up to a constant factor, shape (rows or 1, nodes).
        signed: density times (score - mean score), or None; shape (rows or 1, nodes).
        buffer: room for those two and their products with f, if all have the same shape: its first two rows hold them.
        columns: for a law without parameters in its nodes' coordinate, the weights of both integrals, shape (nodes, 6).
        mass, left: of such a law, the integrals of `density` and `signed` at three accuracies, shape (1, 3).
        rounding: weights of the rounding errors of f at the sparse nodes, times the mass.
        outer: weights of f at the outermost nodes, which bound what is beyond them, times the mass.
    """

    nodes: Nodes
    density: np.ndarray
    signed: np.ndarray | None
    buffer: np.ndarray | None
    columns: np.ndarray | None
    mass: np.ndarray | None
    left: np.ndarray | None
    rounding: np.ndarray
    outer: np.ndarray


def weights(
    nodes: Nodes, density: np.ndarray, score: np.ndarray | None, depth: np.ndarray | None = None, fixed: bool = False
) -> Weights:
    """The law's weights.

    Args:
        score: may lack a constant.
        depth: log of the greatest density over that at the sparse nodes, which is rounded before its exponential.
        fixed: whether the weights will serve many rows.
    """
    signed = buffer = columns = mass = left = None
    weight = density
    if score is not None:
        if density.shape == score.shape:
            buffer = np.empty((4, *density.shape))
            buffer[0] = density
            density, signed = buffer[0], np.multiply(density, score, out=buffer[1])
            masses = nodes.integral(buffer[:2])
            signed -= density * (masses[1] / masses[0])
        else:
            signed = density * score
            signed -= density * (nodes.integral(signed) / nodes.integral(density))
        weight = signed
    if fixed:
        mass, left = nodes.integrals(density), nodes.integrals(weight)
        if nodes.scale is None:
            columns = np.concatenate([nodes.weights * density.T, nodes.weights * weight.T], axis=1)
    rounding = np.abs(weight[:, nodes.sparse])
    rounding *= nodes.sparse_weights
    drift = EPSILON * (1 + sqrt(weight.shape[1]) / 16)  # of a sum of so many terms
    if depth is None:
        rounding *= drift
    else:
        lost = np.minimum(np.maximum(depth, BULK), BULK + DEEPEST)
        lost *= EPSILON / 4
        lost += drift - EPSILON * BULK / 4
        rounding *= lost
    return Weights(
        nodes, density, signed, buffer, columns, mass, left, rounding, np.abs(nodes.outer(weight)) * nodes.per_t
    )


@dataclass(eq=False, slots=True)
class Samples:
    """f at the nodes.

    Attributes:
        values: f - c, shape (rows, nodes).
        centre: c, a constant of each row, shape (rows, 1) or a number.
        anchor: the point z at which f is c, of the same shape.
        points, slope: z and f' at the sparse nodes.
    """

    values: np.ndarray
    centre: Any
    anchor: Any
    points: np.ndarray
    slope: np.ndarray


@dataclass(eq=False, slots=True)
class Estimate:
    """An integral at three accuracies, shape (rows, 3), and of each row the size of what is outside of the nodes, and
    the rounding error; all of them times a factor of each row, shape (rows, 1), or a number."""

    levels: np.ndarray
    tails: Any
    rounding: Any
    factor: Any = 1.0

    def scaled(self, factor: Any) -> Estimate:
        """Times a factor, a number or of shape (rows, 1)."""
        return Estimate(self.levels, self.tails, self.rounding, self.factor * factor)

    def shifted(self, constant: Any) -> Estimate:
        """Plus a constant, a number or of shape (rows, 1)."""
        done = self._multiplied()
        levels = constant + done.levels
        return Estimate(levels, done.tails, done.rounding + EPSILON * np.abs(levels[:, 0]))

    def plus(self, other: Estimate) -> Estimate:
        one, two = self._multiplied(), other._multiplied()
        return Estimate(one.levels + two.levels, one.tails + two.tails, one.rounding + two.rounding)

    def _multiplied(self) -> Estimate:
        if isinstance(self.factor, float) and self.factor == 1.0:
            return self
        size = self._size
        return Estimate(self.levels * self.factor, self.tails * size, self.rounding * size)

    @property
    def _size(self) -> Any:
        return np.abs(self.factor)[:, 0] if isinstance(self.factor, np.ndarray) else abs(self.factor)

    def batch(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each row the value, the quadrature error with what is outside, and the rounding error."""
        done = self._multiplied()
        differences = np.abs(done.levels[:, :2] - done.levels[:, 1:])
        first, second = differences[:, 0], differences[:, 1]
        fall = first / np.maximum(np.maximum(first, second), TINY)
        random = (fall > SLOW) & (second > NOISE * done.rounding)
        error = np.where(random, 10 * (first + second), 10 * first * fall * np.minimum(100 * fall, 1.0))
        return done.levels[:, 0], done.tails + error, done.rounding

    def single(self) -> tuple[float, float, float]:
        """The same of the first row, as plain numbers."""
        size = abs(self.factor)
        value, coarse, coarser = self.levels[0].tolist()
        first, second, rounding = abs(value - coarse), abs(coarse - coarser), self.rounding.item(0)
        fall = first / max(first, second, TINY)
        random = fall > SLOW and second > NOISE * rounding
        error = 10 * (first + second) if random else 10 * first * fall * min(100 * fall, 1.0)
        return value * self.factor, (self.tails.item(0) + error) * size, rounding * size


def mean(law: Weights, f: Samples) -> Estimate:
    """E (f - c), and its errors; the law must have been weighed without a score."""
    assert law.signed is None
    mass = law.nodes.integrals(law.density) if law.mass is None else law.mass
    integrals = law.nodes.integrals(law.density * f.values) if law.columns is None else f.values @ law.columns[:, :3]
    return Estimate(integrals / mass, *_errors(law, f, mass[:, 0]))


def covariance(law: Weights, f: Samples) -> Estimate:
    """E (f - c)(s - E s) with the score s."""
    assert law.signed is not None  # the law was weighed with the score
    mass, left, nodes = law.mass, law.left, law.nodes
    if law.columns is not None:
        both = f.values @ law.columns
        means, products = both[:, :3], both[:, 3:]
    elif law.buffer is not None and law.buffer.shape[1:] == f.values.shape:
        np.multiply(law.buffer[:2], f.values, out=law.buffer[2:])
        mass, left, means, products = nodes.integrals(law.buffer)
    else:
        means, products = nodes.integrals(law.density * f.values), nodes.integrals(law.signed * f.values)
    if mass is None or left is None:
        mass, left = nodes.integrals(law.density), nodes.integrals(law.signed)
    return Estimate((products - left * means / mass) / mass, *_errors(law, f, mass[:, 0]))


def _errors(law: Weights, f: Samples, mass: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What lies beyond the nodes, and the rounding errors."""
    tails = np.vecdot(law.outer, np.abs(law.nodes.outer(f.values)))
    tails /= mass
    tails += law.nodes.unseen
    roundings = _roundings(law.nodes, f)
    total = np.vecdot(law.rounding, roundings)
    if not all_finite(total):  # f' may be infinite at an end of the support
        products = law.rounding * roundings
        total = np.where(np.isfinite(products), products, 0.0).sum(axis=1)
    total /= mass
    return tails, total + law.nodes.hidden


def _roundings(nodes: Nodes, f: Samples) -> np.ndarray:
    """The rounding error of f - c at the sparse nodes in eps, at most: of f and c, of z, and of the terms of a sum.

    Where the difference is 0 in float64, it is not larger than eps |c|, nor than about f' times the distance from the
    point whose value is subtracted (and f' is not known better than to eps f).
    """
    values, size = f.values[:, nodes.sparse], abs(f.centre)
    found = np.abs(values)
    found *= 5
    moved = f.points * f.slope
    found += np.abs(moved, out=moved)
    found += size
    # more of them than the middle of each row
    if np.count_nonzero(values) < np.count_nonzero(found) - len(values):
        distance = np.abs(f.points - f.anchor)
        bound = np.minimum(size, distance * (np.abs(f.slope) / EPSILON + size))
        np.copyto(found, bound, where=values == 0)
    return found


def all_finite(array: np.ndarray) -> bool:
    """Whether no number of an array is infinite or nan (nor large enough for their sum to be)."""
    return isfinite(array.item() if array.size == 1 else np.add.reduce(array, axis=None))


def nothing(rows: int) -> Estimate:
    """0, exactly."""
    return Estimate(np.zeros((rows, 3)), np.zeros(rows), np.zeros(rows))


def masked(law: Weights, f: Samples, score: np.ndarray | None) -> tuple[Weights, Samples]:
    """The same with whatever is not finite set to 0 where the density underflows: f may overflow there."""
    alive = law.density > 0
    score = None if score is None else np.where(alive, score, 0.0)
    values = np.where(alive, f.values, 0.0)
    slope = np.where(np.isfinite(f.slope), f.slope, 0.0)
    return weights(law.nodes, law.density, score), replace(f, values=values, slope=slope)


__all__ = [
    "EPSILON", "Estimate", "Samples", "Weights",
    "all_finite", "covariance", "masked", "mean", "nothing", "weights",
]  # fmt: skip
