"""Estimators that installed packages declare: entry points of the group `fsb_oracle.estimators`.

    [project.entry-points."fsb_oracle.estimators"]
    my-estimators = "my_package.estimators"

The value is a module, whose estimators are all meant, or `module:name`. The target `entry-points` is all of them,
`entry-points:NAME` those of one name or of one package; the name alone will do where no module is called so.
"""

from __future__ import annotations

import re
from importlib.metadata import EntryPoint, entry_points

from fsb_oracle.errors import UsageError, nearest

GROUP = "fsb_oracle.estimators"
TARGET = "entry-points"


def installed() -> list[EntryPoint]:
    """The entry points of the group, by package and name."""
    return sorted(entry_points(group=GROUP), key=lambda entry: (package_of(entry), entry.name))


def package_of(entry: EntryPoint) -> str:
    """The distribution that declares an entry point."""
    return "" if entry.dist is None else entry.dist.name


def targets_of(name: str) -> list[str]:
    """The targets, `module` or `module:name`, of all entry points (name "") or of those of one name or package.

    Raises:
        UsageError: there are none; the sentence says which there are.
    """
    known = installed()
    if not known:
        raise UsageError(f"no installed package has an entry point of the group {GROUP!r}")
    found = [entry for entry in known if not name or name == entry.name or _same(name, package_of(entry))]
    if not found:
        names = list(dict.fromkeys([*(entry.name for entry in known), *map(package_of, known)]))
        raise UsageError(f"no entry point is called {name!r}; there are {', '.join(names)}{nearest(name, names)}")
    return list(dict.fromkeys(entry.value.partition("[")[0].strip().replace(" ", "") for entry in found))


def is_entry_point(name: str) -> bool:
    """Whether an entry point of the group is called so."""
    return any(entry.name == name for entry in installed())


def _same(one: str, other: str) -> bool:
    """Whether two names are of one distribution (PEP 503)."""
    first, second = (re.sub(r"[-_.]+", "-", name).lower() for name in (one, other))
    return first == second


__all__ = ["GROUP", "TARGET", "installed", "is_entry_point", "package_of", "targets_of"]
