"""How a property is asserted: the result of a check becomes a test outcome. No statistics and no tolerance stand
here."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fsb_oracle.checks import CHECKS, Case, Profile, Settings
from fsb_oracle.errors import NoExactValue
from fsb_oracle.records import Result, Status

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
    """Which back end and which profile a suite runs with."""

    backend: str
    profile: Profile

    def explore(self, cases: st.SearchStrategy[Case], count: int) -> None:
        """Assert that the check of each of `count` drawn cases holds, with equal shares of the property's budget.

        Torch and JAX run the kernels that NumPy runs, and each is compared with NumPy noise by noise: a third there.
        """
        number = count if self.backend == "numpy" else -(-count // 3)

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
        settings = Settings(chosen.name, chosen.margin, chosen.variance_margin, chosen.false_pass_rate, chosen.cap)
        share = PROPERTY_RATE / (count + SHRINKS) / case.tests
        try:
            with np.errstate(all="ignore"):
                result = CHECKS[case.check].check(case, settings, share)
        except NoExactValue as none:  # a mean that does not exist says nothing about the estimator
            return case.result(Status.not_applicable, reason=str(none))
        if result.status is Status.fail:
            pytest.fail(result.message, pytrace=False)
        if result.status is Status.inconclusive:
            pytest.fail(f"INCONCLUSIVE\n{result.message}", pytrace=False)
        if result.status is Status.within_margin:
            warnings.warn(result.message, stacklevel=2)
        return result
