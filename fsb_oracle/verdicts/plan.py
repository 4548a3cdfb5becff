"""What is fixed before the first draw of a sequential test: hypotheses, rates, what is known, and when to
look."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from fsb_oracle.errors import UsageError
from fsb_oracle.verdicts.moments import Flags, Floats

__all__ = ["Plan", "Reading"]

FIRST_ASYMPTOTIC_LOOK = 4096  # units; asymptotics evaluated earlier are wrong by orders of magnitude on skewed data
NOISE_FLOOR = 1e-6
"""Standard deviations below this share of the margin count as this share: an estimator without noise is off
by rounding errors, which are no bias. A bound on the variance stays a bound when it is raised."""


@dataclass(frozen=True)
class Plan:
    """A sequential test of |bias| < margin, for units X = g - exact.

    margin, tolerance and oracle_error are in the units of the gradient; `cap` and `block` count units. Known
    about the units is a bound on their variance (class R), or on their kurtosis about the exact value (class
    K), or nothing (class H). Raises UsageError if a value is outside its range."""

    margin: float
    """A pass says |bias| < margin."""
    tolerance: float = 0.0
    """Biases up to this size are not called bugs (tau)."""
    oracle_error: float = 0.0
    """Error bound of the exact value."""
    false_fail_rate: float = 1e-10
    """Bound on P(evidence of a bias) where |bias| <= tolerance."""
    false_pass_rate: float = 1e-3
    """Bound on P(pass) where |bias| >= margin."""
    variance_bound: float | None = None
    kurtosis_bound: float | None = None
    cap: int = 2_000_000
    block: int = 4096
    pilot_variance: float | None = None
    """Class K only: E X^2 as seen in a block that is not used again."""
    scale: float | None = None
    """Root mean square of one unit (S); the margin if None. What a rare event, not seen in a sample without noise, may
    add."""

    def __post_init__(self) -> None:
        for name in ("false_fail_rate", "false_pass_rate"):
            if not 0 < getattr(self, name) < 1:
                raise UsageError(f"{name} is {getattr(self, name)!r}, allowed is a number between 0 and 1")
        if not (0 < self.margin < math.inf):
            raise UsageError(f"margin is {self.margin!r}, allowed is a positive number")
        if not (self.tolerance >= 0 and self.oracle_error >= 0):
            raise UsageError(
                f"tolerance {self.tolerance!r} and oracle error {self.oracle_error!r} must not be negative"
            )
        if self.margin < 2 * self.tolerance:
            raise UsageError(f"margin is {self.margin!r}, allowed is at least twice the tolerance {self.tolerance!r}")
        if self.variance_bound is not None and not 0 <= self.variance_bound < math.inf:
            raise UsageError(f"variance_bound is {self.variance_bound!r}, allowed is a finite number, not negative")
        if self.kurtosis_bound is not None and not 1 <= self.kurtosis_bound < math.inf:
            raise UsageError(f"kurtosis_bound is {self.kurtosis_bound!r}, allowed is a finite number of at least 1")
        if self.cap < 1 or self.block < 1:
            raise UsageError(f"cap {self.cap!r} and block {self.block!r} must be at least 1 unit")

    @property
    def variance_class(self) -> str:
        """R, K or H."""
        if self.variance_bound is not None:
            return "R"
        return "H" if self.kurtosis_bound is None else "K"

    @property
    def design_variance(self) -> float:
        """The variance by which classes R and K fix their constants and looks, before the data; never 0."""
        known = self.variance_bound if self.variance_bound is not None else self.pilot_variance
        if known is None:
            raise UsageError("a plan without a variance bound has no design variance before its pilot block")
        return max(known, self.least_variance)

    @property
    def least_variance(self) -> float:
        """The variance that stands for an estimator without noise."""
        return (NOISE_FLOOR * self.margin) ** 2

    def unseen(self, rate: float, count: int) -> float:
        """What events may add that `count` units have not shown: |E X 1_A| <= sqrt(E X^2 P(A)) with
        P(A) <= log(1/rate)/count. Not the size of a usual unit times P(A): units that are rare may be huge."""
        return math.sqrt(math.log(1 / rate) / count) * (self.margin if self.scale is None else self.scale)

    @property
    def slack(self) -> float:
        """Biases up to here are no evidence: the tolerance and the error of the exact value."""
        return self.tolerance + self.oracle_error

    @cached_property
    def asymptotic_looks(self) -> tuple[int, ...]:
        """Numbers of blocks after which class H may decide: 4096 units and each doubling, and the cap."""
        first, last = math.ceil(FIRST_ASYMPTOTIC_LOOK / self.block), max(1, self.cap // self.block)
        doublings = [first << j for j in range(64) if first << j < last]
        return (*doublings, last)

    @cached_property
    def looks(self) -> tuple[int, ...]:
        """Numbers of blocks after which the moments are looked at; the last is the cap.

        Classes R and K: n_0 2^(j/4) units with n_0 = max(block, V / margin^2), and from there on also the
        looks of class H, by which a bias is decided if the claimed variance turns out to be wrong."""
        if self.variance_class == "H":
            return self.asymptotic_looks
        last = max(1, self.cap // self.block)
        first = min(max(1.0, self.design_variance / self.margin**2 / self.block), float(last))
        steps = math.ceil(4 * math.log2(last / first)) + 1
        planned = {math.ceil(first * 2 ** (j / 4)) for j in range(steps)}
        if self.variance_class == "R":
            planned.update(look for look in self.asymptotic_looks if look >= first)
        return (*sorted(look for look in planned if look < last), last)


class Reading(NamedTuple):
    """What one class says of the moments at one look (arrays for several statistics)."""

    log_evidence: Floats
    """Natural logarithm of the e-value (or 1/p) against |bias| <= tolerance."""
    bias_bound: Floats
    """The hidden-bias bound H."""
    may_decide: Flags
    """False where a guard forbids a verdict at this look."""
