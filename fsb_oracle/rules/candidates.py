"""What the variance table compares: for one parameter and f, every rule and baseline with its ways to the moments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from fsb_oracle.families import Family, Parameters
from fsb_oracle.integrands import Integrand
from fsb_oracle.integrands.terms import band
from fsb_oracle.rules import Rule, baselines_for
from fsb_oracle.rules.certified_variance import CertifiedMoments, certified_moments, certified_score_best
from fsb_oracle.rules.implicit import certified_implicit
from fsb_oracle.rules.measure_valued import measure_valued
from fsb_oracle.rules.variance import Moments, exact_moments, implicit_moments, score_best


@dataclass(frozen=True)
class Candidate:
    """An estimator, its cost per draw, and its moments: as balls (None where no collapse is known) or by quadrature.

    `biased` is a series outside of its disc of convergence, whose mean is not the gradient.
    """

    id: str
    cost: str
    certified: Callable[[], CertifiedMoments | None]
    estimated: Callable[[], Moments | None]
    biased: bool = False


def candidates(
    family: Family, parameters: Parameters, f: Integrand, parameter: str, rules: Sequence[Rule], forced: Sequence[str]
) -> Iterator[Candidate]:
    """`rules`, then the baselines of one parameter: score, pathwise (also where implicit), score with the best
    constant baseline, measure-valued; those whose variance is finite for f's class. A series whose id is in `forced`
    is there outside of its disc too."""
    baselines = baselines_for(family, parameter)
    for rule in (*rules, *baselines, measure_valued(family, parameter)):
        if rule is None:
            continue
        biased = rule.id in forced and rule.disc is not None and band(f) is not None and not rule.admits(f, parameters)
        if biased or rule.admits(f, parameters):
            yield Candidate(
                rule.id,
                str(rule.cost),
                partial(certified_moments, rule, parameters, f, biased=biased),
                partial(exact_moments, rule, parameters, f),
                biased,
            )
    arguments = (family, parameters, f, parameter)
    if any(rule.id == "score" for rule in baselines):
        yield Candidate(
            "score-best", "1 f", partial(certified_score_best, *arguments), lambda: _score_best_moments(*arguments)
        )
    implicit = family.support.kind == "interval" and all(rule.id != "pathwise" for rule in baselines)
    if implicit and f.admits("F1"):
        yield Candidate(
            "pathwise", "1 f'", partial(certified_implicit, *arguments), partial(implicit_moments, *arguments)
        )


def _score_best_moments(family: Family, parameters: Parameters, f: Integrand, parameter: str) -> Moments | None:
    rule = score_best(family, parameters, f, parameter)
    return None if rule is None else exact_moments(rule, parameters, f)
