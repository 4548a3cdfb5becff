"""The verdict of noise quadrature (tier 0b): a mean known as value +- error is compared with the exact one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from fsb_oracle.records import Status
from fsb_oracle.verdicts.plan import Plan
from fsb_oracle.verdicts.sequential import Decision

__all__ = ["allowance", "cut_off", "decide_quadrature", "default_margin", "rounding", "truncation"]

CONVERGING = 0.03

EPSILON = float(np.finfo(np.float64).eps)


def rounding(dtype: str = "float64") -> float:
    """Bound on the rounding error of a quadrature sum of values computed in `dtype`, per unit of the integral
    of |g|."""
    return 128 * EPSILON + (4 * _epsilon(dtype) if _epsilon(dtype) > EPSILON else 0.0)


def truncation(totals: Sequence[float], smooth: bool = True) -> float:
    """Estimated error of the last of the sums over grids with halved steps; infinite for a single one.

    Four times the last change, which is the error of the grid before. Where the change itself fell to r < 0.03 of the
    one before it, the double-exponential rule has begun to converge, and the error of the last grid is r times smaller
    or less: ten times that is taken, as in `oracle.fast`. Not unless `smooth`: where values are rounded to float32, or
    an oscillation runs out into a heavy tail, two grids may agree by chance."""
    if len(totals) < 2:
        return math.inf
    change = abs(totals[-1] - totals[-2])
    before = abs(totals[-2] - totals[-3]) if len(totals) > 2 else 0.0
    fallen = change / before if before else 1.0
    return 10 * change * fallen if smooth and fallen < CONVERGING else 4 * change


def cut_off(weights: np.ndarray, products: np.ndarray) -> float:
    """Estimate of what lies beyond a grid on one variable that ends where the density falls below a small cut.

    In a heavy tail weight and product fall like powers of one another. Of the absolute sum A the nodes in the lower
    half of the logarithms of the weights hold D = A r**(1/2), and A r = D**2/A lies beyond the grid: ten times that is
    taken.
    """
    sizes = np.abs(products)
    positive = np.broadcast_to(weights, sizes.shape)[sizes > 0]
    if not positive.size:
        return 0.0
    outer = sizes[sizes > 0][positive < math.sqrt(positive.min()) * math.sqrt(positive.max())].sum()
    return float(10 * outer**2 / sizes.sum())


def allowance(abs_sum: float, dtype: str = "float64") -> float:
    """The numerical allowance tau: rounding errors of g in its dtype, given the integral of |g|."""
    return (64 if dtype == "float64" else 16) * _epsilon(dtype) * abs_sum


def default_margin(scale: float, dimension: int, dtype: str = "float64") -> float:
    """The margin of this tier for a reporting scale S."""
    if dtype != "float64":
        return 1e-5 * scale
    return (1e-9 if dimension <= 2 else 1e-7) * scale


def decide_quadrature(
    value: float, error: float, abs_sum: float, exact: float, oracle_error: float, tau: float, delta0: float
) -> Decision:
    """The deterministic verdict on a mean known as value +- error.

    `abs_sum` is the integral of |g|; `tau` the allowance, `delta0` the margin (raised to 2 tau where it is
    less). A verdict is given only where the quadrature reached the margin: an error that is larger comes from
    levels that still disagree."""
    plan = Plan(margin=max(delta0, 2 * tau), tolerance=tau, oracle_error=oracle_error)
    bias, total = value - exact, error + oracle_error + EPSILON * abs(exact)
    biased, within = abs(bias) > tau + total, abs(bias) + total <= plan.margin
    reason = None
    if not math.isfinite(bias + abs_sum):
        status, reason = Status.inconclusive, "nonfinite"
    elif not total <= plan.margin:
        status, reason = Status.inconclusive, "quadrature-not-converged"
    elif biased:
        status, reason = (Status.within_margin, None) if within else (Status.fail, "biased")
    elif within:
        status = Status.pass_
    else:
        status, reason = Status.inconclusive, "quadrature-not-converged"
    interval = (bias - total, bias + total)
    return Decision(
        status=status,
        reason=reason,
        bias=bias,
        standard_error=0.0,
        bias_bound=abs(bias) + total,
        interval=interval,
        pass_interval=interval,
        evidence=None,
        num_samples=0,
        looks=0,
        variance_class=None,
        plan=plan,
    )


def _epsilon(dtype: str) -> float:
    return float(np.finfo(dtype).eps)
