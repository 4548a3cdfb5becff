"""What `fsb-oracle verify` takes, does and prints."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from fsb_oracle.progress import shown_progress

if TYPE_CHECKING:
    from fsb_oracle.records import Record


SYMPY_CACHE = "20000"  # results of each of SymPy's functions: a run meets more formulas than the 1000 of its default


def add_verify(parser: argparse.ArgumentParser) -> None:
    """The arguments; each option also comes from FSB_ORACLE_NAME and from [tool.fsb_oracle] in pyproject.toml."""
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET",
        help="a file.py or file.py:name, a module or module:name, entry-points, or fsb_oracle: our own rules",
    )  # fmt: skip
    parser.add_argument("--select", metavar="GLOB", help="only cases whose id matches")
    parser.add_argument("--profile", help="smoke (a minute), default (several) or deep: how much is tested")
    parser.add_argument("--margin", metavar="R", help="the bias that a pass excludes, in units of S")
    parser.add_argument("--false-fail-rate", metavar="P", help="of the whole run (default 1e-6)")
    parser.add_argument("--seed", metavar="N", help="from which every case draws its own numbers (default 0)")
    parser.add_argument("--backend", action="append", metavar="NAME", help="back ends of our own rules (repeatable)")
    parser.add_argument("--jobs", metavar="N", help="processes; 0 is one for each core (default 1); same verdicts")
    parser.add_argument("--dask", metavar="ADDRESS", help="a Dask scheduler whose workers decide; same verdicts")
    parser.add_argument(
        "--shard", metavar="I/N", help="only the I-th of N parts of the plan; `merge` puts them together"
    )
    parser.add_argument("--resume", metavar="RECORD", help="continue the interrupted run of this record")
    parser.add_argument("--ledger", metavar="FILE.db", help="keep evidence over epochs (seeds), and fail on their sum")
    parser.add_argument("--min-checks", metavar="N", help="fewer checks than this are an error (default 1)")
    parser.add_argument("--strict", action="store_true", default=None, help="a bias within the margin fails too")
    parser.add_argument(
        "--known-failures", metavar="FILE", action="append", help="TOML file of known failures (repeatable)"
    )
    parser.add_argument(
        "--update-known-failures", action="store_true", default=None,
        help="append what failed to the last of these files, as comments to be examined",
    )  # fmt: skip
    parser.add_argument("--record", metavar="OUT.json", help="write the record, from which every report is made")
    parser.add_argument("--html", metavar="OUT.html", help="write the report as one HTML page")
    parser.add_argument("--junit", metavar="OUT.xml", help="write what CI systems read")
    parser.add_argument("--benchmarks", metavar="FILE", help="ratios of a benchmark run, shown in the report")
    parser.add_argument("--json", action="store_true", default=None, help="print the record instead of text")
    parser.set_defaults(run=verify_command)


def verify_command(arguments: argparse.Namespace) -> int:
    """Run the checks, print the report; the exit code follows from the record."""
    os.environ.setdefault("SYMPY_CACHE_SIZE", SYMPY_CACHE)  # read as SymPy is imported, here and by every process
    from fsb_oracle import verify
    from fsb_oracle.records import exit_code
    from fsb_oracle.report import render_junit
    from fsb_oracle.report_command import require_html, write_html, write_text
    from fsb_oracle.runs.options import OPTIONS, gather

    given = {name: value for name, value in vars(arguments).items() if name in OPTIONS}
    options, _ = gather(given)
    if options["html"]:
        require_html()
    back_ends = given.pop("backend")
    with shown_progress() as progress:
        record = verify(*arguments.targets, **given, backends=back_ends, progress=progress)
    print_result(record, options["json"])
    if options["html"]:
        write_html(record, options["html"])
    if options["junit"]:
        write_text(options["junit"], lambda: render_junit(record, strict=options["strict"]))
    if options["update_known_failures"]:
        print(f"fsb-oracle: what failed is proposed in {options['known_failures'][-1]}", file=sys.stderr)
    return exit_code(record, strict=options["strict"], min_checks=options["min_checks"])


def print_result(record: Record, as_json: bool) -> None:
    """The record on stdout: as JSON, as plain text, or on a terminal in colour."""
    if as_json:
        print(record.to_json())
    elif sys.stdout.isatty():
        from rich.console import Console

        from fsb_oracle.report.console import print_record

        print_record(record, Console())
    else:
        from fsb_oracle.report import render_text

        print(render_text(record))
