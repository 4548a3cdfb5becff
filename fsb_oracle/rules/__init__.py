"""Fourier rules and baselines as declarations: `get_rule("GAM-k-U")`, `rules_for(family, parameter)`,
`recommended(...)`."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from fsb_oracle.errors import UsageError, nearest
from fsb_oracle.families import Family
from fsb_oracle.integrands import Integrand
from fsb_oracle.rules import baselines
from fsb_oracle.rules.catalogue import recommended_of, rules_of, scalar_rules
from fsb_oracle.rules.registration import registered_rules
from fsb_oracle.rules.rule import Cost, Rule


@lru_cache
def own_rules() -> tuple[Rule, ...]:
    """The Fourier rules of our own laws that need no shape, in the order of the laws."""
    return scalar_rules()


def list_rules() -> tuple[Rule, ...]:
    """Our own rules, then those of registered laws."""
    return (*own_rules(), *registered_rules())


@lru_cache
def _by_id() -> dict[str, Rule]:
    return {rule.id: rule for rule in own_rules()}


def get_rule(id: str, law: Family | None = None) -> Rule:
    """The Fourier rule called `id`; of a law that is built for a shape, give the `law` too.

    Raises:
        UsageError: there is no such rule; the sentence names the nearest one.
    """
    known = _by_id() if law is None else {rule.id: rule for rule in rules_of(law)}
    if law is None and id not in known:
        known = known | {rule.id: rule for rule in registered_rules()}
    if id not in known:
        raise UsageError(f"unknown rule {id!r}; `fsb-oracle list rules` shows them all{nearest(id, known)}")
    return known[id]


def rules_for(family: Family, parameter: str) -> tuple[Rule, ...]:
    """The Fourier rules of one parameter."""
    return tuple(rule for rule in rules_of(family) if isinstance(rule, Rule) and rule.parameter == parameter)


def baselines_for(family: Family, parameter: str) -> tuple[Rule, ...]:
    """The baselines that exist for one parameter: score and pathwise where they are valid."""
    found = (baselines.score(family, parameter), baselines.pathwise(family, parameter))
    return tuple(rule for rule in found if rule is not None)


def recommended_rules(family: Family, parameter: str, f: Integrand) -> Iterator[Rule]:
    """The rules to use by default for f in order of preference, each where its own condition holds; on integers every
    rule serves."""
    for id in recommended_of(family).get(parameter, ()):
        rule = next((rule for rule in rules_for(family, parameter) if rule.id == id), None)
        if rule is not None and (family.discrete or f.admits(rule.sampled)):
            yield rule


def recommended(
    family: Family, parameter: str, f: Integrand, parameters: Mapping[str, Any] | None = None
) -> Rule | None:
    """The rule to use by default for f at exact parameters, or at any where they are not given.

    None if no rule of finite variance admits f there.
    """
    for rule in recommended_rules(family, parameter, f):
        if rule.where is None or (parameters is not None and rule.holds_at(parameters)):
            return rule
    return None


__all__ = [
    "Cost", "Rule", "baselines", "baselines_for", "get_rule", "list_rules", "own_rules", "recommended",
    "recommended_rules", "rules_for",
]  # fmt: skip
