"""Which coordinate the fast oracle integrates each law in: declarations, one a law.

A further law needs an entry in `RULES` and nothing else: its density and its score are read from its family. Constants
of the density drop out, because every sum is divided by the same sum of the density.

    z = centre + width u                      "linear"
    z = exp(centre + width u)                 "exponential"; its density is written in y = width u and expm1(y), so
                                              that a concentrated law keeps its digits
    z = low + (high - low)/(1 + exp(-y))      "logistic", y = centre + width u
    the same about its centre                 "centred": logs of z/(1 - z) relative to the centre, digits as above

u runs over a `Grid` whose tails are those of the law.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sympy import Min, Piecewise, S, acosh, asinh, log, pi, sqrt

from fsb_oracle.families import Family
from fsb_oracle.oracle.fast.grids import FALLING, HEAVY, PLAIN, POSITIVE, RISING, SINH, Grid

Kind = Literal["linear", "exponential", "logistic", "centred"]


@dataclass(frozen=True)
class Coordinate:
    """How a law is laid out on a grid.

    Attributes:
        kind, centre, width: the map above; expressions in the law's parameters.
        reach: range of the grid's t outside of which the law has less than about 1e-17 of its mass.
        anchor: point z whose f is subtracted before integrating; by default the point u(t = 0). It is where the law
            puts its mass when it degenerates: without it small gradients lose their digits.
        breaks: values of u at which the density itself has a kink.
        ends: low and high of the logistic maps.
        where: condition on the parameters under which this coordinate is used; None: always.
    """

    kind: Kind
    grid: Grid
    centre: Any
    width: Any
    reach: tuple[Any, Any]
    anchor: Any = None
    breaks: tuple[float, ...] = ()
    ends: tuple[Any, Any] = (S.Zero, S.One)
    where: Any = None


@dataclass(frozen=True)
class Lattice:
    """A law on integers: where its mass is, and how many terms on either side of it matter."""

    mode: Any
    reach: Any


Rule = tuple[Coordinate, ...] | Lattice


def line(centre: Any, width: Any) -> Rule:
    """Tails like a Gaussian."""
    return (Coordinate("linear", PLAIN, centre, width, (S(-10), S(10))),)


def exponential_line(centre: Any, width: Any, breaks: tuple[float, ...] = ()) -> Rule:
    """Tails like exp(-|u|)."""
    return (Coordinate("linear", SINH, centre, width, (-asinh(44), asinh(44)), breaks=breaks),)


def heavy_line(centre: Any, width: Any, tail_index: Any) -> Rule:
    """A density that falls like |u|**(-1 - tail_index)."""
    reach = asinh(2 / pi * (42 / Min(tail_index, 42) + log(2)))
    return (Coordinate("linear", HEAVY, centre, width, (-reach, reach)),)


def gamma_line(concentration: Any, rate: Any) -> Rule:
    """z**(concentration - 1) exp(-rate z): log z from 0 to infinity, or about log(mode) where it is narrow."""
    k = concentration
    broad = Coordinate(
        "exponential", FALLING, -log(rate), S.One,
        (-log(1 + 40 / k), log(k + 9 * sqrt(k) + 45)), anchor=S.Zero, where=k <= 8,
    )  # fmt: skip
    narrow = Coordinate("exponential", PLAIN, log(k / rate), 1 / sqrt(k), (-9 - 24 / sqrt(k), S(9)))
    return (broad, narrow)


def unit_interval(a: Any, b: Any) -> Rule:
    """z**(a - 1) (1 - z)**(b - 1)."""
    reach = [asinh((38 / c + 4) / pi) for c in (a, b)]
    anchor = Piecewise((S.Zero, a <= b), (S.One, True))
    broad = Coordinate("logistic", SINH, S.Zero, pi, (-reach[0], reach[1]), anchor=anchor, where=Min(a, b) <= 8)
    reach = [9 + 24 / sqrt(c) for c in (a, b)]
    narrow = Coordinate("centred", PLAIN, log(a / b), sqrt(1 / a + 1 / b), (-reach[0], reach[1]))
    return (broad, narrow)


def segment(low: Any, high: Any) -> Rule:
    """A smooth density on a bounded interval."""
    return (Coordinate("logistic", SINH, S.Zero, pi, (-asinh(13), asinh(13)), ends=(low, high)),)


def inverse_gamma_line(concentration: Any, rate: Any) -> Rule:
    """1/z of a gamma law."""
    k = concentration
    reach = (-log(k + 9 * sqrt(k) + 45), log(1 + 40 / k))
    broad = Coordinate("exponential", RISING, log(rate), S.One, reach, where=k <= 8)
    narrow = Coordinate("exponential", PLAIN, log(rate / k), 1 / sqrt(k), (S(-9), 9 + 24 / sqrt(k)))
    return (broad, narrow)


def inverse_gaussian_line(loc: Any, concentration: Any) -> Rule:
    """exp(-r (cosh y - 1)) with y = log(z/loc) and r = concentration/loc."""
    r = concentration / loc
    width, far = 1 / sqrt(1 + r), acosh(1 + 45 / r)
    return (Coordinate("exponential", PLAIN, log(loc), width, (-far / width, far / width)),)


def log_line(loc: Any, scale: Any) -> Rule:
    """log z is normal."""
    return (Coordinate("exponential", PLAIN, loc, scale, (S(-10), S(10))),)


def weibull_line(scale: Any, concentration: Any) -> Rule:
    """(z/scale)**concentration is exponential."""
    return (Coordinate("exponential", FALLING, log(scale), 1 / concentration, (-log(41), log(55)), anchor=S.Zero),)


def gumbel_line(loc: Any, scale: Any) -> Rule:
    """exp(-(z - loc)/scale) is exponential."""
    return (Coordinate("linear", RISING, loc, scale, (-log(55), log(41))),)


def pareto_line(scale: Any, alpha: Any) -> Rule:
    """alpha log(z/scale) is exponential."""
    return (Coordinate("exponential", POSITIVE, log(scale), 1 / alpha, (-S(18) / 5, log(44)), anchor=scale),)


def _tail(ratio: Any) -> Any:
    """After how many terms a geometric series is over."""
    return -42 / log(ratio) + 3


def _rules() -> Mapping[str, Any]:
    """Law -> function of its parameters' symbols -> rule."""
    return {
        "normal": line,
        "laplace": lambda loc, scale: exponential_line(loc, scale, breaks=(0.0,)),
        "gamma": gamma_line,
        "exponential": lambda rate: gamma_line(S.One, rate),
        "beta": unit_interval,
        "uniform": segment,
        "bernoulli": lambda probs: Lattice(S.Zero, S(2)),
        "chi2": lambda df: gamma_line(df / 2, S.Half),
        "inverse_gamma": inverse_gamma_line,
        "inverse_gaussian": inverse_gaussian_line,
        "lognormal": log_line,
        "weibull": weibull_line,
        "gumbel": gumbel_line,
        "pareto": pareto_line,
        "binomial": lambda n, p: Lattice(n * p, 10 * sqrt(n * p * (1 - p)) + 30),
        "geometric": lambda p: Lattice(S.Zero, _tail(1 - p)),
        "negative_binomial": lambda r, p: Lattice((r - 1) * p / (1 - p), 10 * sqrt(r * p) / (1 - p) + _tail(p)),
        "logarithmic": lambda p: Lattice(S.One, _tail(p)),
        "poisson": lambda rate: Lattice(rate, 10 * sqrt(rate) + 30),
        "logistic": exponential_line,
        "cauchy": lambda loc, scale: heavy_line(loc, scale, S.One),
        "student_t": lambda df, loc, scale: heavy_line(loc, scale, df),
    }


RULES = _rules()


def rule_of(family: Family) -> Rule | None:
    """The declared rule, in the law's own symbols; None where there is none."""
    declared = RULES.get(family.name)
    return None if declared is None else declared(*family.symbols)


__all__ = ["RULES", "Coordinate", "Lattice", "Rule", "rule_of"]
