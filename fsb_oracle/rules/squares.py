"""Rules of laws whose square is gamma(k) of scale theta: gamma rules of f(root of it).

A gamma variable y of concentration k + j is split by an independent beta variable B: theta y B is z^2, and theta y
the square of the shifted point. The points are then products of independent variables, so that proofs are quick.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fsb_oracle.backends.noise import Exponential, Gamma
from fsb_oracle.rules.rule import Cost, Rule


def slope(f: Any, x: Any) -> Any:
    """The derivative of f(sqrt(y)) at y = x^2."""
    return f.derivative(x) / (2 * x)


def scale_rules(
    prefix: str, family: str, shape: Any, letter: Callable[[Any], Any], theta: Callable[[Any], Any], words: str
) -> tuple[Rule, ...]:
    """The rules of a scale sigma, to whose square theta is proportional.

    Args:
        prefix: of the ids.
        shape: k as an expression in the letters; `letter` gives it from the letters' values.
        theta: from the letters' values.
        words: k and theta for people.
    """

    def difference(f: Any, c: Any, y: Any, e: Any) -> Any:
        k, larger = letter(c), c.math.sqrt(theta(c) * y)
        return 2 * k / c.sigma * (f(larger) - f(larger * c.math.exp(-e / (2 * k))))

    common: dict[str, Any] = {"family": family, "parameter": "scale", "letter": "sigma", "space": "log"}
    return (
        Rule(
            id=f"{prefix}-sig-D",
            kernel=lambda f, c, z: z / c.sigma * f.derivative(z),
            formula="(z/sigma) f'(z)",
            source="symbol of the location of log z",
            remarks="equals reparameterization",
            **common,
        ),
        Rule(
            id=f"{prefix}-sig-S",
            kernel=difference,
            noise={"y": Gamma(shape + 1), "e": Exponential()},
            requires="F0",
            cost=Cost(f=2),
            formula=f"(2 k/sigma) [f(x) - f(x exp(-e/(2 k)))], x = sqrt(theta y), {words}, y ~ Gamma(k+1), e ~ Exp(1)",
            source="GAM-s-S of z^2: Gamma(k+1) V with V = exp(-e/k) is Gamma(k)",
            remarks="bounded variance for bounded f, jumps included",
            **common,
        ),
    )


__all__ = ["scale_rules", "slope"]
