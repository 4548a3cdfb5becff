"""E g_1(z_1) g_2(z_2) (g_3(z_3)) of correlated normal variables: a trapezoidal sum over a grid, with a proven error.

In x_i = (z_i - loc_i)/scale_i, with the correlation matrix C and P = C^-1, the integrand is

    G(x) = (2 pi)^(-k/2) det(C)^(-1/2) PROD g_i(x_i) exp(-x'Px/2)

on the cube |x_i| <= T. Replacing the integrals by sums one axis at a time, what is wrong is at most the sum over the
axes of the error on that axis (see `oracle.trapezoid`), integrated or summed over the others. On the line x + i y e_j
the exponential has the size exp(-x'Px/2 + y^2 P_jj/2), at most exp(y^2 P_jj/2), and exp(-T^2/2 + y^2 P_jj/2) where
|x_j| = T. Balls that cover [-T, T] + i [0, a] bound the g_i and prove that they are analytic; sums and integrals of
those bounds, constant on cells that hold whole numbers of nodes, are the same. Beyond the cube, with |g_i| <= size_i
exp(r_i |x_i|) and r = SUM r_i, the integral is at most 2^k PROD size_i exp(r^2/2) P(|N| > T - r) for each axis, as
exp(r |x|) is a sum of tilts. The sum over three axes is one product of matrices.

Derivatives fall on the g_i: dE/dloc_j = E d_j f, dE/dS_ij = E d_i d_j f/2 (Price 1958).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, pi
from typing import Any

import sympy
from flint import acb, arb, arb_mat

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.integrands.domination import domination
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.certificate import Route
from fsb_oracle.oracle.density import GUARD_DIGITS
from fsb_oracle.oracle.joint.combination import ZERO, number
from fsb_oracle.oracle.joint.elliptical import Vector, entry
from fsb_oracle.oracle.lowering import lower
from fsb_oracle.oracle.quadrature import safe

CELLS = 64  # that cover an axis
BISECTIONS = 4
HEIGHTS = (2.0, 1.5, 1.1, 0.8, 0.6, 0.45, 0.33, 0.25, 0.18, 0.13, 0.1, 0.07, 0.05)  # tried for a
MOST_NODES = {2: 1600, 3: 640}
_KINKED = (sympy.Abs, sympy.sign, sympy.Heaviside, sympy.Max, sympy.Min, sympy.Piecewise)
_Factors = dict[int, sympy.Expr]


def grid_routes(cell: Cell, f: Any) -> list[Route]:
    """The route to E f, or its derivative, for a smooth product of functions of single variables, two or three; else
    none."""
    vector, factors = Vector(cell), _factors(f, cell.family.samples)
    if factors is None or not 2 <= len(factors) <= 3 or f.has(*_KINKED):
        return []
    terms = list(_terms(vector, factors))
    if not terms:
        return ZERO

    def evaluated(digits: int, scale: arb) -> arb:
        with precision(max(digits, 0) + GUARD_DIGITS):
            tolerance = arb(scale) * arb(10) ** -digits / len(terms)
            parts = [number(weight) * _mean(vector, g, tolerance / (1 + abs(number(weight)))) for weight, g in terms]
            return sum(parts, arb(0))

    return [Route("density", evaluated)]


def _factors(f: Any, samples: Sequence[sympy.Symbol]) -> _Factors | None:
    """`{i: function of samples[i]}` with f as their product; None if a factor has several variables."""
    found: _Factors = {}
    constant: Any = sympy.S.One
    for factor in sympy.Mul.make_args(f):
        used = [i for i, sample in enumerate(samples) if sample in factor.free_symbols]
        if len(used) > 1:
            return None
        if used:
            found[used[0]] = found.get(used[0], sympy.S.One) * factor
        else:
            constant *= factor
    first = min(found, default=None)
    return None if first is None else {**found, first: constant * found[first]}


def _terms(vector: Vector, factors: _Factors) -> list[tuple[Fraction, _Factors]]:
    """(weight, factors) that add up to E f, or to its derivative in the cell's parameter."""
    parameter, samples = vector.cell.parameter, vector.cell.family.samples

    def slopes(*axes: int) -> _Factors | None:
        changed = dict(factors)
        for i in axes:
            if i not in changed:
                return None
            changed[i] = sympy.diff(changed[i], samples[i])
        return None if any(g == 0 for g in changed.values()) else changed

    if parameter is None:
        return [(Fraction(1), factors)]
    kind, i, j = entry(parameter)
    if kind == "loc":
        found = [(Fraction(1), slopes(i))]
    elif kind == "covariance_matrix":
        found = [(Fraction(1, 2), slopes(i, j))]
    else:
        found = [(row[j], slopes(i, k)) for k, row in enumerate(vector.matrix) if i >= j and row[j]]
    return [(weight, g) for weight, g in found if g is not None]


@dataclass(frozen=True)
class _Axis:
    """One variable x = (z - loc)/scale.

    Attributes:
        value: g as a function of complex x.
        size, rate: |g| <= size exp(rate |x|) for real x.
        curvature: P_jj.
    """

    value: Callable[[acb, bool], acb]
    size: arb
    rate: arb
    curvature: arb


def _mean(vector: Vector, factors: _Factors, tolerance: arb) -> arb:
    used = sorted(factors)
    squares = [vector.square[i][i] for i in used]
    scales = [number(square).sqrt() for square in squares]
    correlation = arb_mat(
        [
            [number(vector.square[i][j]) / (s * t) for j, t in zip(used, scales, strict=True)]
            for i, s in zip(used, scales, strict=True)
        ]
    )
    inverse, front = correlation.inv(), 1 / ((2 * arb.pi()) ** len(used) * correlation.det()).sqrt()
    axes = [
        _axis(factors[i], vector.cell.family.samples[i], number(vector.loc[i]), scale, inverse[k, k])
        for k, (i, scale) in enumerate(zip(used, scales, strict=True))
    ]
    end, beyond = _cut(axes, tolerance / 4)
    sizes = [_covered(axis, end, 0.0) for axis in axes]
    if any(size is None for size in sizes):
        raise Unboundable("f has a pole, or grows too fast")
    plans = [_plan(k, axes, sizes, front, end, tolerance / (4 * len(axes))) for k in range(len(axes))]
    if max(count for count, _ in plans) > MOST_NODES[len(axes)]:
        raise Unboundable("the grid would be too large")
    error = beyond + sum((bound for _, bound in plans), arb(0))
    nodes = [[-end + (2 * k + 1) * end / count for k in range(count)] for count, _ in plans]
    weights = [
        [axis.value(acb(x), False).real * (-axis.curvature * x * x / 2).exp() * (2 * end / len(own)) for x in own]
        for axis, own in zip(axes, nodes, strict=True)
    ]
    return front * _sum(nodes, weights, inverse) + arb(0, error.upper())


def _axis(g: Any, sample: Any, loc: arb, scale: arb, curvature: arb) -> _Axis:
    lowered = lower(g, sample)

    def function(m: Any, x: acb, *constants: Any) -> acb:
        return acb(lowered.function(m, loc + scale * x, *constants))

    size, rate = domination(g).exponential(1 / (1 + scale))
    return _Axis(safe(function, *lowered.values((), ())), size * (rate * abs(loc)).exp(), rate * scale, curvature)


def _cut(axes: Sequence[_Axis], tolerance: arb) -> tuple[arb, arb]:
    """T, and a bound of the integral beyond the cube."""
    rate = sum((axis.rate for axis in axes), arb(0))
    front = arb(2) ** len(axes) * (rate**2 / 2).exp() * len(axes)
    for axis in axes:
        front *= axis.size
    for quarter in range(8, 400):
        end = arb(quarter) / 4
        bound = front * ((end - rate) / arb(2).sqrt()).erfc()
        if end > rate and bound < tolerance:
            return end + arb(1) / 2, bound
    raise Unboundable("f grows too fast")


def _covered(axis: _Axis, end: arb, height: float) -> tuple[arb, arb] | None:
    """Bounds of the integral of |g| over [-T, T] + i y, 0 <= y <= height, and of |g| in the cells at both ends; None
    unless g is proven analytic there."""
    width = 2 * end / CELLS
    sizes = []
    for k in range(CELLS):
        size = _largest(axis, -end + k * width, width, 0.0, height, BISECTIONS)
        if size is None:
            return None
        sizes.append(size)
    return sum(sizes, arb(0)) * width, sizes[0].max(sizes[-1])


def _largest(axis: _Axis, left: arb, width: arb, low: float, high: float, bisections: int) -> arb | None:
    """A bound of |g| on a rectangle, in quarters where one ball is too wide."""
    cell = acb(left.union(left + width), arb(low).union(arb(high)))
    value = axis.value(cell, True)
    if value.is_finite():
        return abs(value).upper()
    if not bisections:
        return None
    middle, largest = (low + high) / 2, arb(0)
    for bottom, top in ((low, middle), (middle, high)) if high > low else ((low, high),):
        for start in (left, left + width / 2):
            size = _largest(axis, start, width / 2, bottom, top, bisections - 1)
            if size is None:
                return None
            largest = largest.max(size)
    return largest


def _plan(k: int, axes: Sequence[_Axis], sizes: Sequence[Any], front: arb, end: arb, tolerance: arb) -> tuple[int, arb]:
    """How many nodes the k-th axis takes, a multiple of the number of cells, and the bound of its error."""
    others = front
    for j, size in enumerate(sizes):
        others = others if j == k else others * size[0]
    best: tuple[int, arb] | None = None
    for height in HEIGHTS:
        found = _covered(axes[k], end, height)
        if found is None:
            continue
        rise = (arb(height) ** 2 * axes[k].curvature / 2).exp() * others
        excess = float((2 * rise * found[0] / tolerance).upper().log())
        count = CELLS * max(1, ceil(float(2 * end) * max(excess + 0.1, 1.0) / (2 * pi * height) / CELLS))
        step = 2 * end / count
        error = 2 * rise * found[0] / ((2 * arb.pi() * height / step).exp() - 1)
        error += 2 * step / arb.pi() * rise * (-end * end / 2).exp() * found[1]
        if best is None or count < best[0]:
            best = count, error
    if best is None:
        raise Unboundable("no strip is known in which f is analytic")
    return best


def _sum(nodes: Sequence[Sequence[arb]], weights: Sequence[Sequence[arb]], inverse: arb_mat) -> arb:
    """SUM over the grid of the weights times exp(-SUM_(i < j) P_ij x_i x_j)."""

    def kernel(i: int, j: int) -> list[list[arb]]:
        coupling = -inverse[i, j]
        return [[(coupling * x * y).exp() for y in nodes[j]] for x in nodes[i]]

    first = kernel(0, 1)
    if len(nodes) == 3:
        across = [[e * w for e, w in zip(row, weights[2], strict=True)] for row in kernel(0, 2)]
        inner = (arb_mat(across) * arb_mat(kernel(1, 2)).transpose()).tolist()
        first = [[a * b for a, b in zip(row, other, strict=True)] for row, other in zip(first, inner, strict=True)]
    rows = arb_mat(first) * arb_mat([[w] for w in weights[1]])
    return sum((w * rows[a, 0] for a, w in enumerate(weights[0])), arb(0))


__all__ = ["grid_routes"]
