"""The sequential engine: draw blocks, look at fixed times, stop at the first look that decides.

`decide` is a pure function of the moments at a look and of the plan, and `Fold` merges blocks in block order
by a fixed tree: a verdict does not depend on how many workers drew the blocks or in which order they
finished."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from fsb_oracle.errors import UsageError
from fsb_oracle.records import Status
from fsb_oracle.verdicts import class_h, class_k, class_r
from fsb_oracle.verdicts.moments import Floats, Fold, Moments
from fsb_oracle.verdicts.plan import Plan, Reading
from fsb_oracle.verdicts.tails import TopList

__all__ = ["Decision", "Plan", "decide", "run", "run_many"]

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict and everything it rests on; biases are in the units of the gradient."""

    status: Status
    """pass_, within_margin, fail or inconclusive."""
    reason: str | None
    """Of a failure: "biased", "nonfinite". Of an inconclusive test: "budget", "tails", "variance-claim",
    "quadrature-not-converged", "nonfinite"."""
    bias: float
    """Estimate of E X."""
    standard_error: float
    bias_bound: float
    """H: |bias| <= H except with probability false_pass_rate."""
    interval: Interval
    """For the bias, at 1 - false_fail_rate."""
    pass_interval: Interval
    """For the bias, at 1 - false_pass_rate."""
    evidence: float | None
    """log10 of the e-value (class H: of weight / p-value) against |bias| <= tolerance; None if
    deterministic."""
    num_samples: int
    looks: int
    variance_class: str | None
    """R, K or H; None if deterministic. H under a plan of class R means that its variance claim was
    refuted."""
    plan: Plan
    moments: Moments | None = None
    top: TopList = field(default_factory=TopList)
    """The largest |X|."""

    @property
    def variance_claim_refuted(self) -> bool:
        """Whether the sample contradicted the variance bound of the plan."""
        return self.variance_class == "H" and self.plan.variance_class == "R"


@np.errstate(over="ignore", invalid="ignore")  # huge units overflow to inf or nan, which decide nothing
def decide(moments: Moments, plan: Plan, look: int) -> Decision | None:
    """The verdict at look 0, 1, ... of `plan.looks`, or None if more units are needed. At the last look never
    None."""
    if moments.nonfinite > 0:
        return _decision(Status.fail, "nonfinite", moments, plan, look, plan.variance_class, None)
    variance_class = plan.variance_class
    if variance_class == "R" and class_r.claim_refuted(moments, plan.design_variance, plan.kurtosis_bound):
        variance_class = "H"
    reading = _read(moments, plan, look, variance_class)
    allowed = bool(reading.may_decide)
    biased = allowed and bool(reading.log_evidence >= math.log(1 / plan.false_fail_rate))
    within = allowed and bool(reading.bias_bound <= plan.margin)
    if biased:
        status, reason = (Status.within_margin, None) if within else (Status.fail, "biased")
    elif within:
        status, reason = Status.pass_, None
    elif look == len(plan.looks) - 1 or (variance_class == "H" and class_h.hopeless(moments, plan)):
        status, reason = Status.inconclusive, _why(moments, plan, variance_class)
    else:
        return None
    return _decision(status, reason, moments, plan, look, variance_class, reading)


def run(draw_block: Callable[[int], NDArray[np.float64]], plan: Plan) -> Decision:
    """The verdict on one statistic; `draw_block(i)` returns the i-th block of units X = g - exact, shape
    (block,)."""
    return run_many(lambda index, _: np.asarray(draw_block(index))[None, :], [plan])[0]


def run_many(draw_block: Callable[[int, list[int]], Floats | list[Floats]], plans: Sequence[Plan]) -> list[Decision]:
    """Verdicts on K statistics of the same draws; `draw_block(i, rows)` returns the units of those in `rows`, which are
    not decided yet, shape (len(rows), block).

    Each statistic stops at its own look; drawing ends when all have stopped. Raises UsageError if the plans'
    blocks differ or the units have another shape."""
    blocks = {plan.block for plan in plans}
    if len(blocks) > 1:
        raise UsageError(f"plans on the same draws have blocks of {sorted(blocks)}, allowed is one size")
    trials = [_Trial(plan) for plan in plans]
    index = 0
    while rows := [row for row, trial in enumerate(trials) if trial.decision is None]:
        found = draw_block(index, rows)
        shape, expected = np.shape(found), (len(rows), *blocks)
        if shape != expected:
            raise UsageError(f"block {index} has units of shape {shape}, allowed is {expected}")
        for row, units in zip(rows, found, strict=True):
            # the tail is reported for one statistic, not for each wave of a spectrum
            trials[row].push(Moments.of(units, index * shape[-1]), units if len(plans) == 1 else None)
        index += 1
    return [trial.decision for trial in trials if trial.decision is not None]


class _Trial:
    """One statistic on its way to a verdict."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.decision: Decision | None = None
        self._fold = Fold()
        self._top = TopList()
        self._blocks = 0
        self._look = 0

    def push(self, block: Moments, units: Floats | None) -> None:
        plan = self.plan
        if plan.variance_class == "K" and plan.pilot_variance is None:
            # The constants of class K must be fixed before the data, so the block that sets them is not used
            # again.
            pilot = float(block.about(0.0)[1] / block.count)
            self.plan = replace(plan, pilot_variance=pilot if math.isfinite(pilot) else 0.0)
            if not block.nonfinite:
                return
        self._fold.push(block)
        self._blocks += 1
        if units is not None:
            self._top = self._top.with_units(units)
        if self._blocks == self.plan.looks[self._look]:
            found = decide(self._fold.total(), self.plan, self._look)
            self.decision = None if found is None else replace(found, top=self._top)
            self._look += 1


def _read(moments: Moments, plan: Plan, look: int, variance_class: str) -> Reading:
    if variance_class == "R":
        return class_r.read(moments, plan)
    if variance_class == "K":
        return class_k.read(moments, plan, look)
    reading = class_h.read(moments, plan, _asymptotic_look(plan, look))
    on_its_looks = np.bool_(plan.looks[look] in plan.asymptotic_looks)
    return reading._replace(may_decide=reading.may_decide & on_its_looks)


def _asymptotic_look(plan: Plan, look: int) -> int:
    """Number of the looks of class H before this one: the weights of class H count only its own looks."""
    return sum(blocks < plan.looks[look] for blocks in plan.asymptotic_looks)


def _why(moments: Moments, plan: Plan, variance_class: str) -> str:
    if variance_class != plan.variance_class:
        return "variance-claim"
    return "tails" if variance_class == "H" and not class_h.guard(moments, plan.least_variance) else "budget"


def _decision(
    status: Status,
    reason: str | None,
    moments: Moments,
    plan: Plan,
    look: int,
    variance_class: str,
    reading: Reading | None,
) -> Decision:
    everywhere = (-math.inf, math.inf)
    fail_interval, pass_interval = everywhere, everywhere
    if reading is not None:
        fail_interval, pass_interval = _intervals(moments, plan, look, variance_class)
    return Decision(
        status=status,
        reason=reason,
        bias=float(moments.mean),
        standard_error=float(moments.standard_error),
        bias_bound=math.inf if reading is None else float(reading.bias_bound),
        interval=fail_interval,
        pass_interval=pass_interval,
        evidence=None if reading is None else float(reading.log_evidence) / math.log(10),
        num_samples=moments.count,
        looks=look + 1,
        variance_class=variance_class,
        plan=plan,
        moments=moments,
    )


def _intervals(moments: Moments, plan: Plan, look: int, variance_class: str) -> tuple[Interval, Interval]:
    if variance_class == "H":
        return class_h.intervals(moments, plan, _asymptotic_look(plan, look))
    if variance_class == "K":
        return class_k.intervals(moments, plan, look)
    return class_r.intervals(moments, plan)
