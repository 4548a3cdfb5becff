"""Where the reference lies: in an installed package beside its modules, in a checkout at its root."""

from __future__ import annotations

from pathlib import Path

from fsb_oracle.errors import UsageError

_PACKAGE = Path(__file__).parents[2]
_INSTALLED, _CHECKOUT = _PACKAGE / "_reference", _PACKAGE.parent / "reference"


def reference_folder() -> Path:
    """The folder with the manifest. Raises UsageError if the package has none."""
    for folder in (_INSTALLED, _CHECKOUT):
        if (folder / "manifest.json").is_file():
            return folder
    raise UsageError("there is no reference here: write one with `fsb-oracle certify --output DIR`")


def output_folder() -> Path:
    """Where `certify` writes unless told: the checkout's folder.

    Raises:
        UsageError: the package is installed, and its reference is not to be changed.
    """
    if (_PACKAGE.parent / "pyproject.toml").is_file():
        return _CHECKOUT
    raise UsageError("the reference of an installed package is not to be changed: give --output DIR")
