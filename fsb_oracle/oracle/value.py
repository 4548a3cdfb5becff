"""What the oracle hands back: a ball with its provenance, and the decimal numbers that stand for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import cached_property
from math import inf, log10, nextafter
from typing import Any

from flint import arb

from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import Parameters
from fsb_oracle.families.numbers import decimal_text
from fsb_oracle.families.values import nested

RADIUS_DIGITS = 40
GUARD_DIGITS = 20  # beyond the correct ones, of a value that is read


class OracleError(RuntimeError):
    """Two routes contradict each other: a bug of the highest rank in the oracle, never the user's."""


def as_fraction(number: arb) -> Fraction:
    """The exact value of a ball's midpoint or of a radius."""
    mantissa, exponent = number.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


@dataclass(frozen=True)
class Value:
    """A number enclosed in a finite ball.

    Attributes:
        ball: midpoint and radius; the truth lies inside.
        routes: the routes that reached the goal: density, lattice, spectral, closed-form, mpmath.
        level: 3 two rigorous routes that overlap; 2 one, and a closed form or mpmath; 1 one.
        digits: correct relative digits; of a value that is 0 within the radius, digits after the decimal
            point.
        seconds: time that it took; 0 of a value that is read and not computed.
        reached: whether the requested digits were reached (a value of 0 within a tiny radius counts).
    """

    ball: arb
    routes: tuple[str, ...]
    level: int
    digits: int
    seconds: float
    reached: bool = True

    @cached_property
    def _decimal(self) -> Decimal:
        middle, spread = as_fraction(self.ball), as_fraction(self.ball.rad())
        if abs(middle) <= spread:
            return Decimal(0)
        return _rounded(middle.numerator, middle.denominator, max(self.digits, 0) + 6, ROUND_HALF_EVEN)

    @property
    def value(self) -> str:
        """The number as a decimal, with more digits than the radius leaves certain; "0" if the ball contains
        0.
        """
        return _text(self._decimal)

    @cached_property
    def _radius(self) -> Fraction:
        """The ball's radius and the distance of the decimal from its midpoint, rounded up after many digits.

        In whole numbers: fractions of numbers such as 10**-80000 take their time for common divisors.
        """
        (middle, shift), (spread, other) = (map(int, part.man_exp()) for part in (self.ball.mid(), self.ball.rad()))
        above, below = self._decimal.as_integer_ratio()
        low = min(shift, other, 0)
        distance = abs((middle << (shift - low)) * below - (above << -low))
        total = distance + (spread << (other - low)) * below
        return Fraction(_rounded(total, below << -low, RADIUS_DIGITS, ROUND_CEILING))

    @property
    def _short_radius(self) -> Decimal:
        return _rounded(self._radius.numerator, self._radius.denominator, 3, ROUND_CEILING)

    @property
    def radius(self) -> str:
        """A decimal, rounded up, with |value - truth| <= radius: it covers the rounding of `value` too."""
        return _text(self._short_radius)

    def __float__(self) -> float:
        return float(Fraction(self._decimal))

    @property
    def float_radius(self) -> float:
        """|float(self) - truth| <= float_radius."""
        exact = self._radius + abs(Fraction(float(self)) - Fraction(self._decimal))
        rounded = float(exact)
        return rounded if Fraction(rounded) >= exact else nextafter(rounded, inf)

    def contains(self, number: Fraction | int | float) -> bool:
        """Whether an exact number lies within the stated radius of the stated value."""
        return abs(Fraction(number) - Fraction(self._decimal)) <= Fraction(self._short_radius)

    def to_json_object(self) -> dict[str, Any]:
        return {"value": self.value, "radius": self.radius, "routes": list(self.routes), "level": self.level}

    @classmethod
    def from_json_object(cls, written: Mapping[str, Any]) -> Value:
        """The value that was written so, with `digits` and `reached` beside it: its ball holds all that the stated
        radius allows."""
        with precision(written["digits"] + GUARD_DIGITS):
            ball = arb(f"{written['value']} +/- {written['radius']}")
        return cls(ball, tuple(written["routes"]), written["level"], written["digits"], 0.0, written["reached"])


@dataclass(frozen=True)
class Exact:
    """E f and its gradient in every continuous parameter of a law."""

    family: str
    parameters: Parameters
    f: str
    digits: int
    expectation: Value
    gradient: Mapping[str, Value]

    @property
    def reached(self) -> bool:
        """Whether every number has the requested digits."""
        return self.expectation.reached and all(value.reached for value in self.gradient.values())

    def to_json_object(self) -> dict[str, Any]:
        """The contract of `exact --json`: numbers are decimal strings."""
        return {
            "family": self.family,
            "parameters": nested({name: decimal_text(value) for name, value in self.parameters.items()}),
            "f": self.f,
            "digits": self.digits,
            "expectation": self.expectation.to_json_object(),
            "gradient": nested({name: value.to_json_object() for name, value in self.gradient.items()}),
        }


def _rounded(numerator: int, denominator: int, significant: int, rounding: str) -> Decimal:
    """A fraction, which need not be in lowest terms, as a decimal of so many significant digits.

    It is cut after a few digits more, and a 1 behind them stands for the rest: of a number such as 10**-80000 the
    numerator and the denominator take seconds to be written out.
    """
    context = Context(prec=max(1, significant), rounding=rounding, Emin=-(10**9), Emax=10**9)
    above, below = abs(numerator), denominator
    shift = context.prec + 3 - int((above.bit_length() - below.bit_length()) * log10(2))
    whole, rest = divmod(above * 10 ** max(shift, 0), below * 10 ** max(-shift, 0))
    return context.plus(Decimal(f"{'-' if numerator < 0 else ''}{whole}{int(rest > 0)}E{-shift - 1}"))


def _text(number: Decimal) -> str:
    text = str(number.normalize(Context(prec=10**6, Emin=-(10**9), Emax=10**9))).lower()
    if "e+" in text and number.adjusted() < 30:
        return format(number, "f")
    return text.replace("e+", "e")
