"""Where a run took place: versions and machine."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("fsb-oracle", "numpy", "scipy", "sympy", "mpmath", "python-flint", "torch", "jax", "jaxlib")


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
    """Interpreter, platform and number of processors."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu_count": os.cpu_count(),
    }
