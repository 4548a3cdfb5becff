"""Where the recommended rule wins and loses: its exact variance against the baselines', over parameter and frequency.

Why it matters: a rule that halves the variance for smooth f can multiply it for rough f; which of the two happens
depends on the parameter. The map shows both sides, and the line between them.

How to fix: what fails is a rule that declares never to have more variance than another, and has, at the parameter and
frequency named. Withdraw the claim, or mend the kernel.

How to reproduce: run the printed command; no random number takes part.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from fsb_oracle.checks.case import Case, Settings
from fsb_oracle.checks.points import parameter_points
from fsb_oracle.checks.profile import Profile
from fsb_oracle.checks.spectrum import applies
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.family import POSITIVE, PROBABILITY
from fsb_oracle.integrands import integrand
from fsb_oracle.records import Result, Status
from fsb_oracle.rules import Rule, recommended, rules_for
from fsb_oracle.rules.regimes import competitors, evaluations, wave_derivative, wave_variance
from fsb_oracle.subjects import Subject
from fsb_oracle.subjects.rules import RuleSubject

NAME = "regimes"
LOWEST, HIGHEST, FREQUENCIES = 0.1, 12.0, 9  # in 1/spread
GRIDS = (
    (POSITIVE, ("1/10", "3/10", "1", "2", "5", "12", "30")),
    (PROBABILITY, ("1/20", "1/10", "1/4", "1/2", "3/4", "9/10", "19/20")),
)
SMOOTH = "tanh"
WAVES_AMONG = ("any f", "continuous f", "smooth f")  # kinds of f, in the words of `Claim.where`, that waves belong to
ROUNDING = 1e-2  # relative, of the quadrature behind a ratio
MOST_NOISE = 3  # quadrature over more variables takes minutes


def plan(subject: Subject, profile: Profile) -> list[Case]:
    """One case for each recommended rule of a positive parameter or a probability, on NumPy; laws of the profile."""
    if not isinstance(subject, RuleSubject) or subject.backend_name != "numpy" or not applies(subject.family):
        return []
    law, rule = subject.family, subject.rule
    if rule.baseline or (profile.regime_laws is not None and law.name not in profile.regime_laws):
        return []
    point = parameter_points(subject, 1)[0]
    wanted = recommended(law, rule.parameter, integrand(SMOOTH), point) == rule
    if not wanted or grid(law, rule.parameter) is None or len(rule.noise) + len(law.recipe.noise) > MOST_NOISE:
        return []
    return [Case(NAME, subject, point, rule.parameter, "float64", tests=0)]


def grid(family: Family, parameter: str) -> tuple[Fraction, ...] | None:
    """The values at which the parameter is looked at; None for a location, which changes no variance."""
    domain = next(item.domain for item in family.parameters if item.name == parameter)
    return next((tuple(map(Fraction, values)) for known, values in GRIDS if known == domain), None)


def check(case: Case, settings: Settings, false_fail_rate: float) -> Result:
    """The map; it fails where a declared ordering of variances does not hold."""
    started = time.perf_counter()
    assert isinstance(case.subject, RuleSubject)
    rule = case.subject.rule
    values = [value for value in grid(case.family, case.parameter) or () if rule.holds_at(_at(case, value))]
    scaled = [float(w) for w in np.geomspace(LOWEST, HIGHEST, FREQUENCIES)]
    claimed = {claim.against for claim in rule.lower_variance_than if claim.where in WAVES_AMONG}
    rows = [_row(rule, _at(case, value), scaled, claimed) for value in values]
    ids = list(dict.fromkeys(name for row in rows for name in row.ratios))
    costs = {name: cost for row in rows for name, cost in row.costs.items()}
    maps = {name: [row.ratios.get(name, [None] * len(scaled)) for row in rows] for name in ids}
    broken = [
        (name, value, w, ratio)
        for name in ids
        if name in claimed
        for value, ratios in zip(values, maps[name], strict=True)
        for w, ratio in zip(scaled, ratios, strict=True)
        if ratio is not None and ratio > 1 + ROUNDING
    ]
    known = any(ratio is not None for ratios in maps.values() for row in ratios for ratio in row)
    status = Status.fail if broken else Status.pass_ if known else Status.inconclusive
    return case.result(
        status,
        reason="variance-claim" if broken else None if known else "quadrature-not-converged",
        seconds=time.perf_counter() - started,
        message=_message(case, broken, maps),
        reproduce=case.reproduce(settings, None),
        details={
            "values": [float(value) for value in values],
            "frequencies": scaled,
            "evaluations": evaluations(rule),
            "ratios": [{"id": name, "evaluations": costs[name], "ratio": maps[name]} for name in ids],
        },
    )


def _at(case: Case, value: Fraction) -> Parameters:
    return {**case.at, case.parameter: value}


@dataclass(frozen=True)
class Row:
    """One value of the parameter: the rule's variance over each competitor's by frequency (None: not known), and the
    competitors' evaluations per draw."""

    ratios: dict[str, list[float | None]]
    costs: dict[str, int]


def _row(rule: Rule, at: Parameters, scaled: list[float], claimed: set[str]) -> Row:
    law, spread = rule.law, rule.law.spread(at)
    waves: list[tuple[Fraction, float]] = []
    for w in scaled:
        # on integers the spectrum is periodic
        frequency = Fraction(f"{min(w / spread, math.pi) if law.discrete else w / spread:.4g}")
        waves.append((frequency, wave_derivative(law, at, rule.parameter, frequency)))
    own = [wave_variance(rule, at, frequency, derivative) for frequency, derivative in waves]
    others = [other for other in rules_for(law, rule.parameter) if other.id in claimed]
    found = list(competitors(law, at, rule.parameter, waves, others))
    return Row(
        {other.id: list(map(_ratio, own, other.variances)) for other in found},
        {other.id: other.evaluations for other in found},
    )


def _ratio(mine: float, theirs: float) -> float | None:
    known = math.isfinite(mine) and math.isfinite(theirs) and theirs > 0
    return mine / theirs if known else None


def _message(
    case: Case, broken: list[tuple[str, Fraction, float, float]], maps: dict[str, list[list[float | None]]]
) -> str:
    if broken:
        name, value, w, ratio = max(broken, key=lambda fault: fault[-1])
        return (
            f"VARIANCE CLAIM BROKEN  {case.id}\n  declared never above that of {name}; at {case.parameter} = "
            f"{float(value):g}, frequency {w:.3g}/spread, it is {ratio:.4g} times that; {len(broken)} points are wrong"
        )
    lines = [f"EXACT VARIANCES  {case.id}"]
    for name, ratios in maps.items():
        known = [ratio for row in ratios for ratio in row if ratio is not None]
        if known:
            wins = sum(ratio < 1 for ratio in known)
            extremes = f"{min(known):.3g} to {max(known):.3g} times its variance"
            lines.append(f"against {name}: smaller at {wins} of {len(known)} points, {extremes}")
    return "\n  ".join(lines)
