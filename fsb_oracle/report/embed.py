"""The record inside the page: plain JSON where it is small, gzip and base64 where it is not."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fsb_oracle.errors import UsageError

# A script element ends at "</script" and changes its meaning at "<!--"; JSON can spell both without "<".
UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}
DIGITS = 6
SMALL = 500_000  # characters: longer ones are not read by eye


@dataclass(frozen=True, slots=True)
class Embedded:
    """Text that is safe inside `<script type=...>`; `encoding` says how to read it."""

    media_type: str
    encoding: str
    content: str


def complete(content: dict[str, Any]) -> Iterator[Embedded]:
    """The record as it is: as JSON where that is small, then compressed."""
    text = compact(content)
    if len(text) <= SMALL:
        yield Embedded("application/json", "JSON", text)
    yield Embedded("application/gzip", "JSON, gzip, base64", packed(text))


def rounded(content: dict[str, Any]) -> Iterator[Embedded]:
    """The record with every float rounded, which saves half; for records too long to go in as they are."""
    text = compact(rounded_floats(content))
    yield Embedded("application/gzip", f"numbers rounded to {DIGITS} digits, JSON, gzip, base64", packed(text))


def absent(content: dict[str, Any]) -> Iterator[Embedded | None]:
    """No record: for those that are too long even so."""
    yield None


ELEMENT = re.compile(r'<script type="application/(json|gzip)" id="record-data">(.*?)</script>', re.DOTALL)


def extracted(page: str) -> str:
    """The record inside a page, as JSON.

    Raises UsageError where the page holds none.
    """
    found = ELEMENT.search(page)
    if found is None:
        raise UsageError("this page holds no record: it was too large to be embedded")
    return found[2] if found[1] == "json" else gzip.decompress(base64.b64decode(found[2])).decode("ascii")


def compact(content: Any) -> str:
    """Strict JSON without spaces, ASCII only, that cannot end the element it stands in."""
    text = json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for letter, escaped in UNSAFE.items():
        text = text.replace(letter, escaped)
    return text


def packed(text: str) -> str:
    # Without a time stamp: the same record gives the same page.
    return base64.b64encode(gzip.compress(text.encode("ascii"), 9, mtime=0)).decode("ascii")


def rounded_floats(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {key: rounded_floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded_floats(item) for item in value]
    return value
