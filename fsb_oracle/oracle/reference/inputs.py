"""Parameters as the reference writes them: decimals, each of which is exactly a binary64 number."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

from fsb_oracle.errors import UsageError
from fsb_oracle.families.numbers import exact_number

# a number that is not part of a name: in `concentration1=0.3` only 0.3 is one
_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?:/\d+)?")


def exact_inputs(value: Any) -> Any:
    """`value` (a number, its text, a list, or the text of a list or of a nested law) with every number rounded to
    binary64 and written in full: "0.1" becomes "0.1000000000000000055511151231257827021181583404541015625".

    Lists of numbers become lists of texts, other values one text.
    """
    if isinstance(value, list | tuple):
        return [exact_inputs(item) for item in value]
    if isinstance(value, str):
        return _as_list(_NUMBER.sub(lambda number: _in_full(exact_number(number[0])), value.replace(" ", "")))
    return _in_full(exact_number(value))


def argument(value: Any) -> str:
    """An input as the command line takes it: `[1,2.5]` for a list."""
    return f"[{','.join(map(argument, value))}]" if isinstance(value, list) else value


def short_text(value: Any) -> str:
    """An input as it stands in ids: the shortest decimals that round to the same binary64 numbers."""
    return _NUMBER.sub(lambda number: repr(float(number[0])).removesuffix(".0"), argument(value))


def is_exact(value: Any) -> bool:
    """Whether every number of an input is a binary64 number."""
    return exact_inputs(value) == value


def _in_full(number: Fraction) -> str:
    rounded = float(number) + 0.0  # + 0.0: no negative zero
    if number and not rounded:
        raise UsageError(f"{float(number)} is too small for binary64")
    return str(Decimal(rounded)).lower().replace("e+", "e")


def _as_list(text: str) -> Any:
    if not text.startswith("["):
        return text
    try:
        return json.loads(text, parse_float=str, parse_int=str)
    except json.JSONDecodeError:
        return text  # a list of laws
