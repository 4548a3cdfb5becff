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

        Torch and JAX run the kernels that NumPy runs, and each is compared with NumPy noise by noise: a third there.

        Args:
            cases: None where the property says nothing about any of the estimators: the test is skipped, and says so.
        """
        if cases is None:
            pytest.skip(f"this property says nothing about the estimators of {self.target}")
        number = count if self.subjects[0].backend_name == "numpy" else -(-count // 3)

        @examples(number)
        @given(case=cases)
        def holds(case: Case) -> None:
            self.assert_holds(case, number)

        holds()

    def assert_holds(self, case: Case, count: int) -> Result:
        """Run the case's check with its share of the property's budget; fail with the full block."""
        reason = case.subject.refusal(case.parameter, case.at, case.dtype)
        if reason is not None:
            return case.result(Status.not_applicable, reason=reason)
        chosen = self.profile
        settings = Settings(
            chosen.name, chosen.margin, chosen.variance_margin, chosen.false_pass_rate, chosen.cap, self.seed
        )
        budget = Budget(PROPERTY_RATE / (count + SHRINKS), {case.id: case.tests})
        result = judged(decide(case, settings, budget), self.known)
        # a case that does not apply, or that is known to fail, says nothing against the property
        if result.status not in (Status.not_applicable, Status.known_failure):
            settle(result, strict=self.strict)
        return result
