"""Small building blocks of SVG: scales with good ticks, paths, markers and an accessible frame.

All functions return markup as text; every text that comes from outside goes through `text` or `figure`,
which escape it. Colours are classes: the page's style sheet gives them their values in light and dark.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from fsb_oracle.report.formats import number

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scale:
    """A map from values `lower` to `upper` onto pixels `start` to `end`; values outside are clamped."""

    lower: float
    upper: float
    start: float
    end: float
    kind: Literal["linear", "log", "logit"] = "linear"

    def __call__(self, value: float) -> float:
        low, high = bend(self.lower, self.kind), bend(self.upper, self.kind)
        share = (bend(value, self.kind) - low) / (high - low) if high > low else 0.5
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)

    def ticks(self, most: int = 6) -> list[float]:
        """At most about `most` round values inside the range."""
        candidates = {"linear": linear_ticks, "log": log_ticks, "logit": logit_ticks}[self.kind]
        slack = 1e-9 * (self.upper - self.lower)
        return [
            tick
            for tick in candidates(self.lower, self.upper, most)
            if self.lower - slack <= tick <= self.upper + slack
        ]


def bend(value: float, kind: str) -> float:
    if kind == "log":
        return math.log10(max(value, 1e-300))
    if kind == "logit":
        inside = min(max(value, 1e-15), 1 - 1e-15)
        return math.log(inside / (1 - inside))
    return value


def linear_ticks(lower: float, upper: float, most: int) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten."""
    if not upper > lower:
        return [lower]
    rough = (upper - lower) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - 1e-12))
    first, last = math.ceil(lower / step - 1e-9), math.floor(upper / step + 1e-9)
    return [round(index * step, 12 - math.floor(math.log10(step))) for index in range(first, last + 1)]


def log_ticks(lower: float, upper: float, most: int) -> list[float]:
    """Powers of ten, thinned where there are many and filled with 2 and 5 where there are few."""
    first, last = math.floor(math.log10(lower)), math.ceil(math.log10(upper))
    decades = math.log10(upper / lower)
    if 3 * decades <= most + 1:
        return [factor * 10.0**power for power in range(first, last + 1) for factor in (1, 2, 5)]
    step = max(1, math.ceil(decades / most))
    return [10.0**power for power in range(first, last + 1) if power % step == 0]


def logit_ticks(lower: float, upper: float, most: int) -> list[float]:
    """0.5 and the powers of ten towards both ends, as many as fit."""
    deepest = math.ceil(-math.log10(max(min(lower, 1 - upper), 1e-15)))
    step = max(1, math.ceil(2 * deepest / most))
    tails = [10.0**-power for power in range(1, deepest + 1) if (power - 1) % step == 0]
    return sorted([*tails, 0.5, *(1 - tail for tail in tails)])


def coordinate(value: float) -> str:
    """A pixel position with one digit after the point and nothing superfluous."""
    text = f"{value:.1f}"
    text = text.removesuffix(".0")
    if text.startswith("0."):
        return text[1:]
    if text.startswith("-0"):
        return "-" + text[2:] if text != "-0" else "0"
    return text


def path(points: Sequence[Point], *, closed: bool = False) -> str:
    """The `d` of a polyline, in relative steps, which take about half the bytes of absolute ones."""
    # Steps are differences of rounded positions, so that rounding does not add up along the line.
    rounded = [(round(x, 1), round(y, 1)) for x, y in points]
    start = f"M{coordinate(rounded[0][0])} {coordinate(rounded[0][1])}"
    steps = [
        f"l{coordinate(right[0] - left[0])} {coordinate(right[1] - left[1])}"
        for left, right in itertools.pairwise(rounded)
    ]
    return (start + "".join(steps)).replace(" -", "-") + ("z" if closed else "")


def polyline(points: Sequence[Point], style: str) -> str:
    """A line through the points (pixels)."""
    return f'<path class="{style}" d="{path(points)}"/>' if points else ""


def area(upper: Sequence[Point], lower: Sequence[Point], style: str) -> str:
    """The area between two lines that have the same abscissae."""
    return f'<path class="{style}" d="{path([*upper, *reversed(lower)], closed=True)}"/>' if upper else ""


def dots(points: Iterable[Point], style: str) -> str:
    """Round dots in one path: lines of length 0 with round caps, their diameter the stroke's width."""
    data = "".join(f"M{coordinate(x)} {coordinate(y)}h0" for x, y in points)
    return f'<path class="{style}" d="{data}"/>' if data else ""


def line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    """A straight line."""
    return f'<path class="{style}" d="{path([(x1, y1), (x2, y2)])}"/>'


def rectangle(x: float, y: float, width: float, height: float, style: str) -> str:
    """A rectangle; a negative width or height draws nothing."""
    if width <= 0 or height <= 0:
        return ""
    return (
        f'<rect class="{style}" x="{coordinate(x)}" y="{coordinate(y)}" '
        f'width="{coordinate(width)}" height="{coordinate(height)}"/>'
    )


def text(x: float, y: float, content: str, style: str = "", anchor: str = "middle") -> str:
    """A label; `anchor` is start, middle or end."""
    styles = " ".join(part for part in (style, {"start": "", "middle": "mid", "end": "end"}[anchor]) if part)
    attribute = f' class="{styles}"' if styles else ""
    return f'<text{attribute} x="{coordinate(x)}" y="{coordinate(y)}">{escape(content)}</text>'


def fit(content: str, most: int) -> str:
    """`content` cut to `most` characters, since a picture cannot make room."""
    return content if len(content) <= most else content[: most - 1] + "…"


# Outlines about (0, 0), relative, for a radius of about 5 pixels.
MARKERS = {
    "circle": "m-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z",
    "diamond": "m0-6l6 6-6 6-6-6z",
    "triangle": "m0-6l5.5 10h-11z",
    "square": "m-4.3-4.3h8.6v8.6h-8.6z",
    "inverted triangle": "m0 6l5.5-10h-11z",
    "cross": "m-4.5-4.5l9 9m0-9l-9 9",
    "plus": "m0-5.5v11m-5.5-5.5h11",
    "bar": "m0-7v14",
}


def marker(x: float, y: float, shape: str, style: str) -> str:
    """A marker of a shape in MARKERS centred at (x, y)."""
    return f'<path class="{style}" d="M{coordinate(x)} {coordinate(y)}{MARKERS[shape]}"/>'


def horizontal_axis(
    scale: Scale, top: float, bottom: float, label: Callable[[float], str] = number, most: int = 6
) -> str:
    """Grid lines from `top` to `bottom` at the scale's ticks, with labels below."""
    ticks = scale.ticks(most)
    lines = "".join(f"M{coordinate(scale(tick))} {coordinate(top)}V{coordinate(bottom)}" for tick in ticks)
    labels = "".join(text(scale(tick), bottom + 14, label(tick)) for tick in ticks)
    return (f'<path class="grid" d="{lines}"/>' if lines else "") + labels


def figure(width: float, height: float, title: str, description: str, body: str, style: str = "") -> str:
    """An `svg` element as wide as its place: `title` is its name, `description` what a reader would see."""
    name = f' class="{style}"' if style else ""
    return (
        f'<svg{name} role="img" aria-label="{escape(description)}" '
        f'viewBox="0 0 {coordinate(width)} {coordinate(height)}">'
        f"<title>{escape(title)}</title>{body}</svg>"
    )
