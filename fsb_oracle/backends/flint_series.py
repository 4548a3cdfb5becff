"""Truncated power series over complex balls as a math namespace: Taylor coefficients of a declared formula.

Where an argument is a plain ball, the function of balls is used. The series length is that of the argument,
and the process-wide cap (`flint.ctx.cap`) must be at least as large: `series_length` sets both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import comb, factorial
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


def _composed(x: Any, function: Callable[[Any], acb], coefficient: Callable[[acb, int], acb]) -> Any:
    """function(x) from its Taylor coefficients (at a centre, from order 1 on)."""
    if not isinstance(x, acb_series):
        return function(x)
    centre = x[0]
    terms = [function(centre), *(coefficient(centre, n) for n in range(1, ctx.cap))]
    return acb_series(terms, ctx.cap)(_increment(x)) if ctx.cap > 1 else acb_series(terms, 1)


def _increment(x: acb_series) -> acb_series:
    """x - x(0), whose constant term is exactly 0."""
    return acb_series([acb(0), *x.coeffs()[1:]], ctx.cap)


def _kummer_term(function: Callable[..., acb], a: Any, b: Any, centre: acb, n: int) -> acb:
    """The nth Taylor coefficient of 1F1(a; b; x), (a)_n/((b)_n n!) 1F1(a + n; b + n; x); DLMF 13.3.16."""
    a, b = acb(a), acb(b)
    return a.rising(n) / (b.rising(n) * factorial(n)) * function(a + n, b + n, centre)


def _bessel_term(function: Callable[[Any, Any], acb], sign: int, order: Any, centre: acb, n: int) -> acb:
    """The n-th Taylor coefficient, from K' = -(K of the order below + K of that above)/2, or I' = +(...)/2."""
    derivative = sum((comb(n, j) * function(order - n + 2 * j, centre) for j in range(n + 1)), acb(0))
    return derivative * sign**n / (acb(2) ** n * factorial(n))


def _integrated(x: Any, function: Callable[[Any], acb], slope: Callable[[acb_series], acb_series]) -> Any:
    """function(x) from the series of its derivative."""
    if not isinstance(x, acb_series) or ctx.cap == 1:
        return function(x[0] if isinstance(x, acb_series) else x)
    return acb_series([function(x[0])], ctx.cap) + slope(variable_at(x[0])).integral()(_increment(x))


class SeriesMath(FlintMath):
    """Functions of power series; those that characteristic functions and exponents of densities need."""

    exp, sin, cos, tan = _lifted("exp"), _lifted("sin"), _lifted("cos"), _lifted("tan")
    erf, erfc, gamma = _lifted("erf"), _lifted("erfc"), _lifted("gamma")

    def cosh(self, x: Any) -> Any:
        return (x.exp() + (-x).exp()) / 2 if isinstance(x, acb_series) else super().cosh(x)

    def sinh(self, x: Any) -> Any:
        return (x.exp() - (-x).exp()) / 2 if isinstance(x, acb_series) else super().sinh(x)

    def tanh(self, x: Any) -> Any:
        return 1 - 2 / (1 + (2 * x).exp()) if isinstance(x, acb_series) else super().tanh(x)

    def inverse(self, x: Any) -> Any:
        return 1 / x if isinstance(x, acb_series) else super().inverse(x)

    def fermi(self, x: Any) -> Any:
        return 1 / (1 + x.exp()) if isinstance(x, acb_series) else super().fermi(x)

    def sech(self, x: Any) -> Any:
        return 2 / (x.exp() + (-x).exp()) if isinstance(x, acb_series) else super().sech(x)

    def atan(self, x: Any) -> Any:
        return x.atan() if isinstance(x, acb_series) else super().atan(x)

    def loggamma(self, x: Any) -> Any:
        return x.lgamma() if isinstance(x, acb_series) else super().loggamma(x)

    def log(self, x: Any) -> Any:
        return x.log() if isinstance(x, acb_series) else super().log(x)

    def sqrt(self, x: Any) -> Any:
        return x.sqrt() if isinstance(x, acb_series) else super().sqrt(x)

    def power(self, x: Any, y: Any) -> Any:
        return (y * x.log()).exp() if isinstance(x, acb_series) else super().power(x, y)

    def digamma(self, x: Any) -> Any:
        return _composed(x, super().digamma, lambda c, n: c.polygamma(n) / factorial(n))

    def expm1(self, x: Any) -> Any:
        return x.exp() - 1 if isinstance(x, acb_series) else super().expm1(x)

    def log1mexp(self, x: Any) -> Any:
        return _integrated(x, super().log1mexp, lambda y: -1 / ((-y).exp() - 1))

    def besseli(self, order: Any, x: Any) -> Any:
        if isinstance(order, acb_series):  # the order of a wave on the circle, whose powers of z have no mean
            order = order[0] if ctx.cap == 1 else acb("nan")
        return _composed(x, partial(super().besseli, order), partial(_bessel_term, super().besseli, 1, order))

    def besselk(self, order: Any, x: Any) -> Any:
        return _composed(x, partial(super().besselk, order), partial(_bessel_term, super().besselk, -1, order))

    def besselk_dorder(self, order: Any, x: Any) -> Any:
        function = super().besselk_dorder
        return _composed(x, partial(function, order), partial(_bessel_term, function, -1, order))

    def uppergamma(self, s: Any, x: Any) -> Any:
        return _integrated(x, partial(super().uppergamma, s), lambda y: -((s - 1) * y.log() - y).exp())

    def uppergamma_ds(self, s: Any, x: Any) -> Any:
        slope = lambda y: -y.log() * ((s - 1) * y.log() - y).exp()  # noqa: E731
        return _integrated(x, partial(super().uppergamma_ds, s), slope)

    def hyp1f1(self, a: Any, b: Any, x: Any) -> Any:
        return _composed(x, partial(super().hyp1f1, a, b), partial(_kummer_term, super().hyp1f1, a, b))

    def hyp1f1_da(self, a: Any, b: Any, x: Any) -> Any:
        return self._kummer_slope(super().hyp1f1_da, a, b, x, lambda j: 1 / (acb(a) + j))

    def hyp1f1_db(self, a: Any, b: Any, x: Any) -> Any:
        return self._kummer_slope(super().hyp1f1_db, a, b, x, lambda j: -1 / (acb(b) + j))

    def _kummer_slope(self, slope: Callable[..., acb], a: Any, b: Any, x: Any, step: Callable[[int], acb]) -> Any:
        """The derivative of 1F1 in a or b, of whose coefficient (a)_n/(b)_n the logarithmic one is the sum of `step`
        below n."""
        function = super().hyp1f1

        def term(centre: acb, n: int) -> acb:
            growth = sum((step(j) for j in range(n)), acb(0))
            return _kummer_term(slope, a, b, centre, n) + growth * _kummer_term(function, a, b, centre, n)

        return _composed(x, partial(slope, a, b), term)
