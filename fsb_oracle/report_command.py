"""The verb `report`: records in, a page, a Markdown summary, a badge or a comparison out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from fsb_oracle.errors import UsageError
from fsb_oracle.record_commands import merged
from fsb_oracle.records import Record, read


def add_report(parser: argparse.ArgumentParser) -> None:
    """`report RECORD... -o FILE.html`, and its other forms."""
    parser.add_argument("records", nargs="*", metavar="RECORD", help="records of --record; several are merged")
    parser.add_argument("-o", "--output", metavar="FILE", help="the HTML page (with --markdown: the Markdown file)")
    parser.add_argument("--baseline", metavar="RECORD", help="say what changed since this record")
    parser.add_argument("--markdown", action="store_true", help="a Markdown summary, printed unless -o names a file")
    parser.add_argument("--badge", metavar="FILE.svg", help="write a status badge as well")
    parser.add_argument("--compare", nargs=2, metavar=("A", "B"), help="two records side by side, as text or with -o")
    parser.set_defaults(run=run_report)


def run_report(options: argparse.Namespace) -> int:
    """Read, render, write. Raises UsageError where the options do not go together."""
    if options.compare:
        return _compare(options)
    if not options.records:
        raise UsageError("name at least one record, as in `report record.json -o report.html`")
    if not (options.output or options.markdown or options.badge):
        raise UsageError("say what to write: -o FILE.html, --markdown or --badge FILE.svg")
    record = merged(options.records)
    baseline = None if options.baseline is None else read(options.baseline)
    if options.badge:
        from fsb_oracle.report import render_badge

        write_text(options.badge, lambda: render_badge(record))
    if options.markdown:
        from fsb_oracle.report import render_markdown

        text = render_markdown(record, baseline)
        if options.output:
            write_text(options.output, lambda: text)
        else:
            print(text, end="")
    elif options.output:
        write_html(record, options.output, baseline)
    return 0


def _compare(options: argparse.Namespace) -> int:
    clashes = {"records": options.records, "--baseline": options.baseline, "--markdown": options.markdown}
    for name, given in (clashes | {"--badge": options.badge}).items():
        if given:
            raise UsageError(f"--compare takes two records and -o; it does not go with {name}")
    left, right = (read(path) for path in options.compare)
    if options.output:
        require_html()
        from fsb_oracle.report import render_comparison

        write_text(options.output, lambda: render_comparison(left, right))
        return 0
    from fsb_oracle.report import comparison_text

    print(comparison_text(left, right))
    return 0


def require_html() -> None:
    """Raises UsageError where a page could not be written, before anything long has run."""
    if find_spec("jinja2") is None:
        raise UsageError("the HTML report needs Jinja2: pip install 'fsb-oracle[report]'")


def write_html(record: Record, path: str, baseline: Record | None = None) -> None:
    """Write the page of a record; the path is named on stderr."""
    require_html()
    from fsb_oracle.report import render_html

    write_text(path, lambda: render_html(record, baseline))


def write_text(path: str, render: Callable[[], str]) -> None:
    """Write what `render` returns; a path that cannot be written is a UsageError."""
    page = Path(path)
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(render(), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path!r}: {error.strerror}") from None
    print(f"report: {page.resolve()}", file=sys.stderr)
