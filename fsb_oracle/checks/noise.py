"""Tier 0b: the implementation itself on quadrature nodes of its noise."""

from __future__ import annotations

import math

import numpy as np
import sympy

from fsb_oracle.checks.case import Case
from fsb_oracle.integrands import Integrand
from fsb_oracle.rules.nodes import product_grid
from fsb_oracle.subjects import Subject
from fsb_oracle.verdicts import quadrature
from fsb_oracle.verdicts.sequential import Decision

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
    for level in LEVELS[dimension]:
        total, absolute, beyond, mass = 0.0, 0.0, 0.0, 0.0
        for weight, nodes in product_grid(noise, level):
            g = subject.at_noise(case.parameter, case.at, f, nodes, dtype)
            used = np.broadcast_to(weight, np.broadcast_shapes(weight.shape, g.shape)) > 0
            mass += float(weight.sum())
            products = np.where(used, weight * g, 0.0)
            total, absolute = total + products.sum(), absolute + np.abs(products).sum()
            if heavy and dimension:
                beyond += quadrature.cut_off(weight, products)
        totals.append(float(total))
        error = quadrature.rounding(dtype) * absolute + (quadrature.truncation(totals, smooth) if dimension else 0.0)
        # densities of large shapes are sharp to fewer digits than float64 has: their sum shows it
        error += beyond + abs(mass - 1) * absolute
        if error <= margin / 2:
            break
    if not math.isfinite(absolute):
        return None  # a node beyond what the dtype can represent
    tau = quadrature.allowance(absolute, dtype) + tolerance
    return quadrature.decide_quadrature(totals[-1], error, absolute, exact, radius, tau, margin)
