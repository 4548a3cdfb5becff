"""What is written in several files agrees: versions, dependencies and pins, entry points, environments."""

from __future__ import annotations

import configparser
import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

import fsb_oracle

ROOT = Path(__file__).resolve().parents[2]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture
def pyproject() -> dict[str, Any]:
    return tomllib.loads(read("pyproject.toml"))


def normal(requirement: str) -> str:
    """The normalised project name at the head of a requirement (PEP 503)."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def test_one_version_everywhere(pyproject: dict[str, Any]) -> None:
    version = pyproject["project"]["version"]
    assert re.findall(r"^version: (.+)$", read("CITATION.cff"), re.MULTILINE) == [version]
    releases = re.findall(r"^## \[(\d[^]]*)\]", read("CHANGELOG.md"), re.MULTILINE)
    assert releases[0] == version
    assert distribution("fsb-oracle").version == fsb_oracle.__version__ == version


def test_the_licence_is_one_everywhere(pyproject: dict[str, Any]) -> None:
    assert pyproject["project"]["license"] == "Apache-2.0"
    assert "license: Apache-2.0\n" in read("CITATION.cff")
    assert "Apache License\n                           Version 2.0" in read("LICENSE")


def test_every_dependency_is_a_range_with_one_exact_pin(pyproject: dict[str, Any]) -> None:
    lines = [line for line in read("constraints.txt").splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines), lines
    pins = [normal(line) for line in lines]
    assert len(set(pins)) == len(pins)

    project = pyproject["project"]
    groups = [entry for group in pyproject["dependency-groups"].values() for entry in group]
    declared = [
        *project["dependencies"],
        *(entry for extra in project["optional-dependencies"].values() for entry in extra),
        *(entry for entry in groups if isinstance(entry, str)),
        *pyproject["build-system"]["requires"],
    ]
    # pre-commit only starts the tools that are pinned here
    assert {normal(entry) for entry in declared} - {"pre-commit"} <= set(pins)
    assert not [entry for entry in declared if "==" in entry or "<" in entry], "an upper bound or pin of ours"


def test_the_entry_points_are_those_declared(pyproject: dict[str, Any]) -> None:
    installed = {(point.group, point.name): point for point in distribution("fsb-oracle").entry_points}
    declared = {("console_scripts", name): value for name, value in pyproject["project"]["scripts"].items()}
    for group, points in pyproject["project"]["entry-points"].items():
        declared |= {(group, name): value for name, value in points.items()}
    assert {key: point.value for key, point in installed.items()} == declared
    assert all(callable(point.load()) for point in installed.values() if point.group == "console_scripts")


def test_tox_names_no_interpreter_and_the_default_label_is_the_default() -> None:
    tox = configparser.ConfigParser(interpolation=None)
    tox.read_string(read("tox.ini"))
    assert not [section for section in tox if "base_python" in tox[section] or "basepython" in tox[section]]
    labels = dict(line.split(" = ") for line in tox["tox"]["labels"].strip().splitlines())
    assert labels["default"] == tox["tox"]["env_list"]


def test_no_package_index_is_named() -> None:
    """Where packages come from is the user's choice: pip's own configuration, passed through by tox."""
    named = [
        name
        for name in ("pyproject.toml", "tox.ini", "constraints.txt", ".pre-commit-config.yaml", ".ci/run")
        if re.search(r"https?://|find-links|index-url", read(name), re.IGNORECASE)
    ]
    assert named == []


def test_pre_commit_hooks_are_local() -> None:
    text = read(".pre-commit-config.yaml")
    assert re.findall(r"- repo: (.+)", text) == ["local"]
    assert len(re.findall(r"- id:", text)) == len(re.findall(r"language: system", text)) >= 3
