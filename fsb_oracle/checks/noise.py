"""Tier 0b: the implementation itself on quadrature nodes of its noise."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import sympy

from fsb_oracle.backends import DTYPES
from fsb_oracle.checks.case import Case
from fsb_oracle.checks.truth import slope_rounding
from fsb_oracle.integrands import Integrand
from fsb_oracle.records import Status
from fsb_oracle.rules.nodes import product_grid
from fsb_oracle.subjects import Subject
from fsb_oracle.verdicts import quadrature
from fsb_oracle.verdicts.sequential import Decision

NODES_APART = 8  # standard deviations
CARRIERS = 6  # nodes that share the absolute sum, in effect
LEVELS = {0: (1,), 1: (3, 4, 5, 6), 2: (3, 4, 5), 3: (2, 3, 4)}


def decide_by_quadrature(
    case: Case,
    f: Integrand,
    exact: float,
    radius: float,
    scale: float,
    tolerance: float,
    subject: Subject | None = None,
    dtype: str | None = None,
) -> Decision | None:
    """The deterministic verdict on the mean for f; None where this tier cannot decide. `subject` and `dtype` are the
    case's unless given.

    Kinked f are left to sampling: a product grid does not resolve them to this tier's margin.
    """
    subject, dtype = subject or case.subject, dtype or case.dtype
    noise = subject.noise_at(case.parameter, case.at, dtype)
    if noise is None:
        return None
    dimension = sum(primitive.support != "integers" for primitive in noise.values())
    if dimension and not case.family.discrete and f.has_breaks:
        return None
    heavy = case.family.tail_index != sympy.oo
    # a product grid over a heavy tail does not see how fast f turns out there
    if dimension not in LEVELS or (dimension > 1 and heavy):
        return None
    smooth = dtype == "float64" and not heavy
    totals: list[float] = []
    absolute, error = 0.0, math.inf
    margin = quadrature.default_margin(scale, dimension, dtype)
    at, weigh_ends = tuple(case.at.items()), dimension == 1
    for level in LEVELS[dimension]:
        sums = _sums(subject, case.parameter, at, f, dtype, level, weigh_ends)
        total, absolute, _, beyond, mass = sums
        totals.append(total)
        error = quadrature.rounding(dtype) * absolute + (quadrature.truncation(totals, smooth) if dimension else 0.0)
        # densities of large shapes are sharp to fewer digits than float64 has: their sum shows it
        error += beyond + abs(mass - 1) * absolute
        if error <= margin / 2:
            break
    if not math.isfinite(absolute):
        return None  # a node beyond what the dtype can represent
    if dimension and not sums.resolved:
        return None
    tau = quadrature.allowance(absolute, dtype) + tolerance
    decision = quadrature.decide_quadrature(totals[-1], error, absolute, exact, radius, tau, margin)
    if decision.status is Status.fail and dimension:  # asked only then, for it takes longer than all before
        inside = _Rounding.of(case, subject, f, dtype, level, absolute)
        decision = quadrature.decide_quadrature(totals[-1], error, absolute, exact, radius, tau + inside.spread, margin)
        # two grids may agree by chance where f turns between their nodes: float64 asks for more digits of them
        if dtype != DTYPES[-1] and abs(inside.shared) < abs(decision.bias) / 2 and DTYPES[-1] in subject.dtypes:
            double = decide_by_quadrature(case, f, exact, radius, scale, 0.0, subject, DTYPES[-1])
            return decision if double is not None and double.status is Status.fail else None
    return decision


class _Rounding(NamedTuple):
    """What rounding inside a contribution does to a sum, where terms cancel in f or in the kernel.

    By the same nodes in float32 and in float64: errors of different nodes are as independent as draws, so that their
    `spread`, summed in quadrature, stands for that of another grid; what they `shared` in float32 is a fault. In
    float64 the same, as much smaller as its last place, and f and its derivatives beside 30 digits: where f saturates,
    float32 does not tell.
    """

    shared: float
    spread: float

    @classmethod
    def of(cls, case: Case, subject: Subject, f: Integrand, dtype: str, level: int, absolute: float) -> _Rounding:
        at = dict(case.at)
        saturated = slope_rounding(case.family, tuple(at.items()), f) * absolute if dtype == DTYPES[-1] else 0.0
        noise, total, square = subject.noise_at(case.parameter, at, dtype), 0.0, 0.0
        assert noise is not None
        for weight, nodes in product_grid(noise, level) if set(DTYPES) <= set(subject.dtypes) else ():
            single, double = (subject.at_noise(case.parameter, at, f, nodes, precision) for precision in DTYPES)
            gap = np.where(weight > 0, weight * (single - double), 0.0)
            gap = gap[np.isfinite(gap)]
            total, square = total + float(gap.sum()), square + float(np.square(gap).sum())
        unit = float(np.finfo(dtype).eps / np.finfo(DTYPES[0]).eps)
        return cls(unit * total, NODES_APART * (saturated + unit * math.sqrt(square)))


class Sums(NamedTuple):
    """Over the nodes of one grid: weight g, |weight g|, its square, what the ends cut off, and the weights."""

    total: float
    absolute: float
    square: float
    beyond: float
    mass: float

    @property
    def resolved(self) -> bool:
        """Whether so many nodes carry the sum that two grids do not agree for having missed a narrow f."""
        return self.absolute**2 >= CARRIERS * self.square > 0


def _sums(
    subject: Subject,
    parameter: str,
    at: tuple[tuple[str, Fraction], ...],
    f: Integrand,
    dtype: str,
    level: int,
    weigh_ends: bool,
) -> Sums:
    together = subject.evaluated_with(parameter)
    summed = _sums_of_all if len(together) > 1 else _sums_of_all.__wrapped__
    return summed(subject, together, at, f, dtype, level, weigh_ends)[parameter]


@lru_cache(maxsize=1024)  # one evaluation gives the contributions to every component of a vector
def _sums_of_all(
    subject: Subject,
    parameters: tuple[str, ...],
    values: tuple[tuple[str, Fraction], ...],
    f: Integrand,
    dtype: str,
    level: int,
    weigh_ends: bool,
) -> dict[str, Sums]:
    """The sums for parameters that are evaluated together, on the grid of that level."""
    at = dict(values)
    noise = subject.noise_at(parameters[0], at, dtype)
    assert noise is not None
    found = dict.fromkeys(parameters, Sums(0.0, 0.0, 0.0, 0.0, 0.0))
    for weight, nodes in product_grid(noise, level):
        unused, part = ~(weight > 0), float(weight.sum())
        for name, g in subject.at_noise_together(parameters, at, f, nodes, dtype).items():
            products = weight * g
            if unused.any():
                products[np.broadcast_to(unused, products.shape)] = 0.0
            total, absolute, square, beyond, mass = found[name]
            found[name] = Sums(
                float(total + products.sum()),
                float(absolute + np.abs(products).sum()),
                float(square + np.square(products).sum()),
                beyond + (quadrature.cut_off(weight, products) if weigh_ends else 0.0),
                mass + part,
            )
    return found
