"""A status badge: a small SVG for a README, with the verdict in words and in colour."""

from __future__ import annotations

from html import escape

from fsb_oracle.records import Record, Status
from fsb_oracle.report.formats import count
from fsb_oracle.report.verdict import verdict
from fsb_oracle.report.view import FAILED

LABEL = "fsb-oracle"
# Dark enough for white text at 4.5 : 1.
COLOURS = {
    Status.pass_: "#17734f",
    Status.within_margin: "#8a5a00",
    Status.inconclusive: "#5b45a8",
    Status.not_applicable: "#56626f",
    Status.known_failure: "#56626f",
}
FAILURE = "#b3261e"
HEIGHT, PADDING, SIZE = 20, 7, 11
# Widths of Verdana at 11 pixels, in tenths of a pixel, so that the badge needs no font metrics.
NARROW, WIDE, USUAL = "fijlrt,.:;'!|()[] -", "mwMW%", 70


def render_badge(record: Record) -> str:
    """The badge of a record, as an SVG document."""
    words, colour = badge_words(record), COLOURS.get(verdict(record).status, FAILURE)
    left, right = width(LABEL) + 2 * PADDING, width(words) + 2 * PADDING
    total = left + right
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="{HEIGHT}" role="img" '
        f'aria-label="{LABEL}: {escape(words)}"><title>{LABEL}: {escape(words)}</title>'
        f'<clipPath id="r"><rect width="{total}" height="{HEIGHT}" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{left}" height="{HEIGHT}" fill="#3a4048"/>'
        f'<rect x="{left}" width="{right}" height="{HEIGHT}" fill="{colour}"/></g>'
        f'<g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="{SIZE}" text-anchor="middle">'
        f'<text x="{left / 2:g}" y="14">{LABEL}</text>'
        f'<text x="{left + right / 2:g}" y="14">{escape(words)}</text></g></svg>\n'
    )


def badge_words(record: Record) -> str:
    """The verdict in a few words."""
    decided = [result for result in record.results if result.status is not Status.not_applicable]
    failed = sum(result.status in FAILED for result in decided)
    undecided = sum(result.status is Status.inconclusive for result in decided)
    small = sum(result.status is Status.within_margin for result in decided)
    if not decided:
        return "nothing tested"
    if failed:
        return f"{failed:,} of {len(decided):,} failed"
    if record.run.get("interrupted"):
        return "interrupted"
    if undecided:
        return f"{undecided:,} of {len(decided):,} inconclusive"
    if small:
        return f"{count(len(decided), 'check')}, {count(small, 'small bias', 'small biases')}"
    return f"{count(len(decided), 'check')} passed"


def width(text: str) -> int:
    """Pixels that a text takes, rounded up."""
    tenths = sum(42 if letter in NARROW else 105 if letter in WIDE else USUAL for letter in text)
    return -(-tenths // 10)
