"""Coordinates in which densities are smooth: the change of variables of the density route, as data.

A chart maps a coordinate t to the point z(t) of (a part of) the support. Endpoint powers such as
z**(concentration - 1) become entire functions of t = log z, kinks of a density lie between two charts, and
each infinite end says how s -> oo approaches it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy
from sympy import exp, log, sinh

z = sympy.Symbol("z", real=True)
t = sympy.Symbol("t", real=True)
positive_t = sympy.Symbol("t", positive=True)
s = sympy.Symbol("s", positive=True)


@dataclass(frozen=True)
class End:
    """An infinite end: t = approach(s) as s -> oo, and s = coordinate(t), in which the tail is bounded.

    `otherwise` is another coordinate, for integrands whose tail has no bound in the first.
    """

    approach: sympy.Expr
    coordinate: sympy.Expr
    otherwise: End | None = None


@dataclass(frozen=True)
class Chart:
    """z = point(t) for t between `lower` and `upper`, each an infinite `End` or a value of t; t =
    coordinate(z).
    """

    variable: sympy.Symbol
    point: sympy.Expr
    coordinate: sympy.Expr
    lower: End | sympy.Expr
    upper: End | sympy.Expr
    reversed: bool = False  # z falls as t rises


@dataclass(frozen=True)
class Ray:
    """z = origin + side exp(i side angle) r, where r > 0 is what the chart maps to: side 1 is right, -1 left of the
    origin.

    Between the real axis and the ray the density is analytic, and it grows nowhere there: integrals of exp(i k z) p(z),
    k > 0, may run along it.
    """

    origin: sympy.Expr
    side: int
    angle: sympy.Expr
    chart: Chart


def _ends(variable: sympy.Symbol) -> tuple[End, End]:
    return End(-s, -variable), End(s, variable)


DOWN, UP = _ends(t)
FAR = _ends(positive_t)[1]
# an end whose density falls like exp(-exp|t|): the tail is bounded in exp|t|, not in t
FAR_FAST = End(log(1 + s), exp(positive_t) - 1)
FAST_DOWN, FAST_UP = End(-log(1 + s), exp(-t) - 1), End(log(1 + s), exp(t) - 1)


def line(centre: Any, width: Any, lower: End = DOWN, upper: End = UP) -> tuple[Chart, ...]:
    """z = centre + width t: a smooth density on the line whose tails fall at least exponentially."""
    return (Chart(t, centre + width * t, (z - centre) / width, lower, upper),)


def two_half_lines(centre: Any, width: Any) -> tuple[Chart, ...]:
    """The same for a density with a kink at its centre."""
    return (
        Chart(positive_t, centre + width * positive_t, (z - centre) / width, sympy.S.Zero, FAR),
        Chart(positive_t, centre - width * positive_t, (centre - z) / width, sympy.S.Zero, FAR, reversed=True),
    )


def heavy_line(centre: Any, width: Any) -> tuple[Chart, ...]:
    """z = centre +- width sinh t, t > 0: algebraic tails become exponential."""
    # linear in z for f that decays, else linear in t
    end = End(sympy.asinh(s), sinh(positive_t), otherwise=FAR)
    far, x = width * sinh(positive_t), (z - centre) / width
    return (
        Chart(positive_t, centre + far, sympy.asinh(x), sympy.S.Zero, end),
        Chart(positive_t, centre - far, sympy.asinh(-x), sympy.S.Zero, end, reversed=True),
    )


def half_line(width: Any, lower: End = DOWN, upper: End = FAST_UP, power: Any = 1) -> tuple[Chart, ...]:
    """z = width exp(t/power) on z > 0; by default the right tail falls exponentially in z."""
    if power != 1 or upper is not FAST_UP:
        upper = End(power * log(1 + s), exp(t / power) - 1, otherwise=upper)
    return (Chart(t, width * exp(t / power), power * (log(z) - log(width)), lower, upper),)


def above(low: Any, power: Any) -> tuple[Chart, ...]:
    """z = low exp(t/power) on z > low > 0: algebraic tails become exponential."""
    end = End(power * log(1 + s), exp(positive_t / power) - 1, otherwise=FAR)
    return (Chart(positive_t, low * exp(positive_t / power), power * (log(z) - log(low)), sympy.S.Zero, end),)


def below(high: Any, power: Any) -> tuple[Chart, ...]:
    """z = high exp(-t/power) on 0 < z < high: the endpoint power becomes exponential."""
    point = high * exp(-positive_t / power)
    return (Chart(positive_t, point, power * (log(high) - log(z)), sympy.S.Zero, FAR, reversed=True),)


def unit_interval() -> tuple[Chart, ...]:
    """Two charts of (0, 1) with the endpoint powers as exponentials: z = exp(-t) below 1/2, z = 1 - exp(-t) above."""
    return (
        Chart(positive_t, exp(-positive_t), -log(z), log(2), FAR, reversed=True),
        Chart(positive_t, 1 - exp(-positive_t), -log(1 - z), log(2), FAR),
    )


def segment(low: Any, high: Any) -> tuple[Chart, ...]:
    """z itself on a bounded interval with a smooth density."""
    return (Chart(t, t, z, sympy.sympify(low), sympy.sympify(high)),)


def rays_from(centre: Any, width: Any, sides: tuple[int, ...] = (1, -1)) -> tuple[Ray, ...]:
    """Rays at 45 degrees from a centre at which the density is analytic."""
    r = Chart(positive_t, width * (exp(positive_t) - 1), log(1 + z / width), sympy.S.Zero, FAR_FAST)
    return tuple(Ray(sympy.sympify(centre), side, sympy.pi / 4, r) for side in sides)


def ray_from_zero(chart: Chart, angle: Any) -> tuple[Ray, ...]:
    """The half-line turned about 0: by at most 45 degrees, and by no more than about the law's relative width, so that
    the density stays about as small on the ray as on the axis.
    """
    return (Ray(sympy.S.Zero, 1, sympy.Min(sympy.pi / 4, angle), chart),)


__all__ = [
    "DOWN", "FAR", "FAST_DOWN", "FAST_UP", "UP", "Chart", "End", "Ray",
    "above", "below", "half_line", "heavy_line", "line", "positive_t", "ray_from_zero",
    "rays_from", "s", "segment", "t", "two_half_lines", "unit_interval", "z",
]  # fmt: skip
