"""The fast oracle on an interval: trapezoidal sums or panels in a law's own coordinate, refined until they agree."""

from __future__ import annotations

from math import ceil, inf, isfinite, log2
from typing import Any

import numpy as np

from fsb_oracle.families import Family
from fsb_oracle.integrands import Integrand
from fsb_oracle.oracle.fast.grids import Nodes, fixed_panels, panels, trapezoid
from fsb_oracle.oracle.fast.plan import MATH, Finest, Frame, Layout, Rows, Smooth, boundaries, finest, layout, smooth
from fsb_oracle.oracle.fast.rules import Coordinate
from fsb_oracle.oracle.fast.sums import (
    Estimate,
    Samples,
    Weights,
    all_finite,
    covariance,
    masked,
    mean,
    nothing,
    weights,
)

OUT_OF_REACH = 1e-15  # more than the mass, times the score, of a law beyond the nodes
GOAL = 3e-14  # a row is refined until its quadrature error is below this, relative to the value
FINEST_LEVEL, COARSEST_LEVEL = 7, -1
DULL = 1 / 16  # two nodes' distance at level 0 over the length on which f or f' changes, where both are smooth
_CHUNK = 1 << 16  # array elements that stay in the cache
# glibc gives memory back to the system after every chunk and asks for it again, which takes half the time, until it has
# seen a block of this many bytes go (mallopt(3), M_MMAP_THRESHOLD). It is never touched; elsewhere nothing happens.
_KEPT = 1 << 24
np.empty(_KEPT, dtype=np.uint8)


class Integral:
    """E f of a law on an interval, or its derivative in a parameter, at any parameters."""

    def __init__(self, family: Family, f: Integrand, parameter: str | None, rule: tuple[Coordinate, ...]) -> None:
        self.derivative = parameter is not None
        self.charts = [layout(family, coordinate, parameter) for coordinate in rule]
        self.pieces = tuple(smooth(expression) for _, _, expression in f.pieces)
        self.breaks = tuple(float(point) for point in f.breakpoints)
        with np.errstate(all="ignore"):
            self.sizes = [_size(self.pieces[i], self.pieces[i + 1], point) for i, point in enumerate(self.breaks)]
        self.finest, self.sharpest = finest(f, family.support.lower == 0)
        self.boundaries = boundaries(family, parameter)
        self._lowered = f.lowered()

    def f(self, points: Any) -> Any:
        return self._lowered(MATH, points)

    def _value(self, point: Any) -> Any:
        """f at a point, or at one of each row; a plain number has a plain value, infinite or nan as an array's."""
        if isinstance(point, (float, int)):
            try:
                return float(self.f(float(point)))
            except (ArithmeticError, ValueError):
                return float(self.f(np.array(float(point))))
        return self.f(point) + 0.0 * point

    def single(self, row: tuple[float, ...]) -> tuple[float, float]:
        """Value and estimated error at one point of the parameters."""
        chart = next(chart for chart in self.charts if chart.holds(row))
        frame = chart.frame(row)
        first, value, error = int(self._first_level(chart, frame)), np.nan, inf
        for level in range(first, FINEST_LEVEL + 1):
            new, quadrature, rounding = self._at_level(chart, row, frame, level, level - first).single()
            if quadrature + rounding < error:
                value, error = new, quadrature + rounding
            if quadrature <= max(GOAL * abs(new), rounding):
                break
        return value, error

    def batch(self, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
        """Values and estimated errors, shape (rows,)."""
        left = np.ones(len(rows[0]), dtype=bool)
        value, error = np.full(len(left), np.nan), np.full(len(left), inf)
        for chart in self.charts:
            chosen = np.flatnonzero(left & chart.holds(rows))
            if len(chosen):
                value[chosen], error[chosen] = self._refined(chart, select(rows, chosen))
                left[chosen] = False
        return value, error

    def _refined(self, chart: Layout, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
        """Each row at the level at which its nodes are close enough, and at higher ones until it has converged."""
        count = len(rows[0])
        levels = np.broadcast_to(self._first_level(chart, chart.frame(rows)), (count, 1))[:, 0].astype(int)
        value, error, widening = np.full(count, np.nan), np.full(count, inf), np.zeros(count, dtype=int)
        for level in range(int(levels.min(initial=FINEST_LEVEL)), FINEST_LEVEL + 1):
            pending = np.flatnonzero(levels == level)
            size = max(1, int(_CHUNK / (256 * 2.0**level)))
            for start in range(0, len(pending), size):
                part = pending[start : start + size]
                some = select(rows, part)
                estimate = self._at_level(chart, some, chart.frame(some), level, int(widening[part].max()))
                new, quadrature, rounding = estimate.batch()
                better = quadrature + rounding < error[part]
                value[part[better]] = new[better]
                error[part[better]] = (quadrature + rounding)[better]
                again = part[~(quadrature <= np.maximum(GOAL * np.abs(new), rounding))]
                levels[again] += 1
                widening[again] += 1
        return value, error

    def _first_level(self, chart: Layout, frame: Frame) -> Any:
        """The level at which two nodes fit into the length over which f changes, at the place where it is steepest.

        A place that the law does not reach may be missed; one that no level resolves leaves an infinite error. Where
        nothing is sharp, not even out of reach, nodes twice as far apart as the grid's are tried first.
        """
        needed, t = _needed(chart, frame, self.finest)
        sharp = inf if self.breaks or chart.coordinate.breaks else _needed(chart, frame, self.sharpest)[0]
        if frame.single:
            if max(needed, sharp) < DULL:
                return COARSEST_LEVEL
            return min(ceil(log2(needed)), FINEST_LEVEL + 1) if needed > 1 and frame.lower < t < frame.upper else 0
        inside = (frame.lower < t) & (t < frame.upper)
        levels = np.minimum(np.ceil(np.log2(np.where(inside, np.maximum(needed, 1.0), 1.0))), FINEST_LEVEL + 1)
        return np.where(np.maximum(needed, sharp) < DULL, COARSEST_LEVEL, levels)

    def _nodes(self, chart: Layout, frame: Frame, level: int, widening: int) -> Nodes:
        grid, breaks = chart.coordinate.grid, chart.coordinate.breaks
        lower, upper = _reach(chart, frame, widening)
        own = tuple(float(grid.inverse(point)) for point in breaks) if breaks else ()
        if not self.breaks:
            low = float(lower.min()) if isinstance(lower, np.ndarray) else lower
            high = float(upper.max()) if isinstance(upper, np.ndarray) else upper
            return fixed_panels(grid, level, (low, *own, high)) if own else trapezoid(grid, level, low, high)
        kinks = [grid.inverse(chart.inverse(point, frame)) for point in self.breaks]
        clipped = _clipped_number if frame.single else _clipped
        edges, pieces = [lower], []
        for piece, high in enumerate([*(clipped(kink, lower, upper) for kink in kinks), upper]):
            low = edges[-1]
            edges += [*(clipped(point, low, high) for point in own), high]
            pieces += [piece] * (1 + len(own))
        if not frame.single:
            edges = np.concatenate(np.broadcast_arrays(*map(np.atleast_2d, edges)), axis=1)
        nodes = panels(grid, level, tuple(pieces), edges)
        widest = _reach(chart, frame, FINEST_LEVEL)
        for kink, size in zip(kinks, self.sizes, strict=True):
            _count_unseen(nodes, kink, OUT_OF_REACH * size, (lower, upper), widest)
        return nodes

    def _at_level(self, chart: Layout, rows: Rows, frame: Frame, level: int, widening: int) -> Estimate:
        """The estimates of all rows by one rule."""
        nodes = self._nodes(chart, frame, level, widening)
        arrays, points = chart.at(nodes.u, frame)
        samples = self._samples(chart, rows, nodes, points, chart.anchor)
        law = chart.law(nodes, arrays, rows)
        estimate = self._estimate(law, samples, chart, rows)
        if not all_finite(estimate.levels):
            estimate = self._estimate(*masked(law, samples, chart.score_at(arrays, rows)), chart, rows)
        return estimate

    def _samples(self, chart: Layout, rows: Rows, nodes: Nodes, points: tuple[Any, ...], anchor: Any) -> Samples:
        """f at the nodes, piece by piece, minus its value at the anchor."""
        sparse: tuple[Any, ...] = tuple(None if array is None else array[:, nodes.sparse] for array in points)
        point = anchor(MATH, *rows)
        centre = self._value(point)
        if not isfinite(centre if isinstance(centre, float) else centre.sum()):
            if anchor is not chart.middle:
                return self._samples(chart, rows, nodes, points, chart.middle)
            centre = np.where(np.isfinite(centre), centre, 0.0)
        if len(self.pieces) == 1:
            value, slope = self.pieces[0].value(MATH, *points), self.pieces[0].slope(MATH, *sparse)
            values, slope = _like(value - centre, points[0]), _like(slope, sparse[0])
            return Samples(values, centre, point, sparse[0], slope)
        values, slope = np.empty_like(points[0]), np.empty_like(sparse[0])
        for index, run, some in nodes.pieces:
            piece = self.pieces[index]
            values[:, run] = piece.value(MATH, *(None if a is None else a[:, run] for a in points))
            slope[:, some] = piece.slope(MATH, *(None if a is None else a[:, some] for a in sparse))
        return Samples(values - centre, centre, point, sparse[0], slope)

    def _estimate(self, law: Weights, samples: Samples, chart: Layout, rows: Rows) -> Estimate:
        """The expectation of f, or its derivative."""
        if not self.derivative:
            return mean(law, samples).shifted(samples.centre)
        if law.signed is None:
            result = nothing(len(samples.values))
        else:
            result = covariance(law, samples)
            if chart.factor is not None:
                result = result.scaled(chart.factor(MATH, *rows))
        unsigned = law if law.signed is None or not self.boundaries else weights(law.nodes, law.density, None)
        for end in self.boundaries:
            gap = mean(unsigned, samples).scaled(-1.0).shifted(self.f(end.point(MATH, *rows)) - samples.centre)
            result = result.plus(gap.scaled(end.weight(MATH, *rows)))
        return result


def _reach(chart: Layout, frame: Frame, widening: int) -> tuple[Any, Any]:
    grid = chart.coordinate.grid
    lower, upper = frame.lower - widening * grid.widening, frame.upper + widening * grid.widening
    if isinstance(lower, np.ndarray) or isinstance(upper, np.ndarray):
        return np.maximum(lower, -grid.largest), np.minimum(upper, grid.largest)
    return max(lower, -grid.largest), min(upper, grid.largest)


def _needed(chart: Layout, frame: Frame, place: Finest) -> tuple[Any, Any]:
    """Two nodes' distance over the length at a place where a function is steep, and that place's t."""
    grid = chart.coordinate.grid
    if place.length == inf:
        return 0.0, 0.0
    speed = chart.slope(place.point, frame)
    if frame.single and speed == 0:  # beyond the support
        return 0.0, inf
    t = grid.inverse(chart.inverse(place.point, frame))
    needed = speed * grid.slope(t) * (2 * grid.step / place.length)
    return needed if frame.single else np.where(speed == 0, 0.0, needed), t


def _count_unseen(nodes: Nodes, kink: Any, size: float, reach: tuple[Any, Any], widest: tuple[Any, Any]) -> None:
    """What f does at a kink that the nodes do not reach, and that wider nodes will or will not reach.

    Beyond an end of the support, which is at an infinite t, it does not matter.
    """
    if not any(isinstance(place, np.ndarray) for place in (kink, *reach)):
        if reach[0] < kink < reach[1] or not isfinite(kink):
            return
        if widest[0] < kink < widest[1]:
            nodes.unseen += size
        else:
            nodes.hidden += size
        return
    missed = size * (np.isfinite(kink) & ~((reach[0] < kink) & (kink < reach[1])))[:, 0]
    within = np.atleast_2d((widest[0] < kink) & (kink < widest[1]))[:, 0]
    nodes.unseen = nodes.unseen + missed * within
    nodes.hidden = nodes.hidden + missed * ~within


def _size(left: Smooth, right: Smooth, point: float) -> float:
    """About what f changes by at a kink or jump, and beyond it: there, and at distance 1."""
    total = 0.0
    for place, other in ((point, 0.0), (point, 1.0), (point, -1.0)):
        at = (np.array(place + other), np.log(place + other), np.log1p(-place - other))
        values = [float(side.value(MATH, *at)) for side in (left, right)]
        slopes = [float(side.slope(MATH, *at)) for side in (left, right)]
        if other == 0:
            total += sum(abs(value) + abs(point * slope) for value, slope in zip(values, slopes, strict=True))
        else:
            difference = abs(values[0] - values[1])
            total += difference if isfinite(difference) else 0.0
    return total


def _clipped(point: Any, low: Any, high: Any) -> Any:
    return np.minimum(np.maximum(point, low), high)


def _clipped_number(point: float, low: float, high: float) -> float:
    return min(max(point, low), high)


def _like(value: Any, array: np.ndarray) -> np.ndarray:
    """A constant f, too, has a value at every node."""
    if isinstance(value, np.ndarray) and value.shape[1] == array.shape[1]:
        return value
    return np.broadcast_to(value, np.broadcast_shapes(np.shape(value), array.shape))


def select(rows: Rows, chosen: np.ndarray) -> Rows:
    """The chosen rows."""
    return tuple(column[chosen] for column in rows)


__all__ = ["Integral", "select"]
