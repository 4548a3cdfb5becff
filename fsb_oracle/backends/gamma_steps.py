"""How much log Gamma and digamma grow over a step, on any floating-point namespace.

As a difference of two values the digits go where the argument is large or the step small: in float32 the ratio
Gamma(x + 1/2)/Gamma(x) at x = 500 would be off by 1e-4. The recurrence carries the argument to where the asymptotic
series (NIST Digital Library of Mathematical Functions, 5.11) is exact to float64, and every term keeps its digits.
"""

from __future__ import annotations

from math import prod
from typing import Any

SHIFT = 12  # the series' first neglected terms are then below 1e-15
# of 1/y, 1/y^3, ... in log Gamma(y + 1/2) - log Gamma(y) - log(y)/2
HALF_STEP = (-1 / 8, 1 / 192, -1 / 640, 17 / 14336, -31 / 18432, 691 / 180224)
# of 1/y^2, 1/y^4, ... in digamma(y)
DIGAMMA = (-1 / 12, 1 / 120, -1 / 252, 1 / 240, -1 / 132, 691 / 32760)


def gamma_half_step(m: Any, x: Any) -> Any:
    """Gamma(x + 1/2)/Gamma(x) for x > 0."""
    inverse = 1 / (x + SHIFT)
    square, series = inverse * inverse, 0.0
    for coefficient in reversed(HALF_STEP):
        series = series * square + coefficient
    carried = prod((x + k) / (x + (k + 0.5)) for k in range(SHIFT))
    return carried * m.sqrt(x + SHIFT) * m.exp(series * inverse)


def digamma_step(m: Any, x: Any, step: Any) -> Any:
    """digamma(x + step) - digamma(x) for x > 0 and step > 0."""
    near, far = 1 / (x + SHIFT), 1 / (x + SHIFT + step)
    growth = -step * near * far  # far - near
    low, high = near * near, far * far
    # far^(2 k) - near^(2 k) = (far^2 - near^2) (sum of the products of k - 1 factors)
    products, power, series = 1.0, 1.0, 0.0
    for coefficient in DIGAMMA:
        series = series + coefficient * products
        power = power * low
        products = products * high + power
    tail = m.log1p(step * near) + growth * (series * (near + far) - 0.5)
    return tail + sum(step / ((x + k) * (x + k + step)) for k in range(SHIFT))
