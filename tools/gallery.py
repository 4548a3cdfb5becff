"""Write the committed example reports of `reports/gallery/`: our own rules, a library, a file with planted bugs.

    python tools/gallery.py

Small selections, so that the pages stay small; Torch must be installed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fsb_oracle import verify
from fsb_oracle.records import Record
from fsb_oracle.report import render_badge, render_html

ROOT = Path(__file__).parents[1]
GALLERY = ROOT / "reports" / "gallery"
EXAMPLES = {
    "own_rules": (("fsb_oracle",), {"select": "*/gamma/*", "profile": "smoke", "backends": ("numpy",)}),
    "torch_gamma": (("torch.distributions:Gamma",), {"profile": "smoke"}),
    "planted_bugs": (("examples/planted_bugs.py",), {"profile": "smoke"}),
}


def main() -> int:
    """Write a page and a badge for each example."""
    for name, (targets, options) in EXAMPLES.items():
        record: Record = verify(*targets, **options)
        (GALLERY / f"{name}.html").write_text(render_html(record), encoding="utf-8")
        (GALLERY / f"{name}.svg").write_text(render_badge(record), encoding="utf-8")
        print(f"{name}: {record.summary}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
