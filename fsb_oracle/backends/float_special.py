"""Special functions of float64 arrays that SciPy lacks, or has with gaps."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special

TINY = 1e-290
STEPS = 40
LARGEST = 1e5  # 0F1 there is about 1e272; beyond it densities that hold 0F1 are 0 in float64, and SciPy divides by 0


def hyp0f1(b: Any, x: Any) -> Any:
    """0F1(; b; x) for b > 0 and x >= 0; constant beyond `LARGEST`."""
    return scipy.special.hyp0f1(b, np.minimum(x, LARGEST))


def hyp0f1_db(b: Any, x: Any) -> Any:
    """d/db 0F1(; b; x) = -SUM over n of x^n/(n! (b)_n) (digamma(b + n) - digamma(b)); all terms have one sign."""
    x = np.minimum(np.asarray(x, float), LARGEST)
    term, slope, total = np.ones_like(x), np.zeros_like(x), np.zeros_like(x)
    for n in range(int(3 * np.sqrt(np.max(x, initial=0.0))) + 60):
        slope = slope + 1 / (b + n)  # digamma(b + n + 1) - digamma(b)
        term = term * x / ((n + 1) * (b + n))
        total = total - term * slope
    return total


def log_besseli(order: Any, x: Any) -> Any:
    """log I of a nonnegative order at x > 0.

    Where the scaled I underflows the order is far above sqrt(x): by I = (x/2)^v/Gamma(v + 1) 0F1(; v + 1; x^2/4), or
    for x beyond `LARGEST` by the uniform expansion for large orders (NIST, 10.41.3).
    """
    v, x = np.broadcast_arrays(np.asarray(order, float), np.asarray(x, float))
    scaled = scipy.special.ive(v, x)
    with np.errstate(all="ignore"):
        small = v * np.log(x / 2) - scipy.special.gammaln(v + 1) + np.log(hyp0f1(v + 1, x * x / 4))
        value = np.where(scaled > TINY, np.log(scaled) + x, np.where(x * x / 4 < LARGEST, small, _large_order(v, x)))
    return value[()]


def _large_order(v: Any, x: Any) -> Any:
    """log I by four terms of the uniform expansion in 1/v; the first dropped is below 1/v^4."""
    root = np.hypot(v, x)
    p = v / root
    u1 = (3 * p - 5 * p**3) / 24
    u2 = (81 * p**2 - 462 * p**4 + 385 * p**6) / 1152
    u3 = (30375 * p**3 - 369603 * p**5 + 765765 * p**7 - 425425 * p**9) / 414720
    exponent = root + v * np.log(x / (v + root))
    return exponent - np.log(2 * np.pi * root) / 2 + np.log1p(u1 / v + u2 / v**2 + u3 / v**3)


def besseli_ratio(order: Any, x: Any) -> Any:
    """I of order + 1 over I of a nonnegative order at x > 0.

    By r_v = 1/(2 (v + 1)/x + r_{v+1}) (Gautschi 1967) where the scaled I underflows, from the middle of the bounds of
    Amos (1974) on: there the order is far above sqrt(x), and every step divides the error by more than 1 + v/x.
    """
    v, x = np.broadcast_arrays(np.asarray(order, float), np.asarray(x, float))
    above, below = scipy.special.ive(v + 1, x), scipy.special.ive(v, x)
    top = v + STEPS
    ratio = x / (top + 0.75 + np.hypot(x, top + 0.75))
    for step in range(STEPS - 1, -1, -1):
        ratio = x / (2 * (v + step + 1) + x * ratio)
    with np.errstate(all="ignore"):
        return np.where(above > TINY, above / below, ratio)[()]
