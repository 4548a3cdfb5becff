"""Where a run took place: versions, machine, and a digest of the code that decided."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from fsb_oracle.subjects.targets import DeclaredTarget

PACKAGES = ("fsb-oracle", "numpy", "scipy", "sympy", "mpmath", "python-flint", "torch", "jax", "jaxlib")
PACKAGE = Path(__file__).resolve().parents[1]


def versions() -> dict[str, str | None]:
    """Installed version of each package that has a part in the results; None where it is absent."""
    found: dict[str, str | None] = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def machine() -> dict[str, str | int | None]:
    """Interpreter, platform, processor and number of cores."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": _processor(),
        "cpu_count": os.cpu_count(),
    }


@lru_cache(maxsize=1)
def _processor() -> str | None:
    """The model where the system says it: between models, vector units may round differently."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, "") or platform.processor() or None


def code_digest(targets: Sequence[str]) -> str:
    """Digest of the source of fsb_oracle and of the files of the targets: other code is another experiment.

    Libraries under test are told apart by their versions; what a target's file imports is not followed.
    """
    given = [target.code for target in targets if isinstance(target, DeclaredTarget)]
    files = [_file_of(target) for target in targets if not isinstance(target, DeclaredTarget)]
    return digest((*(path.read_bytes() for path in (*_own_files(), *filter(None, files))), *given))


@lru_cache(maxsize=1)
def _own_files() -> tuple[Path, ...]:
    return tuple(sorted(PACKAGE.rglob("*.py")))


def _file_of(target: str) -> Path | None:
    place = target.partition(":")[0]
    if place.endswith(".py"):
        return Path(place)
    module = sys.modules.get(place)
    file = None if module is None else getattr(module, "__file__", None)
    return Path(file) if file and file.endswith(".py") else None


def digest(parts: Iterable[bytes]) -> str:
    """16 hex digits of a sequence of byte strings."""
    whole = blake2b(digest_size=8)
    for part in parts:
        whole.update(len(part).to_bytes(8, "little"))
        whole.update(part)
    return whole.hexdigest()
