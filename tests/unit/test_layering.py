"""The folders are the order in which data flows: each imports only from folders to its left."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "fsb_oracle"
PIPELINE = (
    "backends",
    "families",
    "integrands",
    "oracle",
    "rules",
    "estimators",
    "subjects",
    "records",
    "verdicts",
    "checks",
    "runs",
    "report",
)
# Single modules that import nothing of the package, and that all may import.
LEAVES = ("errors",)
BACKEND_LIBRARIES = ("torch", "jax", "jaxlib")


@dataclass(frozen=True)
class Import:
    """One imported name, absolute; `lazy` if it happens inside a function."""

    target: str
    line: int
    lazy: bool


def imports(tree: ast.Module, module: str, is_package: bool) -> Iterator[Import]:
    """Every import statement, `import_module("literal")` and `__import__("literal")` of a module."""
    package = module if is_package else module.rpartition(".")[0]

    def visit(node: ast.AST, lazy: bool) -> Iterator[Import]:
        match node:
            case ast.Import(names=names):
                yield from (Import(alias.name, node.lineno, lazy) for alias in names)
            case ast.ImportFrom(module=source, names=names, level=level):
                base = package.rsplit(".", level - 1)[0] if level else ""
                origin = ".".join(part for part in (base, source) if part)
                yield from (Import(f"{origin}.{alias.name}", node.lineno, lazy) for alias in names)
            case ast.Call(
                func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield Import(name, node.lineno, lazy)
        inside = lazy or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            yield from visit(child, inside)

    return visit(tree, lazy=False)


def allowed(folder: str) -> tuple[str, ...]:
    """What a folder or single module directly under the package may import from the package."""
    if folder in LEAVES:
        return ()
    if folder == "report":
        return ("report", "records", *LEAVES)
    if folder in PIPELINE:
        return (*PIPELINE[: PIPELINE.index(folder) + 1], *LEAVES)
    raise AssertionError(f"fsb_oracle/{folder}/ has no place in the pipeline")


def violations(module: str, source: str, is_package: bool = False) -> list[str]:
    """One sentence for each import that the layering forbids; `module` is the dotted name."""
    parts = module.split(".")
    # cli.py, __init__.py and the like sit on top of everything: no internal import is wrong there.
    on_top = len(parts) == 1 or (len(parts) == 2 and not is_package and parts[1] not in (*PIPELINE, *LEAVES))
    found: list[str] = []
    for item in imports(ast.parse(source), module, is_package):
        root, _, rest = item.target.partition(".")
        where = f"{module}:{item.line} imports {item.target}"
        if root == "fsb_oracle" and not on_top and rest.split(".")[0] not in allowed(parts[1]):
            found.append(f"{where}, which is not to its left")
        if root in BACKEND_LIBRARIES:
            folder = "" if on_top else parts[1]
            if folder != "backends" and not (folder == "subjects" and item.lazy):
                found.append(f"{where}: only backends/ may, and subjects/ inside a function")
    return found


def modules() -> list[tuple[str, Path, bool]]:
    """(dotted name, file, is it an `__init__.py`) of every module of the package."""
    found: list[tuple[str, Path, bool]] = []
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        found.append((name.removesuffix(".__init__"), path, path.name == "__init__.py"))
    return found


def test_every_module_keeps_the_order() -> None:
    found = modules()
    assert found, f"no module under {PACKAGE}"
    broken = [
        sentence
        for name, path, is_package in found
        for sentence in violations(name, path.read_text(encoding="utf-8"), is_package)
    ]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("fsb_oracle.families.gamma", "from fsb_oracle.rules import proof"),
        ("fsb_oracle.families.gamma", "from fsb_oracle import rules"),
        ("fsb_oracle.families.gamma", "from ..rules.proof import prove"),
        ("fsb_oracle.families.gamma", "from .. import rules"),
        ("fsb_oracle.families.gamma", "def late():\n    import fsb_oracle.rules"),
        ("fsb_oracle.families.gamma", "from fsb_oracle import exact"),
        ("fsb_oracle.families.gamma", "import fsb_oracle"),
        ("fsb_oracle.families.gamma", "import importlib\nimportlib.import_module('fsb_oracle.rules')"),
        ("fsb_oracle.report.html", "from fsb_oracle.verdicts import decide"),
        ("fsb_oracle.errors", "from fsb_oracle.records import Result"),
        ("fsb_oracle.estimators.lower", "import torch"),
        ("fsb_oracle.estimators.lower", "def late():\n    from jax import numpy"),
        ("fsb_oracle.cli", "import torch.distributions"),
        ("fsb_oracle.subjects.torch_distributions", "import torch"),
    ],
)
def test_a_planted_violation_is_seen(module: str, source: str) -> None:
    assert len(violations(module, source)) == 1


def test_a_planted_violation_in_a_package_init_is_seen() -> None:
    assert violations("fsb_oracle.families", "from ..rules import proof", is_package=True)
    assert violations("fsb_oracle.families", "from .gamma import Gamma", is_package=True) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("fsb_oracle.rules.gamma", "from fsb_oracle.families import gamma\nfrom . import proof"),
        ("fsb_oracle.rules.gamma", "from fsb_oracle.errors import UsageError\nfrom ..errors import nearest"),
        ("fsb_oracle.report.html", "from fsb_oracle.records import Record"),
        ("fsb_oracle.backends.torch_backend", "import torch"),
        ("fsb_oracle.subjects.torch_distributions", "def load():\n    import torch"),
        ("fsb_oracle.cli", "from fsb_oracle.report import html\nfrom . import runs"),
    ],
)
def test_what_is_allowed_is_not_flagged(module: str, source: str) -> None:
    assert violations(module, source) == []


def test_an_unknown_folder_is_refused() -> None:
    with pytest.raises(AssertionError, match="no place in the pipeline"):
        violations("fsb_oracle.helpers.misc", "from fsb_oracle.errors import UsageError")
