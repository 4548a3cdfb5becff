"""Results gathered into what a reader sees together: findings, the matrix, reasons."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from fsb_oracle.records import Record, Result, Status
from fsb_oracle.report.bounds import largest_bound, noise_bound
from fsb_oracle.report.formats import percent
from fsb_oracle.report.view import FAILED, WORST_FIRST, back_end, scaled, topic, unit, worst

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")
# What a long page may leave out: reasons not to run have a section of their own.
UNREMARKABLE = (Status.pass_, Status.not_applicable)
FOLDED_ABOVE = 60  # rows of the matrix
BACK_ENDS = ("exact", "numpy", "torch", "jax")


def gather(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    """Items by key, keys in the order in which they first occur."""
    groups: dict[Key, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def totals(results: Iterable[Result]) -> list[tuple[Status, int]]:
    """How many results have each status, worst first, zeros left out."""
    statuses = [result.status for result in results]
    return [(status, statuses.count(status)) for status in WORST_FIRST if status in statuses]


@dataclass(frozen=True, slots=True)
class Finding:
    """Results of one check on one subject that went the same way; `lead` shows it most clearly."""

    lead: Result
    others: tuple[Result, ...]

    @property
    def title(self) -> str:
        """What was tested."""
        return topic(self.lead)

    @property
    def size(self) -> int:
        """How many results the finding stands for."""
        return 1 + len(self.others)


def findings(record: Record, statuses: Iterable[Status]) -> list[Finding]:
    """The results with these statuses, one finding for each check, subject and parameter, gravest first."""
    chosen = set(statuses)
    groups = gather(
        (result for result in record.results if result.status in chosen),
        lambda result: (result.check, result.subject, result.family, result.parameter),
    )
    found = []
    for results in groups.values():
        lead, *others = sorted(results, key=severity)
        found.append(Finding(lead, tuple(others)))
    return sorted(found, key=lambda finding: severity(finding.lead))


def severity(result: Result) -> tuple[int, float, str]:
    """A sort key: graver status, then results without a size (crashed, not finite), then the larger bias."""
    share = scaled(result, result.bias)
    size = math.inf if result.bias is None else abs(share if share is not None else result.bias)
    return WORST_FIRST.index(result.status), -size, result.case


@dataclass(frozen=True, slots=True)
class Cell:
    """One subject and parameter on one back end."""

    anchor: str
    status: Status
    results: tuple[Result, ...]

    @property
    def ran(self) -> int:
        """How many of the results ran."""
        return sum(result.status is not Status.not_applicable for result in self.results)

    def gravest(self, most: int) -> list[Result]:
        """All results in order, or the gravest `most` where there are more; of 0 those that are not a plain pass."""
        if not most:
            return [result for result in self.results if result.status not in UNREMARKABLE]
        return list(self.results) if len(self.results) <= most else sorted(self.results, key=severity)[:most]

    @property
    def figure(self) -> str:
        """The largest bias found ("bias 12 %") or not excluded ("≤ 2 %"); "" where unknown."""
        if self.status in FAILED:
            failed = [result for result in self.results if result.status in FAILED and unit(result) == "S"]
            sizes = [scaled(result, result.bias) for result in failed]
            found = max((abs(size) for size in sizes if size is not None), default=None)
            return "" if found is None else f"bias {percent(found)}"
        limit = largest_bound(self.results)
        return "" if limit is None else f"≤ {percent(limit, up=True)}"

    @property
    def from_noise(self) -> str:
        """The same for the map from noise to gradient, where quadrature decided every sampled case."""
        bounds = [noise_bound(result) for result in self.results if result.details.get("tiers")]
        known = [value for value in bounds if value is not None]
        return f"≤ {percent(max(known), 2, up=True)}" if known and len(known) == len(bounds) else ""


@dataclass(frozen=True, slots=True)
class Row:
    """One subject and parameter; `cells` by column name."""

    subject: str
    family: str
    parameter: str
    cells: dict[str, Cell]

    @property
    def results(self) -> list[Result]:
        """All results of the row."""
        return [result for cell in self.cells.values() for result in cell.results]

    def listed(self, most: int) -> bool:
        """Whether a page that lists `most` results for each cell lists one of this row."""
        return any(cell.gravest(most) for cell in self.cells.values())

    @property
    def title(self) -> str:
        """What the row tests."""
        return topic(self.results[0])


@dataclass(frozen=True, slots=True)
class Matrix:
    """Subjects against back ends, the rows gathered by family."""

    columns: tuple[str, ...]
    families: dict[str, list[Row]]

    @property
    def rows(self) -> list[Row]:
        """All rows in order."""
        return [row for rows in self.families.values() for row in rows]

    @property
    def folded(self) -> bool:
        """Whether there are too many rows to be seen at once: the families are then folded."""
        return len(self.rows) > FOLDED_ABOVE

    def cells_of(self, family: str) -> list[tuple[Status, int]]:
        """How many cells of a family have each status, worst first."""
        statuses = [cell.status for row in self.families[family] for cell in row.cells.values()]
        return [(status, statuses.count(status)) for status in WORST_FIRST if status in statuses]

    @property
    def decided_by_noise(self) -> bool:
        """Whether some cell has a bound for a given noise."""
        return any(cell.from_noise for row in self.rows for cell in row.cells.values())


def matrix(record: Record) -> Matrix:
    """The support matrix of a record; exact values, which test no subject, are left out."""
    tested = [result for result in record.results if result.check != "exact"]
    columns = tuple(sorted({back_end(result) for result in tested}, key=column_order))
    families: dict[str, list[Row]] = {}
    keyed = gather(tested, lambda result: (result.family or "", result.subject, result.parameter or ""))
    for index, ((family, subject, parameter), results) in enumerate(keyed.items()):
        by_column = gather(results, back_end)
        cells = {
            column: Cell(
                anchor=f"r{index}c{columns.index(column)}",
                status=worst(result.status for result in by_column[column]),
                results=tuple(by_column[column]),
            )
            for column in columns
            if column in by_column
        }
        families.setdefault(family, []).append(Row(subject, family, parameter, cells))
    return Matrix(columns, families)


def column_order(column: str) -> tuple[int, str, str]:
    """Back ends in the order of the documentation, the wider dtype first."""
    name, _, dtype = column.partition(" ")
    place = BACK_ENDS.index(name) if name in BACK_ENDS else len(BACK_ENDS)
    return place, name, {"float64": "0", "float32": "1"}.get(dtype, dtype)


def reasons(record: Record, status: Status) -> list[tuple[str, list[Result]]]:
    """The results with this status by their reason, most frequent first."""
    groups = gather(
        (result for result in record.results if result.status is status),
        lambda result: result.reason or "no reason given",
    )
    return sorted(groups.items(), key=lambda item: -len(item[1]))
