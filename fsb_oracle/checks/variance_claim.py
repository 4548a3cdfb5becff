"""A claim that an estimator's variance is below that of a rule or baseline: log(V_A / V_B) against its own noise.

Where V_B is known exactly its error is that of the quadrature; else the rule is sampled beside the estimator. The
standard error of the logarithm of a sample variance is sqrt((kurtosis - 1)/n), with the kurtosis that the estimator
declares, or that of the sample. Looks are taken after one block and each doubling, share the rates by the weights
1/((j + 1)(j + 2)), and may decide only when the sample is large for the tails that it shows.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.truth import exact_gradient
from fsb_oracle.checks.variance_rows import variance_rows
from fsb_oracle.records import Result, Status
from fsb_oracle.rules import Rule
from fsb_oracle.rules.variance import exact_moments
from fsb_oracle.subjects import Subject
from fsb_oracle.subjects.rules import RuleSubject
from fsb_oracle.verdicts import class_h, seeds
from fsb_oracle.verdicts.moments import Fold, Moments

PATIENCE = 16  # times the units that show a ratio of 1 to be inside the margin


@dataclass(frozen=True)
class Ratio:
    """log(V_A / V_B) and its standard error after a look; `trusted` if the sample is large for its tails."""

    log: float
    error: float
    trusted: bool

    def above(self, rate: float) -> float:
        """The logarithm is not above this, except at the rate."""
        return self.log + self.error * float(norm.isf(rate))

    def below(self, rate: float) -> float:
        """The logarithm is not below this, except at the rate."""
        return self.log - self.error * float(norm.isf(rate))


def check_claim(case: Case, settings: Settings, false_fail_rate: float, rule: Rule) -> Result:
    """`pass`: the variance is lower. `fail`: it is higher. `within_margin`: it is not shown to be lower, but to be no
    more than the margin above. `inconclusive` where sampling cannot tell."""
    started = time.perf_counter()
    f = case.integrand
    claimed = exact_moments(rule, case.at, f)
    settled = claimed.settled(float(exact_gradient(case.family, case.at, f, case.parameter, settings.routes)))
    missing = _not_comparable(case, rule, claimed.variance if settled else math.nan)
    if missing is not None:
        return case.result(Status.not_applicable, reason=missing, message=f"NOT APPLICABLE  {case.id}\n  {missing}")
    exact = claimed.variance if settled else None
    other = None if exact is not None else RuleSubject(rule, "numpy")
    folds, blocks, look = [Fold(), Fold()], 0, 0
    status, reason, ratio, moments, rate = Status.inconclusive, "budget", Ratio(0, math.inf, False), None, 1.0
    while True:
        _draw(case, settings.seed, folds, case.subject, other, range(blocks, 1 << look))
        blocks = 1 << look
        moments = folds[0].total()
        if moments.nonfinite:
            status, reason = Status.fail, "nonfinite"
            break
        ratio = _ratio(moments, exact if other is None else folds[1].total(), claimed.variance_error, case)
        weight = 1 / ((look + 1) * (look + 2))
        rate = false_fail_rate * weight
        found = _decided(ratio, rate, settings.false_pass_rate * weight, settings.variance_margin)
        if found is not None:
            status, reason = found, "variance-claim" if found is Status.fail else None
            break
        look += 1
        if (case.subject.block << look) > _enough(ratio, moments, settings, look):
            if ratio.trusted and ratio.above(settings.false_pass_rate * weight) <= math.log1p(settings.variance_margin):
                status, reason = Status.within_margin, None
            else:
                reason = "budget" if ratio.trusted else "tails"
            break
    return _result(case, settings, rule, (status, reason), ratio, moments, exact, rate, started, false_fail_rate)


def _not_comparable(case: Case, rule: Rule, variance: float) -> str | None:
    if not case.integrand.admits(rule.sampled) and not case.family.discrete:
        return f"{rule.id} has no finite variance for this f: any finite one is below it"
    if variance == 0:
        return f"the variance of {rule.id} is 0 here: none is below it"
    return None


def _draw(case: Case, seed: int, folds: list[Fold], subject: Subject, other: RuleSubject | None, blocks: range) -> None:
    size = subject.block
    for index in blocks:
        sequence = seeds.sequence(case.id, seed, seeds.Stage.main, index)
        units = subject.contributions(case.at, case.integrand, size, sequence, case.dtype)
        folds[0].push(Moments.of(units[case.parameter], index * size))
        if other is not None:
            sequence = seeds.sequence(f"{case.id}/{other.name}", seed, seeds.Stage.main, index)
            units = other.contributions(case.at, case.integrand, size, sequence, case.dtype)
            folds[1].push(Moments.of(units[case.parameter], index * size))


def _ratio(moments: Moments, compared: Moments | float | None, exact_error: float, case: Case) -> Ratio:
    """The logarithm of the ratio, and its error from both sides."""
    assert compared is not None
    variance, trusted = float(moments.variance), bool(class_h.guard(moments))
    kurtosis = max(float(moments.kurtosis), case.subject.kurtosis or 1.0)
    squares = (kurtosis - 1) / moments.count
    if isinstance(compared, Moments):
        reference, trusted = float(compared.variance), trusted and bool(class_h.guard(compared))
        squares += (float(compared.kurtosis) - 1) / compared.count
    else:
        reference = compared
        squares += (exact_error / reference) ** 2
    log = math.log(variance / reference) if variance > 0 else -math.inf
    return Ratio(log, math.sqrt(squares), trusted)


def _decided(ratio: Ratio, fail_rate: float, pass_rate: float, margin: float) -> Status | None:
    if not ratio.trusted:
        return None
    if ratio.above(pass_rate) < 0:
        return Status.pass_
    if ratio.below(fail_rate) > 0:
        return Status.within_margin if ratio.above(pass_rate) <= math.log1p(margin) else Status.fail
    return None


def _enough(ratio: Ratio, moments: Moments, settings: Settings, look: int) -> float:
    """Units after which a ratio of about 1 would have been shown to be inside the margin, several times over."""
    quantile = float(norm.isf(settings.false_pass_rate / ((look + 1) * (look + 2))))
    kurtosis = ratio.error**2 * moments.count
    return min(float(settings.cap), PATIENCE * quantile**2 * kurtosis / math.log1p(settings.variance_margin) ** 2)


def _result(
    case: Case,
    settings: Settings,
    rule: Rule,
    verdict: tuple[Status, str | None],
    ratio: Ratio,
    moments: Moments,
    exact: float | None,
    rate: float,
    started: float,
    false_fail_rate: float,
) -> Result:
    status, reason = verdict
    variance = float(moments.variance)
    reference = exact if exact is not None else variance / math.exp(ratio.log) if math.isfinite(ratio.log) else math.nan
    ends = [reference * math.expm1(end) for end in (ratio.below(rate), ratio.above(rate))]
    unit = " of a call" if getattr(case.subject, "unit", "sample") == "call" else ""
    words = {
        Status.pass_: f"VARIANCE BELOW {rule.id}",
        Status.within_margin: f"VARIANCE NOT BELOW {rule.id}, WITHIN MARGIN",
        Status.fail: f"VARIANCE NOT BELOW {rule.id}",
    }.get(status, f"INCONCLUSIVE ({reason})")
    source = "exact" if exact is not None else "sampled"
    factors = [f"{math.exp(end):.4g}" for end in (ratio.below(rate), ratio.above(rate))]
    reproduce = case.reproduce(settings, false_fail_rate)
    lines = [
        f"{words}  {case.id}",
        f"variance{unit} {variance:.6g}, {math.exp(ratio.log):.4g} of {rule.id}'s ({reference:.6g}, {source}), in "
        f"[{', '.join(factors)}] at 1 - {rate:.0e}; n = {moments.count:,}",
        "assumes tails no worse than those seen: asymptotic, not guaranteed",
    ]
    if status is not Status.pass_:
        lines.append(f"reproduce: {reproduce}")
    return case.result(
        status,
        reason=reason,
        exact=None if exact is None else repr(exact),
        estimate=variance,
        bias=variance - reference,
        bias_scale=reference,
        margin=settings.variance_margin,
        interval=[float(np.float64(end)) for end in ends],
        tier="3",
        variance_class="H",
        variance=variance,
        exact_variance=exact,
        num_samples=moments.count,
        seconds=time.perf_counter() - started,
        message="\n  ".join(lines),
        reproduce=reproduce,
        details={"rows": variance_rows(case, rule)},
    )


__all__ = ["check_claim"]
