"""Rules of a mixture of laws of one variable: the weights, and each component's own rules times its weight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fsb_oracle.backends.noise import evaluate
from fsb_oracle.families import Family
from fsb_oracle.families.composed import moved_recipe
from fsb_oracle.families.mixture import weights
from fsb_oracle.rules.catalogue import recommended_of as recommended_of_part
from fsb_oracle.rules.catalogue import rules_of as rules_of_part
from fsb_oracle.rules.composed import part_rule, part_sample
from fsb_oracle.rules.rule import Cost, Rule


def _weight(law: Family, k: int) -> Callable[[Any], Any]:
    expression = weights(law)[k]
    return lambda c: evaluate(expression, c.math, vars(c))


def _logit_rule(law: Family, k: int) -> Rule:
    prefix, weight = f"components.{k}.", _weight(law, k)

    def kernel(f: Any, c: Any, z: Any, **noise: Any) -> Any:
        return weight(c) * (f(part_sample(law.shape[k], prefix, c, noise)) - f(z))

    return Rule(
        id=f"MIX-{k}-logit",
        family=law.name,
        parameter=f"logits.{k}",
        letter=f"logits.{k}",
        kernel=kernel,
        noise=moved_recipe(law.shape[k], prefix).noise,
        requires="F0",
        cost=Cost(f=2),
        formula="pi_k [f(z_k) - f(z)], z_k from component k",
        source="weak derivative of the softmax",
        built=law,
    )


def rules_of(law: Family) -> tuple[Rule, ...]:
    if not law.recipe.noise:  # several variables, or a component that has no sampler
        return ()
    found = [_logit_rule(law, k) for k in range(len(law.shape))]
    for k, part in enumerate(law.shape):
        for rule in rules_of_part(part):
            if rule.parameter in part.continuous_names:
                found.append(
                    part_rule(
                        rule, law, f"MIX-{k}", f"components.{k}.", _weight(law, k), f"pi_{k} times", shifted=False
                    )
                )
    return tuple(found)


def recommended_of(law: Family) -> dict[str, tuple[str, ...]]:
    chosen: dict[str, tuple[str, ...]] = {f"logits.{k}": (f"MIX-{k}-logit",) for k in range(len(law.shape))}
    for k, part in enumerate(law.shape):
        for name, ids in recommended_of_part(part).items():
            chosen[f"components.{k}.{name}"] = tuple(f"MIX-{k}-{id}" for id in ids)
    return chosen
