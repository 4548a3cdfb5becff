"""Run the Python blocks of a page that need a library: `python tools/run_blocks.py PAGE LIBRARY`.

They are those below `<!-- needs LIBRARY -->`. Each runs alone; one that raises ends the run.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path


def blocks(text: str, library: str) -> list[str]:
    """The code of the blocks that need a library."""
    return re.findall(rf"^<!-- needs {re.escape(library)} -->\n```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def main(page: str, library: str) -> int:
    """0; 1 where the page has no such block."""
    found = blocks(Path(page).read_text(encoding="utf-8"), library)
    for code in found:
        print(code, end="", flush=True)
        exec(compile(code, page, "exec"), {"__name__": "page"})
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
