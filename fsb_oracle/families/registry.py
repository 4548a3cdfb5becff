"""The laws of users: kept by name in the order in which they came, or found through installed packages."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.metadata import entry_points
from types import FunctionType
from typing import Any

import sympy

from fsb_oracle.errors import UsageError
from fsb_oracle.families.charts import z
from fsb_oracle.families.family import Family, order, w

GROUP = "fsb_oracle.families"  # entry points: modules that register a law, or the laws themselves
_registered: dict[str, Family] = {}


def register(law: Family, taken: tuple[str, ...]) -> Family:
    """Keep a law under its name; the same law again is no error, and the law that is kept is returned.

    Raises:
        UsageError: the name is malformed or taken, or the law's formulas do not fit together.
    """
    _check(law)
    if law.name in taken:
        raise UsageError(f"the family {law.name!r} is one of fsb_oracle's own: give yours another name")
    known = _registered.setdefault(law.name, law)
    if not same(known, law):
        raise UsageError(f"another family is registered as {law.name!r}: give this one another name")
    return known


def registered(name: str) -> Family | None:
    """The law registered under a name; installed packages are asked where it is not known yet."""
    if name not in _registered:
        load_installed()
    return _registered.get(name)


def registered_families() -> tuple[Family, ...]:
    """All registered laws, those of installed packages included."""
    load_installed()
    return tuple(_registered.values())


@cache
def load_installed() -> None:
    """Import what packages declare as entry points of `fsb_oracle.families`; one that fails is a warning."""
    for entry in entry_points(group=GROUP):
        try:
            found = entry.load()
            if isinstance(found, Family) and found.name not in _registered:
                register(found, ())
        except Exception as error:
            sentence = f"the entry point {entry.name!r} of {GROUP} cannot be loaded: {type(error).__name__}: {error}"
            warnings.warn(sentence, RuntimeWarning, stacklevel=2)


def _check(law: Family) -> None:
    name = law.name
    if not re.fullmatch(r"[a-z][a-z0-9_]*", str(name)):
        raise UsageError(f"the family name {name!r} must be lower-case letters, digits and _, from a letter on")
    if not law.parameters or len(set(law.names)) < len(law.names):
        raise UsageError(f"family {name}: there must be at least one parameter, and no two of one name")
    if law.log_density is None and law.characteristic_function is None:
        raise UsageError(f"family {name}: give log_density or characteristic_function")
    if law.support.kind == "interval" and not law.charts:
        raise UsageError(f"family {name}: give charts, the coordinates in which the density is smooth")
    noise = law.recipe.noise
    known = {
        "log_density": {z}, "cdf": {z}, "survival": {z}, "characteristic_function": {w}, "moment": {order},
        "mean": set(), "variance": set(), "tail_index": set(),
    }  # fmt: skip
    for what, variables in known.items():
        _check_symbols(law, what, getattr(law, what), variables)
    for letter, expression in law.catalogue.items():
        _check_symbols(law, f"the letter {letter!r}", expression, set())
        if len(sympy.sympify(expression).free_symbols) != 1:
            raise UsageError(f"family {name}: the letter {letter!r} must depend on exactly one parameter")
    for symbol in sympy.sympify(law.recipe.expression).free_symbols - set(law.symbols):
        if str(symbol) not in noise:
            raise UsageError(f"family {name}: the recipe's {str(symbol)!r} is neither a parameter nor its noise")
    if not law.edges:
        raise UsageError(f"family {name}: give edges, the parameter points to test it at")
    for edge in law.edges:
        law.parse(edge)


def _check_symbols(law: Family, what: str, expression: Any, variables: set[Any]) -> None:
    """Symbols of one name but other assumptions are different ones to SymPy: a frequent slip."""
    if expression is None:
        return
    expression = sympy.sympify(expression)
    foreign = expression.free_symbols - variables - set(law.symbols)
    if foreign:
        symbol = min(map(str, foreign))
        source = "Parameter(...).symbol" if symbol in law.names else "the parameters, and z, w or order as imported"
        raise UsageError(f"family {law.name}: {what} contains {symbol!r}, which is no symbol of it; take {source}")


def same(a: Any, b: Any) -> bool:
    """Whether two values say the same, functions by their code: a file that is loaded twice declares equal laws."""
    if isinstance(a, FunctionType) and isinstance(b, FunctionType):
        return a.__code__ == b.__code__
    if type(a) is not type(b):
        return False
    if is_dataclass(a):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    if isinstance(a, Mapping):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


__all__ = ["GROUP", "load_installed", "register", "registered", "registered_families", "same"]
