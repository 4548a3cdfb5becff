"""mpmath as a math namespace: independent software for the audit of the ball routes."""

from __future__ import annotations

from collections.abc import Callable
from math import lgamma, log
from typing import Any

import mpmath


def _kummer_sum(a: Any, b: Any, x: Any, step: Callable[[int], Any]) -> Any:
    """SUM (a)_n/(b)_n x**n/n! times the sum of `step` below n: a parameter derivative of 1F1, term by term.

    Terms grow to exp(|x|) before they fall: that many digits are added while summing.
    """
    size, bits = float(abs(x)), mpmath.mp.prec
    with mpmath.workprec(bits + int(1.5 * size) + 20):
        count = int(size) + 1
        while count * log(max(size, 1e-300)) - lgamma(count + 1) > -0.7 * bits - 20:
            count += 4
        term, derivative, total = mpmath.mpf(1), mpmath.mpf(0), mpmath.mpf(0)
        for n in range(count):
            derivative += step(n)
            term = term * ((a + n) / ((b + n) * (n + 1))) * x
            total += term * derivative
    return +total


def _normal_mass(low: Any, high: Any) -> Any:
    """P(low < X < high) of a standard normal X, from the tail in which the interval lies."""
    return mpmath.ncdf(high) - mpmath.ncdf(low) if low < 0 else mpmath.ncdf(-low) - mpmath.ncdf(-high)


class MpmathMath:
    """Functions of mpmath numbers at mpmath's current precision."""

    exp = staticmethod(mpmath.exp)
    log = staticmethod(mpmath.log)
    sqrt = staticmethod(mpmath.sqrt)
    power = staticmethod(mpmath.power)
    inverse = staticmethod(lambda x: 1 / x)
    sin, cos, tan = staticmethod(mpmath.sin), staticmethod(mpmath.cos), staticmethod(mpmath.tan)
    sinh, cosh, tanh = staticmethod(mpmath.sinh), staticmethod(mpmath.cosh), staticmethod(mpmath.tanh)
    atan, erf, erfc = staticmethod(mpmath.atan), staticmethod(mpmath.erf), staticmethod(mpmath.erfc)
    gamma, loggamma = staticmethod(mpmath.gamma), staticmethod(mpmath.loggamma)
    digamma = staticmethod(mpmath.digamma)
    hyp1f1 = staticmethod(mpmath.hyp1f1)
    asinh, expm1 = staticmethod(mpmath.asinh), staticmethod(mpmath.expm1)
    log1mexp = staticmethod(
        lambda x: mpmath.log(-mpmath.expm1(x)) if mpmath.re(x) > -1 else mpmath.log1p(-mpmath.exp(x))
    )
    hyp0f1 = staticmethod(mpmath.hyp0f1)
    besseli, besselk = staticmethod(mpmath.besseli), staticmethod(mpmath.besselk)
    normal_mass = staticmethod(_normal_mass)
    log_besseli = staticmethod(lambda order, x: mpmath.log(mpmath.besseli(order, x)))
    besseli_ratio = staticmethod(lambda order, x: mpmath.besseli(order + 1, x) / mpmath.besseli(order, x))
    uppergamma = staticmethod(lambda s, x: mpmath.gammainc(s, x))
    hyp0f1_db = staticmethod(lambda b, x: mpmath.diff(lambda p: mpmath.hyp0f1(p, x), b))
    besselk_dorder = staticmethod(lambda order, x: mpmath.diff(lambda p: mpmath.besselk(p, x), order))
    uppergamma_ds = staticmethod(lambda s, x: mpmath.diff(lambda p: mpmath.gammainc(p, x), s))

    @staticmethod
    def hyp1f1_da(a: Any, b: Any, x: Any) -> Any:
        return _kummer_sum(a, b, x, lambda n: 1 / (a + n))

    @staticmethod
    def hyp1f1_db(a: Any, b: Any, x: Any) -> Any:
        return _kummer_sum(a, b, x, lambda n: -1 / (b + n))

    fermi, sech = staticmethod(lambda x: 1 / (1 + mpmath.exp(x))), staticmethod(mpmath.sech)
    maximum, minimum = staticmethod(max), staticmethod(min)
    i = mpmath.mpc(0, 1)

    @property
    def pi(self) -> Any:
        return +mpmath.pi

    @property
    def euler_gamma(self) -> Any:
        return +mpmath.euler

    @staticmethod
    def rational(p: int, q: int) -> Any:
        return mpmath.mpf(p) / q

    @staticmethod
    def trigamma(x: Any) -> Any:
        return mpmath.polygamma(1, x)

    abs = staticmethod(mpmath.fabs)
    sign = staticmethod(mpmath.sign)

    @staticmethod
    def heaviside(x: Any) -> Any:
        return (mpmath.sign(x) + 1) / 2

    @staticmethod
    def where(condition: bool, x: Any, y: Any) -> Any:
        return x if condition else y
