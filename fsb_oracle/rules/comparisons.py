"""Where a rule wins and where it loses, for rules that do not say so themselves: `comparisons.json`.

`tools/compare_rules.py` finds such points by exact variances (by sampling where those are not known), and writes them;
tests compute the variances anew. Where it found none, the file says what it searched.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

from fsb_oracle.families import Family
from fsb_oracle.rules.rule import Comparison

FILE = "comparisons.json"


@lru_cache
def table() -> Mapping[str, Mapping[str, Any]]:
    """`{key: {"wins": comparison or null, "loses": comparison or null, "searched": words where one is null}}`."""
    return json.loads(files("fsb_oracle.rules").joinpath(FILE).read_text(encoding="utf-8"))


def key(rule: Any) -> str:
    """The rule's id; of a law that is put together from others, with their names."""
    parts = [part.name for part in rule.law.shape if isinstance(part, Family)]
    return f"{rule.id} of {', '.join(parts)}" if parts else rule.id


def with_comparisons(rule: Any) -> Any:
    """The rule, of one variable or of several, with the points of the file where it declares none."""
    found = table().get(key(rule), {})
    wins, loses = (
        declared or ((Comparison(**found[side]),) if found.get(side) else ())
        for side, declared in (("wins", rule.wins), ("loses", rule.loses))
    )
    return replace(rule, wins=wins, loses=loses) if (wins, loses) != (rule.wins, rule.loses) else rule


def searched(rule: Any) -> str:
    """What was searched in vain for a win or a loss; empty where it has both, or nothing was searched."""
    return table().get(key(rule), {}).get("searched", "")


__all__ = ["FILE", "key", "searched", "table", "with_comparisons"]
