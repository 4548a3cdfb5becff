"""A class of a library under test: what it offers, behind one protocol, whatever its array library."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import Any

import numpy as np

from fsb_oracle.families import Family
from fsb_oracle.subjects.libraries.entry import Entry


class LibraryLaw(ABC):
    """One class as one law. Arrays are those of the back end; `values` are 0-d, by scalar component of our parameters.

    Methods batch: the class is built with parameters of shape (n,), so that each sample has parameters of its own.
    """

    backend_name: str

    def __init__(self, cls: Any, entry: Entry, family: Family, name: str) -> None:
        self.cls, self.entry, self.family, self.name = cls, entry, family, name

    @property
    def number_of_values(self) -> int:
        """Of a law on the integers from 0 to a fixed number; 0 elsewhere."""
        last = self.family.support.upper
        return 1 + int(last) if self.family.discrete and last.is_Integer else 0

    @abstractmethod
    def sample(self, values: dict[str, Any], num_samples: int, seeds: np.random.SeedSequence, dtype: str) -> Any:
        """Draws, shape (n,) or (n, *event), by the class's own sampler, without derivatives."""

    @abstractmethod
    def paths(
        self,
        values: dict[str, Any],
        num_samples: int,
        seeds: np.random.SeedSequence,
        dtype: str,
        wanted: Collection[str] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Draws and their derivative in each claimed component (or in those wanted), both of shape (n,) or
        (n, *event)."""

    def forward_slopes(
        self, values: dict[str, Any], num_samples: int, seeds: np.random.SeedSequence, dtype: str
    ) -> dict[str, Any] | None:
        """The derivatives of `paths` in forward mode, for samples of one variable; None where there is one mode."""
        return None

    @abstractmethod
    def log_prob(self, values: dict[str, Any], z: Any, batched: bool = True) -> Any:
        """log p at z, shape (n,); with parameters of shape (n,), or `batched=False` of shape ()."""

    @abstractmethod
    def scores(self, values: dict[str, Any], z: Any, wanted: Collection[str] | None = None) -> dict[str, Any]:
        """d log p(z) / d component for each claimed component (or for those wanted), shape (n,)."""

    @abstractmethod
    def statistic(self, statistic: str, values: dict[str, Any], argument: Any = None) -> Any | None:
        """cdf or icdf at `argument`, mean, variance (shape of the event) or entropy; None where the class has none."""

    @property
    @abstractmethod
    def differentiable(self) -> bool:
        """Whether the class claims reparameterised samples."""
