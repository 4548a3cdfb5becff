"""Scales, ticks and paths."""

from __future__ import annotations

import html
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsb_oracle.report.svg import Scale, coordinate, dots, figure, marker, path, rectangle, text


@pytest.mark.parametrize(
    ("scale", "ticks"),
    [
        (Scale(0.0, 1.0, 0, 100), [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (Scale(-0.026, 0.026, 0, 100), [-0.02, -0.01, 0, 0.01, 0.02]),
        (Scale(1e-6, 1e6, 0, 100, "log"), [1e-6, 1e-4, 1e-2, 1, 1e2, 1e4, 1e6]),
        (Scale(0.1, 8.0, 0, 100, "log"), [0.1, 0.2, 0.5, 1, 2, 5]),
        (Scale(0.01, 0.99, 0, 100, "logit"), [0.01, 0.1, 0.5, 0.9, 0.99]),
    ],
)
def test_ticks_are_round_and_inside(scale: Scale, ticks: list[float]) -> None:
    assert scale.ticks() == pytest.approx(ticks)


@given(st.floats(min_value=-1e6, max_value=1e6), st.floats(min_value=1e-6, max_value=1e6), st.integers(2, 10))
def test_linear_ticks_are_few_and_increasing(lower: float, width: float, most: int) -> None:
    ticks = Scale(lower, lower + width, 0, 100).ticks(most)
    assert len(ticks) <= most + 1
    assert ticks == sorted(set(ticks))


def test_scales_reach_both_ends_and_clamp() -> None:
    for kind in ("linear", "log", "logit"):
        scale = Scale(0.1, 0.9, 20, 220, kind)
        assert scale(0.1) == pytest.approx(20)
        assert scale(0.9) == pytest.approx(220)
        assert scale(0.95) == 220
        assert scale(0.05) == 20
    assert Scale(0.01, 100, 0, 100, "log")(1.0) == pytest.approx(50)
    assert Scale(0.001, 0.999, 0, 100, "logit")(0.5) == pytest.approx(50)
    assert Scale(1.0, 1.0, 0, 100, "log")(1.0) == 50


def test_coordinates_have_nothing_superfluous() -> None:
    assert [coordinate(value) for value in (0.0, -0.04, 0.5, -0.5, 12.0, 12.34)] == [
        "0",
        "0",
        ".5",
        "-.5",
        "12",
        "12.3",
    ]


def positions(data: str) -> list[tuple[float, float]]:
    """The absolute points of a path of relative lines."""
    found: list[tuple[float, float]] = []
    for x, y in re.findall(r"[Ml](-?[\d.]+) ?(-?[\d.]+)", data):
        left, top = found[-1] if found else (0.0, 0.0)
        found.append((left + float(x), top + float(y)))
    return found


@given(st.lists(st.tuples(st.floats(-500, 500), st.floats(-500, 500)), min_size=1, max_size=80))
def test_relative_steps_do_not_add_up_their_rounding(points: list[tuple[float, float]]) -> None:
    for (x, y), (at_x, at_y) in zip(points, positions(path(points)), strict=True):
        assert math.hypot(x - at_x, y - at_y) < 0.08


def test_nothing_is_drawn_from_nothing() -> None:
    assert dots([], "peak") == ""
    assert rectangle(0, 0, 0, 10, "margin") == ""


def test_texts_from_outside_are_escaped() -> None:
    hostile = '"><script>alert(1)</script>'
    for markup in (text(0, 0, hostile), figure(1, 1, hostile, hostile, "")):
        assert "<script>" not in markup
        assert "&lt;script&gt;" in markup
    assert f'aria-label="{html.escape(hostile)}"' in figure(1, 1, "", hostile, "")


def test_a_figure_has_a_role_a_label_and_a_title() -> None:
    markup = figure(10, 20, "Name", "What it shows", marker(1, 2, "diamond", "mark"))
    assert markup.startswith('<svg role="img" aria-label="What it shows" viewBox="0 0 10 20"><title>Name</title>')
