"""Laws put together from laws of one variable: their parts' noise and expressions under names of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import sympy

from fsb_oracle.backends.noise import Noise
from fsb_oracle.families.family import Family, Recipe


def renamed(law: Family, prefix: str) -> dict[str, Any]:
    """What stands for each letter and parameter of a part in the whole: parameters get the prefix, `jump.loc`."""
    own = {p.name: sympy.Symbol(f"{prefix}{p.name}", **p.domain.assumptions) for p in law.parameters}
    inside = {p.symbol: own[p.name] for p in law.parameters}
    return own | {letter: expression.xreplace(inside) for letter, expression in law.catalogue.items()}


def moved_expression(expression: Any, names: Mapping[str, Any]) -> Any:
    """An expression in a part's letters as one of the whole."""
    if isinstance(expression, tuple):
        return tuple(moved_expression(item, names) for item in expression)
    if not isinstance(expression, sympy.Basic):
        return expression
    return expression.xreplace({s: names[str(s)] for s in expression.free_symbols if str(s) in names})


def moved_noise(noise: Mapping[str, Noise], names: Mapping[str, Any], prefix: str) -> dict[str, Noise]:
    """A part's primitives, their names with the prefix and their parameters in symbols of the whole."""
    return {
        prefix + name: replace(p, **{f.name: moved_expression(getattr(p, f.name), names) for f in fields(p)})
        for name, p in noise.items()
    }


def moved_recipe(law: Family, prefix: str) -> Recipe:
    """How a part is sampled, under names of its own."""
    names = renamed(law, prefix)
    noise = {name: sympy.Symbol(f"{prefix}{name}", real=True) for name in law.recipe.noise}
    return Recipe(moved_noise(law.recipe.noise, names, prefix), moved_expression(law.recipe.expression, names | noise))


__all__ = ["moved_expression", "moved_noise", "moved_recipe", "renamed"]
