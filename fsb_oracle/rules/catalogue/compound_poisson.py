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
    (jump,) = law.shape
    if not law.recipe.noise:
        return ()

    def kernel(f: Any, c: Any, z: Any, **noise: Any) -> Any:
        return f(z + part_sample(jump, PREFIX, c, noise)) - f(z)

    one_more = Rule(
        id="CPO-lam",
        family=law.name,
        parameter="rate",
        letter="rate",
        kernel=kernel,
        noise=moved_recipe(jump, PREFIX).noise,
        requires="F0",
        cost=Cost(f=2),
        formula="f(z + J) - f(z), J from the law of the jumps",
        source="Levy kernel of the rate: the law of the jumps",
        built=law,
    )
    inner = (rule for rule in rules_of_part(jump) if rule.parameter in jump.continuous_names)
    return (
        one_more,
        *(
            part_rule(rule, law, "CPO", PREFIX, lambda c: c.rate, "rate times, with f(z + .) for f:", shifted=True)
            for rule in inner
        ),
    )


def recommended_of(law: Family) -> dict[str, tuple[str, ...]]:
    inner = recommended_of_part(law.shape[0])
    return {"rate": ("CPO-lam",)} | {f"{PREFIX}{name}": tuple(f"CPO-{id}" for id in ids) for name, ids in inner.items()}
