"""The rule of the Dirichlet-multinomial law: one draw of Polya's urn, and all that repeat it, are put elsewhere.

Draw t has category j with probability (a_j + n_j)/(a0 + t), whose derivative in a_j is (e_j - that law)/(a0 + t): the
law in which draw t is forced minus the law itself. It never asks for a derivative of f.
"""

from __future__ import annotations

from typing import Any

from fsb_oracle.backends.noise import Categorical
from fsb_oracle.families import Family
from fsb_oracle.families.dirichlet_multinomial import inherited, urn
from fsb_oracle.families.multinomial import trials
from fsb_oracle.families.vector_recipe import Draws
from fsb_oracle.rules.rule import Cost
from fsb_oracle.rules.vector import VectorRule


def _weights(c: Any) -> Any:
    """1/(a0 + t) for each draw t."""
    total = c.concentration.sum(-1)
    return c.math.stack([1 / (total + t) for t in range(trials(c))])


def forced_urn(c: Any) -> Draws:
    """The urn, and which of its draws is forced."""
    weights = _weights(c)
    return {**urn(c), "t": (Categorical(weights / weights.sum(-1)[..., None]), ())}


def replaced(f: Any, c: Any, k: Any, s: Any, t: Any) -> Any:
    """The contributions in every concentration, shape (..., number of categories)."""
    m, size = c.math, c.concentration.shape[-1]
    labels, chosen = m.one_hot(k, size), m.one_hot(t, trials(c))
    worth = inherited(c, labels, s)
    z, old = worth.sum(-1), (worth * chosen[..., None, :]).sum(-1)
    # whoever repeats the forced draw: with that draw new, it alone counts 1
    apart = m.where(chosen > 0, 0 * s, s)
    block = inherited(c, chosen[..., None], apart).sum(-1)[..., 0]
    moves = m.identity(size, z) - old[..., None, :]
    each = f(z[..., None, :] + block[..., None, None] * moves)
    return _weights(c).sum(-1)[..., None] * (each - f(z)[..., None])


def rules_of(law: Family) -> tuple[VectorRule, ...]:
    return (
        VectorRule(
            id="DMN-P",
            law=law,
            parameter="concentration",
            kernel=replaced,
            noise=forced_urn,
            requires="F0",
            cost=Cost(f=law.shape[0] + 1),
            formula="(SUM_t 1/(a0 + t)) [f(z + D (e_j - x)) - f(z)], x the category of a draw t ~ 1/(a0 + t) of "
            "Polya's urn, D how many draws it and its repetitions are",
            source="weak derivative of every draw of the urn (Blackwell and MacQueen 1973)",
            remarks="bounded weight at every concentration; one urn serves all categories",
        ),
    )


def recommended_of(law: Family) -> dict[str, tuple[str, ...]]:
    return {"concentration": ("DMN-P",)}
