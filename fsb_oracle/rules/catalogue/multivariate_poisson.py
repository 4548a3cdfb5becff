"""Rules of the multivariate Poisson law: one more shock. They never ask for a derivative of f."""

from __future__ import annotations

from typing import Any

from fsb_oracle.families import Family
from fsb_oracle.rules.rule import Cost
from fsb_oracle.rules.vector import VectorRule


def _own_shocks(f: Any, c: Any, z: Any) -> Any:
    """Each component in turn has one more."""
    each = f(z[..., None, :] + c.math.identity(z.shape[-1], z))
    return each - f(z)[..., None]


def rules_of(law: Family) -> tuple[VectorRule, ...]:
    return (
        VectorRule(
            id="MPO-r-S",
            law=law,
            parameter="rates",
            kernel=_own_shocks,
            requires="F0",
            cost=Cost(f=law.shape[0] + 1),
            formula="f(z + e_i) - f(z)",
            source="symbol exp(i w_i) - 1",
            remarks="variance 0 for linear f",
        ),
        VectorRule(
            id="MPO-s-S",
            law=law,
            parameter="shared_rate",
            kernel=lambda f, c, z: f(z + 1) - f(z),
            requires="F0",
            cost=Cost(f=2),
            formula="f(z + (1, ..., 1)) - f(z)",
            source="symbol exp(i SUM w) - 1",
            remarks="variance 0 for linear f",
        ),
    )


def recommended_of(law: Family) -> dict[str, tuple[str, ...]]:
    return {"rates": ("MPO-r-S",), "shared_rate": ("MPO-s-S",)}
