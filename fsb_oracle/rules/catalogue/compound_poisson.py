"""Rules of the compound Poisson law: one more jump, and the jump's own rules seen from the sum."""

from __future__ import annotations

from typing import Any

from fsb_oracle.families import Family
from fsb_oracle.families.composed import moved_recipe
from fsb_oracle.rules.catalogue import recommended_of as recommended_of_part
from fsb_oracle.rules.catalogue import rules_of as rules_of_part
from fsb_oracle.rules.composed import part_rule, part_sample
from fsb_oracle.rules.rule import Cost, Rule

PREFIX = "jump."


def rules_of(law: Family) -> tuple[Rule, ...]:
    return compound_rules(law, law.shape[0], PREFIX, "CPO")


def recommended_of(law: Family) -> dict[str, tuple[str, ...]]:
    return compound_recommended(law.shape[0], PREFIX, "CPO")


def compound_rules(law: Family, jump: Family, prefix: str, id_prefix: str) -> tuple[Rule, ...]:
    """The rule of the rate, and the jump's own rules as rules of the sum; none where it cannot be drawn."""
    if not law.recipe.noise:
        return ()

    def kernel(f: Any, c: Any, z: Any, **noise: Any) -> Any:
        return f(z + part_sample(jump, prefix, c, noise)) - f(z)

    one_more = Rule(
        id=f"{id_prefix}-lam",
        family=law.name,
        parameter="rate",
        letter="rate",
        kernel=kernel,
        noise=moved_recipe(jump, prefix).noise,
        requires="F0",
        cost=Cost(f=2),
        formula="f(z + J) - f(z), J from the law of the jumps",
        source="Levy kernel of the rate: the law of the jumps",
        built=law,
    )
    inner = (rule for rule in rules_of_part(jump) if rule.parameter in jump.continuous_names)
    words = "rate times, with f(z + .) for f:"
    parts = (part_rule(rule, law, id_prefix, prefix, lambda c: c.rate, words, shifted=True) for rule in inner)
    return (one_more, *parts)


def compound_recommended(jump: Family, prefix: str, id_prefix: str) -> dict[str, tuple[str, ...]]:
    """What is recommended for the jump, and the rule of the rate."""
    inner = {
        f"{prefix}{name}": tuple(f"{id_prefix}-{id}" for id in ids) for name, ids in recommended_of_part(jump).items()
    }
    return {"rate": (f"{id_prefix}-lam",)} | inner
