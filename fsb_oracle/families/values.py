"""Parameter values as users write them: numbers, nested lists of numbers, and laws.

`2.5`, `[0.1, -0.2]`, `[[1, 0.3], [0.3, 1]]`, `normal(loc=0, scale=1)`, and lists of laws. Numbers are exact. A law
with such parameters is built for their shape, with one scalar parameter for each component: `loc.0`,
`covariance_matrix.1.0`, `components.0.scale`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fsb_oracle.errors import UsageError
from fsb_oracle.families.numbers import exact_number


@dataclass(frozen=True)
class LawText:
    """A law written inside another one: its name and its parameters as written."""

    name: str
    values: Mapping[str, Any]


def read(value: Any, name: str) -> Any:
    """A `Fraction`, nested tuples of them, a `LawText`, or a tuple of those; from text, numbers, lists or arrays.

    Raises:
        UsageError: the value cannot be read as any of these.
    """
    if isinstance(value, LawText):
        return value
    if isinstance(value, str):
        text = value.strip()
        if not text.startswith("[") and "(" not in text:
            return exact_number(text, name)
        try:
            tree = ast.parse(text, mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            raise _unreadable(value, name) from None
        return _read_node(tree, text, name)
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Mapping) and len(value) == 1:
        ((law, values),) = value.items()
        return LawText(str(law), dict(values))
    if isinstance(value, Sequence):
        return tuple(read(item, name) for item in value)
    return exact_number(value, name)


def _read_node(node: ast.expr, text: str, name: str) -> Any:
    if isinstance(node, ast.List | ast.Tuple):
        return tuple(_read_node(item, text, name) for item in node.elts)
    source = ast.get_source_segment(text, node) or ""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.args:
        keywords = {k.arg: ast.get_source_segment(text, k.value) for k in node.keywords if k.arg is not None}
        return LawText(node.func.id, keywords)
    if isinstance(node, ast.Call | ast.Name | ast.Attribute):
        raise _unreadable(source, name)
    return exact_number(source, name)


def _unreadable(value: Any, name: str) -> UsageError:
    return UsageError(
        f"{name}={value} cannot be read: write a number, a list as in [0.1, -0.2], "
        "or a law as in normal(loc=0, scale=1)"
    )


def vector(values: Mapping[str, Any], name: str, least: int = 1) -> tuple[Any, ...]:
    """The list `values[name]` of at least `least` numbers.

    Raises:
        UsageError: it is missing, no list of numbers, or too short.
    """
    found = read(_given(values, name), name)
    if not isinstance(found, tuple) or any(isinstance(item, tuple | LawText) for item in found):
        raise UsageError(f"{name}={values[name]} must be a list of numbers, as in {name}=[0.1, -0.2]")
    if len(found) < least:
        raise UsageError(f"{name} has {len(found)} components; at least {least} are needed")
    return found


def matrix(values: Mapping[str, Any], name: str) -> tuple[tuple[Any, ...], ...]:
    """The square matrix `values[name]`.

    Raises:
        UsageError: it is missing, or no square list of lists of numbers.
    """
    found = read(_given(values, name), name)
    rows = found if isinstance(found, tuple) and found and all(isinstance(row, tuple) for row in found) else ()
    if not rows or any(len(row) != len(rows) or any(isinstance(x, tuple | LawText) for x in row) for row in rows):
        raise UsageError(f"{name}={values[name]} must be a square matrix, as in {name}=[[1, 0.3], [0.3, 1]]")
    return rows


def laws(values: Mapping[str, Any], name: str) -> tuple[LawText, ...]:
    """The list of laws `values[name]` (a single law counts as a list of one)."""
    found = read(_given(values, name), name)
    found = (found,) if isinstance(found, LawText) else found
    if not isinstance(found, tuple) or not found or not all(isinstance(item, LawText) for item in found):
        raise UsageError(f"{name}={values[name]} must be a list of laws, as in {name}=[normal(loc=0, scale=1)]")
    return found


def _given(values: Mapping[str, Any], name: str) -> Any:
    if name not in values:
        raise UsageError(f"{name!r} is missing")
    return values[name]


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """`{"loc.0": a, "loc.1": b}` as `{"loc": [a, b]}`, to any depth; numbered components become lists."""
    tree: dict[str, Any] = {}
    for name, value in flat.items():
        *path, last = name.split(".")
        node = tree
        for part in path:
            node = node.setdefault(part, {})
        node[last] = value
    return {name: _listed(node) for name, node in tree.items()}


def _listed(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if all(key.isdigit() for key in node):
        return [_listed(node[key]) for key in sorted(node, key=int)]
    return {key: _listed(item) for key, item in node.items()}
