"""Exact numbers: what a user writes as a decimal or a fraction is that rational number, everywhere."""

from __future__ import annotations

import sys
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import isfinite
from typing import Any

from fsb_oracle.errors import UsageError

MAXIMUM_EXPONENT = 10_000  # 1e999999999 would fill the memory as an exact rational


def exact_number(value: Any, name: str = "number") -> Fraction:
    """The rational that `value` denotes: text is read as a decimal or fraction, a float as its exact binary value.

    Raises:
        UsageError: not a finite real number.
    """
    message = f"{name}={value!s} is not a finite number: write a decimal or a fraction, as in 2.5, 1e-3 or 10/7"
    if isinstance(value, bool):
        raise UsageError(message)
    np: Any = sys.modules.get("numpy")  # where it is not loaded there are no numbers of its kinds
    if isinstance(value, (int, Fraction)) or (np and isinstance(value, np.integer)):
        return Fraction(int(value)) if not isinstance(value, Fraction) else value
    if isinstance(value, float) or (np and isinstance(value, np.floating)):
        if not isfinite(value):
            raise UsageError(message)
        return Fraction(float(value))
    try:
        above, slash, below = str(value).strip().partition("/")
        numerator = _decimal(above)
        denominator = _decimal(below) if slash else Fraction(1)
        return numerator / denominator
    except (InvalidOperation, ValueError, ZeroDivisionError, OverflowError):
        raise UsageError(message) from None


def _decimal(text: str) -> Fraction:
    number = Decimal(text)
    if not number.is_finite() or abs(number.adjusted()) > MAXIMUM_EXPONENT:
        raise ValueError(text)
    return Fraction(number)


def decimal_text(value: Fraction) -> str:
    """The shortest text that `exact_number` reads back as `value`: a decimal where it ends, else p/q."""
    if value.denominator == 1 and abs(value) < 10**6:
        return str(value.numerator)
    rounded = repr(float(value)) if abs(value) < Fraction(10) ** 300 else ""
    if rounded and isfinite(float(rounded)) and Fraction(Decimal(rounded)) == value:
        return rounded.removesuffix(".0")
    return f"{value.numerator}/{value.denominator}"


def short_text(value: Fraction) -> str:
    """The same for the eye: a long fraction, such as a binary64 number that is no short decimal, to 17 digits."""
    text = decimal_text(value)
    return text if len(text) <= 24 or abs(value) > Fraction(10) ** 300 else repr(float(value))


def round_to_dtype(value: Fraction, dtype: str) -> Fraction:
    """`value` rounded to the nearest float32 or float64 (`dtype`), as an exact rational."""
    import numpy as np

    return Fraction(float(np.dtype(dtype).type(float(value))))
