"""Mutants as the subjects that a run would see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fsb_oracle.families import Parameters
from fsb_oracle.integrands import Integrand
from fsb_oracle.rules import Rule
from fsb_oracle.subjects import Subject
from fsb_oracle.subjects.functions import Declaration, FunctionSubject, estimator
from fsb_oracle.subjects.rules import RuleSubject

from .mutant import Mutant


class Impostor(RuleSubject):
    """A mutant of a rule that claims to be the rule: its variance is measured against the rule's."""

    def __init__(self, rule: Rule, original: Rule, black_box: bool = False) -> None:
        super().__init__(rule, "numpy")
        self._original, self._black_box = original, black_box

    def claimed_rule(self, parameter: str, parameters: Parameters, f: Integrand) -> Rule | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        return None if self._black_box else self._original

    def noise_at(self, parameter: str, parameters: Parameters, dtype: str) -> Any:
        """A black box shows no noise: sampling alone must do."""
        return None if self._black_box else super().noise_at(parameter, parameters, dtype)


def impostor(mutant: Mutant, black_box: bool = False) -> Impostor:
    return Impostor(mutant.rule, mutant.original, black_box)


def subject_of(function: Callable[..., Any], family: str, parameter: str, **options: Any) -> FunctionSubject:
    """A function as `fsb-oracle verify` would see it."""
    declared: Declaration = estimator(family=family, parameters=[parameter], **options)(function)
    return FunctionSubject(declared, function.__name__, f"planted.py:{function.__name__}")


class Scaled(Subject):
    """Another subject's contributions times a number, as a black box."""

    def __init__(self, original: Subject, factor: float) -> None:
        self.original, self.factor = original, factor
        self.family, self.claimed, self.backend_name = original.family, original.claimed, original.backend_name
        self.requires, self.dtypes = original.requires, ("float64",)
        self.name = self.target = f"planted.py:{original.name} times {factor:g}"

    def admits(self, f: Integrand) -> bool:
        return self.original.admits(f)

    def refusal(self, parameter: str, parameters: Parameters, dtype: str) -> str | None:
        return self.original.refusal(parameter, parameters, dtype)

    def contributions(
        self, parameters: Parameters, f: Integrand, num_samples: int, seeds: np.random.SeedSequence, dtype: str
    ) -> dict[str, np.ndarray]:
        found = self.original.contributions(parameters, f, num_samples, seeds, dtype)
        return {name: self.factor * value for name, value in found.items()}
