"""The variance table: exact one-draw variance of rules and baselines side by side, with their cost."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from fsb_oracle import oracle
from fsb_oracle.errors import UsageError, nearest
from fsb_oracle.families import Family, Parameters, resolve_family
from fsb_oracle.integrands import Integrand, integrand
from fsb_oracle.oracle.value import as_fraction
from fsb_oracle.rules import Rule, baselines_for, rules_for
from fsb_oracle.rules.candidates import Candidate, candidates
from fsb_oracle.rules.variance import Moments, exact_moments, implicit_moments, score_best

_FIELDS = ("parameter", "id", "mean", "variance", "error", "kurtosis", "certified", "cost", "cost_adjusted", "bias")


@dataclass(frozen=True)
class VarianceRow:
    """One estimator of one parameter: mean, variance and kurtosis of one draw, and its cost.

    Attributes:
        error: of the variance: a proven bound where `certified`, else an estimate from two quadrature grids.
        kurtosis: fourth central moment over squared variance; None where it is not known.
        certified: whether mean and variance come from balls that contain the truth.
        cost_adjusted: the variance times the evaluations of f and its derivatives that one draw takes. It leaves out
            that unshifted rules and pathwise derivatives serve every parameter by the same evaluation.
        bias: the mean less the gradient: 0, but for a series that is asked for outside of its disc of convergence.
    """

    parameter: str
    id: str
    mean: float
    second_moment: float
    variance: float
    error: float
    cost: str
    kurtosis: float | None = None
    certified: bool = False
    bias: float = 0.0

    @property
    def cost_adjusted(self) -> float:
        evaluations = sum(int(part.split()[0]) for part in self.cost.split(" + "))
        return self.variance * evaluations

    def to_json_object(self) -> dict[str, Any]:
        """The contract of `variance --json`; an infinite number is the word "infinite", as JSON has none."""
        return {name: _json_number(getattr(self, name)) for name in _FIELDS}


def _json_number(value: Any) -> Any:
    return "infinite" if isinstance(value, float) and math.isinf(value) else value


def _row(parameter: str, id: str, cost: str, moments: Moments) -> VarianceRow:
    second, variance, error = moments.second, moments.variance, moments.variance_error
    return VarianceRow(parameter, id, moments.mean, second, variance, error, cost, moments.kurtosis)


def rows_for(
    family: Family, parameters: Parameters, f: Integrand, parameter: str, rules: Sequence[Rule]
) -> Iterator[VarianceRow]:
    """Rows by float64 quadrature of `rules`, then of the baselines: score, score with the best constant baseline,
    pathwise (also where implicit). Quick: verification calls it for each of its cases."""
    ids: set[str] = set()
    for rule in (*rules, *baselines_for(family, parameter), score_best(family, parameters, f, parameter)):
        if rule is None or rule.id in ids or not rule.admits(f, parameters):
            continue
        moments = exact_moments(rule, parameters, f)
        if moments.known:
            ids.add(rule.id)
            yield _row(parameter, rule.id, str(rule.cost), moments)
    if "pathwise" not in ids and f.admits("F1"):
        moments = implicit_moments(family, parameters, f, parameter)
        if moments is not None:
            yield _row(parameter, "pathwise", "1 f'", moments)


def _certified_row(parameter: str, candidate: Candidate) -> VarianceRow | None:
    """The candidate's row from balls where its moments collapse, else from quadrature; None where neither serves."""
    from fsb_oracle.rules.certified_variance import as_float

    certified = candidate.certified()
    if certified is None:
        try:
            moments = candidate.estimated()
        except UsageError:  # the oracle was asked for a velocity that it does not have
            moments = None
        if moments is None or not moments.known:
            return None
        return _row(parameter, candidate.id, candidate.cost, moments)
    variance, error = as_float(certified.variance)
    kurtosis = None if certified.kurtosis is None else as_float(certified.kurtosis)[0]
    mean, second = as_float(certified.mean)[0], as_float(certified.second)[0]
    return VarianceRow(parameter, candidate.id, mean, second, variance, error, candidate.cost, kurtosis, certified=True)


def variance(
    family: str, parameters: Mapping[str, Any], f: str, estimators: Sequence[str] | None = None
) -> list[VarianceRow]:
    """Exact one-draw variance of the rules and baselines of every parameter: certified where it collapses to
    one-dimensional integrals, by quadrature with an error estimate elsewhere.

    Args:
        family: a law's name.
        parameters: every parameter, as text (decimals are exact) or numbers.
        f: an expression in z.
        estimators: ids to show; all by default. A series is shown outside of its disc of convergence too, with its
            bias, if it is asked for.

    Raises:
        UsageError: bad input, or an id that does not occur.
    """
    law, values = resolve_family(family, parameters)
    function = integrand(f)
    if law.support.kind == "joint":
        raise UsageError(f"the variance table is for laws of one variable; {family} has several")
    found = [
        (name, candidate)
        for name in law.continuous_names
        for candidate in candidates(law, values, function, name, rules_for(law, name), estimators or ())
    ]
    if estimators is not None:
        known = {candidate.id for _, candidate in found}
        for id in estimators:
            if id not in known:
                names = ", ".join(sorted(known))
                raise UsageError(
                    f"{id!r} is no estimator of {family} for this f; there are {names}{nearest(id, known)}"
                )
        found = [(name, candidate) for name, candidate in found if candidate.id in estimators]
    rows = ((candidate, _certified_row(name, candidate)) for name, candidate in found)
    return [_with_bias(row, law, values, function) if c.biased else row for c, row in rows if row is not None]


def _with_bias(row: VarianceRow, law: Family, values: Parameters, f: Integrand) -> VarianceRow:
    exact = oracle.gradient(law, values, f, row.parameter)
    return replace(row, bias=float(Fraction(row.mean) - as_fraction(exact.ball)))
