"""Two records side by side as one HTML page."""

from __future__ import annotations

import math

from fsb_oracle.records import Record
from fsb_oracle.report import view
from fsb_oracle.report.changes import changes
from fsb_oracle.report.comparison import COLUMNS, Pair, compare, comparison_rows, name_of
from fsb_oracle.report.formats import count
from fsb_oracle.report.html import LIMITS
from fsb_oracle.report.templating import jinja_environment
from fsb_oracle.report.terminal import aligned, heading


def render_comparison(left: Record, right: Record) -> str:
    """The page that shows two records side by side, gradient by gradient; cases that both hold also case by case.

    Raises UsageError where Jinja2 is not installed.
    """
    records = [view.printable(record) for record in (left, right)]
    pairs = compare(*records)
    return (
        jinja_environment()
        .get_template("comparison.html.j2")
        .render(
            names=[name_of(record) for record in records],
            pairs=pairs,
            sentence=sentence(pairs),
            changes=changes(*records),
            limits=LIMITS[0],
            infinity=math.inf,
            version=records[1].run["versions"].get("fsb-oracle", ""),
        )
    )


def comparison_text(left: Record, right: Record) -> str:
    """The same as plain text with aligned columns."""
    records = [view.printable(record) for record in (left, right)]
    pairs = compare(*records)
    names = [name_of(record) for record in records]
    sides = [f"{title} ({letter})" for letter in "AB" for title in COLUMNS[3:]]
    head = (*COLUMNS[:3], *sides, "")
    rows = [tuple(text.replace("≤", "<=").replace("–", "-") for text in row) for row in comparison_rows(pairs)]
    lines = [
        f"A: {names[0]}",
        f"B: {names[1]}",
        "",
        heading("GRADIENT BY GRADIENT") + aligned([head, *rows], right={4, 5, 7, 8}),
    ]
    return "\n".join([*lines, f"{sentence(pairs)}."])


def sentence(pairs: list[Pair]) -> str:
    """How many gradients there are, and how many differ."""
    differ = sum(pair.differs for pair in pairs)
    both = sum(pair.left is not None and pair.right is not None for pair in pairs)
    total = count(len(pairs), "gradient")
    return f"{total}, {both:,} tested in both, {differ:,} with another status or tested in one only"
