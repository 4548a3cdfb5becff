"""Estimators of the form c f'(Y): the law of Y against the one that it must have, for every f at once.

The gradient of E f is c E f'(Y) for every f exactly if c = d E z / d parameter and Y has the density p v / c, v being
the velocity of the quantiles. Y is read off any estimator that is linear in f: fed f = z it returns c, fed f = z^2 / 2
with the same key it returns c Y, and fed f = z^3 / 3 it returns c Y^2, by which one sees that there is one Y
alone. Then |bias(f)| <= |c| TV(f') sup |F_n - F|, whatever f and without any moments (Dvoretzky, Kiefer and Wolfowitz
1956; constant of Massart 1990).

Why it matters: it decides for every f at once, without moments, where the estimator has this form: heavy tails that
no average settles cannot hide a bias.

How to fix: the message gives the quantile of Y at which the two laws are farthest apart: a constant shift or factor
there is a constant of the code; another shape is a wrong noise.

How to reproduce: the last line of the message, or `--select 'law/*'` for all cases of this check.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import sympy

from fsb_oracle import oracle
from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.points import parameter_points
from fsb_oracle.checks.profile import Profile
from fsb_oracle.families.family import z
from fsb_oracle.integrands import Integrand
from fsb_oracle.records import Result, Status
from fsb_oracle.subjects import Subject
from fsb_oracle.subjects.pathwise import PathwiseSubject
from fsb_oracle.subjects.rules import RuleSubject
from fsb_oracle.verdicts import seeds

NAME = "law"
MARGIN = 0.05  # of |c| TV(f')
DRAWS = 1 << 17
KNOTS = 32
PROBE = 16
WEIGHT, SAMPLE, SQUARE = Integrand(z), Integrand(z**2 / 2), Integrand(z**3 / 3)  # f' = 1, z and z^2
ROUNDING = 1e-9


def plan(subject: Subject, profile: Profile) -> list[Case]:
    """A case for each of the first parameter points and each parameter.

    Our own rules, each of which is proved, are looked at in the deep profile alone; of samplers that show dz/dtheta
    the check `pointwise` says as much."""
    law = subject.family
    if subject.requires == "F0" or law.support.kind != "interval" or law.support.period is not None:
        return []
    if isinstance(subject, PathwiseSubject):
        return []
    if isinstance(subject, RuleSubject) and (profile.name != "deep" or subject.backend_name != "numpy"):
        return []
    return [
        Case(NAME, subject, point, parameter, "float64")
        for point in parameter_points(subject, profile.spectrum_points)
        for parameter in subject.claimed
    ]


def check(case: Case, settings: Settings, false_fail_rate: float) -> Result:
    """The weight c, then D_n at knots between which both distribution functions only rise."""
    started = time.perf_counter()
    reproduce = case.reproduce(settings, false_fail_rate)
    weight = _weight(case, settings.seed)
    if weight is None:
        reason = "its contributions are not c f'(Y) with one number c and one point Y each"
        return case.result(Status.not_applicable, reason=reason, message=f"NOT APPLICABLE  {case.id}\n  {reason}")
    exact = oracle.gradient(case.family, case.at, WEIGHT, case.parameter, digits=18)
    c = float(exact)
    if abs(weight - c) > ROUNDING * abs(c) + exact.float_radius:
        message = (
            f"BIASED: the weight of f'(Y) is {weight:.9g}, not d E z / d {case.parameter} = {c:.9g}  {case.id}\n"
            f"  estimate / exact = {weight / c:.5g} for f = z\n  reproduce: {reproduce}"
        )
        return case.result(
            Status.fail, reason="biased", exact=exact.value, estimate=weight, bias=weight - c, tier="0a",
            message=message, reproduce=reproduce, seconds=time.perf_counter() - started,
        )  # fmt: skip
    sequence = seeds.sequence(case.id, settings.seed, seeds.Stage.main, 0)
    y = np.sort(case.subject.contributions(case.at, SAMPLE, DRAWS, sequence, case.dtype)[case.parameter] / weight)
    if not np.isfinite(y).all():
        message = f"NOT FINITE  {case.id}\n  Y is not finite in {int((~np.isfinite(y)).sum()):,} of {DRAWS:,} draws"
        return case.result(Status.fail, reason="nonfinite", tier="3", message=message, reproduce=reproduce)
    knots = _knots(y)
    expected = np.array([_distribution(case, knot, c) for knot in knots])
    observed = np.searchsorted(y, [float(knot) for knot in knots], side="right") / DRAWS
    found = Distance.between(observed, expected)
    radius = math.sqrt(math.log(2 / settings.false_pass_rate) / (2 * DRAWS))
    critical = math.sqrt(math.log(2 / false_fail_rate) / (2 * DRAWS))
    bound = found.bound + radius
    status = Status.fail if found.seen > critical else Status.pass_ if bound <= MARGIN else Status.inconclusive
    words = {
        Status.fail: "BIASED: Y has another law",
        Status.pass_: f"UNBIASED to {bound:.2g} |c| TV(f') for every f",
        Status.inconclusive: f"INCONCLUSIVE: bound {bound:.2g} |c| TV(f'), margin {MARGIN:g}",
    }[status]
    lines = [
        f"{words}  {case.id}",
        f"contributions are c f'(Y), c = {weight:.6g}; sup |F_n - F| is {found.seen:.2g}, at Y = "
        f"{float(knots[found.place]):.4g} (critical {critical:.2g}, n = {DRAWS:,})",
        f"for every f: |bias| <= {abs(c) * bound:.3g} TV(f'), except with probability {settings.false_pass_rate:g}; no "
        "moments are assumed",
    ]
    if status is not Status.pass_:
        lines.append(f"reproduce: {reproduce}")
    return case.result(
        status,
        reason={Status.fail: "biased", Status.inconclusive: "budget"}.get(status),
        bias=found.seen * abs(c),
        bias_bound=bound * abs(c),
        bias_scale=abs(c),
        margin=MARGIN,
        tier="3",
        num_samples=DRAWS,
        seconds=time.perf_counter() - started,
        message="\n  ".join(lines),
        reproduce=reproduce,
        details={
            "distance": found.seen,
            "variation_bias_bound": bound * abs(c),
            "knots": [float(knot) for knot in knots],
            "expected": expected.tolist(),
            "observed": observed.tolist(),
        },
    )


@dataclass(frozen=True)
class Distance:
    """Of two distribution functions known at knots: `seen` there, at index `place`; `bound` anywhere."""

    seen: float
    place: int
    bound: float

    @classmethod
    def between(cls, observed: np.ndarray, expected: np.ndarray) -> Distance:
        """Between two knots one may jump while the other has not risen yet."""
        gaps = np.abs(observed - expected)
        left_o, left_e = np.append(0.0, observed), np.append(0.0, expected)
        right_o, right_e = np.append(observed, 1.0), np.append(expected, 1.0)
        anywhere = max(float(np.max(right_o - left_e)), float(np.max(right_e - left_o)))
        return cls(float(gaps.max()), int(gaps.argmax()), anywhere)


def _knots(y: np.ndarray) -> list[Fraction]:
    """Readable numbers near equally spaced quantiles of the sample, increasing."""
    levels = (np.arange(KNOTS) + 0.5) / KNOTS
    return sorted({Fraction(f"{value:.5g}") for value in np.quantile(y, levels)})


def _distribution(case: Case, knot: Fraction, c: float) -> float:
    """P(Y <= knot) of the right law: 1 - (d E max(z - knot, 0) / d parameter) / c."""
    call = Integrand(sympy.Max(z - sympy.Rational(knot.numerator, knot.denominator), 0))
    return 1 - float(oracle.gradient(case.family, case.at, call, case.parameter, digits=8)) / c


def _weight(case: Case, seed: int) -> float | None:
    """c, where every contribution is c f'(Y) at one point Y; else None."""
    if case.subject.stated_mean(case.parameter, case.at, WEIGHT) is not None:
        return None  # it is not the gradient
    sequence = seeds.sequence(case.id, seed, seeds.Stage.pilot, 0)
    drawn, moved, squared = (
        case.subject.contributions(case.at, f, PROBE, sequence, case.dtype)[case.parameter]
        for f in (WEIGHT, SAMPLE, SQUARE)
    )
    first = float(drawn[0])
    if first == 0 or not math.isfinite(first) or not bool(np.all(np.abs(drawn - first) <= ROUNDING * abs(first))):
        return None
    # a sum c1 f'(Y1) + c2 f'(Y2), as of an antithetic pair or of the mean over a call, is constant for f = z too
    y = moved / first
    one_point = np.abs(squared / first - y**2) <= 1e3 * ROUNDING * y**2
    return first if bool(one_point.all()) else None
