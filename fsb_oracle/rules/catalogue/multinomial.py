"""The rule of the multinomial law: one of the draws is put elsewhere. It never asks for a derivative of f."""

from __future__ import annotations

from typing import Any

from fsb_oracle.families import Family
from fsb_oracle.families.multinomial import choices, counts, probabilities, trials
from fsb_oracle.rules.rule import Cost
from fsb_oracle.rules.vector import VectorRule


def _replaced(f: Any, c: Any, k: Any) -> Any:
    """All draws but the last stay; the last one is put into each category in turn."""
    size = c.logits.shape[-1]
    others = counts(c, k[..., :-1]) if trials(c) > 1 else 0 * counts(c, k)
    each = f(others[..., None, :] + c.math.identity(size, others))
    return trials(c) * probabilities(c) * (each - f(counts(c, k))[..., None])


def rules_of(law: Family) -> tuple[VectorRule, ...]:
    return (
        VectorRule(
            id="MUL-logit",
            law=law,
            parameter="logits",
            kernel=_replaced,
            noise=choices,
            requires="F0",
            cost=Cost(f=law.shape[0] + 1),
            formula="n pi_k [f(b + e_k) - f(z)], z = b + e_J, J ~ pi",
            source="symbol n pi_k (exp(i w_k) / SUM pi exp(i w) - 1)",
        ),
    )


def recommended_of(law: Family) -> dict[str, tuple[str, ...]]:
    return {"logits": ("MUL-logit",)}
