"""The Fourier rules, one module for each law, named after it.

A module exports `RULES` and `RECOMMENDED`: for each parameter the ids to use by default, in order of preference (the
first that admits f is taken). The module of a law that is built for a shape (a mixture, a vector) exports functions of
the built law instead: `rules_of(law)` and `recommended_of(law)`. The rules of users' laws are in `rules.registration`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from fsb_oracle.families import Family, own_families
from fsb_oracle.rules.comparisons import with_comparisons
from fsb_oracle.rules.registration import recommended_of_registered, rules_of_registered
from fsb_oracle.rules.rule import Rule


@lru_cache
def _module(family: str) -> ModuleType | None:
    name = f"{__name__}.{family}"
    return import_module(name) if find_spec(name) else None


@lru_cache(maxsize=512)
def _own_rules(law: Family) -> tuple[Rule, ...]:
    module = _module(law.name)
    assert module is not None
    declared = module.rules_of(law) if hasattr(module, "rules_of") else module.RULES
    return tuple(map(with_comparisons, declared))


@lru_cache(maxsize=512)
def _own_recommended(law: Family) -> Mapping[str, tuple[str, ...]]:
    module = _module(law.name)
    assert module is not None
    return module.recommended_of(law) if hasattr(module, "recommended_of") else module.RECOMMENDED


def rules_of(law: Family) -> tuple[Rule, ...]:
    """Every Fourier rule of a law, in catalogue order; none where neither we nor a user declared any."""
    return _own_rules(law) if _module(law.name) else rules_of_registered(law.name)


def recommended_of(law: Family) -> Mapping[str, tuple[str, ...]]:
    """For each parameter of a law the ids to use by default, in order of preference."""
    return _own_recommended(law) if _module(law.name) else recommended_of_registered(law.name)


def scalar_rules() -> tuple[Rule, ...]:
    """The rules of all our laws of one variable that need no shape."""
    return tuple(rule for law in own_families() for rule in rules_of(law))


__all__ = ["recommended_of", "rules_of", "scalar_rules"]
