"""A record as a short Markdown summary, for the pages that CI systems show beside a commit."""

from __future__ import annotations

import re
from html import escape

from fsb_oracle.records import Record, Result, Status
from fsb_oracle.report import view
from fsb_oracle.report.changes import changes
from fsb_oracle.report.formats import MISSING, count, duration
from fsb_oracle.report.groups import Finding, findings, matrix, reasons
from fsb_oracle.report.verdict import budget, tiles, verdict

MOST = 20  # findings and changes listed; a CI page is read at a glance
SIGNS = {
    Status.pass_: "✅",
    Status.within_margin: "🔶",
    Status.fail: "❌",
    Status.error: "❌",
    Status.unexpected_pass: "❌",
    Status.inconclusive: "❔",
    Status.known_failure: "➖",
    Status.not_applicable: "➖",
}
# Characters with a meaning in a table cell of GitHub's and GitLab's Markdown.
MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-!|~])")


def render_markdown(record: Record, baseline: Record | None = None) -> str:
    """Verdict, counts, what failed with its reproduction, estimators by back end, reasons for what was not tested.

    Every text that comes from outside is escaped, so that no name can add markup to the page.
    """
    shown = view.printable(Record.from_json(record.to_json()))
    parts = [
        heading(shown),
        counts(shown),
        *([] if baseline is None else [changed(baseline, shown)]),
        *(
            section(title, findings(shown, statuses))
            for title, statuses in (
                ("Failed", view.FAILED),
                ("Real biases inside the margin", (Status.within_margin,)),
                ("Inconclusive", (Status.inconclusive,)),
            )
        ),
        estimators(shown),
        not_tested(shown),
        closing(shown),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def plain(text: str) -> str:
    """A text from outside as itself: Markdown and HTML in it are shown, not obeyed."""
    return MARKUP.sub(r"\\\1", escape(text, quote=False)).replace("\n", " ")


def code(text: str) -> str:
    """A text as code, also where it holds back quotes or bars."""
    ticks = max((len(run) for run in re.findall("`+", text)), default=0) + 1
    pad = " " if "`" in text else ""
    return f"{'`' * ticks}{pad}{text.replace(chr(10), ' ').replace('|', chr(92) + '|')}{pad}{'`' * ticks}"


def fenced(command: str) -> str:
    """A command as a code block in a list, whatever it holds."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", command)), default=0))
    return "\n".join(f"  {line}" for line in (f"{fence}sh", *command.splitlines(), fence))


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def heading(record: Record) -> str:
    said = verdict(record)
    lines = [f"## {SIGNS[said.status]} {plain(said.sentence)}", *(f"> {plain(note)}" for note in said.notes)]
    return "\n\n".join(lines)


def counts(record: Record) -> str:
    shown = [tile for tile in tiles(record) if tile.total or tile.name in ("pass", "fail")]
    return table([tile.name for tile in shown], [[f"{tile.total:,}" for tile in shown]])


def changed(baseline: Record, record: Record) -> str:
    """What changed against another record."""
    found = changes(baseline, record)
    lines = [plain(found.sentence) + "."]
    for title, members in found.sections:
        listed = [f"- {code(change.case)}: {words(change.before)} → {words(change.after)}" for change in members[:MOST]]
        rest = len(members) - MOST
        lines.append(f"**{title}** ({len(members):,})\n\n" + "\n".join(listed))
        if rest > 0:
            lines.append(f"and {rest:,} more")
    return "\n\n".join(lines)


def words(result: Result | None) -> str:
    if result is None:
        return "not there"
    bias = view.bias_text(result)
    return view.WORDS[result.status] + ("" if bias == MISSING else f" ({bias})")


def section(title: str, found: list[Finding]) -> str:
    if not found:
        return ""
    lines = [f"### {title}"]
    for finding in found[:MOST]:
        result = finding.lead
        more = f", {count(finding.size, 'case')}" if finding.size > 1 else ""
        sentence = view.finding_sentence(result)
        body = "".join(f"  \n  {line}" for line in (plain(sentence), plain(result.reason or "")) if line)
        command = f"\n\n{fenced(result.reproduce)}" if result.reproduce else ""
        lines.append(
            f"- {SIGNS[result.status]} **{plain(finding.title)}** ({plain(result.check)}{more}){body}{command}"
        )
    if len(found) > MOST:
        lines.append(f"and {len(found) - MOST:,} more")
    return "\n\n".join(lines)


def estimators(record: Record) -> str:
    """A line for each subject and parameter, a column for each back end."""
    grid = matrix(record)
    if not grid.rows:
        return ""
    rows = [
        [
            plain(row.title),
            *(
                f"{SIGNS[row.cells[column].status]} {row.cells[column].figure}".strip() if column in row.cells else ""
                for column in grid.columns
            ),
        ]
        for row in grid.rows
    ]
    text = table(["Estimator", *map(plain, grid.columns)], rows)
    return f"<details><summary>Estimators and back ends</summary>\n\n{text}\n\n</details>"


def not_tested(record: Record) -> str:
    rows = [
        [f"{len(results):,}", view.WORDS[status], plain(reason)]
        for status in (Status.not_applicable, Status.known_failure)
        for reason, results in reasons(record, status)
    ]
    if not rows:
        return ""
    text = table(["Cases", "Status", "Reason"], rows)
    return f"<details><summary>Not applicable and known failures</summary>\n\n{text}\n\n</details>"


def closing(record: Record) -> str:
    versions = ", ".join(
        f"{name} {text}" for name, text in sorted(record.run["versions"].items()) if isinstance(text, str)
    )
    return plain(
        f"False-fail budget {budget(record)}. Seed {record.run.get('seed')}, profile {record.run.get('profile')}, "
        f"{duration(record.run.get('seconds'))}. {versions}"
    )
