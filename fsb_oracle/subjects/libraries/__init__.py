"""Libraries whose classes and estimators are verified by their name: one small table a library, imported when it is
asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

from fsb_oracle.errors import UsageError, nearest
from fsb_oracle.subjects.declaration import Declaration
from fsb_oracle.subjects.functions import function_subjects
from fsb_oracle.subjects.libraries.entry import Entry
from fsb_oracle.subjects.libraries.law import LibraryLaw
from fsb_oracle.subjects.subject import Subject


@dataclass(frozen=True)
class Library:
    """A module whose classes are laws, or that holds estimators: the back end it stands on, and the table that maps
    it."""

    backend: str
    table: str


LIBRARIES = {
    "torch.distributions": Library("torch", ".torch_distributions"),
    "pyro.distributions": Library("torch", ".pyro_distributions"),
    "numpyro.distributions": Library("jax", ".numpyro_distributions"),
    "tensorflow_probability.substrates.jax.distributions": Library("jax", ".tfp_distributions"),
    "distrax": Library("jax", ".distrax_distributions"),
    "flowjax.distributions": Library("jax", ".flowjax_distributions"),
    "jax.random": Library("jax", ".jax_random"),
    "storch.method": Library("torch", ".storch_methods"),
    "optax.monte_carlo": Library("jax", ".optax_estimators"),
}


def table_of(place: str) -> Any:
    """The table of a library: a module with ENTRIES (name -> laws that a class says, or declared estimators) and
    UNMAPPED (name -> reason); it imports nothing heavy."""
    return import_module(LIBRARIES[place].table, __name__)


def library_subjects(place: str, name: str) -> list[Subject]:
    """The subjects of one class of a library, or (`name` empty) of all that its table maps.

    Raises:
        UsageError: the library is not installed, or the class is not mapped; the sentence says why.
    """
    table = table_of(place)
    if name and name not in table.ENTRIES:
        raise UsageError(_not_mapped(place, name, table.ENTRIES, table.UNMAPPED))
    try:
        module = import_module(place)
    except ImportError as error:
        raise UsageError(f"cannot import {place!r}: {error}") from None
    chosen = {name: table.ENTRIES[name]} if name else table.ENTRIES
    return [
        subject
        for key, entries in chosen.items()
        if hasattr(module, key)
        for entry in entries
        for subject in _subjects_of(place, key, getattr(module, key), entry, table)
    ]


def _not_mapped(place: str, name: str, entries: Mapping[str, Any], unmapped: Mapping[str, str]) -> str:
    if name in unmapped:
        return f"{place}:{name} is not verified by name: {unmapped[name]}"
    return f"{place} has no class {name!r} that is verified by name{nearest(name, entries)}"


def _subjects_of(place: str, key: str, cls: Any, entry: Entry | Declaration, table: Any) -> list[Subject]:
    if isinstance(entry, Declaration):
        name = f"{place}:{key}"
        return [*function_subjects(entry, name + (f"({entry.name})" if entry.name else ""), name)]
    from fsb_oracle.subjects.libraries.subjects import LibraryPaths, LibraryScore, LibraryVectorPaths

    target = f"{place}:{key}"
    name = target + (f"({entry.variant})" if entry.variant else "")
    called = partial(entry.build, import_module(place)) if entry.build else cls
    found: list[Subject] = []
    for family in entry.families():
        law = _law(place, called, entry, family, name, table)
        if law.differentiable:
            several = len(family.samples) > 1
            found.append((LibraryVectorPaths if several else LibraryPaths)(law, name, target))
        if "log_prob" in entry.offers:
            found.append(LibraryScore(law, f"{name}.log_prob", target))
    return found


def _law(place: str, cls: Any, entry: Entry, family: Any, name: str, table: Any) -> LibraryLaw:
    if LIBRARIES[place].backend == "torch":
        from fsb_oracle.subjects.libraries.torch_law import TorchLaw

        return TorchLaw(cls, entry, family, name)
    from fsb_oracle.subjects.libraries.jax_law import JaxLaw

    return JaxLaw(getattr(table, "build", lambda cls: cls)(cls), entry, family, name, table.STYLE)


__all__ = ["LIBRARIES", "Library", "library_subjects", "table_of"]
