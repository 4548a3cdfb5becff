"""How a property is asserted: the result of a check becomes a test outcome. No statistics and no tolerance stand
here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fsb_oracle.checks import Case, Profile, Settings
from fsb_oracle.pytest_checks import settle
from fsb_oracle.records import Result, Status
from fsb_oracle.runs.decide import decide
from fsb_oracle.runs.known_failures import KnownFailure, judged
from fsb_oracle.subjects import Subject
from fsb_oracle.verdicts.budget import Budget

PROPERTY_RATE = 1e-7  # false-fail rate of one property, over all its examples
PART = {"numpy": 1, "torch": 3, "jax": 6}  # of the examples, one in so many on each back end
SHRINKS = 500  # calls that Hypothesis may add while it shrinks: it is a multiple tester


def examples(count: int) -> settings:
    """Deterministic exploration of `count` examples: the outcome is a function of what was drawn."""
    return settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )


@dataclass(frozen=True)
class Harness:
    """What a suite runs against, and how thoroughly."""

    target: str
    subjects: tuple[Subject, ...]
    profile: Profile
    seed: int = 0
    strict: bool = False
    known: Sequence[KnownFailure] = ()

    def explore(self, cases: st.SearchStrategy[Case] | None, count: int) -> None:
        """Assert that the check of each of `count` drawn cases holds, with equal shares of the property's budget.

        Torch and JAX run the kernels that NumPy runs, and each is compared with NumPy noise by noise: a third there,
        and a sixth where each new shape is compiled. While Hypothesis shrinks a failure, only cases that fail in the
        same tier with at least half of its size count: it must not slide to another, weaker effect.

        Args:
            cases: None where the property says nothing about any of the estimators: the test is skipped, and says so.
        """
        if cases is None:
            pytest.skip(f"this property says nothing about the estimators of {self.target}")
        number = -(-count // PART[self.subjects[0].backend_name])
        first: list[Result] = []

        @examples(number)
        @given(case=cases)
        def holds(case: Case) -> None:
            result = self.result(case, number)
            if result.status is Status.fail:
                if first and not _as_grave(result, first[0]):
                    return
                first.append(result)
            # a case that does not apply, or that is known to fail, says nothing against the property
            if result.status not in (Status.not_applicable, Status.known_failure):
                settle(result, strict=self.strict)

        holds()

    def result(self, case: Case, count: int) -> Result:
        """Run the case's check with its share of the property's budget."""
        reason = case.subject.refusal(case.parameter, case.at, case.dtype)
        if reason is not None:
            return case.result(Status.not_applicable, reason=reason)
        chosen = self.profile
        settings = Settings(
            chosen.name, chosen.margin, chosen.variance_margin, chosen.false_pass_rate, chosen.cap, self.seed
        )
        budget = Budget(PROPERTY_RATE / (count + SHRINKS), {case.id: case.tests})
        return judged(decide(case, settings, budget), self.known)


def _as_grave(result: Result, first: Result) -> bool:
    """Whether a failure may stand for the first one: the same tier, and at least half of its bias in S."""
    sizes = [abs(one.bias) / one.bias_scale for one in (result, first) if one.bias is not None and one.bias_scale]
    return result.tier == first.tier and (len(sizes) < 2 or sizes[0] >= sizes[1] / 2)
