"""Prove every rule and write what was found: `python tools/prove_rules.py [ID...]`, in minutes for all of them.

With ids, only those are proved anew. `fsb-oracle list rules --json` shows the result. All of them are proved before a
release: the smoke profile takes an entry for a proof only where no code has changed since.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fsb_oracle import rules
from fsb_oracle.catalogue import every_rule
from fsb_oracle.families import Family
from fsb_oracle.rules.proved import FILE, prove_rule
from fsb_oracle.rules.rule import Rule

PATH = Path(rules.__file__).parent / FILE


def main(wanted: list[str]) -> int:
    """Write the entries in the order of the catalogue; 1 if a rule is not proved."""
    known = {row["id"]: row for row in json.loads(PATH.read_text(encoding="utf-8"))} if PATH.exists() else {}
    ids = list(_rules())
    asked = [id for id in ids if not wanted or id in wanted or id not in known]
    with ProcessPoolExecutor() as pool:
        for id, row in zip(asked, pool.map(_proved, asked), strict=True):
            known[id] = row
            print(f"{id}: {row['agreement']} digits", flush=True)
    rows = [known[id] for id in ids]
    PATH.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n", encoding="utf-8")
    return int(not all(row["proved"] for row in rows))


def _rules() -> dict[str, tuple[Rule, Family]]:
    """By id; rules of vectors are proved when they are listed."""
    return {rule.id: (rule, law) for rule, law in every_rule() if isinstance(rule, Rule)}


def _proved(id: str) -> dict[str, Any]:
    return asdict(prove_rule(*_rules()[id]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
