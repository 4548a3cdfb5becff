"""Numbers as text."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsb_oracle.report.formats import (
    count,
    duration,
    listing,
    moment,
    number,
    percent,
    radius,
    shorten_decimal,
    signed,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1e-6, "1e-6"),
        (0.0012345, "0.00123"),
        (0.00001, "1e-5"),
        (65536, "65,500"),
        (1234567, "1.23e6"),
        (-2.5, "-2.5"),
        (1e300, "1e300"),
        (None, "–"),
        (float("nan"), "–"),
        (float("inf"), "–"),
    ],
)
def test_number(value: float | None, text: str) -> None:
    assert number(value) == text


@given(st.floats(min_value=1e-300, max_value=1e300), st.integers(min_value=1, max_value=12))
def test_rounded_upwards_a_bound_still_holds(value: float, digits: int) -> None:
    shown = Decimal(number(value, digits, up=True).replace(",", ""))
    assert shown >= Decimal(repr(value)) * (1 - Decimal("1e-13"))
    assert shown <= Decimal(repr(value)) * (1 + Decimal(10) ** (1 - digits))


def test_percent() -> None:
    assert percent(0.0197) == "1.97 %"
    assert percent(0.02, up=True) == "2 %"
    assert percent(0.05000000000000001, up=True) == "5 %"
    assert percent(0.0501, 2, up=True) == "5.1 %"
    assert percent(0.019_601, up=True) == "1.97 %"
    assert percent(4.2e-13) == "4.2e-11 %"
    assert percent(None) == "–"


def test_signed() -> None:
    assert [signed(text) for text in ("2 %", "-2 %", "0", "–")] == ["+2 %", "-2 %", "0", "–"]


def test_shortened_decimals_are_cut_and_say_so() -> None:
    assert shorten_decimal("1.4285714285714286", 7) == "1.428571…"
    assert shorten_decimal("-0.99999999999", 4) == "-0.9999…"
    assert shorten_decimal("2.5", 7) == "2.5"
    assert shorten_decimal("1.23456789e-40", 3) == "1.23…e-40"
    assert shorten_decimal("[0.1,-0.2]", 3) == "[0.1,-0.2]"
    assert shorten_decimal(None) == "–"


def test_fractions_are_read_and_long_ones_shortened() -> None:
    assert shorten_decimal("10/7", 7) == "10/7"
    assert shorten_decimal("6433713753386423/4503599627370496", 7) == "1.428571…"
    assert shorten_decimal("1/4", 2) == "1/4"
    assert shorten_decimal("1/0", 2) == "1/0"


def test_radius_is_rounded_upwards_and_may_be_tiny() -> None:
    assert radius("3.14e-52") == "3.2e-52"
    assert radius("1e-1000") == "1e-1000"
    assert radius("0") == "0"
    assert radius(None) == "–"


def test_times() -> None:
    assert [duration(seconds) for seconds in (0.21, 41.2, 200, 7510, None)] == [
        "0.21 s",
        "41 s",
        "3 min 20 s",
        "2 h 5 min",
        "–",
    ]
    assert moment("2026-03-01T09:00:12+00:00") == "2026-03-01 09:00 UTC"
    assert moment("yesterday") == "yesterday"
    assert moment(None) == "–"


def test_words() -> None:
    assert count(1, "check") == "1 check"
    assert count(2000, "check") == "2,000 checks"
    assert listing(["a", "b", "c"], 2) == "a, b and 1 more"
