"""Tier 0b: the mean of a deterministic function of at most three uniform noise variables, by product
tanh-sinh quadrature.

Takahasi and Mori 1974. The rule copes with the end-point singularities that inverse distribution functions
have, given that u and 1 - u are computed separately. A Gauss rule in the uniforms does not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fsb_oracle.errors import UsageError
from fsb_oracle.records import Status
from fsb_oracle.verdicts.plan import Plan
from fsb_oracle.verdicts.sequential import Decision

__all__ = [
    "LEVELS",
    "Quadrature",
    "allowance",
    "decide_quadrature",
    "default_margin",
    "integrate",
    "rounding",
]

Floats = NDArray[np.float64]

LEVELS = {1: (41, 81, 161, 321), 2: (31, 61, 121, 241), 3: (21, 41, 81)}
"""Nodes per axis, for each dimension; each level contains the nodes of the one before."""

RANGE = 3.6  # of the tanh-sinh variable: the weight beyond it is below 1e-23
BLOCK = 1 << 18  # nodes per call of g
EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class Quadrature:
    """The integral of g over the unit cube; arrays if g has several components."""

    value: Floats
    abs_sum: Floats
    """Integral of |g|."""
    error: Floats
    """Bound on |value - integral| from the difference of the last two levels and from rounding."""
    level: int
    """Nodes per axis (per piece of an axis) at which it stopped."""


def integrate(
    g: Callable[[list[Floats], list[Floats]], Any],
    dimension: int,
    levels: Sequence[int] | None = None,
    splits: Sequence[Sequence[float]] | None = None,
    target_error: float = 0.0,
    dtype: str = "float64",
) -> Quadrature:
    """Integral of g over (0, 1)^dimension, at the first level whose error is at most `target_error`, else at
    the last.

    `g(u, v)` gets for each axis the nodes u and v = 1 - u, in float64, shaped to broadcast against the other
    axes (so an inverse distribution function is applied to an axis and not to the mesh), and returns an array
    of shape (*components, *mesh) or one that broadcasts to it. `splits` lists, for each axis, the points in
    (0, 1) at which g has a kink or a jump. `dtype` is that in which g computes.

    Raises UsageError if the dimension has no rule.
    """
    if dimension not in LEVELS:
        raise UsageError(f"dimension is {dimension!r}, allowed is {', '.join(map(str, LEVELS))}")
    cuts = [tuple(sorted(axis)) for axis in splits] if splits is not None else [()] * dimension
    counts = tuple(levels if levels is not None else LEVELS[dimension])
    if len(cuts) != dimension or len(counts) < 2:
        raise UsageError(f"got {len(cuts)} axes and {len(counts)} levels, allowed is {dimension} and at least 2")
    before, _ = _sums(g, cuts, counts[0])
    for count in counts[1:]:
        value, abs_sum = _sums(g, cuts, count)
        with np.errstate(invalid="ignore"):
            error = 4 * np.abs(value - before) + rounding(dtype) * abs_sum
        error = np.where(np.isfinite(error), error, np.inf)
        result = Quadrature(value, abs_sum, error, count)
        if np.all(error <= target_error):
            break
        before = value
    return result  # pyright: ignore[reportPossiblyUnboundVariable]


def rounding(dtype: str = "float64") -> float:
    """Bound on the rounding error of a quadrature sum of values computed in `dtype`, per unit of the integral
    of |g|."""
    return 128 * EPSILON + (4 * _epsilon(dtype) if _epsilon(dtype) > EPSILON else 0.0)


def allowance(abs_sum: float, dtype: str = "float64") -> float:
    """The numerical allowance tau: rounding errors of g in its dtype, given the integral of |g|."""
    return (64 if dtype == "float64" else 16) * _epsilon(dtype) * abs_sum


def default_margin(scale: float, dimension: int, dtype: str = "float64") -> float:
    """The margin of this tier for a reporting scale S."""
    if dtype != "float64":
        return 1e-5 * scale
    return (1e-9 if dimension <= 2 else 1e-7) * scale


def decide_quadrature(
    value: float, error: float, abs_sum: float, exact: float, oracle_error: float, tau: float, delta0: float
) -> Decision:
    """The deterministic verdict on a mean known as value +- error.

    `abs_sum` is the integral of |g|; `tau` the allowance, `delta0` the margin (raised to 2 tau where it is
    less). A verdict is given only where the quadrature reached the margin: an error that is larger comes from
    levels that still disagree."""
    plan = Plan(margin=max(delta0, 2 * tau), tolerance=tau, oracle_error=oracle_error)
    bias, total = value - exact, error + oracle_error + EPSILON * abs(exact)
    biased, within = abs(bias) > tau + total, abs(bias) + total <= plan.margin
    reason = None
    if not math.isfinite(bias + abs_sum):
        status, reason = Status.inconclusive, "nonfinite"
    elif not total <= plan.margin:
        status, reason = Status.inconclusive, "quadrature-not-converged"
    elif biased:
        status, reason = (Status.within_margin, None) if within else (Status.fail, "biased")
    elif within:
        status = Status.pass_
    else:
        status, reason = Status.inconclusive, "quadrature-not-converged"
    interval = (bias - total, bias + total)
    return Decision(
        status=status,
        reason=reason,
        bias=bias,
        standard_error=0.0,
        bias_bound=abs(bias) + total,
        interval=interval,
        pass_interval=interval,
        evidence=None,
        num_samples=0,
        looks=0,
        variance_class=None,
        plan=plan,
    )


def _sums(
    g: Callable[[list[Floats], list[Floats]], Any], cuts: Sequence[tuple[float, ...]], count: int
) -> tuple[Floats, Floats]:
    """The weighted sums of g and |g| over the mesh of this level."""
    axes = [_axis(count, cut) for cut in cuts]
    total: Floats | float = 0.0
    total_abs: Floats | float = 0.0
    for part in _chunks(axes):
        nodes = [_along(axis[0], position, len(axes)) for position, axis in enumerate(part)]
        complements = [_along(axis[1], position, len(axes)) for position, axis in enumerate(part)]
        mesh = tuple(len(axis[0]) for axis in part)
        values = np.asarray(g(nodes, complements), dtype=np.float64)
        components = values.shape[: max(0, values.ndim - len(mesh))]
        values = np.broadcast_to(values, components + mesh)
        total = total + _contract(values, part)
        total_abs = total_abs + _contract(np.abs(values), part)
    return np.asarray(total), np.asarray(total_abs)


def _contract(values: Floats, axes: Sequence[tuple[Floats, Floats, Floats]]) -> Floats:
    with np.errstate(invalid="ignore", over="ignore"):
        for axis in reversed(axes):
            values = np.sum(values * axis[2], axis=-1)
    return values


def _chunks(axes: Sequence[tuple[Floats, Floats, Floats]]) -> Iterator[list[tuple[Floats, Floats, Floats]]]:
    """The mesh in slices of its first axis, each of at most BLOCK nodes where possible."""
    first, *rest = axes
    step = max(1, BLOCK // math.prod(len(axis[0]) for axis in rest))
    for start in range(0, len(first[0]), step):
        part = slice(start, start + step)
        yield [(first[0][part], first[1][part], first[2][part]), *rest]


def _along(values: Floats, position: int, dimension: int) -> Floats:
    return values.reshape([-1 if axis == position else 1 for axis in range(dimension)]).copy()


@lru_cache(maxsize=64)
def _axis(count: int, cuts: tuple[float, ...]) -> tuple[Floats, Floats, Floats]:
    """Nodes u, their complements 1 - u and weights of one axis, cut into pieces at `cuts`."""
    t = np.linspace(-RANGE, RANGE, count)
    s = math.pi / 2 * np.sinh(t)
    x, y = 1 / (1 + np.exp(-2 * s)), 1 / (1 + np.exp(2 * s))
    weights = (t[1] - t[0]) * math.pi / 4 * np.cosh(t) / np.cosh(s) ** 2
    edges = [0.0, *cuts, 1.0]
    pieces = [
        (left + (right - left) * x, (1 - right) + (right - left) * y, (right - left) * weights)
        for left, right in pairwise(edges)
    ]
    u, v, w = (np.concatenate([piece[part] for piece in pieces]) for part in range(3))
    for array in (u, v, w):
        array.flags.writeable = False
    return u, v, w


def _epsilon(dtype: str) -> float:
    return float(np.finfo(dtype).eps)
