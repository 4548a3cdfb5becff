"""One case: a check of one subject at one parameter point, for one f; its id is the same on every machine."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.numbers import round_to_dtype
from fsb_oracle.integrands import Integrand
from fsb_oracle.records import Result, Status
from fsb_oracle.subjects import Subject


@dataclass(frozen=True)
class Settings:
    """What a run fixes for every case: margin in units of S, rates, the most units per case, the seed, and by how many
    routes the exact gradients are had with which means are compared."""

    profile: str
    margin: float
    variance_margin: float
    false_pass_rate: float
    cap: int
    seed: int = 0
    margin_given: bool = False
    routes: int = 2


@dataclass(frozen=True)
class Case:
    """What is tested. `parameters` and `f` are as declared; `at` and `integrand` are rounded to the dtype under
    test."""

    check: str
    subject: Subject
    parameters: Parameters
    parameter: str
    dtype: str
    f: Integrand | None = None
    tests: int = 1  # random tests, each of which takes a share of the run's false-fail budget
    options: Any = field(default=None, compare=False)

    @property
    def family(self) -> Family:
        return self.subject.family

    @cached_property
    def id(self) -> str:
        probe = [] if self.f is None else [self.f.slug]
        place = f"{self.subject.backend_name}-{self.dtype}"
        parts = [
            self.check,
            self.family.name,
            case_text(self.parameters),
            self.parameter,
            *probe,
            self.subject.name,
            place,
        ]
        return "/".join(parts)

    @cached_property
    def at(self) -> Parameters:
        """The parameters as the dtype under test holds them."""
        return {name: round_to_dtype(value, self.dtype) for name, value in self.parameters.items()}

    @cached_property
    def integrand(self) -> Integrand:
        """f with its constants as the dtype under test holds them."""
        assert self.f is not None
        return self.f.rounded(self.dtype)

    def reproduce(self, settings: Settings, false_fail_rate: float | None, margin: float | None = None) -> str:
        """One line that replays just this case: same seed, margin (in units of S) and share of the budget."""
        words = [
            "fsb-oracle",
            "verify",
            self.subject.target,
            "--select",
            self.id,
            "--profile",
            settings.profile,
        ]
        words += ["--margin", repr(margin or settings.margin), "--seed", str(settings.seed)]
        if false_fail_rate:
            words += ["--false-fail-rate", f"{false_fail_rate * self.tests!r}"]
        return shlex.join(words)

    def result(self, status: Status, **members: Any) -> Result:
        """A result of this case with its identity filled in."""
        return Result(
            case=self.id,
            subject=self.subject.name,
            check=self.check,
            status=status,
            family=self.family.name,
            parameters={name: str(np.dtype(self.dtype).type(float(value))) for name, value in self.at.items()},
            parameter=self.parameter,
            f=None if self.f is None else self.integrand.text,
            backend=self.subject.backend_name,
            dtype=self.dtype,
            **members,
        )


def case_text(parameters: Parameters) -> str:
    """`concentration=2.5,rate=1.4285714285714286`: shortest round-trip decimals."""
    return ",".join(f"{name}={_shortest(value)}" for name, value in parameters.items())


def _shortest(value: Fraction) -> str:
    return repr(float(value)).removesuffix(".0")
