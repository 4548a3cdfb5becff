"""At which frequencies a rule is proved, and the proof in one line of data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from flint import acb

from fsb_oracle.backends.flint_math import ball, precision
from fsb_oracle.backends.noise import evaluate
from fsb_oracle.backends.numpy_backend import NumpyMath
from fsb_oracle.families import Parameters
from fsb_oracle.rules.proof.prove import prove
from fsb_oracle.rules.proof.setup import Setup
from fsb_oracle.rules.rule import Rule

DIGITS = 30
LOWEST, HIGHEST = Fraction(1, 20), Fraction(40)  # in 1/spread
COUNT = 5


@dataclass(frozen=True)
class ProofSummary:
    """Whether a rule's multiplier agrees with the exact one at its law's second edge.

    Attributes:
        proved: whether they agree to `digits` digits at every frequency.
        digits: the digits asked for; `agreement`: those found at the worst frequency.
        frequencies: in radians per unit of z ("line") or of log z ("log").
        space: where the proof looks.
    """

    proved: bool
    digits: int
    agreement: float
    frequencies: tuple[float, ...]
    space: str


def proof_summary(rule: Rule, digits: int = DIGITS) -> ProofSummary:
    """Prove a rule at its law's second edge (the first is the plainest, the others are extreme)."""
    at = proof_points(rule)[:2][-1]
    frequencies = proof_frequencies(rule, at)
    proof = prove(rule, at, frequencies, digits)
    agreement = min(proof.worst.agreement, float(digits + 99))  # finite where both sides are exactly equal
    return ProofSummary(proof.holds, digits, agreement, tuple(map(float, frequencies)), rule.space)


def proof_points(rule: Rule) -> tuple[Parameters, ...]:
    """The edges of the law at which the rule may be used."""
    points = (rule.law.parse(edge) for edge in rule.law.edges)
    return tuple(at for at in points if rule.holds_at(at))


def proof_frequencies(rule: Rule, at: Parameters, count: int = COUNT) -> tuple[Fraction, ...]:
    """`count` frequencies: in (0, pi] for integers, whole ones on a circle, else from 1/20 to 40 in equal ratios.

    The latter are in units of 1/spread: the standard deviation of z (of log z in log space, about) or its like.
    """
    if rule.law.support.period is not None:
        return tuple(Fraction(1 + n * n) for n in range(count))
    if rule.law.discrete:
        return tuple(Fraction(22 * (n + 1), 7 * count) - Fraction(n + 1, 100 * count) for n in range(count))
    ratios = (n / max(count - 1, 1) for n in range(count))
    grid = [Fraction(float(LOWEST) * float(HIGHEST / LOWEST) ** ratio).limit_denominator(1000) for ratio in ratios]
    if rule.disc is not None:  # a series is proved where it is declared
        letters = rule.letters(NumpyMath(), {name: float(value) for name, value in at.items()})
        radius = Fraction(float(evaluate(rule.disc, NumpyMath(), letters))).limit_denominator(10**6)
        return tuple(w * radius / grid[-1] for w in grid)
    spread = _log_spread(rule, at) if rule.space == "log" else rule.law.spread(at)
    unit = Fraction(10) ** math.floor(math.log10(spread)) / 1000
    return tuple(w / (round(Fraction(spread) / unit) * unit) for w in grid)


def _log_spread(rule: Rule, at: Parameters) -> float:
    """A width of log z: sqrt(log(1 + variance/mean^2)), or 1 where the law has no variance."""
    mean, variance = (rule.law.at(e, at) for e in (rule.law.mean, rule.law.variance))
    if not (mean.is_finite and variance.is_finite):
        return 1.0
    return math.sqrt(math.log1p(float(variance / mean**2)))


def integrated_variables(rule: Rule) -> int:
    """How many variables a proof of the rule puts on nodes: its cost grows like the power of that."""
    with precision(DIGITS):
        values = {name: acb(ball(value)) for name, value in proof_points(rule)[0].items()}
        return len(Setup.of(rule, values).continuous)
