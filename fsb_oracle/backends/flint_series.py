"""Truncated power series over complex balls as a math namespace: Taylor coefficients of a declared formula.

Where an argument is a plain ball, the function of balls is used. The series length is that of the argument,
and the process-wide cap (`flint.ctx.cap`) must be at least as large: `series_length` sets both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flint import acb, acb_series, ctx

from fsb_oracle.backends.flint_math import FlintMath


@contextmanager
def series_length(length: int) -> Iterator[None]:
    """Work with series of `length` terms inside; the process-wide cap is restored afterwards."""
    cap = ctx.cap
    ctx.cap = length
    try:
        yield
    finally:
        ctx.cap = cap


def variable_at(point: Any) -> acb_series:
    """point + x + O(x**cap)."""
    return acb_series([acb(point), acb(1)], ctx.cap)


def _lifted(name: str) -> Callable[[Any, Any], Any]:
    def function(self: SeriesMath, x: Any) -> Any:
        return getattr(x, name)() if isinstance(x, acb_series) else getattr(FlintMath, name)(x)

    return function


class SeriesMath(FlintMath):
    """Functions of power series; those that a characteristic function needs."""

    exp, sin, cos = _lifted("exp"), _lifted("sin"), _lifted("cos")

    def log(self, x: Any) -> Any:
        return x.log() if isinstance(x, acb_series) else super().log(x)

    def sqrt(self, x: Any) -> Any:
        return x.sqrt() if isinstance(x, acb_series) else super().sqrt(x)

    def power(self, x: Any, y: Any) -> Any:
        return (y * x.log()).exp() if isinstance(x, acb_series) else super().power(x, y)

    def hyp1f1(self, a: Any, b: Any, x: Any) -> Any:
        return self._kummer(a, b, x, None)

    def hyp1f1_da(self, a: Any, b: Any, x: Any) -> Any:
        return self._kummer(a, b, x, lambda n: 1 / (a + n))

    def hyp1f1_db(self, a: Any, b: Any, x: Any) -> Any:
        return self._kummer(a, b, x, lambda n: -1 / (b + n))

    @staticmethod
    def _kummer(a: Any, b: Any, x: acb_series, step: Callable[[int], Any] | None) -> acb_series:
        """SUM (a)_n/(b)_n x**n/n! d_n at x(0) = 0, where d_n is 1 or (the logarithmic derivative) the sum of
        `step` below n.
        """
        if not isinstance(x, acb_series) or x[0] != 0:
            raise ValueError("the Taylor series of 1F1 is taken at 0")
        a, b = acb(a), acb(b)
        term, derivative, coefficients = acb(1), acb(0), []
        for n in range(ctx.cap):
            coefficients.append(term if step is None else term * derivative)
            derivative += 0 if step is None else step(n)
            term *= (a + n) / ((b + n) * (n + 1))
        return acb_series(coefficients, ctx.cap)(x)
