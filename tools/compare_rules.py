"""Where rules win and lose, and whether the recommended ones are the best: `python tools/compare_rules.py [LAW...]`.

For each parameter of a law: the variance of every rule and baseline at ordinary points for probes of each class of f,
by quadrature, or by sampling where that is not known. Prints variance times evaluations of the recommended rule over
that of the best, in the geometric mean over the probes, and why it is recommended where that is above 2; writes the
points at which rules win and lose that declare none, in variance, else in variance times evaluations, else what was
searched.
"""

from __future__ import annotations

import json
import math
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from fsb_oracle import oracle, rules
from fsb_oracle.errors import UsageError
from fsb_oracle.estimators import fourier
from fsb_oracle.families import Family, Parameters, own_families
from fsb_oracle.integrands import Integrand, integrand
from fsb_oracle.rules import Rule, baselines_for, recommended, rules_for
from fsb_oracle.rules.comparisons import FILE, key
from fsb_oracle.rules.transform_score import score_variance
from fsb_oracle.rules.variance import BOUND, exact_moments, score_best
from fsb_oracle.rules.vector import VectorRule, vector_rules_of
from fsb_oracle.rules.vector_score import vector_score
from fsb_oracle.subjects.vector_rules import VectorRuleSubject, vector_laws

PATH = Path(rules.__file__).parent / FILE
CLASSES = {"smooth": ("tanh(z)", "exp(-z**2)", "sin(z)"), "kink": ("Max(z-1,0)",), "jump": ("Heaviside(z-1)",)}
OTHERS = ("cos(3*z)", "z", "z**2", "z**3", "cos(9*z)", "z+10")
PERIODIC = ("exp(cos(z))", "sin(z)", "cos(3*z)")
SLOW = "its variance vanishes where f varies slowly over the law's width, and one f' serves every location at once"
HEAVY = "bounded variance at every tail index, where the other has none for f' that does not die out"
ROUGH = "bounded for rough f; the other wins for f of nearly constant slope"
REASONS = {  # why a rule is recommended that others beat by more than 2 on these probes
    **dict.fromkeys(
        (
            ("normal", "loc"), ("laplace", "loc"), ("logistic", "loc"), ("gumbel", "loc"), ("cauchy", "loc"),
            ("student_t", "loc"), ("weibull", "scale"),
        ),
        SLOW,
    ),
    ("gamma", "rate"): "constant weight: averaged over translations of f it is never worse than pathwise",
    ("uniform", "low"): "less for smooth f; it is the one kink near the end that costs",
    ("uniform", "high"): "less for smooth f; it is the one kink near the end that costs",
    ("truncated_normal", "low"): "less for smooth f; it is the one kink near the other end that costs",
    ("pareto", "scale"): HEAVY,
    ("pareto", "alpha"): HEAVY,
    ("student_t", "scale"): HEAVY,
    ("generalized_pareto", "scale"): HEAVY,
    ("inverse_gaussian", "concentration"): "less for smooth f; two f' where the other needs f alone",
    ("geometric", "probs"): ROUGH,
    ("negative_binomial", "probs"): ROUGH,
}  # fmt: skip
VECTOR_PROBES = (
    "z0",
    "z0**2",
    "sin(z0)",
    "sin(6*z0)",
    "z0*z1",
    "exp(-z0**2)",
    "Max(z0-1/2,0)",
    "cos(9*z1)",
    "cos(40*z0)",
)
LATTICE_PROBES = ("z", "z**2", "sin(z)", "cos(3*z)", "Heaviside(z-1)", "z+10", "(-1)**z")
ORDER = ("score-best", "score", "pathwise")  # rivals that are looked at first
SCORES = ORDER[:2]
LIMIT = 2.0
MARGIN = 1.3  # of the ratio of variances
DRAWS = 40_000

Cell = tuple[dict[str, str], str, dict[str, float], dict[str, int]]


def variance(rule: Rule, at: Parameters, f: Integrand, exact: float) -> float | None:
    """Of one draw; None where the rule does not serve f, or nothing is known."""
    if not rule.holds_at(at) or not rule.admits(f, at):
        return None
    try:
        moments = exact_moments(rule, at, f, BOUND)
        if moments.known and moments.settled(exact):
            return moments.variance
        if rule.baseline:
            return None
        numbers = {name: float(value) for name, value in at.items()}
        rng = np.random.default_rng(1)
        return float(
            fourier.gradient(rule.law, f, numbers, DRAWS, rng, {rule.parameter: rule.id})[rule.parameter].var()
        )
    except UsageError:
        return None


def cells(
    law: Family, parameter: str, everything: bool = True
) -> Iterator[tuple[dict[str, str], str, dict[str, float], dict[str, int]]]:
    """Point, f, variances and evaluations by id; without `everything` what `ratios` needs."""
    texts = PERIODIC if law.support.period is not None else (*sum(CLASSES.values(), ()), *OTHERS * everything)
    for edge in (*law.edges[1::-1], *_edges_beyond(law, parameter)) if everything else law.edges[1:2]:
        at = law.parse(edge)
        for text in texts:
            f = integrand(text)
            try:
                exact = float(oracle.gradient(law, at, f, parameter, 12).ball.mid())
            except UsageError:
                continue
            found = (*rules_for(law, parameter), *baselines_for(law, parameter), score_best(law, at, f, parameter))
            candidates = {rule.id: rule for rule in found if rule is not None}
            values = {id: variance(rule, at, f, exact) for id, rule in candidates.items()}
            costs = {id: evaluations(rule) for id, rule in candidates.items()}
            if everything and law.log_density is None:
                values |= {id: rival(law, at, f, parameter, exact, id) for id in SCORES}
                costs |= dict.fromkeys(SCORES, 1)
            yield dict(edge), text, {id: v for id, v in values.items() if v is not None}, costs


def _edges_beyond(law: Family, parameter: str) -> list[dict[str, str]]:
    """Two edges at which a rule holds that holds at neither of the first two."""
    edges = [(dict(edge), law.parse(edge)) for edge in law.edges]
    for rule in rules_for(law, parameter):
        if not any(rule.holds_at(at) for _, at in edges[:2]):
            return [edge for edge, at in edges if rule.holds_at(at)][:2]
    return []


def rival(
    law: Family, at: Parameters, f: Integrand, parameter: str, exact: float, id: str, cost_adjusted: bool = False
) -> float | None:
    """The variance of another estimator of the parameter, times its evaluations if so asked."""
    if id in SCORES and law.log_density is None:  # one evaluation
        return score_variance(law, at, f, parameter, best=id == "score-best")
    others = (*rules_for(law, parameter), *baselines_for(law, parameter), score_best(law, at, f, parameter))
    other = next(other for other in others if other is not None and other.id == id)
    found = variance(other, at, f, exact)
    return None if found is None else found * evaluations(other) ** cost_adjusted


def evaluations(rule: Rule | VectorRule) -> int:
    """Of f and its derivatives, for one draw."""
    return rule.cost.f + rule.cost.first + rule.cost.second


def points(found: list[Cell], id: str) -> dict[str, Any]:
    """The first win and the first loss, against a baseline where there is one; what was searched where one is missing.

    By variance alone where that decides, else by variance times evaluations.
    """
    sides: dict[str, Any] = {"wins": None, "loses": None}
    rivals = dict.fromkeys(o for _, _, values, _ in found for o in (*ORDER, *values) if o in values and o != id)
    for side, sign in (("wins", 1), ("loses", -1)):
        for adjusted in (False, True):
            for edge, f, values, costs in found:
                for other in rivals if id in values else ():
                    if sides[side] is not None or other not in values:
                        continue
                    ours, theirs = ((values[o] + 1e-300) * costs[o] ** adjusted for o in (id, other))
                    if (theirs / ours) ** sign > MARGIN and max(theirs, ours) > 1e-8:
                        sides[side] = {"against": other, "parameters": edge, "f": f} | (
                            {"cost_adjusted": True} if adjusted else {}
                        )
    if None in sides.values():
        pairs = sum(id in values for _, _, values, _ in found)
        sides["searched"] = f"{pairs} pairs of parameters and f, against {', '.join(rivals) or 'nothing: no rival'}"
    return sides


def ratios(law: Family, parameter: str, found: list) -> Iterator[tuple[str, str, str, float]]:
    """(class, recommended, best, variance times evaluations of the one over the other) at the law's second point."""
    at = law.parse(law.edges[1])
    for kind, probes in CLASSES.items():
        rows = [row for row in found if row[0] == dict(law.edges[1]) and row[1] in probes]
        ids = {rule.id for rule in rules_for(law, parameter)}.intersection(*(values for _, _, values, _ in rows))
        if not rows or not ids:
            continue
        size = {
            id: sum(math.log(max(values[id], 1e-12) * costs[id]) for _, _, values, costs in rows) / len(rows)
            for id in ids
        }
        best, own = min(size, key=size.__getitem__), recommended(law, parameter, integrand(probes[0]), at)
        if own is not None and own.id in size:
            yield kind, own.id, best, math.exp(size[own.id] - size[best])


def vector_variance(rule: VectorRule, at: Parameters, f: Integrand) -> float | None:
    """Of one draw, the sum over the components, by sampling; None where the rule does not serve f."""
    subject = VectorRuleSubject(rule, rule.law, "numpy")
    if not subject.admits(f):
        return None
    drawn = subject.contributions(at, f, DRAWS, np.random.SeedSequence(1), "float64")
    return float(sum(np.var(values) for values in drawn.values()))


def vector_points(law: Family) -> dict[str, dict[str, Any]]:
    """Where the rules of a law of several variables win and lose against others of their parameter."""
    at, found = law.parse(law.edges[0]), {}
    for parameter in dict.fromkeys(rule.parameter for rule in vector_rules_of(law)):
        known = {rule.id: rule for rule in vector_rules_of(law) if rule.parameter == parameter}
        score = vector_score(law, parameter)
        rivals = known if score is None else known | {"score": score}
        costs = {id: evaluations(rule) for id, rule in rivals.items()}
        rows = []
        for text in VECTOR_PROBES if len(law.samples) > 1 else LATTICE_PROBES:
            own = text.replace("z1", "z11").replace("z0", "z00") if law.name == "wishart" else text
            f = integrand(own, named=False)
            values = {id: vector_variance(rule, at, f) for id, rule in rivals.items()}
            rows.append((dict(law.edges[0]), own, {id: v for id, v in values.items() if v is not None}, costs))
        found |= {id: points(rows, id) for id in known}
    return found


def main(wanted: list[str]) -> None:
    """All laws, or those named."""
    warnings.simplefilter("ignore")
    known = json.loads(PATH.read_text(encoding="utf-8")) if PATH.exists() else {}
    fresh: dict[str, dict] = {}
    for law in vector_laws():
        if wanted and law.name not in wanted:
            continue
        for id, sides in vector_points(law).items():
            fresh.setdefault(id, sides)  # the first shape of the law
    composed = (law for law in vector_laws() if any(isinstance(part, Family) for part in law.shape))
    for law in (*own_families(), *composed):
        if wanted and law.name not in wanted:
            continue
        for parameter in law.continuous_names:
            found = list(cells(law, parameter))
            for rule in rules_for(law, parameter):
                fresh[key(rule)] = points(found, rule.id)
            for kind, own, best, ratio in ratios(law, parameter, found) if not law.shape else ():
                why = f"; {REASONS.get((law.name, parameter), 'why?')}" if ratio > LIMIT else ""
                print(f"{law.name} {parameter} {kind}: {own} {ratio:.2f} x {best}{why}", flush=True)
    PATH.write_text(json.dumps(known | fresh, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
