"""What a proof, an exact value or an exact moment rests on, as one digest: source code and engines."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from fsb_oracle import rules

FOLDERS = ("backends", "families", "integrands", "oracle", "rules")  # all that a proof or a quadrature may run
ENGINES = ("python-flint", "sympy", "mpmath", "numpy", "scipy")


@lru_cache
def sources() -> str:
    """16 hex digits of all that a proof depends on: the source of the folders from kernels to prover, and versions."""
    whole = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in ENGINES).encode())
    package = Path(rules.__file__).parents[1]
    for folder in FOLDERS:
        for path in sorted((package / folder).rglob("*.py")):
            content = path.read_bytes()
            whole.update(f"{path.relative_to(package).as_posix()} {len(content)}".encode() + content)
    return whole.hexdigest()[:16]


__all__ = ["ENGINES", "FOLDERS", "sources"]
