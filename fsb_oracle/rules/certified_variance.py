"""Mean, variance and kurtosis of one draw as balls, where they collapse to one-dimensional integrals.

Moments are taken about a float64 number close to the mean, then moved to the mean itself, so that a variance much
smaller than the square of the mean keeps its digits. The float64 quadratures of `rules.variance` serve where no
collapse is known, and wherever speed counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import inf, nextafter
from typing import Any

import sympy
from flint import arb

from fsb_oracle.backends.flint_math import ball, precision
from fsb_oracle.errors import UsageError
from fsb_oracle.families import Family, Parameters
from fsb_oracle.integrands import Integrand
from fsb_oracle.oracle.certificate import correct_digits
from fsb_oracle.oracle.value import OracleError, as_fraction
from fsb_oracle.rules import baselines
from fsb_oracle.rules.collapse import GUARD_DIGITS, Collapse, InfiniteMoment, expectation_of, gradient_of, number
from fsb_oracle.rules.rule import Rule
from fsb_oracle.rules.symbolic import Law, NoCollapse

DIGITS = 20
OWN_DIGITS = 60  # what is computed from balls keeps their digits
INFINITE = arb("inf")
RELATIVE_DIGITS = 15  # of a variance; below it, the moments are computed once more with more digits


@dataclass(frozen=True)
class CertifiedMoments:
    """Balls that contain the mean, the variance and, where it could be had, the fourth central moment of one draw.

    A moment that is infinite, provably, is `arb("inf")`.
    """

    mean: arb
    variance: arb
    fourth: arb | None = None

    @property
    def second(self) -> arb:
        """E g^2."""
        with precision(OWN_DIGITS):
            return self.variance + self.mean * self.mean

    @property
    def kurtosis(self) -> arb | None:
        """Fourth central moment over the square of the variance; 1 of a constant, None where it is not known."""
        if self.variance == 0:
            return arb(1)
        if self.fourth is None or not self.variance > 0 or self.variance == INFINITE:
            return None
        with precision(OWN_DIGITS):
            return self.fourth / (self.variance * self.variance)


def certified_moments(
    rule: Rule, parameters: Parameters, f: Integrand, digits: int = DIGITS, fourth: bool = True, biased: bool = False
) -> CertifiedMoments | None:
    """Moments of one draw of `rule` at exact parameters, as balls; None where no collapse is known.

    Args:
        rule: an unbiased rule or baseline; its kernel is run on symbols.
        digits: relative digits of the moments.
        fourth: whether the fourth moment is wanted too.
        biased: whether the mean may be another than the gradient.

    Raises:
        OracleError: the mean is not the exact gradient, which makes the rule biased (or the oracle wrong).
    """
    try:
        collapse = Collapse.of(rule, parameters, f)
        exact = None if biased else gradient_of(rule.law, parameters, f.expression, rule.parameter, digits).ball
        found = _moments(collapse, exact, digits, fourth)
        if (
            found.variance.is_finite()
            and found.variance != 0
            and correct_digits(found.variance) < min(digits, RELATIVE_DIGITS)
        ):
            found = _moments(collapse, exact, 2 * digits + 5, fourth)
    except (NoCollapse, UsageError):
        return None
    return found


def _moments(collapse: Collapse, exact: arb | None, digits: int, fourth: bool) -> CertifiedMoments:
    """`exact` is what the mean must be; None where it may be anything."""
    with precision(digits + GUARD_DIGITS):
        constant = collapse.constant
        if constant is not None:
            mean = number(constant)
            _check_mean(collapse.rule, mean, exact)
            return CertifiedMoments(mean, arb(0), arb(0))
        mean = collapse.moment(1, sympy.Integer(0), digits)
        _check_mean(collapse.rule, mean, exact)
        middle = mean if exact is None else exact
        centre = Fraction(0 if middle.contains(0) else float(middle.mid()))
        about = sympy.Rational(centre.numerator, centre.denominator)
        try:
            second = collapse.moment(2, about, digits)
        except InfiniteMoment:
            return CertifiedMoments(mean, INFINITE, INFINITE)
        quartic = _quartic(collapse, about, digits) if fourth else None
        found = moved(mean, ball(centre), second, quartic)
        if not found.variance.is_finite():
            raise NoCollapse("a ball is not finite")
        return found


def _quartic(collapse: Collapse, about: Any, digits: int) -> arb | None:
    """The fourth moment, which may be infinite where the second is not; None where it is not known."""
    try:
        return collapse.moment(4, about, digits)
    except InfiniteMoment:
        return INFINITE
    except (NoCollapse, UsageError):
        return None


def moved(mean: arb, centre: arb, second: arb, quartic: arb | None) -> CertifiedMoments:
    """Central moments from those about `centre`; the third is bounded by sqrt(second * quartic).

    Squares are products: `arb(0, r) ** 2` is NaN.
    """
    shift = mean - centre
    square = shift * shift
    variance = second - square
    if quartic is None or not quartic.is_finite():
        return CertifiedMoments(mean, variance, quartic)
    third = arb(0, (second.upper() * quartic.upper()).max(arb(0)).sqrt().upper())
    return CertifiedMoments(mean, variance, quartic - 4 * shift * third + 6 * square * second - 3 * square * square)


def _check_mean(rule: Rule, mean: arb, exact: arb | None) -> None:
    if exact is None:
        return
    if not (mean.is_finite() and exact.is_finite()):
        raise NoCollapse("a ball is not finite")
    if not mean.overlaps(exact):
        raise OracleError(f"{rule.id} has the mean {mean}, the gradient is {exact}: the balls do not overlap")


@lru_cache(maxsize=2048)
def _best_baseline(family: Family, parameters: Any, f: Integrand, parameter: str, digits: int) -> arb:
    law = Law(family, dict(parameters))
    square = family.at(family.score(parameter), law.parameters) ** 2
    numerator = expectation_of(law, f.expression * square, digits)
    with precision(digits + GUARD_DIGITS):
        return numerator.ball / expectation_of(law, square, digits).ball


def best_baseline_ball(
    family: Family, parameters: Parameters, f: Integrand, parameter: str, digits: int = DIGITS
) -> arb:
    """b* = E[f s^2]/E[s^2] in a ball: the constant that minimises the score estimator's variance.

    Raises:
        UsageError: a mean does not exist or cannot be bounded.
    """
    return _best_baseline(family, tuple(parameters.items()), f, parameter, digits)


def certified_score_best(
    family: Family, parameters: Parameters, f: Integrand, parameter: str, digits: int = DIGITS
) -> CertifiedMoments | None:
    """Moments of the score estimator with the best constant baseline b*; None where the score is invalid.

    They are computed for b, a rational number close to b*. As the mean does not depend on b, the variance for b* is
    smaller by (b - b*)^2 E[s^2], and the norms E[(g - mean)^4]^(1/4) differ by at most |b - b*| E[s^4]^(1/4).
    """
    if baselines.score(family, parameter) is None:
        return None
    try:
        best = best_baseline_ball(family, parameters, f, parameter, digits)
        rounded = Fraction(float(best.mid()))
        close: Any = sympy.Rational(rounded.numerator, rounded.denominator)
        rule = baselines.score(family, parameter, close, "score-best")
        assert rule is not None
        found = certified_moments(rule, parameters, f, digits)
        law, score = Law(family, parameters), family.at(family.score(parameter), parameters)
        second, fourth = (expectation_of(law, score**power, digits).ball for power in (2, 4))
    except UsageError:
        return None
    if found is None or not found.variance.is_finite():
        return found
    with precision(digits + GUARD_DIGITS):
        shift = ball(rounded) - best
        variance = found.variance - shift * shift * second
        if found.fourth is None or not found.fourth.is_finite() or not found.fourth > 0:
            return CertifiedMoments(found.mean, variance, found.fourth)
        norm = found.fourth.root(4) + arb(0, (abs(shift) * fourth.root(4)).upper())
        return CertifiedMoments(found.mean, variance, norm**4 if norm > 0 else None)


def as_float(value: arb) -> tuple[float, float]:
    """The float64 number nearest to a ball's midpoint (0 if the ball contains 0), and a bound on its distance from
    every point of the ball; infinity is exact."""
    if not value.is_finite():
        return inf, 0.0
    middle = 0.0 if value.contains(0) else float(value.mid())
    distance = abs(as_fraction(value) - Fraction(middle)) + as_fraction(value.rad())
    bound = float(distance)
    return middle, bound if Fraction(bound) >= distance else nextafter(bound, inf)


__all__ = [
    "CertifiedMoments", "as_float", "best_baseline_ball", "certified_moments", "certified_score_best", "moved",
]  # fmt: skip
