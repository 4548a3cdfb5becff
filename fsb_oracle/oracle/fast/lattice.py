"""The fast oracle on integers and at a point: direct sums by ratios of neighbouring probabilities, and f itself."""

from __future__ import annotations

from math import ceil, inf, isfinite, log2
from typing import Any

import numpy as np
import sympy

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.errors import UsageError
from fsb_oracle.families import Family
from fsb_oracle.families.family import z
from fsb_oracle.integrands import Integrand
from fsb_oracle.oracle.fast.grids import terms
from fsb_oracle.oracle.fast.plan import MATH, Rows, ratio
from fsb_oracle.oracle.fast.rules import Lattice
from fsb_oracle.oracle.fast.sums import EPSILON, Estimate, Samples, covariance, masked, mean, weights

LONGEST_SUM = 1 << 20
_CHUNK = 1 << 15  # array elements that stay in the cache
_INFINITY = sympy.Integer(2**53)  # beyond it float64 has no neighbouring integers


class Sum:
    """E f of a law on integers, or its derivative in a parameter, at any parameters."""

    def __init__(self, family: Family, f: Integrand, parameter: str | None, rule: Lattice) -> None:
        def compiled(expression: Any) -> Any:
            return compile_expression(sympy.sympify(expression), family.symbols)

        support = family.support
        self.name = family.name
        self.mode, self.reach = compiled(rule.mode), compiled(rule.reach)
        self.low = compiled(-_INFINITY if support.lower == -sympy.oo else support.lower)
        self.high = compiled(_INFINITY if support.upper == sympy.oo else support.upper)
        self.ratio = ratio(family)
        self.score = None if parameter is None else compile_expression(family.score(parameter), (z, *family.symbols))
        self.f, self.slope = f.lowered(), f.lowered(1)

    def single(self, row: tuple[float, ...]) -> tuple[float, float]:
        """Value and estimated error at one point of the parameters."""
        reach = float(self.reach(MATH, *row))
        self._check(reach)
        count = ceil(2 ** (ceil(4 * log2(max(reach, 1.0))) / 4))
        value, quadrature, rounding = self._terms(tuple(np.array([[number]]) for number in row), count).single()
        return value, quadrature + rounding if isfinite(value) else inf

    def _check(self, reach: float) -> None:
        if not reach <= LONGEST_SUM:
            raise UsageError(f"{self.name}: a sum of more than {LONGEST_SUM} terms is not fast: use exact")

    def batch(self, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
        """Values and estimated errors, shape (rows,); rows with sums of about the same length are added together.

        Raises:
            UsageError: a sum would have more than about a million terms.
        """
        reach = np.broadcast_to(self.reach(MATH, *rows), rows[0].shape)[:, 0]
        self._check(float(reach.max(initial=0.0)))
        sizes = np.ceil(4 * np.log2(np.maximum(reach, 1.0)))
        value, error = np.empty((2, len(reach)))
        for size in np.unique(sizes):
            chosen, count = np.flatnonzero(sizes == size), int(np.ceil(2 ** (size / 4)))
            step = max(1, _CHUNK // (2 * count + 1))
            for start in range(0, len(chosen), step):
                part = chosen[start : start + step]
                found = self._terms(tuple(column[part] for column in rows), count).batch()
                value[part], error[part] = found[0], found[1] + found[2]
        error[~np.isfinite(value)] = np.inf
        return value, error

    def _terms(self, rows: Rows, count: int) -> Estimate:
        """`count` terms on either side of the mode; probabilities by ratios, so that no large logarithms cancel."""
        zero = 0.0 * rows[0]
        low, high = self.low(MATH, *rows) + zero, self.high(MATH, *rows) + zero
        middle = np.clip(np.floor(self.mode(MATH, *rows)) + zero, low, high)
        below = min(count, int((middle - low).max()) + 1)  # one beyond the end, of mass 0: there is no tail
        up, down = middle + np.arange(1, count + 1), middle - np.arange(below)
        rising = np.where(up <= high, self.ratio(MATH, np.minimum(up, high), *rows), 0.0).cumprod(axis=1)
        falling = np.where(down > low, 1 / self.ratio(MATH, np.maximum(down, low), *rows), 0.0).cumprod(axis=1)
        density = np.concatenate([falling[:, ::-1], np.ones_like(middle), rising], axis=1)
        points = np.clip(middle + np.arange(-below, count + 1), low, high)
        centre, nothing = self.f(MATH, middle) + zero, 0.0 * points
        values, slope = self.f(MATH, points) - centre + nothing, self.slope(MATH, points) + nothing
        samples = Samples(values, centre, middle, points, slope)
        score = None if self.score is None else self.score(MATH, points, *rows) + nothing
        law = weights(terms(below + count + 1, count), density, score)
        if not (np.isfinite(samples.values).all() and (score is None or np.isfinite(score).all())):
            law, samples = masked(law, samples, score)
        return mean(law, samples).shifted(centre) if score is None else covariance(law, samples)


class PointMass:
    """f, or its derivative, at the point."""

    def __init__(self, family: Family, f: Integrand, parameter: str | None) -> None:
        self.name, self.text, self.derivative = family.name, f.text, parameter is not None
        self.breaks = tuple(float(point) for point in f.breakpoints)
        formula = f.expression
        if parameter is not None:
            formula = f.derivative() * sympy.diff(family.mean, family.symbol(parameter))
        self.point = compile_expression(family.mean, family.symbols)
        self.value = compile_expression(formula, (z, *family.symbols))
        self.slope = compile_expression(z * f.derivative(2 if parameter else 1), (z,))

    def single(self, row: tuple[float, ...]) -> tuple[float, float]:
        """Value and estimated error at one point of the parameters."""
        value, error = self.batch(tuple(np.array([[number]]) for number in row))
        return float(value[0]), float(error[0])

    def batch(self, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
        """Values and estimated errors, shape (rows,).

        Raises:
            UsageError: f has a kink or jump exactly there, so that there is no gradient.
        """
        point = self.point(MATH, *rows)
        if self.derivative and np.isin(point, self.breaks).any():
            raise UsageError(
                f"the gradient of E {self.text} does not exist for {self.name}: f has a kink or jump there"
            )
        value = self.value(MATH, point, *rows) + 0.0 * point
        error = 4 * EPSILON * (np.abs(value) + np.abs(self.slope(MATH, point)))
        return value[:, 0], np.where(np.isfinite(value), error, np.inf)[:, 0]


__all__ = ["PointMass", "Sum"]
