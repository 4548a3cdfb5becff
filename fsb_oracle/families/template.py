"""A law whose parameters are lists, matrices or other laws: a `Family` is built for each shape of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fsb_oracle.errors import UsageError, nearest
from fsb_oracle.families.family import Family, Parameters


@dataclass(frozen=True)
class FamilyTemplate:
    """The law of every shape.

    Attributes:
        parameters: name -> what a user may write for it, in words.
        build: the family of the shape of the given values, and the values by component.
        edges: parameter points at which implementations break, as text.
        alternatives: groups of names of which exactly one is given (covariance_matrix or scale_tril).
    """

    name: str
    parameters: Mapping[str, str]
    build: Callable[[Mapping[str, Any]], tuple[Family, Mapping[str, Any]]]
    edges: tuple[Mapping[str, Any], ...]
    alternatives: tuple[tuple[str, ...], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.parameters)

    def resolve(self, values: Mapping[str, Any]) -> tuple[Family, Parameters]:
        """The family of the shape of `values`, and the exact value of each scalar component.

        Raises:
            UsageError: a name is unknown or missing, or a value does not fit.
        """
        for name in values:
            if name not in self.names:
                raise UsageError(
                    f"{self.name} has no parameter {name!r}; it has {', '.join(self.names)}{nearest(name, self.names)}"
                )
        optional = {name for group in self.alternatives for name in group}
        missing = [name for name in self.names if name not in values and name not in optional]
        if missing:
            raise UsageError(f"{self.name} needs {', '.join(self.names)}; {missing[0]!r} is missing")
        for group in self.alternatives:
            given = [name for name in group if name in values]
            if len(given) != 1:
                raise UsageError(f"{self.name} needs exactly one of {', '.join(group)}, not {len(given)}")
        family, components = self.build(values)
        return family, family.parse(components)
