"""Targets as Python objects: a decorated function, a library's class or function, a module."""

from __future__ import annotations

import os
import sys
from itertools import count
from types import CodeType, ModuleType
from typing import Any

from fsb_oracle.errors import UsageError
from fsb_oracle.subjects.declaration import Declaration
from fsb_oracle.subjects.libraries import LIBRARIES

_numbers = count()


class DeclaredTarget(str):
    """The text of a target that brings its declaration along, so that it need not be importable.

    Two are equal only if they come from one request: a function may be defined anew under its name.
    """

    declaration: Declaration
    request: tuple[int, int]

    @classmethod
    def of(cls, declaration: Declaration) -> DeclaredTarget:
        """Named as on the command line, `module:name`."""
        target = cls(declaration.target)
        target.declaration, target.request = declaration, (os.getpid(), next(_numbers))
        return target

    @property
    def code(self) -> bytes:
        """What its function does, as bytes: the same in every process."""
        return _code(getattr(self.declaration.function, "__code__", None))

    def __eq__(self, other: object) -> bool:
        return self.request == other.request if isinstance(other, DeclaredTarget) else str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:  # a text has one of its own
        return not self == other

    __hash__ = str.__hash__


def _code(code: CodeType | None) -> bytes:
    if code is None:
        return b""
    return b"\0".join([code.co_code, repr(code.co_names).encode(), *map(_constant, code.co_consts)])


def _constant(value: Any) -> bytes:
    if isinstance(value, CodeType):
        return _code(value)
    return repr(sorted(map(repr, value)) if isinstance(value, frozenset) else value).encode()


def as_target(given: Any) -> str:
    """What a user hands to `verify` or to `parametrize_with_checks` as the text of a target.

    Raises:
        UsageError: it is no target.
    """
    if isinstance(given, DeclaredTarget):
        return given
    if isinstance(given, Declaration):
        return DeclaredTarget.of(given)
    if isinstance(given, str | os.PathLike):
        return os.fspath(given)
    if isinstance(given, ModuleType):
        return given.__name__
    place, name = getattr(given, "__module__", None), getattr(given, "__name__", None)
    if not callable(given) or not place or not name:
        raise UsageError(
            f"cannot verify {given!r}: give a decorated function, a class or function of a library, a module, or the "
            "text of a target such as 'torch.distributions:Gamma'"
        )
    return f"{_public_place(given, place, name)}:{name}"


def _public_place(given: Any, place: str, name: str) -> str:
    """The module under which a class is known: the first of its packages that offers it, else its own.

    Some libraries define in one package what they offer in another: those that are loaded are asked too.
    """
    parts = place.split(".")
    packages = [".".join(parts[: length + 1]) for length in range(len(parts))]
    offered = (one for one in (*LIBRARIES, *packages) if getattr(sys.modules.get(one), name, None) is given)
    return next(offered, place)


__all__ = ["DeclaredTarget", "as_target"]
