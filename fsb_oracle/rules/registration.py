"""A law of one's own, with its rules, from one file: `fsb_oracle.family`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

from fsb_oracle.errors import UsageError, nearest
from fsb_oracle.families import Family, register_family
from fsb_oracle.families.registry import load_installed, same
from fsb_oracle.rules.rule import Rule

Recommended = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Declared:
    """What came with a law: its rules, which to use by default, and the module that said so last."""

    rules: tuple[Rule, ...]
    recommended: Mapping[str, tuple[str, ...]]
    module: str


_declared: dict[str, Declared] = {}


@overload
def family(law: Family, *, rules: Sequence[Rule] = (), recommended: Recommended | None = None) -> Family: ...
@overload
def family(law: Callable[[], Any], *, rules: Sequence[Rule] = (), recommended: Recommended | None = None) -> Family: ...
@overload
def family(
    law: None = None, *, rules: Sequence[Rule] = (), recommended: Recommended | None = None
) -> Callable[[Callable[[], Any]], Family]: ...


def family(law: Any = None, *, rules: Sequence[Rule] = (), recommended: Recommended | None = None) -> Any:
    """Register a law, so that everything that takes a family's name knows it.

    Either a call with the law, or a decorator of a function without arguments that returns the law, or the law and its
    rules. Packages register theirs by an entry point of the group `fsb_oracle.families`.

    Args:
        law: the law, its density, recipe and so on; see `fsb_oracle.families.Family`.
        rules: its Fourier rules, written out or from `fsb_oracle.rules.levy.LevyKernel(...).rules()`.
        recommended: for each parameter the ids to use by default, in order of preference: the first that admits f.
            All rules of the parameter, in their order, where it is left out.

    Returns:
        The registered law, also from the decorator.

    Raises:
        UsageError: a name is malformed or taken, a formula has a foreign symbol, or a rule does not fit the law.
    """
    module = str(sys._getframe(1).f_globals.get("__name__", ""))

    def registered(made: Any) -> Family:
        own, given = made if isinstance(made, tuple) and len(made) == 2 else (made, rules)
        if not isinstance(own, Family):
            raise UsageError(
                f"family takes a Family, or a function that returns one or (a Family, its rules), not {made!r}"
            )
        return _register(own, tuple(given), recommended, module)

    if law is None:
        return lambda function: registered(function())
    return registered(law() if callable(law) else law)


def _register(law: Family, rules: tuple[Rule, ...], recommended: Recommended | None, module: str) -> Family:
    for rule in rules:
        _check(law, rule)
    ids = [rule.id for rule in rules]
    twice = sorted({id for id in ids if ids.count(id) > 1} | {id for id in ids if id in _ids_of_others(law)})
    if twice:
        raise UsageError(f"family {law.name}: another rule is called {twice[0]!r} too: ids are unique")
    chosen = _recommended(law, rules, recommended)
    kept = register_family(law)
    known = _declared.get(law.name)
    if known is not None and not same((known.rules, known.recommended), (rules, chosen)):
        raise UsageError(f"the family {law.name!r} is registered already, with other rules: give this one another name")
    # the first rules stay: what was computed from them stays valid
    _declared[law.name] = Declared(known.rules if known else rules, chosen, module)
    return kept


def _check(law: Family, rule: Rule) -> None:
    if not isinstance(rule, Rule):
        raise UsageError(f"family {law.name}: rules must be fsb_oracle.rules.Rule, not {rule!r}")
    if rule.family != law.name:
        raise UsageError(f"family {law.name}: the rule {rule.id} says that it belongs to {rule.family!r}")
    if rule.parameter not in law.continuous_names:
        known = law.continuous_names
        raise UsageError(
            f"family {law.name}: the rule {rule.id} serves {rule.parameter!r}; the law has {', '.join(known)}"
            f"{nearest(rule.parameter, known)}"
        )
    if rule.letter not in (*law.catalogue, rule.parameter):
        letters = (*law.catalogue, rule.parameter)
        raise UsageError(
            f"family {law.name}: the rule {rule.id} is in the letter {rule.letter!r}; there are {', '.join(letters)}"
        )


def _ids_of_others(law: Family) -> set[str]:
    from fsb_oracle.rules import list_rules  # which itself lists what is registered here

    return {rule.id for rule in list_rules() if rule.family != law.name}


def _recommended(
    law: Family, rules: tuple[Rule, ...], recommended: Recommended | None
) -> Mapping[str, tuple[str, ...]]:
    of = {p: tuple(rule.id for rule in rules if rule.parameter == p) for p in law.continuous_names}
    if recommended is None:
        return {parameter: ids for parameter, ids in of.items() if ids}
    for parameter, ids in recommended.items():
        for id in ids:
            if id not in of.get(parameter, ()):
                raise UsageError(f"family {law.name}: {id!r} is recommended for {parameter!r}, but is no rule of it")
    return {parameter: tuple(ids) for parameter, ids in recommended.items()}


def rules_of_registered(name: str) -> tuple[Rule, ...]:
    """The rules that came with a law, in their order."""
    return _declared[name].rules if name in _declared else ()


def recommended_of_registered(name: str) -> Mapping[str, tuple[str, ...]]:
    """For each parameter the ids to use by default."""
    return _declared[name].recommended if name in _declared else {}


def registered_rules() -> tuple[Rule, ...]:
    """The rules of all registered laws, those of installed packages included."""
    load_installed()
    return tuple(rule for declared in _declared.values() for rule in declared.rules)


def rules_registered_by(module: str) -> tuple[Rule, ...]:
    """The rules of the laws that one module registered."""
    return tuple(rule for declared in _declared.values() if declared.module == module for rule in declared.rules)


__all__ = [
    "family", "recommended_of_registered", "registered_rules", "rules_of_registered", "rules_registered_by",
]  # fmt: skip
