"""A law of location and scale with the square of its scale as parameter.

A linear form of a normal vector has the variance c'Sc, a rational number whose root is not one: with the square as
parameter, the law keeps exact parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from typing import Any

import sympy

from fsb_oracle.families.family import POSITIVE, Family, Parameter

SQUARED_SCALE = Parameter("scale_squared", POSITIVE)
_KEPT = ("name", "parameters", "recipe", "catalogue", "edges", "shape", "samples")  # not asked for here


@lru_cache(maxsize=16)
def by_squared_scale(family: Family) -> Family:
    """The same law with `scale_squared` in place of `scale`."""
    change = {family.symbol("scale"): sympy.sqrt(SQUARED_SCALE.symbol)}
    changed = {f.name: _substituted(getattr(family, f.name), change) for f in fields(family) if f.name not in _KEPT}
    parameters = tuple(SQUARED_SCALE if p.name == "scale" else p for p in family.parameters)
    return replace(family, parameters=parameters, shape=(*family.shape, "scale_squared"), **changed)


def _substituted(item: Any, change: dict[Any, Any]) -> Any:
    """The same data with symbols replaced in every expression."""
    if isinstance(item, sympy.Basic):
        return item.xreplace(change)
    if isinstance(item, tuple):
        return tuple(_substituted(part, change) for part in item)
    if isinstance(item, Mapping):
        return {name: _substituted(part, change) for name, part in item.items()}
    if is_dataclass(item) and not isinstance(item, type):
        return replace(item, **{f.name: _substituted(getattr(item, f.name), change) for f in fields(item)})
    return item
