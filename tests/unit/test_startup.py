"""Start-up stays light: what takes a second to import is imported where it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "jax", "sympy", "scipy", "flint", "numpy", "mpmath", "jinja2")


def loaded_after(statement: str) -> list[str]:
    """The top-level modules that a fresh interpreter has loaded after `statement`."""
    program = f"{statement}\nimport sys\nprint('\\n'.join(name for name in sys.modules if '.' not in name))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("statement", ["import fsb_oracle", "import fsb_oracle.cli"])
def test_the_package_imports_nothing_heavy(statement: str) -> None:
    loaded = loaded_after(statement)
    assert "fsb_oracle" in loaded
    assert set(loaded).isdisjoint(HEAVY)


def test_the_pytest_plugin_imports_neither_the_package_nor_anything_heavy() -> None:
    loaded = loaded_after("import _fsb_oracle_pytest")
    assert "_fsb_oracle_pytest" in loaded
    assert set(loaded).isdisjoint({"fsb_oracle", *HEAVY})


def test_a_heavy_import_would_be_seen() -> None:
    assert "numpy" in loaded_after("import numpy")
