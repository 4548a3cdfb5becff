"""The variance table: exact one-draw variance of rules and baselines side by side, with their cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fsb_oracle.errors import UsageError, nearest
from fsb_oracle.families import Family, Parameters, get_family
from fsb_oracle.integrands import Integrand, integrand
from fsb_oracle.rules import Rule, baselines_for, rules_for
from fsb_oracle.rules.variance import exact_moments, implicit_moments, score_best


@dataclass(frozen=True)
class VarianceRow:
    """One estimator of one parameter: mean and variance of one draw, error estimate of the variance, cost per draw."""

    parameter: str
    id: str
    mean: float
    second_moment: float
    variance: float
    error: float
    cost: str

    def to_json_object(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("parameter", "id", "mean", "variance", "error", "cost")}


def rows_for(
    family: Family, parameters: Parameters, f: Integrand, parameter: str, rules: Sequence[Rule]
) -> Iterator[VarianceRow]:
    """Rows of `rules`, then of the baselines: score, score with the best constant baseline, pathwise (also where
    implicit)."""
    ids: set[str] = set()
    for rule in (*rules, *baselines_for(family, parameter), score_best(family, parameters, f, parameter)):
        if rule is None or rule.id in ids or not (family.discrete or f.admits(rule.sampled)):
            continue
        moments = exact_moments(rule, parameters, f)
        if moments.known:
            ids.add(rule.id)
            yield VarianceRow(
                parameter,
                rule.id,
                moments.mean,
                moments.second,
                moments.variance,
                moments.variance_error,
                str(rule.cost),
            )
    if "pathwise" not in ids and f.admits("F1"):
        moments = implicit_moments(family, parameters, f, parameter)
        if moments is not None:
            second, variance, error = moments.second, moments.variance, moments.variance_error
            yield VarianceRow(parameter, "pathwise", moments.mean, second, variance, error, "1 f'")


def variance(
    family: str, parameters: Mapping[str, Any], f: str, estimators: Sequence[str] | None = None
) -> list[VarianceRow]:
    """Exact one-draw variance of the rules and baselines of every parameter.

    Args:
        family: a law's name.
        parameters: every parameter, as text (decimals are exact) or numbers.
        f: an expression in z.
        estimators: ids to show; all by default.

    Raises:
        UsageError: bad input, or an id that does not occur.
    """
    law = get_family(family)
    values, function = law.parse(parameters), integrand(f)
    rows = [row for name in law.names for row in rows_for(law, values, function, name, rules_for(law, name))]
    if estimators is None:
        return rows
    known = {row.id for row in rows}
    for id in estimators:
        if id not in known:
            names = ", ".join(sorted(known))
            raise UsageError(f"{id!r} is no estimator of {family} for this f; there are {names}{nearest(id, known)}")
    return [row for row in rows if row.id in estimators]
