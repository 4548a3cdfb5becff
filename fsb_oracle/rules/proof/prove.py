"""A rule's multiplier, from the kernel that the back ends run, against the derivative of the law's transform.

Where the law declares no closed transform, the derivative is that of the oracle, from the density."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import acb, arb

from fsb_oracle.backends.flint_math import FlintMath, ball, precision
from fsb_oracle.families import Parameters
from fsb_oracle.rules.proof.integrate import COARSEST, means
from fsb_oracle.rules.proof.setup import Setup
from fsb_oracle.rules.proof.transforms import exact_derivative, oracle_derivative
from fsb_oracle.rules.rule import Rule

GUARD = 18  # digits carried beyond those asked for, at first
MOST_GUARD = 2500
ATTEMPTS = 4
FINEST_LEVEL = 15  # exclusive: waves along a gamma tail need tens of thousands of nodes
LN_10 = math.log(10)

NOTHING = arb(10) ** -100  # both sides below this are 0: stable laws of alpha = 2 do not depend on beta


@dataclass(frozen=True)
class Multiplier:
    """A rule's multiplier at one frequency and what it must equal, with the digits to which they agree."""

    frequency: Fraction
    computed: acb
    exact: acb
    agreement: float  # -log10 of the difference relative to max(|exact|, mean size of the contributions / 10^6)


@dataclass(frozen=True)
class Proof:
    """The multiplier identity of one rule at one parameter point."""

    rule: str
    parameters: Parameters
    digits: int
    carried: tuple[str, ...]
    multipliers: tuple[Multiplier, ...]

    @property
    def holds(self) -> bool:
        return all(multiplier.agreement >= self.digits for multiplier in self.multipliers)

    @property
    def worst(self) -> Multiplier:
        return min(self.multipliers, key=lambda multiplier: multiplier.agreement)


def prove(rule: Rule, parameters: Parameters, frequencies: Sequence[Fraction], digits: int = 30) -> Proof:
    """Compare the rule's mean with d/d parameter of E exp(i w z), or of E z^(i w) in log space, at each frequency w.

    Args:
        rule: any rule or baseline; its kernel is called with balls.
        parameters: exact values of the law's parameters.
        frequencies: positive rationals; on the line in radians per unit of z, in log space per unit of log z.
        digits: the digits to which both sides must agree.
    """
    with precision(digits + GUARD):
        setup = Setup.of(rule, _balls(parameters))
    multipliers: dict[Fraction, Multiplier] = {}
    guard, left = GUARD, list(dict.fromkeys(frequencies))
    for _ in range(ATTEMPTS):  # rounding must not decide: 1F1 loses digits like exp(|w|), differences near 0 more
        with precision(digits + guard):
            at = Setup.with_carried(rule, _balls(parameters), setup.carried)
            found = _multipliers(at, parameters, left, digits)
        multipliers |= {multiplier.frequency: multiplier for multiplier, _ in found}
        lost = {multiplier.frequency: radius for multiplier, radius in found if radius > -(digits + 4)}
        left = [frequency for frequency in left if frequency in lost]
        if not left or guard >= MOST_GUARD:
            break
        worst = max(lost.values())
        guard = min(MOST_GUARD, guard + int(worst + digits + 14) if math.isfinite(worst) else 4 * guard)
    return Proof(rule.id, parameters, digits, tuple(sorted(setup.carried)), tuple(multipliers[w] for w in frequencies))


def _balls(parameters: Parameters) -> dict[str, acb]:
    return {name: acb(ball(value)) for name, value in parameters.items()}


def _multipliers(
    setup: Setup, parameters: Parameters, frequencies: list[Fraction], digits: int
) -> list[tuple[Multiplier, float]]:
    """The multipliers on grids refined until they settle, and log10 of the relative radius of the balls compared."""
    exact = {w: _exact(setup.rule, parameters, w, digits) for w in frequencies}
    done: dict[Fraction, tuple[Multiplier, float]] = {}
    previous: dict[Fraction, acb] = {}
    left = list(frequencies)
    for level in range(COARSEST, FINEST_LEVEL):
        found = means(setup, [acb(0, ball(w)) for w in left], digits, level)
        for w, (computed, size) in zip(left, found, strict=True):
            reference = max(abs(exact[w]).mid(), size.mid() / 10**6, NOTHING)
            agreement = -_log10(abs(computed - exact[w]).upper() / reference)
            radius = _log10((exact[w].rad() + computed.rad()) / reference)
            done[w] = Multiplier(w, computed, exact[w], agreement), radius
            resolved = -_log10(abs(computed - previous[w]).upper() / reference) if w in previous else -math.inf
            previous[w] = computed
            # enough digits agree; or the grid resolves far more digits than agree; or rounding hides the rest
            if not setup.continuous or agreement > digits + 2 or resolved > agreement + 6 or radius > -(digits + 4):
                left = [other for other in left if other != w]
        if not left:
            break
    return [done[w] for w in frequencies]


def _exact(rule: Rule, parameters: Parameters, frequency: Fraction, digits: int) -> acb:
    """What the multiplier must equal, with more digits than those to be compared where they can be had."""
    derivative = exact_derivative(rule.law, rule.parameter, rule.space)
    if derivative is None:
        return oracle_derivative(rule.law, parameters, rule.parameter, [frequency], digits + 8)
    value = acb(0)
    for guard in (GUARD, 3 * GUARD, 10 * GUARD, 30 * GUARD):
        with precision(digits + guard):
            point = acb(ball(frequency)) if rule.space == "line" else acb(0, ball(frequency))
            value = acb(derivative(FlintMath(), point, *_balls(parameters).values()))
            if value.is_finite() and _log10(value.rad()) < _log10(abs(value)) - digits - 8:
                break
    return value


def _log10(value: arb) -> float:
    """log10 of a nonnegative number of any size; infinite where it is not finite."""
    if not value.is_finite():
        return math.inf
    top = value.upper()
    return float(top.log()) / LN_10 if top > 0 else -math.inf
