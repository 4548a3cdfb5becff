"""Install a library under test at its pinned version; on a Python that the pins do not support, say so and fail.

Usage: python tools/install_thirdparty.py torch|jax|pyro|numpyro|tfp|distrax|flowjax|storchastic|optax
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIRST, LAST = (3, 11), (3, 13)  # Pythons that have wheels of every pin

PACKAGES = {
    "torch": ["torch==2.13.0"],
    "jax": ["jax==0.10.2"],
    "pyro": ["torch==2.13.0", "pyro-ppl==1.9.2"],
    "numpyro": ["jax==0.10.2", "numpyro==0.22.0"],
    "tfp": ["jax==0.10.2", "tfp-nightly==0.26.0.dev20261027"],
    "distrax": ["jax==0.10.2", "distrax==0.1.9"],
    "flowjax": ["jax==0.10.2", "flowjax==19.1.2"],
    "storchastic": ["torch==2.13.0", "storchastic==0.3.7"],
    "optax": ["jax==0.10.2", "optax==0.2.6"],
}


def refusal(library: str, version: tuple[int, int]) -> str | None:
    """Why the pins of a library cannot be installed on this Python, in one sentence; else None."""
    if FIRST <= version <= LAST:
        return None
    have = ".".join(map(str, version))
    first, last = (".".join(map(str, end)) for end in (FIRST, LAST))
    return f"the pinned {PACKAGES[library][-1]} is tested on Python {first} to {last}, and this is Python {have}"


def main(library: str) -> int:
    """Install one library's pins; 1 where that is not possible."""
    reason = refusal(library, sys.version_info[:2])
    if reason is not None:
        print(reason, file=sys.stderr)
        return 1
    constraints = [
        word for name in ("constraints.txt", "constraints-thirdparty.txt") for word in ("--constraint", name)
    ]
    command = [sys.executable, "-m", "pip", "install", *constraints, *PACKAGES[library]]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
