"""Where a rule wins and where it loses, for rules that do not say so themselves: `comparisons.json`.

`tools/compare_rules.py` finds such points by exact variances (by sampling where those are not known), and writes them;
tests compute the variances anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

from fsb_oracle.rules.rule import Comparison

FILE = "comparisons.json"


@lru_cache
def table() -> Mapping[str, Mapping[str, Any]]:
    """`{id: {"wins": comparison or null, "loses": comparison or null}}`."""
    return json.loads(files("fsb_oracle.rules").joinpath(FILE).read_text(encoding="utf-8"))


def with_comparisons(rule: Any) -> Any:
    """The rule, of one variable or of several, with the points of the file where it declares none."""
    found = table().get(rule.id, {})
    wins, loses = (
        declared or ((Comparison(**found[side]),) if found.get(side) else ())
        for side, declared in (("wins", rule.wins), ("loses", rule.loses))
    )
    return replace(rule, wins=wins, loses=loses) if (wins, loses) != (rule.wins, rule.loses) else rule


__all__ = ["FILE", "table", "with_comparisons"]
