"""Prove every rule and write what was found: `python tools/prove_rules.py [ID...]`, in minutes for all of them.

With ids, only those are proved anew. `fsb-oracle list rules --json` shows the result. All of them are proved before a
release: the smoke profile takes an entry for a proof only where no code has changed since.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from fsb_oracle import rules
from fsb_oracle.catalogue import every_rule
from fsb_oracle.rules.proved import FILE, prove_rule
from fsb_oracle.rules.rule import Rule

PATH = Path(rules.__file__).parent / FILE


def main(wanted: list[str]) -> int:
    """Write the entries in the order of the catalogue; 1 if a rule is not proved."""
    known = {row["id"]: row for row in json.loads(PATH.read_text(encoding="utf-8"))} if PATH.exists() else {}
    rows = []
    for rule, law in every_rule():
        if not isinstance(rule, Rule):
            continue  # proved when they are listed
        if not wanted or rule.id in wanted or rule.id not in known:
            known[rule.id] = asdict(prove_rule(rule, law))
            print(f"{rule.id}: {known[rule.id]['agreement']} digits", flush=True)
        rows.append(known[rule.id])
    PATH.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n", encoding="utf-8")
    return int(not all(row["proved"] for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
