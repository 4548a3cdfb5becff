"""The rule of the categorical law: f at each category against f at the sample."""

from __future__ import annotations

from typing import Any

from fsb_oracle.families import Family
from fsb_oracle.families.categorical import choice
from fsb_oracle.families.multinomial import probabilities
from fsb_oracle.families.vector_recipe import indices
from fsb_oracle.rules.rule import Cost
from fsb_oracle.rules.vector import VectorRule


def _against_the_sample(f: Any, c: Any, k: Any) -> Any:
    each = f(indices(c, c.logits.shape[-1], c.logits))
    return probabilities(c) * (each - f(k)[..., None])


def rules_of(law: Family) -> tuple[VectorRule, ...]:
    return (
        VectorRule(
            id="CAT-logit",
            law=law,
            parameter="logits",
            kernel=_against_the_sample,
            noise=choice,
            requires="F0",
            cost=Cost(f=law.shape[0] + 1),
            formula="pi_k [f(k) - f(z)], z ~ pi",
            source="weak derivative of the softmax",
            remarks="f at the categories is not random: enumerating z too gives variance 0",
        ),
    )


def recommended_of(law: Family) -> dict[str, tuple[str, ...]]:
    return {"logits": ("CAT-logit",)}
