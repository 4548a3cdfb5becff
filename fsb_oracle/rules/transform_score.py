"""The score estimator of laws whose density has no closed form: its variance, from the characteristic function.

Nobody can run it, for its weight d log p / d theta is an integral at each sample; as a yardstick it is what `score` is
for the laws with a density. Density and derivative by Fourier inversion on a grid in float64; an atom at 0 is kept
apart.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import sympy

from fsb_oracle.backends.numpy_backend import NumpyMath
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.family import w
from fsb_oracle.families.vector_recipe import frequencies
from fsb_oracle.integrands import Integrand

POINTS = 2**18
HALF_WIDTH = 16.0, 400.0  # of the window in spreads: light tails, heavy tails
LEAST_INDEX = 0.8  # of the tails: of heavier ones too much lies outside of the window
FLOOR = 1e-9  # of the largest density: below it, rounding
BOUNDED = 10.0  # for |f|, under heavy tails
WINDOW = 12.0  # the last frequencies are damped by exp(-12)


def transform_of(law: Family) -> sympy.Expr | None:
    """E exp(i w z) of a law of one variable, in `w`."""
    if len(law.samples) > 1 or law.joint_transform is None:
        return law.characteristic_function
    return law.joint_transform.xreplace({frequencies(law.samples)[0]: w})  # pyright: ignore[reportReturnType]


def score_variance(law: Family, at: Parameters, f: Integrand, parameter: str, best: bool = False) -> float | None:
    """Of one draw of (f(z) - b) d log p / d parameter, with b = 0 or the best constant; None where it is not known."""
    grid = _score_on_grid(law, tuple(at.items()), parameter)
    if grid is None:
        return None
    z, mass, score = grid
    values = np.asarray(f.lowered()(NumpyMath(), z)) + 0 * z
    if _heavy(law, at) and np.abs(values).max() > BOUNDED:
        return None  # what lies beyond the window may decide
    squares = score**2 * mass
    baseline = float(np.sum(values * squares) / np.sum(squares)) if best else 0.0
    mean = float(np.sum(values * score * mass))
    return float(np.sum((values - baseline) ** 2 * squares)) - mean**2


def _heavy(law: Family, at: Parameters) -> bool:
    return float(law.at(law.tail_index, at)) < math.inf


@lru_cache(maxsize=64)
def _score_on_grid(law: Family, at: tuple[tuple[str, Any], ...], parameter: str) -> tuple[np.ndarray, ...] | None:
    """Points, their masses and the score there."""
    transform = transform_of(law)
    if transform is None or law.support.kind == "point" or law.at(law.tail_index, dict(at)) < LEAST_INDEX:
        return None
    numbers = {law.symbol(name): sympy.Float(sympy.Rational(value), 20) for name, value in at}
    values = dict(at)
    spread = float(law.spread(values))
    width = 2 * HALF_WIDTH[_heavy(law, values)] * spread
    mean = float(law.at(law.mean, values)) if law.at(law.mean, values).is_finite else 0.0
    start, step = mean - width / 2, width / POINTS
    frequency = 2 * math.pi / width * np.arange(1, POINTS // 2 + 1)
    damping = np.exp(-WINDOW * (frequency / frequency[-1]) ** 2)
    found = []
    for expression, at_zero in ((transform, 1.0), (sympy.diff(transform, law.symbol(parameter)), 0.0)):
        with np.errstate(all="ignore"):
            phi = sympy.lambdify(w, expression.xreplace(numbers), ["scipy", "numpy"])(frequency.astype(complex))
        phi = np.broadcast_to(phi, frequency.shape)
        atom = float(phi[-1].real) if abs(phi[-1] - phi[-2]) < 1e-6 * abs(phi[-1]) > 1e-9 else 0.0
        half = np.concatenate([[at_zero - atom], (phi - atom) * damping * np.exp(-1j * frequency * start)])
        found.append((np.fft.hfft(half, POINTS) / width, atom))
    (density, atom), (slope, atom_slope) = found
    z = start + step * np.arange(POINTS)
    kept = density > FLOOR * density.max()
    if not np.isfinite(density).all() or abs(np.sum(density[kept]) * step + atom - 1) > 1e-2:
        return None
    z, mass, score = z[kept], density[kept] * step, slope[kept] / density[kept]
    if atom:
        z, mass, score = np.append(z, 0.0), np.append(mass, atom), np.append(score, atom_slope / atom)
    return z, mass, score


__all__ = ["score_variance", "transform_of"]
