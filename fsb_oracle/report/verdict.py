"""The verdict sentence and the counts of a record."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from fsb_oracle.records import Record, Result, Status
from fsb_oracle.report.bounds import bound, largest_bound, rests_on_noise
from fsb_oracle.report.formats import count, listing, number, percent
from fsb_oracle.report.view import FAILED, WORDS, scaled, topic, unit, worst
from fsb_oracle.report.weak import weak_results


@dataclass(frozen=True, slots=True)
class Verdict:
    """`status` of the run as a whole, one sentence in two halves (of a failure: what failed), and notes."""

    status: Status
    headline: str
    guarantee: str
    notes: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The whole sentence."""
        return f"{self.headline}: {self.guarantee}." if self.guarantee else f"{self.headline}."


def verdict(record: Record) -> Verdict:
    """What a record says, in one sentence."""
    decided = [result for result in record.results if result.status is not Status.not_applicable]
    failed = [result for result in decided if result.status in FAILED]
    status = worst(result.status for result in decided) if decided else Status.not_applicable
    headline = headline_of(decided, failed, len(record.results))
    if record.run.get("interrupted"):
        planned = record.run.get("planned", 0)
        rest = headline[0].lower() + headline[1:]
        headline = f"Interrupted after {len(record.results):,} of {count(planned, 'planned check')}; {rest}"
        status = worst((status, Status.inconclusive))
    rest = listing(by_subject(failed)) if failed else guarantee(record, decided) if decided else ""
    return Verdict(status, headline, rest, notes(record))


def headline_of(decided: list[Result], failed: list[Result], total: int) -> str:
    if not total:
        return "Nothing ran"
    if not decided:
        return f"Nothing was tested, since {count(total, 'check')} did not apply"
    checks = count(len(decided), "check")
    if failed:
        return f"{len(failed):,} of {checks} failed"
    undecided = [result for result in decided if result.status is Status.inconclusive]
    if undecided:
        where = listing(by_subject(undecided))
        return f"No check failed, but {len(undecided):,} of {checks} stayed inconclusive, in {where}"
    small = [result for result in decided if result.status is Status.within_margin]
    if small:
        return f"No check failed, and {len(small):,} of {checks} found a real bias inside the margin"
    known = sum(result.status is Status.known_failure for result in decided)
    if known:
        return f"No check of {len(decided):,} failed, apart from {count(known, 'known failure')}"
    return f"All {checks} passed" if len(decided) > 1 else "The one check passed"


def by_subject(results: list[Result]) -> list[str]:
    """Subjects with their numbers of results, most first; of a file without its folders."""
    totals = Counter(FOLDERS.sub("", result.subject) for result in results)
    return [f"{subject} ({total})" for subject, total in sorted(totals.items(), key=lambda item: (-item[1], item[0]))]


FOLDERS = re.compile(r"^.*/(?=[^/]*\.py:)")


def largest(results: list[Result]) -> str:
    """A clause on the largest of the real biases inside the margin; "" where there is none."""
    small = [result for result in results if result.status is Status.within_margin]
    sized = [(abs(share), result) for result in small if (share := scaled(result, result.bias)) is not None]
    if not sized:
        return ""
    share, result = max(sized, key=lambda pair: pair[0])
    if any(result.status is Status.inconclusive for result in results):  # of which the headline speaks
        which = "the largest real bias inside the margin"
    else:
        which = "the largest" if len(small) > 1 else "it"
    return f"{which} is {percent(share)} of {unit(result)}, in {result.subject}"


def guarantee(record: Record, decided: list[Result]) -> str:
    """The largest real bias, how large a bias can have been missed, how often such a run fails by chance."""
    parts = [largest(decided)]
    conclusive = [result for result in decided if result.status is not Status.inconclusive]
    wider = exclude_less(record, conclusive)
    limit = largest_bound(result for result in conclusive if result not in wider)
    if limit is None:
        limit, wider = largest_bound(conclusive), []
    if limit is not None:
        rate = option(record, "false_pass_rate")
        chance = f", except with probability {number(rate)} each" if isinstance(rate, int | float) else ""
        undecided = any(result.status is Status.inconclusive for result in decided)
        others = " by the others" if undecided else ""
        but = f"; {count(len(wider), 'check excludes', 'checks exclude')} only larger ones" if wider else ""
        parts.append(f"no bias above {percent(limit, 2, up=True)} of S was missed{others}{chance}{but}")
    declared = record.run.get("false_fail_rate", {}).get("declared")
    if declared is not None:
        parts.append(f"the run's false-fail budget is {number(declared)}")
    return "; ".join(part for part in parts if part)


def exclude_less(record: Record, results: Iterable[Result]) -> list[Result]:
    """The results whose bound is above the margin of the run, largest first: their own margin is a wider one."""
    margin = option(record, "margin")
    if not isinstance(margin, int | float):
        return []
    # what a page shows as equal to the margin is equal to it
    sized = [(limit, result) for result in results if (limit := bound(result)) is not None and limit > 1.001 * margin]
    return [result for _, result in sorted(sized, key=lambda pair: -pair[0])]


def option(record: Record, name: str) -> object:
    """The value of an option of the run; None where it was not recorded."""
    entry = record.run.get("options", {}).get(name)
    return entry.get("value") if isinstance(entry, dict) else entry


def notes(record: Record) -> tuple[str, ...]:
    """What a reader must know beside the verdict: back ends that were missing, weak passes."""
    # a back end that no case asked for is nobody's concern
    wanted = {result.backend for result in record.results}
    missing = sorted(item for item in record.run.get("unavailable", {}).items() if item[0] in wanted)
    texts = [f"{name} was not tested: {reason}" for name, reason in missing]
    wider = exclude_less(record, record.results)
    if wider:
        size = number(bound(wider[0]), 2, up=True)
        which = "one" if len(wider) == 1 else "at worst one"
        texts.append(
            f"{count(len(wider), 'check excludes', 'checks exclude')} only a bias above the run's margin, "
            f"since one sample is too noisy there: {which} above {size} S ({topic(wider[0])})"
        )
    weak = weak_results(record)
    if weak.total:
        texts.append(weak.sentence)
    look = [item for item in record.run.get("triage", {}).get("cases", []) if item["status"] in UNDECIDED]
    if look:
        shown = listing([f"{item['case']} (10^{item['log10_e']:.1f})" for item in look], 3)
        texts.append(f"{count(len(look), 'check')} to look at, with evidence of a bias too small to decide on: {shown}")
    unsampled = sum(map(rests_on_noise, record.results))
    if unsampled:
        texts.append(
            f"{count(unsampled, 'result')} rest{'s' if unsampled == 1 else ''} on quadrature alone: "
            "sampling stayed inconclusive there"
        )
    return tuple(texts)


# What a list of suspects adds to: failures and biases inside the margin are shown as such.
UNDECIDED = (Status.pass_.value, Status.inconclusive.value)
TILES = (
    Status.pass_,
    Status.within_margin,
    Status.fail,
    Status.error,
    Status.unexpected_pass,
    Status.inconclusive,
    Status.known_failure,
    Status.not_applicable,
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the counts of the banner."""

    name: str
    total: int
    status: Status | None = None


def tiles(record: Record) -> list[Tile]:
    """Counts planned and ran, and of each status; the rarer ones only where they occur."""
    totals = Counter(result.status for result in record.results)
    rare = (Status.error, Status.unexpected_pass, Status.known_failure)
    shown = [status for status in TILES if totals[status] or status not in rare]
    # what turned out not to apply only when it was tried has not run: the counts add up
    ran = len(record.results) - totals[Status.not_applicable]
    return [
        Tile("planned", record.run.get("planned", len(record.results))),
        Tile("ran", ran),
        *(Tile(WORDS[status], totals[status], status) for status in shown),
        Tile("weak", sum(bool(result.weak) for result in record.results)),
    ]


def budget(record: Record) -> str:
    """The false-fail budget in one line."""
    rates = record.run.get("false_fail_rate", {})
    parts = [f"{number(rates.get('declared'))} declared", f"{number(rates.get('spent'))} spent"]
    share = rates.get("asymptotic_share")
    if share is not None:
        parts.append(f"{percent(share)} of it only asymptotic")
    return ", ".join(parts)
