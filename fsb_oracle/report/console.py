"""A record on a terminal: the text of `render_text` with colours, and its tables drawn by Rich.

Colour is never alone: every status is a word. NO_COLOR is honoured by Rich itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsb_oracle.records import Record, Result, Status
from fsb_oracle.report import view
from fsb_oracle.report.groups import findings, matrix, reasons
from fsb_oracle.report.terminal import IN_FULL, SECTIONS, block, gradient, summary_line
from fsb_oracle.report.verdict import verdict

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

STYLES = {
    Status.pass_: "green",
    Status.within_margin: "yellow",
    Status.fail: "bold red",
    Status.error: "bold red",
    Status.unexpected_pass: "bold red",
    Status.inconclusive: "magenta",
    Status.known_failure: "dim",
    Status.not_applicable: "dim",
}


def print_record(record: Record, console: Console) -> None:
    """Print a record: what failed first, the estimators as a table, the verdict and the summary last."""
    shown = view.printable(Record.from_json(record.to_json()))
    for title, statuses in SECTIONS:
        found = findings(shown, statuses)
        chosen = [finding.lead for finding in found] + [result for finding in found for result in finding.others]
        if chosen:
            console.rule(f"{title} ({len(chosen):,})", style=STYLES[statuses[0]], align="left")
        for result in chosen[:IN_FULL]:
            _print_block(result, console)
        if len(chosen) > IN_FULL:
            console.print(_rest(chosen[IN_FULL:]))
    if matrix(shown).rows:
        console.print(_subjects(shown))
    for title, status in (("Not applicable", Status.not_applicable), ("Known failures", Status.known_failure)):
        if groups := reasons(shown, status):
            console.print(_reasons(title, groups))
    said = verdict(shown)
    console.print(said.sentence, style=f"bold {STYLES[said.status]}", markup=False, highlight=False)
    for note in said.notes:
        console.print(note, markup=False, highlight=False)
    console.print(summary_line(shown), style="dim", markup=False, highlight=False)


def _print_block(result: Result, console: Console) -> None:
    """One result in full; its first line, which states the verdict, in the colour of its status."""
    head, _, rest = block(result).partition("\n")
    # soft: a command that is copied must not be broken into lines
    console.print(head, style=STYLES[result.status], markup=False, highlight=False, soft_wrap=True)
    console.print(rest, markup=False, highlight=False, soft_wrap=True)


def _table(title: str, *columns: tuple[str, bool]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for name, right in columns:
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    return table


def _rest(results: list[Result]) -> Table:
    from rich.text import Text

    table = _table("And", ("status", False), ("bias", True), ("case", False))
    for result in results:
        status = Text(view.WORDS[result.status], style=STYLES[result.status])
        table.add_row(status, Text(view.bias_text(result)), Text(result.case))
    return table


def _subjects(record: Record) -> Table:
    """A line for each subject, parameter and back end."""
    from rich.text import Text

    table = _table(
        "Subjects",
        ("subject", False),
        ("gradient", False),
        ("back end", False),
        ("cases", True),
        ("status", False),
        ("largest bias, of S", True),
    )
    for row in matrix(record).rows:
        for number, (column, cell) in enumerate(row.cells.items()):
            names = (row.subject, gradient(row)) if number == 0 else ("", "")
            status = Text(view.WORDS[cell.status], style=STYLES[cell.status])
            table.add_row(*map(Text, names), Text(column), f"{len(cell.results):,}", status, Text(cell.figure))
    return table


def _reasons(title: str, groups: list[tuple[str, list[Result]]]) -> Table:
    from rich.text import Text

    total = sum(len(results) for _, results in groups)
    table = _table(f"{title} ({total:,})", ("cases", True), ("reason", False))
    for reason, results in groups:
        table.add_row(f"{len(results):,}", Text(reason))
    return table
