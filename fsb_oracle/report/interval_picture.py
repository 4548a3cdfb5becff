"""The picture of one finding: the exact value at 0, the margin as a band, the estimate with its interval."""

from __future__ import annotations

from fsb_oracle.records import Result
from fsb_oracle.report.formats import number, percent, signed
from fsb_oracle.report.svg import Scale, figure, horizontal_axis, line, marker, rectangle, text
from fsb_oracle.report.view import finding_sentence, interval, scaled, tone, unit

WIDTH, HEIGHT = 640.0, 104.0
LEFT, RIGHT, TOP, BOTTOM = 24.0, 616.0, 26.0, 78.0
MIDDLE = 56.0
SHAPES = {"within_margin": "diamond", "fail": "circle"}


def interval_picture(result: Result) -> str:
    """An SVG of the bias on a line, in per cent of S where S is known; "" where the result has no bias."""
    in_scale = scaled(result, result.bias)
    bias = result.bias if in_scale is None else in_scale
    if bias is None:
        return ""
    show = number if in_scale is None else percent
    margin = (result.margin or 0.0) if in_scale is not None else 0.0
    low, high = interval(result) or (bias, bias)
    ends = [0.0, bias, low, high, margin, -margin]
    space = 0.08 * (max(ends) - min(ends)) or 1.0
    scale = Scale(min(ends) - space, max(ends) + space, LEFT, RIGHT)
    hue = tone(result.status)
    body = [
        rectangle(scale(-margin), TOP, scale(margin) - scale(-margin), BOTTOM - TOP, "margin"),
        horizontal_axis(scale, TOP, BOTTOM, lambda tick: signed(show(tick)), most=5),
        line(scale(0.0), TOP - 4, scale(0.0), BOTTOM, "exact"),
        line(scale(low), MIDDLE, scale(high), MIDDLE, f"whisker {hue}"),
        line(scale(low), MIDDLE - 6, scale(low), MIDDLE + 6, f"whisker {hue}"),
        line(scale(high), MIDDLE - 6, scale(high), MIDDLE + 6, f"whisker {hue}"),
        marker(scale(bias), MIDDLE, SHAPES.get(hue, "square"), f"mark {hue}"),
        text(scale(0.0), TOP - 10, "exact", "strong"),
        label(scale(bias), signed(show(bias)), hue),
    ]
    axis = f"bias, % of {unit(result)}" if in_scale is not None else "bias"
    body.append(text(RIGHT, TOP - 10, axis, "quiet", "end"))
    return figure(WIDTH, HEIGHT, "Estimate, interval and margin", finding_sentence(result), "".join(body), "interval")


def label(x: float, content: str, hue: str) -> str:
    """The value above its marker, kept inside the picture."""
    anchor = "start" if x < LEFT + 40 else "end" if x > RIGHT - 40 else "middle"
    return text(x, MIDDLE - 13, content, f"value {hue}", anchor)
