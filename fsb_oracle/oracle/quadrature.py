"""Rigorous integrals of one analytic function over one segment, in ball arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import acb, arb

from fsb_oracle.backends.expressions import bind
from fsb_oracle.backends.flint_math import FlintMath

_BELOW_A_POLE = 1.57
EVALUATIONS_PER_DIGIT = 600  # smooth integrands need about ten; a pole on the path would need infinitely many


class _QuickMath(FlintMath):
    """The functions that integrands are made of most, for arguments that are balls already."""

    exp, sin, cos, tan = map(staticmethod, (acb.exp, acb.sin, acb.cos, acb.tan))
    sinh, cosh = map(staticmethod, (acb.sinh, acb.cosh))
    inverse = staticmethod(lambda x: 1 / x)

    @staticmethod
    def tanh(x: acb) -> acb:
        """By one exponential, which is quicker than FLINT's own, sharper on wide balls, and decays: exp(2 x) of a large
        x would not be finite. On balls that are too wide for it, |tanh(x + iy)| <= max(1, tan|y|), |y| < pi/2.
        """
        value = 1 - 2 / (1 + (x + x).exp()) if x.real.mid() < 0 else 2 / (1 + (-(x + x)).exp()) - 1
        if value.is_finite() or not (height := abs(x.imag).upper()) < _BELOW_A_POLE:
            return value
        bound = arb(0, arb(1).max(height.tan()).upper())
        return acb(bound, bound)


PLAIN, ANALYTIC = _QuickMath(), _QuickMath(analytic=True)
_SLOW = FlintMath(), FlintMath(analytic=True)
_EVERYTHING = acb(arb(0, float("inf")), arb(0, float("inf")))


def safe(function: Callable[..., acb], *constants: Any) -> Callable[[acb, bool], acb]:
    """A callback for `acb.integral`: an exception or a non-finite value becomes the ball of everything.

    A NaN would end the integration at once, and an exception surfaces late and unreadably.
    """
    plain, careful = _of_one_ball(function, PLAIN, constants), _of_one_ball(function, ANALYTIC, constants)

    def callback(x: acb, analytic: bool) -> acb:
        try:
            try:
                value = careful(x) if analytic else plain(x)
            except TypeError:  # a function of a plain number
                value = function(_SLOW[analytic], x, *constants)
        except (ArithmeticError, ValueError, TypeError):
            return _EVERYTHING
        return value if value.is_finite() else _EVERYTHING

    return callback


def _of_one_ball(function: Callable[..., acb], m: FlintMath, constants: tuple[Any, ...]) -> Callable[[acb], acb]:
    if hasattr(function, "lines"):
        return bind(function, m, *constants)
    return lambda x: function(m, x, *constants)


def enclosed_integral(
    callback: Callable[[acb, bool], acb],
    start: acb,
    end: acb,
    tolerance: arb,
    digits: int,
    evaluations_per_digit: int = EVALUATIONS_PER_DIGIT,
) -> acb:
    """The integral of an analytic function over a segment: to the absolute tolerance, or to the digits if
    that is coarser; the ball of everything if it comes nowhere near (more oscillations than evaluations, a pole).
    """
    limit, count = evaluations_per_digit * (max(digits, 0) + 30), 0

    def counted(x: acb, analytic: bool) -> acb:
        nonlocal count
        count += 1
        return callback(x, analytic)

    value = acb.integral(counted, start, end, abs_tol=tolerance, rel_tol=arb(10) ** -(digits + 3), eval_limit=limit)
    out_of_reach = count >= limit and value.rad() > 1e3 * tolerance and value.rad() > 1e-3 * abs(value).upper()
    return _EVERYTHING if out_of_reach else value
