"""What changed between two records of the same cases: since a baseline, or from one release to the next."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fsb_oracle.records import Record, Result, Status
from fsb_oracle.report.formats import count, listing
from fsb_oracle.report.view import FAILED, WORST_FIRST

# Statuses from which nothing follows about the estimator: becoming one of them is no improvement.
SILENT = (Status.not_applicable,)


@dataclass(frozen=True, slots=True)
class Change:
    """A case whose result differs; `before` or `after` is None where only one record has it."""

    case: str
    before: Result | None
    after: Result | None

    @property
    def result(self) -> Result:
        """The newer result, or the older where there is no newer."""
        found = self.after or self.before
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Changes:
    """The cases of two records, sorted by what became of them."""

    worse: tuple[Change, ...]
    better: tuple[Change, ...]
    moved: tuple[Change, ...]
    """The same status, but the intervals of the biases do not meet: the estimator's mean has changed."""
    silenced: tuple[Change, ...]
    """Tested before, and no longer."""
    appeared: tuple[Change, ...]
    unchanged: int

    @property
    def sections(self) -> list[tuple[str, tuple[Change, ...]]]:
        """Titles and changes of all kinds that occur, gravest first."""
        kinds = [
            ("Worse than before", self.worse),
            ("Tested before, and no longer", self.silenced),
            ("The bias moved", self.moved),
            ("Better than before", self.better),
            ("New", self.appeared),
        ]
        return [(title, found) for title, found in kinds if found]

    @property
    def sentence(self) -> str:
        """All of it in one sentence."""
        counts = [
            (len(self.worse), "worse"),
            (len(self.better), "better"),
            (len(self.moved), "with another bias"),
            (len(self.silenced), "no longer tested"),
            (len(self.appeared), "new"),
        ]
        parts = [f"{number:,} {word}" for number, word in counts if number]
        same = count(self.unchanged, "result") + " unchanged"
        return f"Against the baseline: {listing([*parts, same], 6)}"


def changes(before: Record, after: Record) -> Changes:
    """The changes from one record to the other, case by case; those of a kind are in the order of their cases."""
    old, new = ({result.case: result for result in record.results} for record in (before, after))
    kinds: dict[str, list[Change]] = {
        name: [] for name in ("worse", "better", "moved", "silenced", "appeared", "unchanged")
    }
    for case in dict.fromkeys([*new, *old]):
        change = Change(case, old.get(case), new.get(case))
        kinds[kind(change)].append(change)
    return Changes(
        **{name: tuple(found) for name, found in kinds.items() if name != "unchanged"},
        unchanged=len(kinds["unchanged"]),
    )


def kind(change: Change) -> str:
    """Which kind of change it is, by the names of the members of `Changes`."""
    before, after = change.before, change.after
    was_silent = before is None or before.status in SILENT
    is_silent = after is None or after.status in SILENT
    if was_silent or is_silent:
        if was_silent and is_silent:
            return "unchanged"
        return "appeared" if was_silent else "silenced"
    assert before is not None and after is not None
    ranks = [WORST_FIRST.index(result.status) for result in (before, after)]
    # between two kinds of failure nothing got better or worse
    if before.status in FAILED and after.status in FAILED:
        ranks = [0, 0]
    if ranks[0] != ranks[1]:
        return "worse" if ranks[1] < ranks[0] else "better"
    return "moved" if apart(before, after) else "unchanged"


def apart(before: Result, after: Result) -> bool:
    """Whether the intervals of the two biases have no point in common."""
    ends = []
    for result in (before, after):
        known = [end for end in result.interval or [] if end is not None and math.isfinite(end)]
        if len(known) != 2:
            return False
        ends.append(known)
    return max(ends[0][0], ends[1][0]) > min(ends[0][1], ends[1][1])
