"""The support table: for each estimator, law and dtype what its checks exclude or found, as a number with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from fsb_oracle.records import Record, Result, Status
from fsb_oracle.report.bounds import largest_bound
from fsb_oracle.report.formats import count, percent
from fsb_oracle.report.groups import gather
from fsb_oracle.report.terminal import aligned
from fsb_oracle.report.view import FAILED, WORDS, scaled, unit, worst


@dataclass(frozen=True, slots=True)
class SupportCell:
    """One estimator on one law in one dtype. `number` is in units of S: the bias that its passes exclude, or the size
    of the defect; None where no check gives one. `reason` says in words what the number is, or why there is none."""

    estimator: str
    family: str
    parameter: str
    backend: str
    dtype: str
    status: str
    number: float | None
    reason: str
    checks: int

    def to_json_object(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @property
    def short(self) -> str:
        """`≤ 1.9 %` or `bias 12 %`; else the status."""
        if self.number is None:
            return WORDS[Status(self.status)]
        defect = Status(self.status) in (*FAILED, Status.within_margin)
        return f"bias {percent(self.number, 2)}" if defect else f"≤ {percent(self.number, 2, up=True)}"


def support(record: Record) -> list[SupportCell]:
    """The cells of a record, in its order of estimators; proofs and certificates of exact values belong to none."""
    tested = (result for result in record.results if result.dtype and result.check not in ("exact", "proof"))
    cells = gather(tested, _key)
    return [_cell(key, results) for key, results in cells.items()]


def _key(result: Result) -> tuple[str, str, str, str, str]:
    return result.subject, result.family or "", result.parameter or "", result.backend or "", result.dtype or ""


def _cell(key: tuple[str, str, str, str, str], results: Sequence[Result]) -> SupportCell:
    decided = [result for result in results if result.status is not Status.not_applicable]
    if not decided:
        return SupportCell(*key, Status.not_applicable.value, None, _reasons(results), len(results))
    status = worst(result.status for result in decided)
    leads = [result for result in decided if result.status is status]
    if status in FAILED or status is Status.within_margin:
        number, reason = _defect(leads)
    elif status in (Status.inconclusive, Status.known_failure):
        number, reason = largest_bound(leads), f"{count(len(leads), 'case')} {WORDS[status]}: {_reasons(leads)}"
    else:
        number = largest_bound(decided)
        reason = f"no larger bias in {count(len(decided), 'check')}" if number is not None else "no bias in units of S"
    return SupportCell(*key, status.value, number, reason, len(decided))


def _defect(results: Sequence[Result]) -> tuple[float | None, str]:
    """The largest defect, and where it is."""
    sized = [(abs(share), result) for result in results if (share := scaled(result, result.bias)) is not None]
    if not sized:
        return None, f"{count(len(results), 'case')}: {_reasons(results)}"
    in_scale = [pair for pair in sized if unit(pair[1]) == "S"] or sized
    size, result = max(in_scale, key=lambda pair: pair[0])
    at = ",".join(f"{name}={value}" for name, value in result.parameters.items())
    where = f"{result.check} at {at}" + (f", f = {result.f}" if result.f else "")
    of = "" if unit(result) == "S" else f" (of {unit(result)})"
    return size, f"largest of {count(len(results), 'case')}: {where}{of}"


def _reasons(results: Iterable[Result]) -> str:
    """The most frequent reason, and that there are others."""
    found = Counter(result.reason or result.status.value for result in results)
    (first, _), *others = found.most_common()
    return first + (f"; {count(len(others), 'other reason')}" if others else "")


HEAD = ("estimator", "law", "gradient", "back end", "dtype", "status", "bias, of S", "checks", "reason")


def _rows(cells: Sequence[SupportCell]) -> list[tuple[str, ...]]:
    return [
        (
            cell.estimator, cell.family, cell.parameter, cell.backend, cell.dtype, WORDS[Status(cell.status)],
            "-" if cell.number is None else cell.short, f"{cell.checks:,}", cell.reason,
        )
        for cell in cells
    ]  # fmt: skip


def support_text(cells: Sequence[SupportCell]) -> str:
    """A line for each cell, columns aligned."""
    return aligned([HEAD, *_rows(cells)], right={6, 7}) if cells else "no checks of estimators in these records\n"


def support_markdown(cells: Sequence[SupportCell]) -> str:
    """Estimators with their laws as rows, dtypes as columns, each cell with its number; then the reasons, numbered."""
    columns = list(dict.fromkeys((cell.backend, cell.dtype) for cell in cells))
    notes: dict[str, int] = {}
    lines = [
        "| estimator | law | gradient | " + " | ".join(f"{backend} {dtype}" for backend, dtype in columns) + " |",
        "| --- " * (3 + len(columns)) + "|",
    ]
    for estimator, family, parameter in dict.fromkeys((cell.estimator, cell.family, cell.parameter) for cell in cells):
        row = [
            cell for cell in cells if (cell.estimator, cell.family, cell.parameter) == (estimator, family, parameter)
        ]
        shown = {(cell.backend, cell.dtype): cell for cell in row}
        texts = []
        for column in columns:
            cell = shown.get(column)
            texts.append("" if cell is None else f"{cell.short} [{notes.setdefault(cell.reason, len(notes) + 1)}]")
        lines.append(f"| {_escaped(estimator)} | {family} | {parameter} | " + " | ".join(texts) + " |")
    lines += ["", *(f"{number}. {_escaped(reason)}" for reason, number in notes.items())]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")
