"""Two records side by side: two releases of a library, or two libraries that offer the same laws."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fsb_oracle.records import Record, Result, Status
from fsb_oracle.report.formats import MISSING, number
from fsb_oracle.report.groups import Cell, gather
from fsb_oracle.report.view import FAILED, WORDS, worst


@dataclass(frozen=True, slots=True)
class Side:
    """What one record says about a gradient in one dtype; None figures are unknown."""

    subjects: tuple[str, ...]
    cell: Cell

    @property
    def word(self) -> str:
        """The worst status."""
        return WORDS[self.cell.status]

    @property
    def figure(self) -> str:
        """The largest bias found or not excluded."""
        return self.cell.figure or MISSING

    @property
    def failed(self) -> int:
        """How many results failed."""
        return sum(result.status in FAILED for result in self.cell.results)

    @property
    def pointwise(self) -> float | None:
        """The largest relative error of a derivative at any point tested."""
        errors = [
            math.inf if point.get("error") is None else abs(point["error"])
            for result in self.cell.results
            for point in result.details.get("points", [])
        ]
        return max(errors, default=None)


@dataclass(frozen=True, slots=True)
class Pair:
    """One gradient (law, parameter, dtype) in both records; a side is None where that record does not test it."""

    family: str
    parameter: str
    dtype: str
    left: Side | None
    right: Side | None

    @property
    def differs(self) -> bool:
        """Whether the two sides have different statuses, or one of them is missing."""
        return self.left is None or self.right is None or self.left.cell.status is not self.right.cell.status


def compare(left: Record, right: Record) -> list[Pair]:
    """The gradients of both records, those that differ first, each half in the order of the left record."""
    sides = [by_gradient(left), by_gradient(right)]
    keys = dict.fromkeys([*sides[0], *sides[1]])
    pairs = [Pair(*key, sides[0].get(key), sides[1].get(key)) for key in keys]
    return sorted(pairs, key=lambda pair: not pair.differs)


def by_gradient(record: Record) -> dict[tuple[str, str, str], Side]:
    """What a record says about each gradient; checks that test no estimator are left out."""
    tested = [
        result for result in record.results if result.check != "exact" and result.status is not Status.not_applicable
    ]
    groups = gather(tested, gradient)
    return {key: side(results) for key, results in groups.items()}


def gradient(result: Result) -> tuple[str, str, str]:
    """Law, parameter and dtype: what two libraries can have in common."""
    return result.family or MISSING, result.parameter or MISSING, result.dtype or MISSING


def side(results: list[Result]) -> Side:
    """The results of one record about one gradient."""
    subjects = tuple(dict.fromkeys(result.subject for result in results))
    return Side(subjects, Cell("", worst(result.status for result in results), tuple(results)))


def name_of(record: Record) -> str:
    """How a record is called: its targets, and the versions of the libraries that it tests."""
    versions = record.run.get("versions", {})
    shown = ", ".join(f"{name} {versions[name]}" for name in ("torch", "jax", "numpy") if versions.get(name))
    targets = ", ".join(record.run.get("targets", [])) or "record"
    return f"{targets} ({shown})" if shown else targets


def comparison_rows(pairs: list[Pair]) -> list[tuple[str, ...]]:
    """The pairs as texts: law, parameter, dtype, then status, figure and largest pointwise error of each side."""

    def texts(found: Side | None) -> tuple[str, str, str]:
        if found is None:
            return "not tested", MISSING, MISSING
        error = found.pointwise
        return found.word, found.figure, MISSING if error is None else number(error, missing="not finite")

    return [
        (pair.family, pair.parameter, pair.dtype, *texts(pair.left), *texts(pair.right), "≠" if pair.differs else "")
        for pair in pairs
    ]


COLUMNS = ("law", "parameter", "dtype", "status", "largest bias, of S", "pointwise error")
