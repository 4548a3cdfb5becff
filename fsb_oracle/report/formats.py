"""Numbers as text: few digits, no padding, bounds rounded so that they still hold."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_DOWN, Context, Decimal, InvalidOperation

MISSING = "–"
FUZZ = Decimal("1e-13")


def number(value: float | Decimal | None, digits: int = 3, *, missing: str = MISSING, up: bool = False) -> str:
    """`value` to `digits` significant digits: 0.0123, 1.2e-9, 65,536; `up` rounds towards plus infinity.

    A bound that was rounded down would claim more than was found, hence `up` for bounds. Rounding of
    floats is no reason to go up: 0.05000000000000001 is 0.05.
    """
    if value is None or not math.isfinite(value):
        return missing
    if value == 0:
        return "0"
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    if up:
        rounded = Context(prec=digits, rounding=ROUND_CEILING).plus(exact - abs(exact) * FUZZ)
    else:
        rounded = Context(prec=digits).plus(exact)
    exponent = rounded.adjusted()
    if -5 < exponent < max(digits, 6):
        return strip_zeros(f"{rounded:,f}")
    mantissa = strip_zeros(f"{rounded.scaleb(-exponent):f}")
    return f"{mantissa}e{exponent}"


def percent(value: float | None, digits: int = 3, *, missing: str = MISSING, up: bool = False) -> str:
    """A fraction as per cent, with a space before the sign: 0.0197 becomes "1.97 %"."""
    if value is None or not math.isfinite(value):
        return missing
    # Decimal, so that 0.02 is 2 % and an upward rounding does not turn 2.0000000000000004 into 2.01.
    return number(Decimal(repr(float(value))) * 100, digits, up=up) + " %"


def signed(text: str) -> str:
    """A plus sign before a text that shows a positive number."""
    return text if text.startswith("-") or text in (MISSING, "0", "0 %") else "+" + text


def shorten_decimal(text: str | None, digits: int = 10) -> str:
    """A decimal or fraction cut (not rounded) to `digits` significant digits, with "…" where it was cut."""
    value = as_decimal(text)
    if text is None or value is None or not value.is_finite():
        return text or MISSING
    if len(value.as_tuple().digits) <= digits or ("/" in text and len(text) <= digits):
        return text
    cut = Context(prec=digits, rounding=ROUND_DOWN).plus(value)
    exponent = cut.adjusted()
    if -5 < exponent < digits:
        return f"{cut:f}…"
    return f"{cut.scaleb(-exponent):f}…e{exponent}"


def radius(text: str | None) -> str:
    """An error radius to two digits, rounded up; far smaller ones than a float can hold as well."""
    value = as_decimal(text)
    if value is None or not value.is_finite() or value.is_zero():
        return text or MISSING
    return number(value, 2, up=True)


def as_decimal(text: str | None) -> Decimal | None:
    """A decimal, or a fraction such as "10/7" to 40 digits; None where the text is neither."""
    try:
        numerator, _, denominator = (text or "").partition("/")
        return (
            Decimal(numerator) if not denominator else Context(prec=40).divide(Decimal(numerator), Decimal(denominator))
        )
    except (InvalidOperation, ZeroDivisionError):
        return None


def moment(text: str | None) -> str:
    """An ISO time to the minute, as in "2026-03-01 09:00 UTC"; as it stands where it is not one."""
    try:
        time = datetime.fromisoformat(text or "")
    except ValueError:
        return text or MISSING
    zone = time.strftime("%Z")
    return time.strftime("%Y-%m-%d %H:%M") + (f" {zone}" if zone else "")


def duration(seconds: float | None) -> str:
    """Seconds as 0.8 s, 41 s, 3 min 20 s or 2 h 5 min."""
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    if seconds < 60:
        return f"{number(seconds, 2)} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def count(quantity: int, noun: str, plural: str | None = None) -> str:
    """`quantity` with its noun: "1 check", "2,000 checks"."""
    return f"{quantity:,} {noun if quantity == 1 else plural or noun + 's'}"


def listing(items: list[str], most: int = 4) -> str:
    """The first `most` items in one line, and how many more there are."""
    shown = ", ".join(items[:most])
    return shown if len(items) <= most else f"{shown} and {len(items) - most} more"


def strip_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
