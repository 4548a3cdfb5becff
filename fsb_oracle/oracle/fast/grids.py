"""Nodes and weights in float64: the trapezoidal rule in a variable t, and Gauss-Legendre panels between kinks.

A `Grid` maps t to a standard coordinate u in which the tails of a class of laws fall fast enough for the trapezoidal
rule to converge exponentially. (Takahasi and Mori, Publ. RIMS 9, 1974; Trefethen and Weideman, SIAM Review 56, 2014.)

Weights have three columns, the same integral at three accuracies. Of the trapezoidal rule they are the steps h, 2h and
4h. Of panels they are the full rule, and the rule plus once and twice its error, which is extrapolated in each panel
from the middle and the highest Legendre coefficients of the integrand as they fall: from one panel to the next they may
not be compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.polynomial import legendre
from scipy.special import wrightomega

TINY = float(np.finfo(float).tiny)
PANEL_NODES = 24
PANEL_SPACING = 1.5  # mean distance of a panel's nodes in steps of the grid
_THREEFOLD = np.array([[1.0, 1.0, 1.0], [0.0, 1.0, 2.0]])  # from a sum and its error to three accuracies
_ALIGNED = 16  # node ranges grow by so many nodes, so that few of them are ever made


@dataclass(frozen=True)
class Grid:
    """u = u(t).

    Attributes:
        step: distance of the nodes in t. No round number: it must not resonate with the frequencies of an integrand.
        widening: by how much a refinement extends the range of t at either end.
        largest: bound of |t| beyond which u(t) overflows.
    """

    name: str
    step: float
    widening: float
    largest: float
    u: Callable[[Any], Any]
    slope: Callable[[Any], Any]
    inverse: Callable[[Any], Any]

    def __hash__(self) -> int:
        return hash(self.name)


def _unit_slope(t: Any) -> float:
    return 1.0


def _heavy_slope(t: Any) -> Any:
    return np.cosh(np.pi / 2 * np.sinh(t)) * (np.pi / 2) * np.cosh(t)


PLAIN = Grid("tails like exp(-u^2)", 0.1013, 5.0, 60.0, lambda t: t, _unit_slope, lambda u: u)
SINH = Grid("tails like exp(-|u|)", 0.0443, 0.7, 8.0, np.sinh, np.cosh, np.arcsinh)
FALLING = Grid(
    "tails like exp(u) on the left and exp(-exp(u)) on the right", 0.0443, 1.0, 30.0,
    lambda t: t - np.exp(-t), lambda t: 1 + np.exp(-t), lambda u: -np.log(wrightomega(-u)),
)  # fmt: skip
RISING = Grid(
    "tails like exp(-exp(-u)) on the left and exp(-u) on the right", 0.0443, 1.0, 30.0,
    lambda t: t + np.exp(t), lambda t: 1 + np.exp(t), lambda u: np.log(wrightomega(u)),
)  # fmt: skip
POSITIVE = Grid(
    "from 0, with a tail like exp(-u)", 0.0443, 1.0, 6.0,
    lambda t: np.exp(t - np.exp(-t)), lambda t: np.exp(t - np.exp(-t)) * (1 + np.exp(-t)),
    lambda u: -np.log(wrightomega(-np.log(np.maximum(u, 0.0)))),
)  # fmt: skip
HEAVY = Grid(
    "tails like a power of |u|", 0.0307, 0.4, 6.6,
    lambda t: np.sinh(np.pi / 2 * np.sinh(t)), _heavy_slope, lambda u: np.arcsinh(2 / np.pi * np.arcsinh(u)),
)  # fmt: skip


@dataclass(eq=False, slots=True)
class Nodes:
    """Where to evaluate and how to add up.

    Attributes:
        t, u: nodes, shape (rows or 1, nodes).
        weights: shape (nodes, 3), or (nodes of one panel, 3); of a grid, the slope of u(t) is in them.
        first: weights of the first accuracy, shape (nodes, 1).
        outermost: the first and the last node that carry weight, shape (rows or 1, 2).
        per_t: factors, same shape, that make integrands at those two nodes bounds of the tails beyond them.
        sparse: every how many nodes sizes are sampled, where no digits are needed.
        sparse_weights: weights of the sampled nodes.
        scale: None, or for panels factors of shape (rows or 1, nodes) that the integrand must be multiplied with.
        reused: whether these very nodes serve many calls.
        unseen, hidden: the size of what f does at kinks that these nodes do not reach and wider ones will, and at those
            that none will; numbers, or of shape (rows,).
        pieces: for panels, which piece of f each run of nodes belongs to: its index, the run, its sparse nodes.
    """

    t: np.ndarray
    u: np.ndarray
    weights: np.ndarray
    first: np.ndarray
    outermost: np.ndarray
    per_t: np.ndarray
    sparse: slice
    sparse_weights: np.ndarray
    scale: np.ndarray | None = None
    pieces: tuple[tuple[int, slice, slice], ...] = ()
    reused: bool = False
    unseen: Any = 0.0
    hidden: Any = 0.0

    def integrals(self, values: np.ndarray) -> np.ndarray:
        """Shape (..., rows, nodes) -> (..., rows, 3): the integral at the three accuracies."""
        if self.scale is None:
            return values @ self.weights
        parts = (values.reshape(-1, PANEL_NODES) @ self.weights).reshape(*values.shape[:-1], -1, 3)
        sizes = np.abs(parts[..., 1:])
        error, middle = sizes[..., 0], sizes[..., 1]
        fall = np.maximum(error, middle)
        error *= error / np.maximum(fall, TINY, out=fall)
        parts[..., 1] = error
        return np.add.reduce(parts[..., :2], axis=-2) @ _THREEFOLD

    def integral(self, values: np.ndarray) -> np.ndarray:
        """Shape (rows, nodes) -> (rows, 1): at the first accuracy."""
        return values @ self.first

    def outer(self, values: np.ndarray) -> np.ndarray:
        """Shape (rows, nodes) -> (rows, 2): the integrand at the outermost nodes."""
        if len(self.outermost) == 1:
            first, last = self.outermost[0].tolist()
            return values[:, first : last + 1 : last - first]
        return np.take_along_axis(np.broadcast_to(values, self.t.shape), self.outermost, axis=1)


def trapezoid(grid: Grid, level: int, lower: float, upper: float) -> Nodes:
    """The trapezoidal rule of step `grid.step / 2**level` on a range of t that covers [lower, upper]."""
    step = grid.step / 2**level
    first, last = floor(lower / step / _ALIGNED) * _ALIGNED, ceil(upper / step / _ALIGNED) * _ALIGNED
    return _trapezoid(grid, level, first, last)


@lru_cache(maxsize=256)
def _trapezoid(grid: Grid, level: int, first: int, last: int) -> Nodes:
    step, j = grid.step / 2**level, np.arange(first, last + 1)
    t = j * step
    slope = grid.slope(t) + 0.0 * t
    weights = step * slope[:, None] * np.stack([np.ones_like(t), 2.0 * (j % 2 == 0), 4.0 * (j % 4 == 0)], axis=1)
    return Nodes(
        t[None, :], grid.u(t)[None, :], weights, weights[:, :1], np.array([[0, len(t) - 1]]), slope[None, [0, -1]],
        slice(None, None, 4), weights[::4, 2], reused=True,
    )  # fmt: skip


@lru_cache(maxsize=1)
def _panel() -> tuple[np.ndarray, np.ndarray]:
    """Nodes on (0, 1), and the weights of the integral, of the highest and of the middle Legendre coefficients."""
    x, w = legendre.leggauss(PANEL_NODES)
    coefficients = legendre.legvander(x, PANEL_NODES - 1) * w[:, None] / 2
    highest = coefficients[:, -1] + coefficients[:, -2]
    middle = coefficients[:, PANEL_NODES // 2] + coefficients[:, PANEL_NODES // 2 - 1]
    return (1 + x) / 2, np.stack([w / 2, highest, middle], axis=1)


@dataclass(frozen=True, eq=False)
class _Arrangement:
    """Which panels lie where: so many in each range.

    Attributes:
        layout: the matrix that takes (starts of the ranges, spans of the ranges) to (nodes, lengths of their panels).
        outermost: where every range has a length, the first and the last node.
    """

    layout: np.ndarray
    outermost: np.ndarray
    first: np.ndarray
    sparse_weights: np.ndarray
    pieces: tuple[tuple[int, slice, slice], ...]


@lru_cache(maxsize=1024)
def _arranged(pieces: tuple[int, ...], counts: tuple[int, ...]) -> _Arrangement:
    x, weights = _panel()
    stops = np.cumsum([count * PANEL_NODES for count in counts]).tolist()
    runs = list(pairwise([0, *stops]))
    total, ranges = stops[-1], len(counts)
    layout = np.zeros((2 * ranges, 2 * total))
    for i, (count, run) in enumerate(zip(counts, runs, strict=True)):
        layout[i, slice(*run)] = 1.0
        layout[ranges + i, slice(*run)] = ((np.arange(count)[:, None] + x) / max(count, 1)).ravel()
        layout[ranges + i, total + run[0] : total + run[1]] = 1 / max(count, 1)
    return _Arrangement(
        layout,
        np.array([[0, total - 1]]),
        np.tile(weights[:, :1], (sum(counts), 1)),
        4 * np.tile(weights[:, 0], sum(counts))[1::4],
        tuple((i, slice(*run), slice(run[0] // 4, run[1] // 4)) for i, run in zip(pieces, runs, strict=True)),
    )


def panels(grid: Grid, level: int, pieces: tuple[int, ...], edges: np.ndarray | list[float]) -> Nodes:
    """Gauss-Legendre panels on adjacent ranges of t.

    Args:
        pieces: of each range, the piece of f it belongs to.
        edges: ends of the ranges, ascending, shape (rows, ranges + 1); or those of a single row.
    """
    longest = PANEL_SPACING * PANEL_NODES * grid.step / 2**level
    if isinstance(edges, list):
        widest = [high - low for low, high in pairwise(edges)]
        ranges, empty = np.array([[*edges[:-1], *widest]]), False  # a single row has no panels without length
    else:
        span = edges[:, 1:] - edges[:, :-1]
        widest, empty = span.max(axis=0).tolist(), not span.min() > 0
        ranges = np.concatenate([edges[:, :-1], span], axis=1)
    plan = _arranged(pieces, tuple([ceil(width / longest) for width in widest]))
    placed = ranges @ plan.layout
    count = placed.shape[1] // 2
    t, length = placed[:, :count], placed[:, count:]
    if not empty:
        outermost, per_t = plan.outermost, 1 / length[:, :: count - 1]
    else:
        used = length > 0
        outermost = np.stack([used.argmax(axis=1), used.shape[1] - 1 - used[:, ::-1].argmax(axis=1)], axis=1)
        per_t = 1 / np.take_along_axis(length, outermost, axis=1)
    return Nodes(
        t, grid.u(t), _panel()[1], plan.first, outermost, per_t, slice(1, None, 4),
        plan.sparse_weights, length * grid.slope(t), plan.pieces,
    )  # fmt: skip


@lru_cache(maxsize=256)
def fixed_panels(grid: Grid, level: int, edges: tuple[float, ...]) -> Nodes:
    """Panels between edges that are the same for all rows."""
    return replace(panels(grid, level, (0,) * (len(edges) - 1), [*edges]), reused=True)


@lru_cache(maxsize=256)
def terms(count: int, rest: int) -> Nodes:
    """A plain sum of `count` terms at each row's own integers: no error but that of leaving out the others, as if there
    were `rest` more at either end as large as the last."""
    ones, none = np.ones((count, 3)), np.empty((1, 0))
    return Nodes(
        none,
        none,
        ones,
        ones[:, :1],
        np.array([[0, count - 1]]),
        np.full((1, 2), float(count)),
        slice(None),
        ones[:, 0],
    )


__all__ = [
    "FALLING", "HEAVY", "PLAIN", "POSITIVE", "RISING", "SINH",
    "TINY", "Grid", "Nodes", "fixed_panels", "panels", "terms", "trapezoid",
]  # fmt: skip
