"""The kinds of f that declared theorems about variance speak of, each by expressions that tests draw f from."""

from __future__ import annotations

import re
from collections.abc import Mapping

KINDS: Mapping[str, tuple[str, ...]] = {
    # in whole numbers a, b and c from 1 on
    "linear f": ("a*z - b",),
    "quadratic f": ("a*z**2 - b*z",),
    "power series with nonnegative coefficients": ("b + a*z**2 + c*z**3", "a*z + b*z**4"),
    "smooth f": ("sin(a*z/4 + b)", "exp(-a*(z - b/4)**2/8)"),
    "continuous f": ("cos(a*z/4 + b)", "tanh(a*(z - b/4)/4)"),
    "any f": ("cos(a*z/4 + b)", "tanh(a*(z - b/4)/4)"),
}


def drawn(kind: str, which: int, a: int, b: int, c: int) -> str:
    """One f of a kind, as text."""
    numbers = {"a": a, "b": b, "c": c}
    template = KINDS[kind][which % len(KINDS[kind])]
    return re.sub(r"\b[abc]\b", lambda letter: str(numbers[letter.group()]), template)


__all__ = ["KINDS", "drawn"]
