"""What `fsb-oracle verify` takes, does and prints."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fsb_oracle.runs.run import Progress


def add_verify(parser: argparse.ArgumentParser) -> None:
    """The arguments; each option also comes from FSB_ORACLE_NAME and from [tool.fsb_oracle] in pyproject.toml."""
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument("--select", metavar="GLOB", help="only cases whose id matches")
    parser.add_argument("--profile", help="smoke, default or deep")
    parser.add_argument("--margin", metavar="R", help="the bias that a pass excludes, in units of S")
    parser.add_argument("--false-fail-rate", metavar="P", help="of the whole run (default 1e-6)")
    parser.add_argument("--seed", metavar="N")
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
    parser.add_argument("--record", metavar="OUT.json")
    parser.add_argument("--html", metavar="OUT.html")
    parser.add_argument("--benchmarks", metavar="FILE", help="ratios of a benchmark run, shown in the report")
    parser.add_argument("--json", action="store_true", default=None, help="print the record instead of text")
    parser.set_defaults(run=verify_command)


def verify_command(arguments: argparse.Namespace) -> int:
    """Run the checks, print the report; the exit code follows from the record."""
    from fsb_oracle import verify
    from fsb_oracle.records import exit_code
    from fsb_oracle.report import render_text
    from fsb_oracle.report_command import require_html, write_html
    from fsb_oracle.runs.options import OPTIONS, gather

    given = {name: value for name, value in vars(arguments).items() if name in OPTIONS}
    options, _ = gather(given)
    if options["html"]:
        require_html()
    back_ends = given.pop("backend")
    record = verify(*arguments.targets, **given, backends=back_ends, progress=progress_line())
    print(record.to_json() if options["json"] else render_text(record))
    if options["html"]:
        write_html(record, options["html"])
    return exit_code(record, strict=options["strict"], min_checks=options["min_checks"])


def progress_line() -> Callable[[Progress], None]:
    """One line on stderr that is rewritten on a terminal; elsewhere a plain line every ten seconds."""
    terminal, started = sys.stderr.isatty(), time.perf_counter()
    last, failed = started, 0

    def show(progress: Progress) -> None:
        nonlocal last, failed
        failed += progress.result.status in ("fail", "error")
        now, done = time.perf_counter(), progress.finished == progress.planned
        if not done and now - last < (0.1 if terminal else 10.0):
            return
        last = now
        line = f"{progress.finished:,}/{progress.planned:,} checks" + (f", {failed:,} failed" if failed else "")
        if not done:
            line += f", {time_left(now - started, progress.share)} left"
        if terminal:
            place = "" if done else f"  {progress.result.case[: 100 - len(line)]}"
            print(f"\r\033[K{line}{place}", end="\n" if done else "", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)

    return show


def time_left(elapsed: float, share: float) -> str:
    """How long the rest takes at the speed so far: `40 s`, `12 min`, `3 h 20 min`."""
    seconds = elapsed * (1 - share) / share if share > 0 else 0.0
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
