"""The velocity on panels: one hypergeometric series at the centre, continued by its differential equation.

A power series about each centre is many times quicker to evaluate than the hypergeometric series itself, and what it
leaves out is bounded by Cauchy's estimate from one enclosure on a wider disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, log2

from flint import acb, acb_poly, acb_series, arb, ctx

from fsb_oracle.rules.symbolic import NoCollapse
from fsb_oracle.rules.velocity_series import NOWHERE, Side

WIDEST = 0.5  # half a panel, in t
REACH, DISK = 2, 4  # in half panels: where the power series is used, and where the remainder's bound is taken
MOST_TERMS = 1_500
MOST_PANELS = 400


@dataclass(frozen=True)
class Panel:
    """v on start <= t <= end, and within `reach` of the centre in the complex plane."""

    side: Side
    start: float
    end: float
    centre: float
    series: acb_poly
    remainder: arb
    reach: float

    def velocity(self, t: acb) -> acb:
        step = t - self.centre
        if not abs(step) <= self.reach:
            return NOWHERE
        ball = arb(0, self.remainder)
        return self.side.scale(t) * (self.series(step) + acb(ball, ball))


def panels(side: Side, start: float, end: float, digits: int) -> Iterator[Panel]:
    """Panels that cover start <= t <= end, for about `digits` relative digits, at the precision in force.

    Raises:
        NoCollapse: the velocity cannot be enclosed.
    """
    half = min(WIDEST, (end - start) / 2)
    for _ in range(MOST_PANELS):
        panel = _panel(side, start, half, digits)
        if panel is None:
            half /= 2
            if half < 1e-6:
                raise NoCollapse("the velocity cannot be enclosed")
            continue
        yield panel
        start = panel.end
        if start >= end:
            return
        half = min(WIDEST, 1.5 * half, (end - start) / 2 if end - start > 1e-9 else half)
    raise NoCollapse("the velocity needs too many panels")


def _panel(side: Side, start: float, half: float, digits: int) -> Panel | None:
    """The panel of half width `half` from `start` on; None where it is too wide for its disk."""
    centre = start + half
    value = side.relative(acb(centre))
    box = arb(0, DISK * half * (1 + 1e-9))
    size = abs(side.relative(acb(centre + box, box))).upper()
    if not size.is_finite() or not value.is_finite():
        return None
    least = max(float(abs(value).lower()), 1e-300)
    terms = ceil((log2(float(size) / least + 1) + 3.33 * (digits + 5)) / log2(DISK / REACH)) + 2
    if terms > MOST_TERMS or size > arb(10) ** 60 * least:
        return None
    remainder = size * arb(REACH / DISK * (1 + 1e-8)) ** terms * (DISK / (DISK - REACH)) * 2
    return Panel(
        side, start, start + 2 * half, centre, _continued(side, centre, value, terms), remainder.upper(), REACH * half
    )


def _continued(side: Side, centre: float, value: acb, terms: int) -> acb_poly:
    """Power series of u = v/scale about the centre: u' = S + A u has the integrating factor exp(INT A)."""
    cap, ctx.cap = ctx.cap, terms
    try:
        source, factor = side.equation(acb_series([acb(centre), acb(1)], terms))
        growth = factor.integral().exp()
        return acb_poly(list(growth * (value + (source / growth).integral())))
    finally:
        ctx.cap = cap
