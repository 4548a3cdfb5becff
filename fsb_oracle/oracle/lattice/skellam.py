"""Masses of the Skellam law: P(n) = exp(-a - b) (a/b)**(n/2) I_|n|(2 sqrt(a b)) with the rates a and b.

Bessel functions come from their recurrence downwards in the order, where all terms are positive. Their ratios obey
(Amos 1974, equations 9 and 11), for v >= 0 and x > 0,

    x/(v + 1 + sqrt(x**2 + (v + 1)**2)) <= I_{v+1}(x)/I_v(x) <= x/(v + 1/2 + sqrt(x**2 + (v + 1/2)**2)),

hence P(n + 1)/P(n) <= 2 a/(c + sqrt(x**2 + c**2)) with x**2 = 4 a b, and c = n + 1/2 for n >= 0, c = n for n < 0:
it falls as n grows. To the left, a and b change places. The derivatives are differences, dP(n)/da = P(n - 1) - P(n)
and dP(n)/db = P(n + 1) - P(n), since d phi/da = (exp(iw) - 1) phi.
"""

from __future__ import annotations

from flint import arb, ctx

from fsb_oracle.backends.flint_math import ball, precision
from fsb_oracle.families import Family, Parameters
from fsb_oracle.oracle.lattice.masses import Envelope


class Skellam:
    """Masses, or their derivatives, at given rates."""

    lower: int | None = None
    upper: int | None = None

    def __init__(self, family: Family, values: Parameters, parameter: str | None) -> None:
        self.rates, self.parameter = (values["rate1"], values["rate2"]), parameter
        self.first, self.second = (ball(rate) for rate in self.rates)
        self.x = 2 * (self.first * self.second).sqrt()
        self.shift = 0 if parameter is None else -1 if parameter == "rate1" else 1  # P(n + shift) - P(n)

    def envelope(self, start: int, direction: int) -> Envelope:
        """P(start) and, for a derivative, its neighbour; and the bound of all ratios beyond the nearer of the two."""
        size = self._bound(start)
        if self.shift == 0:
            return Envelope(size, arb(0), self._ratio(start, direction))
        near = min(start, start + self.shift) if direction > 0 else max(start, start + self.shift)
        return Envelope(size + self._bound(start + self.shift), arb(0), self._ratio(near, direction))

    def _bound(self, n: int) -> arb:
        """P(n) <= E s**(Z - n) for every s > 0 (Chernoff); it is least where a s - b/s = n."""
        root = (arb(n) * n + self.x * self.x).sqrt()
        s = ((n + root) / (2 * self.first) if n > 0 else 2 * self.second / (root - n)).mid()
        return (self.first * (s - 1) + self.second * (1 / s - 1) - n * s.log()).exp()

    def between(self, low: int, high: int) -> list[arb]:
        if self.shift == 0:
            return self._between(low, high)
        masses = self._between(low - 1, high + 1)
        return [masses[i + self.shift] - masses[i] for i in range(1, len(masses) - 1)]

    def _ratio(self, n: int, direction: int) -> arb:
        rate, n = (self.first, n) if direction > 0 else (self.second, -n)
        c = arb(n) + arb(0.5) if n >= 0 else arb(n)
        root = (self.x * self.x + c * c).sqrt()
        if n >= 0:
            return 2 * rate / (c + root)
        other = self.second if direction > 0 else self.first
        return (root - c) / (2 * other)

    def _between(self, low: int, high: int) -> list[arb]:
        last = max(abs(low), abs(high - 1))
        first = 0 if low <= 0 <= high - 1 else min(abs(low), abs(high - 1))
        with precision(ctx.dps + 5):
            x = 2 * (ball(self.rates[0]) * ball(self.rates[1])).sqrt()
            bessel = {order: x.bessel_i(arb(order), scaled=True) for order in (last, last + 1)}
            for order in range(last, first, -1):
                bessel[order - 1] = bessel[order + 1] + 2 * order / x * bessel[order]
            # exp(x) - scaled - times exp(-a - b) is exp(-(sqrt a - sqrt b)**2)
            difference = ball(self.rates[0]).sqrt() - ball(self.rates[1]).sqrt()
            odds = (ball(self.rates[0]) / ball(self.rates[1])).sqrt()
            power = (-difference * difference).exp() * odds**low
            masses = []
            for n in range(low, high):
                masses.append(power * bessel[abs(n)])
                power *= odds
        return masses
