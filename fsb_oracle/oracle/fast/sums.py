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
        else:
            signed = density * score
        signed -= density * (nodes.integral(signed) / nodes.integral(density))
        weight = signed
    if fixed:
        mass, left = nodes.integrals(density), nodes.integrals(weight)
        if nodes.scale is None:
            columns = np.concatenate([nodes.weights * density.T, nodes.weights * weight.T], axis=1)
    drift = 1 + sqrt(weight.shape[1]) / 16  # of a sum of so many terms
    lost = drift if depth is None else drift + np.minimum(np.maximum(depth - BULK, 0.0), DEEPEST) / 4
    rounding = np.abs(weight[:, nodes.sparse]) * (nodes.sparse_weights * (lost * EPSILON))
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
    the rounding error."""

    levels: np.ndarray
    tails: Any
    rounding: Any

    def scaled(self, factor: Any) -> Estimate:
        """Times a factor, a number or of shape (rows, 1)."""
        size = np.abs(factor)[:, 0] if isinstance(factor, np.ndarray) else abs(factor)
        return Estimate(self.levels * factor, self.tails * size, self.rounding * size)

    def shifted(self, constant: Any) -> Estimate:
        """Plus a constant, a number or of shape (rows, 1)."""
        levels = constant + self.levels
        return Estimate(levels, self.tails, self.rounding + EPSILON * np.abs(levels[:, 0]))

    def plus(self, other: Estimate) -> Estimate:
        return Estimate(self.levels + other.levels, self.tails + other.tails, self.rounding + other.rounding)

    @property
    def value(self) -> np.ndarray:
        return self.levels[:, 0]

    @property
    def quadrature(self) -> np.ndarray:
        """What is outside, and the extrapolated error of the quadrature."""
        differences = np.abs(self.levels[:, :2] - self.levels[:, 1:])
        first, second = differences[:, 0], differences[:, 1]
        fall = first / np.maximum(np.maximum(first, second), TINY)
        random = (fall > SLOW) & (second > NOISE * self.rounding)
        return self.tails + np.where(random, 10 * (first + second), 10 * first * fall * np.minimum(100 * fall, 1.0))

    def single(self) -> tuple[float, float, float]:
        """Value, quadrature error and rounding error of the first row, as plain numbers."""
        value, coarse, coarser = self.levels[0].tolist()
        first, second, rounding = abs(value - coarse), abs(coarse - coarser), float(self.rounding[0])
        fall = first / max(first, second, TINY)
        random = fall > SLOW and second > NOISE * rounding
        error = 10 * (first + second) if random else 10 * first * fall * min(100 * fall, 1.0)
        return value, float(self.tails[0]) + error, rounding


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
    ends = law.outer * np.abs(law.nodes.outer(f.values))
    tails = (ends[:, 0] + ends[:, 1]) / mass
    if law.nodes.unseen is not None:
        tails = tails + law.nodes.unseen
    rounding = law.rounding * _roundings(law.nodes, f)
    total = rounding.sum(axis=1)
    if not isfinite(total.sum()):  # f' may be infinite at an end of the support
        total = np.where(np.isfinite(rounding), rounding, 0.0).sum(axis=1)
    return tails, total / mass


def _roundings(nodes: Nodes, f: Samples) -> np.ndarray:
    """The rounding error of f - c at the sparse nodes in eps, at most: of f and c, of z, and of the terms of a sum.

    Where the difference is 0 in float64, it is not larger than eps |c|, nor than about f' times the distance from the
    point whose value is subtracted (and f' is not known better than to eps f).
    """
    values, slope, size = f.values[:, nodes.sparse], np.abs(f.slope), abs(f.centre)
    found = 5 * np.abs(values) + size + np.abs(f.points) * slope
    if np.count_nonzero(values) < values.size - len(values):  # more of them than the middle of each row
        distance = np.abs(f.points - f.anchor)
        found = np.where(values == 0, np.minimum(size, distance * (slope / EPSILON + size)), found)
    return found


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


__all__ = ["EPSILON", "Estimate", "Samples", "Weights", "covariance", "masked", "mean", "nothing", "weights"]
