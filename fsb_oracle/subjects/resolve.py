"""From what a user types as TARGET to the subjects that are tested."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from fsb_oracle.backends import NAMES
from fsb_oracle.errors import UsageError, nearest
from fsb_oracle.families import Family
from fsb_oracle.rules import Rule
from fsb_oracle.rules.catalogue import rules_of
from fsb_oracle.rules.registration import rules_registered_by
from fsb_oracle.subjects import entry_points
from fsb_oracle.subjects.functions import Declaration, function_subjects
from fsb_oracle.subjects.libraries import LIBRARIES, library_subjects, table_of
from fsb_oracle.subjects.rules import RuleSubject, rule_subjects
from fsb_oracle.subjects.subject import Subject
from fsb_oracle.subjects.targets import DeclaredTarget
from fsb_oracle.subjects.vector_rules import composed_rule_subjects, vector_rule_subjects


def library_of(target: str) -> str | None:
    """The back end that a target needs ("torch", "jax"), or None."""
    library = LIBRARIES.get(target.partition(":")[0])
    return None if library is None else library.backend


def not_mapped(target: str) -> dict[str, str]:
    """What a library has and is not verified by name, with the reason; nothing where one class was named."""
    return table_of(target).UNMAPPED if target in LIBRARIES else {}


def resolve(target: str, backends: tuple[str, ...] = NAMES) -> list[Subject]:
    """The subjects of one TARGET: `fsb_oracle`, `file.py`, `file.py:name`, `package.module:name`, `entry-points`.

    Raises:
        UsageError: nothing testable is found there; the sentence says what is.
    """
    if isinstance(target, DeclaredTarget):
        return [*function_subjects(target.declaration, str(target), str(target))]
    if target == "fsb_oracle":
        return [*rule_subjects(backends), *vector_rule_subjects(backends), *composed_rule_subjects(backends)]
    place, _, name = target.partition(":")
    if place.endswith(".py"):
        return _from_module(_load_file(place), place, name, backends)
    if place in LIBRARIES:
        return library_subjects(place, name)
    if place == entry_points.TARGET or (not name and place.isprintable() and _only_an_entry_point(place)):
        chosen = name if place == entry_points.TARGET else place
        return [subject for one in entry_points.targets_of(chosen) for subject in resolve(one, backends)]
    return _from_module(_import(place), place, name, backends)


def _only_an_entry_point(place: str) -> bool:
    """Whether an entry point is called so, and no module."""
    return entry_points.is_entry_point(place) and ("-" in place or importlib.util.find_spec(place) is None)


def _from_module(module: ModuleType, place: str, name: str, backends: tuple[str, ...]) -> list[Subject]:
    """The estimators of a module and the rules of the laws that it registers; one of them where it is named."""
    declared = {key: value for key, value in vars(module).items() if isinstance(value, Declaration)}
    if name:
        found = _attribute(module, place, name)
        if isinstance(found, Family) and rules_of(found):
            return _rules_as_subjects(rules_of(found), place, backends)
        if not isinstance(found, Declaration):
            raise UsageError(
                f"{place}:{name} is not an estimator: decorate it with @fsb_oracle.estimator(family=..., ...)"
            )
        return [*function_subjects(found, f"{place}:{name}", f"{place}:{name}")]
    rules = rules_registered_by(module.__name__)
    if not declared and not rules:
        raise UsageError(f"{place} holds no estimator: decorate a function with @fsb_oracle.estimator(family=..., ...)")
    functions = [
        subject
        for key, value in declared.items()
        for subject in function_subjects(value, f"{place}:{key}", f"{place}:{key}")
    ]
    return [*functions, *_rules_as_subjects(rules, place, backends)]


def _rules_as_subjects(rules: tuple[Rule, ...], place: str, backends: tuple[str, ...]) -> list[Subject]:
    return [RuleSubject(rule, backend, target=place) for backend in backends for rule in rules]


def _attribute(module: ModuleType, place: str, name: str) -> Any:
    if not hasattr(module, name):
        public = [key for key in vars(module) if not key.startswith("_")]
        raise UsageError(f"{place} has no {name!r}{nearest(name, public)}")
    return getattr(module, name)


def _import(place: str) -> ModuleType:
    try:
        return importlib.import_module(place)
    except ModuleNotFoundError as error:
        raise UsageError(f"cannot import {place!r}: no module named {error.name!r} is installed") from None
    except (TypeError, ValueError):
        raise UsageError(
            f"cannot read the target {place!r}: write file.py, file.py:name or package.module:name"
        ) from None


def _load_file(place: str) -> ModuleType:
    path = Path(place)
    if not path.is_file():
        raise UsageError(f"there is no file {place!r}")
    name = f"fsb_oracle_target_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except UsageError:
        raise
    except Exception as error:
        raise UsageError(f"{place} cannot be run: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(str(path.resolve().parent))
    return module
