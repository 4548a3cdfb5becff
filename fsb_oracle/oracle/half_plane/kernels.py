"""Bounded factors of the integrands on a ray, and their bounds: poles of fhat, hyperbolic functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from flint import acb, arb


class Kernel(Protocol):
    """A bounded factor of an integrand, analytic for Re w > 0."""

    turns: bool  # whether its bounds hold off the real line

    def __call__(self, w: acb) -> acb: ...

    def far(self, theta: float) -> tuple[list[tuple[arb, int]], arb]:
        """[(size, power)], rate: |kernel| <= SUM size r**power exp(-rate r)."""
        ...

    def near(self, theta: float) -> tuple[arb, int]:
        """size, power: |kernel| <= size r**power."""
        ...


@dataclass(frozen=True)
class One:
    """No kernel."""

    turns = True

    def __call__(self, w: acb) -> acb:
        return acb(1)

    def far(self, theta: float) -> tuple[list[tuple[arb, int]], arb]:
        return [(arb(1), 0)], arb(0)

    def near(self, theta: float) -> tuple[arb, int]:
        return arb(1), 0


@dataclass(frozen=True)
class Pole:
    """(i w + gap)**-order, with a real gap other than 0: the distance of i w from the real line is r cos(theta)."""

    gap: arb
    order: int
    turns = True

    def __call__(self, w: acb) -> acb:
        return (1 / (acb(0, 1) * w + self.gap)) ** self.order

    def far(self, theta: float) -> tuple[list[tuple[arb, int]], arb]:
        return [(arb(theta).cos() ** -self.order, -self.order)], arb(0)

    def near(self, theta: float) -> tuple[arb, int]:
        return (arb(theta).cos() * abs(self.gap)) ** -self.order, 0


@dataclass(frozen=True)
class Csch:
    """x/sinh(x) - less at x = rate w, with less = 0 or 1: for x > 0, 1 - x**2/6 <= x/sinh(x) <= (1 + 2 x) exp(-x)."""

    rate: arb
    less: int = 0
    turns = False

    def __call__(self, w: acb) -> acb:
        x = self.rate * w
        if x.real > 1:  # sharper on wide balls
            e = (-x).exp()
            return 2 * x * e / (1 - e * e) - self.less
        return 1 / (acb(0, 1) * x).sinc() - self.less

    def far(self, theta: float) -> tuple[list[tuple[arb, int]], arb]:
        return ([(arb(1), 0)], arb(0)) if self.less else ([(arb(1), 0), (2 * self.rate, 1)], self.rate)

    def near(self, theta: float) -> tuple[arb, int]:
        return (self.rate**2 / 6, 2) if self.less else (arb(1), 0)


@dataclass(frozen=True)
class Fermi:
    """1/(1 + exp(-2 x)) at x = rate w."""

    rate: arb
    turns = False

    def __call__(self, w: acb) -> acb:
        return 1 / (1 + (-2 * self.rate * w).exp())

    def far(self, theta: float) -> tuple[list[tuple[arb, int]], arb]:
        return [(arb(1), 0)], arb(0)

    def near(self, theta: float) -> tuple[arb, int]:
        return arb(1), 0
