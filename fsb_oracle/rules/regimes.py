"""Where a rule wins and where it loses: exact variances over a grid of parameters and frequencies of f.

For f = cos(w z + b) the variance of one draw is averaged over the phase b: (E |K|^2 - |dphi/dtheta|^2) / 2, with K the
kernel at exp(i w z). So no phase favours anybody, and an estimator has one number for each frequency:

    score           (I - |phi'|^2) / 2,  I the Fisher information
    score-best      (I - |E s^2 exp(iwz)|^2 / I - |phi'|^2) / 2,  the best constant baseline for each phase
    pathwise        (w^2 E v^2 - |phi'|^2) / 2,  v the exact velocity, where the law has no reparameterization
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from fsb_oracle import oracle
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.family import z
from fsb_oracle.integrands import Integrand
from fsb_oracle.rules import Rule, baselines, baselines_for
from fsb_oracle.rules.measure_valued import measure_valued
from fsb_oracle.rules.variance import implicit_moments, wave_moments, wave_power

PHASE = 1.0  # at which a kernel's mean is looked at: neither cosine nor sine alone
QUARTER = -math.pi / 2  # the phase that turns the real part of a kernel into its imaginary part


@dataclass(frozen=True)
class Competitor:
    """A comparator over the grid: its evaluations of f, f' or f'' per draw, and its variance at each frequency."""

    id: str
    evaluations: int
    variances: tuple[float, ...]


def evaluations(rule: Rule) -> int:
    """Evaluations of f and its derivatives per draw."""
    return rule.cost.f + rule.cost.first + rule.cost.second


def wave_derivative(family: Family, parameters: Parameters, parameter: str, frequency: Fraction) -> float:
    """|d phi / d parameter|^2 at one frequency, from the exact gradients of its cosine and its sine."""
    return sum(_exact(family, parameters, parameter, frequency, phase) ** 2 for phase in (0.0, QUARTER))


def _exact(family: Family, parameters: Parameters, parameter: str, frequency: Fraction, phase: float) -> float:
    return float(oracle.wave_gradient(family, parameters, parameter, frequency, Fraction(phase)))


def wave_variance(rule: Rule, parameters: Parameters, frequency: Fraction, derivative: float) -> float:
    """The phase-averaged variance of one draw of `rule`; nan where the grids have not settled on the exact mean."""
    moments = wave_moments(rule, parameters, float(frequency), PHASE)
    averaged = wave_power(rule, parameters, float(frequency))
    settled = moments.settled(_exact(rule.law, parameters, rule.parameter, frequency, PHASE))
    return max(averaged - derivative / 2, 0.0) if settled else math.nan


def competitors(
    family: Family,
    parameters: Parameters,
    parameter: str,
    waves: list[tuple[Fraction, float]],
    rules: Sequence[Rule] = (),
) -> Iterator[Competitor]:
    """`rules` and the baselines of one parameter at (frequency, |phi'|^2) pairs; nan where nothing is known."""
    for rule in (*rules, *baselines_for(family, parameter), measure_valued(family, parameter)):
        if rule is not None:
            found = tuple(wave_variance(rule, parameters, w, derivative) for w, derivative in waves)
            yield Competitor(rule.id, evaluations(rule), found)
    best = _score_best(family, parameters, parameter, waves)
    if best is not None:
        yield best
    if all(rule.id != "pathwise" for rule in baselines_for(family, parameter)):
        moments = implicit_moments(family, parameters, Integrand(z), parameter)
        if moments is not None:
            found = tuple(max((float(w) ** 2 * moments.second - derivative) / 2, 0.0) for w, derivative in waves)
            yield Competitor("pathwise", 1, found)


def _score_best(
    family: Family, parameters: Parameters, parameter: str, waves: list[tuple[Fraction, float]]
) -> Competitor | None:
    raw = baselines.score(family, parameter)
    if raw is None:
        return None
    squared = replace(raw, id="score squared", kernel=_squared_score(raw))

    def variance(frequency: Fraction, derivative: float) -> float:
        w = float(frequency)
        information = 2 * wave_power(raw, parameters, w)
        lost = sum(wave_moments(squared, parameters, w, phase).mean ** 2 for phase in (0.0, QUARTER))
        return max((information - lost / information - derivative) / 2, 0.0)

    return Competitor("score-best", 1, tuple(variance(w, derivative) for w, derivative in waves))


def _squared_score(raw: Rule) -> Any:
    """The kernel f(z) s(z)^2, from the score's own kernel."""

    def kernel(f: Any, c: Any, z: Any) -> Any:
        score = raw.kernel(lambda x: 0 * x + 1, c, z)
        return f(z) * score * score

    return kernel


__all__ = [
    "Competitor",
    "competitors",
    "evaluations",
    "wave_derivative",
    "wave_variance",
]
