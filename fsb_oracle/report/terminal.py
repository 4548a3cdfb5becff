"""A record as plain text: what failed first, columns aligned, the summary in the last line."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from fsb_oracle.records import Record, Result, Status
from fsb_oracle.report import view
from fsb_oracle.report.formats import MISSING, duration, number, percent
from fsb_oracle.report.groups import Row, findings, matrix, reasons
from fsb_oracle.report.verdict import tiles, verdict

WIDTH = 100
# A terminal scrolls: after this many blocks of one section the other cases have a line each.
IN_FULL = 8
# Counts that the summary line has even where they are 0.
ALWAYS = ("planned", "ran", "pass", "fail")
SECTIONS = (
    ("FAILED", view.FAILED),
    ("WITHIN MARGIN: real biases, smaller than the margin", (Status.within_margin,)),
    ("INCONCLUSIVE", (Status.inconclusive,)),
)


def render_text(record: Record) -> str:
    """The record as text without colours or control characters; its last line is the summary."""
    shown = view.printable(Record.from_json(record.to_json()))
    parts = [section(shown, title, statuses) for title, statuses in SECTIONS]
    parts += [subjects(shown), not_applicable(shown), closing(shown)]
    return "\n".join(part for part in parts if part)


def section(record: Record, title: str, statuses: Sequence[Status]) -> str:
    """The results with these statuses: the first in full, with message and command, the others in a line."""
    found = findings(record, statuses)
    chosen = [finding.lead for finding in found] + [result for finding in found for result in finding.others]
    if not chosen:
        return ""
    text = heading(f"{title} ({len(chosen):,})") + "\n".join(block(result) for result in chosen[:IN_FULL])
    rest = [
        (view.WORDS[result.status].upper(), view.bias_text(result).replace(MISSING, "-"), result.case)
        for result in chosen[IN_FULL:]
    ]
    return text + ("\n" + aligned([("and", "bias", ""), *rest], right={1}) if rest else "")


def heading(title: str) -> str:
    return f"{title}\n{'-' * len(title)}\n"


def block(result: Result) -> str:
    """One result in full."""
    message = result.message.strip("\n") or view.finding_sentence(result)
    # A message states its status itself, but not that a pass was not expected.
    if result.case in message.partition("\n")[0] and result.status is not Status.unexpected_pass:
        lines = message.splitlines()
    else:
        lines = [f"{view.WORDS[result.status].upper()}  {result.case}"]
        lines += ["    " + line if line else "" for line in message.splitlines()]
    if result.reason and result.reason not in message:
        lines.append(f"    reason: {result.reason}")
    if result.details.get("likely_cause") and result.details["likely_cause"] not in message:
        lines.append(f"    likely cause: {result.details['likely_cause']}")
    if result.reproduce and result.reproduce not in message:
        lines.append(f"    reproduce: {result.reproduce}")
    return "\n".join(lines) + "\n"


def subjects(record: Record) -> str:
    """A line for each subject, parameter and back end: how its cases went and what they exclude."""
    head = ("subject", "gradient", "back end", "cases", "status", "largest bias, of S")
    lines = [
        (
            row.subject if first else "",
            gradient(row) if first else "",
            column,
            f"{len(cell.results):,}",
            view.WORDS[cell.status],
            cell.figure.replace("≤", "<="),
        )
        for row in matrix(record).rows
        for first, (column, cell) in zip([True] + [False] * len(row.cells), row.cells.items(), strict=False)
    ]
    return heading("SUBJECTS") + aligned([head, *lines], right={3, 5}) if lines else ""


def gradient(row: Row) -> str:
    return " ".join(part for part in (row.family, row.parameter) if part)


def aligned(rows: Sequence[Sequence[str]], right: set[int]) -> str:
    """Rows as columns two spaces apart; the columns in `right` are flush right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = (
        "  ".join(
            text.rjust(width) if column in right else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
    return "\n".join(lines) + "\n"


def not_applicable(record: Record) -> str:
    """The reasons with how many cases each has, and the known failures likewise."""
    text = ""
    for title, status in (
        ("NOT APPLICABLE", Status.not_applicable),
        ("KNOWN FAILURES", Status.known_failure),
    ):
        groups = reasons(record, status)
        if groups:
            rows = [(f"{len(results):,}", reason) for reason, results in groups]
            width = max(len(total) for total, _ in rows)
            text += heading(f"{title} ({sum(len(results) for _, results in groups):,})")
            for total, reason in rows:
                text += (
                    textwrap.fill(
                        reason,
                        WIDTH,
                        initial_indent=total.rjust(width) + "  ",
                        subsequent_indent=" " * (width + 2),
                    )
                    + "\n"
                )
            text += "\n" if status is Status.not_applicable else ""
    return text.rstrip("\n") + "\n" if text else ""


def closing(record: Record) -> str:
    """The verdict with its notes, and the summary line."""
    said = verdict(record)
    lines = [
        textwrap.fill(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)
        for text in (said.sentence, *said.notes)
    ]
    return "\n".join([*lines, summary_line(record)]) + "\n"


def summary_line(record: Record) -> str:
    """Counts, budget and time in one line."""
    shown = [tile for tile in tiles(record) if tile.total or tile.name in ALWAYS]
    counts = ", ".join(f"{tile.total:,} {tile.name}" for tile in shown)
    rates = record.run.get("false_fail_rate", {})
    declared, spent_rate = (number(rates.get(name), missing="unknown") for name in ("declared", "spent"))
    spent = f"false-fail budget {declared}, spent {spent_rate}"
    if rates.get("asymptotic_share"):
        spent += f" ({percent(rates['asymptotic_share'])} only asymptotic)"
    return f"{counts}; {spent}; {duration(record.run.get('seconds') or 0.0)}"
