"""Write the committed example reports of `reports/gallery/`: our own rules, a library, a file with planted bugs.

    python tools/gallery.py             run the checks (a minute of computing; Torch must be installed)
    python tools/gallery.py --redraw    draw the pages anew from the records inside them

Small selections, so that the pages stay small.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from fsb_oracle import verify
from fsb_oracle.records import Record
from fsb_oracle.report import render_badge, render_html
from fsb_oracle.report.embed import extracted

ROOT = Path(__file__).parents[1]
GALLERY = ROOT / "reports" / "gallery"
EXAMPLES: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "own_rules": (("fsb_oracle",), {"select": "*/gamma/*", "profile": "smoke", "backends": ("numpy",)}),
    "torch_distributions": (
        tuple(f"torch.distributions:{name}" for name in ("Gamma", "Beta", "Dirichlet")),
        {"select": "[pds]*/*float64", "profile": "smoke"},
    ),
    "planted_bugs": (("examples/planted_bugs.py",), {"profile": "smoke"}),
}


def main(arguments: list[str]) -> int:
    """Write a page and a badge for each example."""
    for name, (targets, options) in EXAMPLES.items():
        page = GALLERY / f"{name}.html"
        os.chdir(ROOT)  # the record names files as they are given
        record = record_of(page) if arguments == ["--redraw"] else verify(*targets, **options)
        page.write_text(render_html(record), encoding="utf-8", newline="\n")
        (GALLERY / f"{name}.svg").write_text(render_badge(record), encoding="utf-8", newline="\n")
        print(f"{name}: {page.stat().st_size // 1024} KiB, {record.run['seconds']:.0f} s, {record.summary}")
    return 0


def record_of(page: Path) -> Record:
    """The record inside a page."""
    return Record.from_json(extracted(page.read_text(encoding="utf-8")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
