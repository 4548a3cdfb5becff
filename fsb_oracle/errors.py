"""The one error that a user can cause, and the helper that names the nearest valid choice."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["UsageError", "nearest"]


class UsageError(ValueError):
    """The user's input is not valid: one clear sentence that names the value and what is allowed."""


class NoExactValue(UsageError):
    """The expectation does not exist, or the oracle has no route to it."""


def nearest(name: str, choices: Iterable[str]) -> str:
    """A clause " (did you mean 'gamma'?)" to append to a sentence about an unknown name; "" if nothing is
    close.

    Case is ignored in the comparison; the choice is returned as it is spelt in `choices`.
    """
    spelt = {choice.casefold(): choice for choice in choices}
    close = get_close_matches(name.casefold(), spelt, n=1, cutoff=0.6)
    return f" (did you mean {spelt[close[0]]!r}?)" if close else ""
