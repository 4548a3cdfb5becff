"""Install optional extras of this project where they can be had; say in one sentence which cannot, and go on.

Usage: python tools/install_optional.py EXTRA...   (the names under [project.optional-dependencies])
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def requirements(extra: str) -> list[str]:
    """The requirement strings of one extra, as pyproject.toml states them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["optional-dependencies"][extra]


def failure(packages: list[str]) -> str | None:
    """Install `packages` with pip under the constraints; None, or pip's reason where it failed."""
    command = [sys.executable, "-m", "pip", "install", "--constraint", "constraints.txt", *packages]
    # stdout stays visible: a Torch is large, and its download should be seen to move
    done = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode == 0:
        return None
    lines = done.stderr.strip().splitlines() or [f"pip stopped with exit code {done.returncode}"]
    # pip's first error says what went wrong, later ones what that led to
    return next((line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")), lines[-1])


def main(extras: list[str]) -> int:
    """Try each extra on its own; always 0, for the report is built without those that failed."""
    for extra in extras:
        reason = failure(requirements(extra))
        if reason is not None:
            sentence = f"{extra} could not be installed here, so its results will be not_applicable: {reason}"
            print(sentence, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
