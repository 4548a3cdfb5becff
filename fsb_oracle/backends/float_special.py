"""Special functions of float64 arrays that SciPy lacks, or has with gaps."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special

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
