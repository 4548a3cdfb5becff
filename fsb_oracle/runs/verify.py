"""`verify`: from options to a plan, and from the plan to one record."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from fsb_oracle.records import Record
from fsb_oracle.runs.benchmarks import read_ratios
from fsb_oracle.runs.known_failures import KnownFailure, apply, judged, propose
from fsb_oracle.runs.ledger import Ledger
from fsb_oracle.runs.options import gather
from fsb_oracle.runs.prepare import prepare
from fsb_oracle.runs.resume import interrupted_record, kept_results, with_settings_of
from fsb_oracle.runs.run import Circumstances, Progress, Run
from fsb_oracle.runs.workers import fingerprint, number_of_jobs
from fsb_oracle.subjects.targets import as_target

Path = str | os.PathLike[str]


def verify(
    *targets: Any,
    profile: str | None = None,
    select: str | None = None,
    margin: float | None = None,
    false_fail_rate: float | None = None,
    seed: int | None = None,
    strict: bool | None = None,
    min_checks: int | None = None,
    backends: Sequence[str] | None = None,
    record: Path | None = None,
    benchmarks: Path | None = None,
    jobs: int | None = None,
    dask: str | None = None,
    shard: str | None = None,
    resume: Path | None = None,
    ledger: Path | None = None,
    known_failures: Path | Sequence[Path] | None = None,
    update_known_failures: bool | None = None,
    progress: Callable[[Progress], None] | None = None,
    **shown: Any,
) -> Record:
    """Verify estimators: decide every case of the targets and return the record.

    Args:
        targets: `file.py`, `file.py:name`, `package.module:name`, `torch.distributions:Gamma`, `jax.random:gamma`, or
            `fsb_oracle` for our own rules and baselines; or what they name: a decorated function, a library's class or
            function, a module. With `resume` those of the record by default.
        profile: "smoke", "default" or "deep".
        select: glob on case ids; `*` also matches `/`.
        margin: the bias that a pass excludes, in units of S.
        false_fail_rate: bound on the probability that anything unbiased fails, for the whole run.
        seed: the run's seed; every random number follows from it and the case id.
        strict: whether a bias within the margin counts as a failure in the exit code; it stands in the record.
        min_checks: fewer checks than this are an error in the exit code; it stands in the record.
        backends: back ends of our own rules; all by default.
        record: where the record is written while the run goes on, and at the end.
        benchmarks: a pytest-benchmark file of this project, whose ratios the record then carries.
        jobs: processes; 0 is one for each core. Verdicts are the same whatever their number.
        dask: address of a Dask scheduler whose workers decide the cases, in place of `jobs`; same verdicts.
        shard: "I/N": only the I-th of N parts of the plan, whose budget is that of the whole;
            `fsb_oracle.records.merge` makes one record of all.
        resume: record of an interrupted run of this plan: what it holds stands, and the rest is decided.
        ledger: SQLite file that keeps the evidence of each case over epochs (seeds); a case whose sum reaches its
            share of the budget fails.
        known_failures: TOML files of known failures; see `fsb_oracle.runs.known_failures`.
        update_known_failures: append what failed to the last of these files, as comments for a person to examine.
        progress: called after each case.
        shown: further options of the command line (`html`, `json`), which stand in the record with their source.

    Returns:
        The record; after Ctrl-C it holds what had finished and `run["interrupted"]` is true.

    Raises:
        UsageError: an option or a target is not valid, or a file cannot be written.
    """
    given = {
        "profile": profile,
        "select": select,
        "margin": margin,
        "false_fail_rate": false_fail_rate,
        "seed": seed,
        "strict": strict,
        "min_checks": min_checks,
        "backend": backends,
        "record": record,
        "benchmarks": benchmarks,
        "jobs": jobs,
        "dask": dask,
        "shard": shard,
        "resume": resume,
        "ledger": ledger,
        "known_failures": known_failures,
        "update_known_failures": update_known_failures,
    }
    targets = tuple(map(as_target, targets))
    options, sources = gather(given | shown)
    earlier = None if options["resume"] is None else interrupted_record(options["resume"])
    if earlier is not None:
        targets, options, sources = with_settings_of(earlier.run, targets, options, sources)
    prepared = prepare(targets, options)
    assignment, plan, known = prepared.assignment, prepared.plan, prepared.known
    # what the profile decides stands in the record beside what the caller gave
    settings = assignment.settings
    sources["margin"]["value"] = settings.margin
    sources["false_pass_rate"] = {"value": settings.false_pass_rate, "source": sources["profile"]["source"]}
    about = Circumstances(
        sources,
        path=options["record"] or options["resume"],
        jobs=number_of_jobs(options["jobs"]),
        dask=options["dask"],
        shard=_part(options["shard"]),
        benchmarks=[] if options["benchmarks"] is None else read_ratios(options["benchmarks"]),
    )
    book = None if options["ledger"] is None else Ledger(options["ledger"])
    run = Run(replace(assignment, fingerprint=fingerprint(plan, targets)), plan, about)
    if earlier is not None:
        run.keep(kept_results(earlier, sources["resume"]["value"], run.record(interrupted=True).run))
        run.started, run.earlier_seconds = earlier.run["started"], earlier.run["seconds"]
    found = run.execute(_in_the_light_of(known, progress))
    if found.run["interrupted"]:  # it stays as it is: what the ledger and known failures say is said of a whole run
        return run.finish(found)
    if book is not None:
        found = book.enter(found, run.budget)
    if options["update_known_failures"]:
        propose(apply(found, known), options["known_failures"][-1], strict=options["strict"])
    return run.finish(apply(found, known))


def _in_the_light_of(
    known: Sequence[KnownFailure], progress: Callable[[Progress], None] | None
) -> Callable[[Progress], None] | None:
    """The same, told of each result as the record will show it."""
    if progress is None or not known:
        return progress
    return lambda now: progress(replace(now, result=judged(now.result, known)))


def _part(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    part, _, of = text.partition("/")
    return int(part), int(of)
