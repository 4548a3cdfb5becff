"""The run's false-fail rate: one number, declared once, split over all random tests before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from fsb_oracle.errors import UsageError
from fsb_oracle.records import Result

__all__ = ["Budget", "variance_classes"]


@dataclass(frozen=True)
class Budget:
    """Uniform split of `declared`, the bound on P(any false failure in the run), over the random tests of the
    plan.

    `cells` says how many random tests each case makes: 0 if it is deterministic, K for a spectrum at K
    frequencies. It is the whole plan after selection, not one shard of it. A case replayed alone with its own
    share as the declared rate gets exactly the same rate for each test. Raises UsageError if a number is
    outside its range."""

    declared: float
    cells: Mapping[str, int]

    def __post_init__(self) -> None:
        if not 0 < self.declared < 1:
            raise UsageError(f"false_fail_rate is {self.declared!r}, allowed is a number between 0 and 1")
        negative = [case for case, tests in self.cells.items() if tests < 0]
        if negative:
            raise UsageError(f"{negative[0]!r} has {self.cells[negative[0]]} random tests, allowed is 0 or more")
        object.__setattr__(self, "cells", MappingProxyType(dict(self.cells)))

    @cached_property
    def tests(self) -> int:
        """Number of random tests in the plan."""
        return sum(self.cells.values())

    def share(self, case: str) -> float:
        """False-fail rate of all random tests of a case together; 0 if it has none."""
        tests = self.cells[case]
        return self.declared * (tests / self.tests) if tests else 0.0

    def per_test(self, case: str) -> float:
        """False-fail rate of each random test of a case. Raises UsageError if it has none."""
        tests = self.cells[case]
        if not tests:
            raise UsageError(f"{case!r} was planned without random tests, it has no false-fail rate to spend")
        return self.share(case) / tests

    def spent(self, ran: Iterable[str]) -> float:
        """The rate that these cases spent; at most `declared`."""
        return self.declared * (sum(self.cells[case] for case in set(ran)) / self.tests) if self.tests else 0.0

    def counts(self, ran: Mapping[str, str | None]) -> dict[str, int]:
        """Numbers of random tests that ran, and of those whose rate is only asymptotic (class H), from the cases
        that ran, each with the variance classes of its random tests (a letter each; None: deterministic)."""
        return {
            "tests_ran": sum(self.cells[case] for case in ran),
            "tests_asymptotic": sum(
                self.cells[case] * letters.count("H") // len(letters) for case, letters in ran.items() if letters
            ),
        }

    def record(self, ran: Mapping[str, str | None]) -> dict[str, float]:
        """The run's line in the record, from what `counts` takes: declared, spent, and the fraction of the spent rate
        that is only asymptotic."""
        counts = self.counts(ran)
        return {
            "declared": self.declared,
            "spent": self.spent(ran),
            "asymptotic_share": counts["tests_asymptotic"] / counts["tests_ran"] if counts["tests_ran"] else 0.0,
        }


def variance_classes(result: Result) -> str | None:
    """The variance classes of a result's random tests, a letter each: those of its tiers where it has several."""
    letters = [tier.get("variance_class") or "" for tier in result.details.get("tiers", [])]
    return "".join(letters) or result.variance_class
