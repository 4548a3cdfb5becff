"""Failures that are known: a file says which cases end how, and why; strict both ways.

    [[known_failure]]
    case = "pointwise/gamma/concentration=0.1,*/torch-float32"
    reason = "the derivative of a tiny sample is 0 in float32"
    link = "https://github.com/..."
    until = "torch 2.15"
    expect = "fail"

A case that ends as expected is a `known_failure`; one that is expected to fail and does not is an `unexpected_pass`,
which fails the run; an entry that matches no case is an error. After `until`, a date or a package's version, an entry
excuses nothing.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from fsb_oracle.errors import UsageError, nearest
from fsb_oracle.records import Record, Result, Status

EXPECTED = {name: Status(name) for name in ("fail", "within_margin", "inconclusive", "error")}
MEMBERS = ("case", "reason", "link", "until", "expect")
GOOD = (Status.pass_, Status.within_margin)


@dataclass(frozen=True)
class KnownFailure:
    """One entry: the cases that a glob matches (`*` also matches `/`) end with `expect`."""

    case: str
    reason: str
    file: str
    link: str = ""
    until: str = ""
    expect: Status = Status.fail

    def matches(self, case: str) -> bool:
        """Whether a case id is meant."""
        return case == self.case or fnmatchcase(case, self.case)

    def expired(self, today: date) -> bool:
        """Whether it excuses nothing any more."""
        return bool(self.until) and _is_over(self.until, today)

    @property
    def words(self) -> str:
        """Reason and link."""
        return f"{self.reason} ({self.link})" if self.link else self.reason


def read_known_failures(paths: Iterable[str | os.PathLike[str]], may_be_missing: bool = False) -> list[KnownFailure]:
    """The entries of some files, in order.

    Args:
        may_be_missing: a file that is not there holds no entries (it is about to be written).

    Raises:
        UsageError: a file cannot be read, or an entry has an unknown or a missing member, or a wrong value.
    """
    return [entry for path in paths for entry in _read(os.fspath(path), may_be_missing)]


def _read(path: str, may_be_missing: bool) -> list[KnownFailure]:
    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        if may_be_missing:
            return []
        raise UsageError(f"there is no file {path!r} of known failures") from None
    except OSError as error:
        raise UsageError(f"cannot read the known failures in {path!r}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from None
    for key in content:
        if key != "known_failure":
            raise UsageError(f"{path}: unknown table {key!r}; entries are written [[known_failure]]")
    entries = content.get("known_failure", [])
    if not isinstance(entries, list):
        raise UsageError(f"{path}: write [[known_failure]] with double brackets, once for each entry")
    return [_entry(path, number, entry) for number, entry in enumerate(entries, start=1)]


def _entry(path: str, number: int, given: dict[str, Any]) -> KnownFailure:
    where = f"{path}, entry {number}"
    for key in given:
        if key not in MEMBERS:
            raise UsageError(f"{where}: unknown member {key!r}; there are {', '.join(MEMBERS)}{nearest(key, MEMBERS)}")
    members = {key: value.isoformat() if isinstance(value, date) else value for key, value in given.items()}
    for key, value in members.items():
        if not isinstance(value, str):
            raise UsageError(f"{where}: {key}={value!r} must be a text")
    for key in ("case", "reason"):
        if not members.get(key, "").strip():
            raise UsageError(f"{where}: {key!r} is missing")
    expect = members.pop("expect", "fail")
    if expect not in EXPECTED:
        raise UsageError(f"{where}: expect={expect!r} must be one of {', '.join(EXPECTED)}{nearest(expect, EXPECTED)}")
    if members.get("until"):
        try:
            _is_over(members["until"], date.min)
        except ValueError:
            words = "a date such as 2027-01-31, or a package and its version such as 'torch 2.15'"
            raise UsageError(f"{where}: until={members['until']!r} must be {words}") from None
    return KnownFailure(**members, file=path, expect=EXPECTED[expect])


def _is_over(until: str, today: date) -> bool:
    """Whether a date has come, or the version of a package, or a later one, is installed.

    Raises:
        ValueError: it is neither.
    """
    package, _, wanted = until.partition(" ")
    if not wanted:
        return today >= date.fromisoformat(until)
    if not re.fullmatch(r"\d+(\.\d+)*", wanted.strip()):
        raise ValueError
    try:
        installed = version(package)
    except PackageNotFoundError:
        return False
    return _numbers(installed) >= _numbers(wanted)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text.partition("+")[0])))


def refuse_stale(stale: Sequence[KnownFailure], targets: Iterable[str]) -> None:
    """Entries that match no case of the targets, before any selection, are an error.

    Raises:
        UsageError: there is one; the sentence says which.
    """
    if stale:
        more = f" (and {len(stale) - 1} more)" if len(stale) > 1 else ""
        raise UsageError(
            f"the known failure {stale[0].case!r} in {stale[0].file} matches no case of {', '.join(targets)}: "
            f"remove it{more}"
        )


def unmatched(entries: Sequence[KnownFailure], cases: Iterable[str]) -> list[KnownFailure]:
    """The entries that match none of the cases."""
    left = list(entries)
    for case in cases:
        if not left:
            break
        left = [entry for entry in left if not entry.matches(case)]
    return left


def judged(result: Result, entries: Sequence[KnownFailure], today: date | None = None) -> Result:
    """A result in the light of what is known: as expected, better than expected, or what it was."""
    today = today or datetime.now(UTC).date()
    known = [entry for entry in entries if entry.matches(result.case)]
    if not known or result.status in (Status.not_applicable, Status.known_failure, Status.unexpected_pass):
        return result
    current = [entry for entry in known if not entry.expired(today)]
    met = next((entry for entry in current if entry.expect is result.status), None)
    if met is not None:
        message = f"KNOWN FAILURE  {result.case}\n  {met.words}\n{_indented(result)}"
        return replace(result, status=Status.known_failure, reason=met.words, message=message)
    if current and result.status in GOOD:
        missed = current[0]
        reason = f"{missed.file} expects {missed.expect}: {missed.words}"
        message = f"UNEXPECTED PASS  {result.case}\n  {reason}: remove the entry, or narrow it\n{_indented(result)}"
        return replace(result, status=Status.unexpected_pass, reason=reason, message=message)
    if not current and result.status not in GOOD:
        note = f"  known until {known[0].until}, which is over: {known[0].words}"
        return replace(result, message=f"{result.message}\n{note}")
    return result


def _indented(result: Result) -> str:
    return "\n".join(f"  {line}" for line in result.message.splitlines())


def apply(record: Record, entries: Sequence[KnownFailure]) -> Record:
    """The record with every result judged."""
    if not entries:
        return record
    return Record(record.run, tuple(judged(result, entries) for result in record.results))


def propose(record: Record, path: str | os.PathLike[str], strict: bool = False) -> int:
    """Append an entry for each case that failed to a file, as comments: nothing is excused until a person has examined
    it and removed the comment signs. Returns their number; what stands in the file already is not proposed again.

    Raises:
        UsageError: the file cannot be written.
    """
    file = Path(path)
    before = file.read_text(encoding="utf-8") if file.is_file() else ""
    wanted = [*(status for status in EXPECTED.values() if strict or status is not Status.within_margin)]
    found = [
        result
        for result in record.results
        if result.status in wanted and f"# case = {_quoted(result.case)}\n" not in before
    ]
    if not found:
        return 0
    text = "\n".join(_proposal(result) for result in found)
    gap = "" if not before or before.endswith("\n\n") else "\n" if before.endswith("\n") else "\n\n"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(before + gap + text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write the known failures {os.fspath(path)!r}: {error.strerror}") from None
    return len(found)


def _proposal(result: Result) -> str:
    lines = [
        "PROPOSED, not in force: examine it, say why, then remove the comment signs",
        f"size: {_size(result)}",
        *([] if result.reproduce is None else [f"reproduce: {' '.join(result.reproduce.split())}"]),
        "[[known_failure]]",
        f"case = {_quoted(result.case)}",
        'reason = ""',
        'link = ""',
        f'expect = "{result.status}"',
    ]
    return "".join(f"# {line}\n" for line in lines)


def _size(result: Result) -> str:
    if result.bias is None or result.status is Status.error:
        return " ".join((result.reason or "unknown").split())
    words = f"bias {result.bias:.3g}"
    if result.bias_scale:
        words += f", {100 * abs(result.bias) / result.bias_scale:.2g} % of S = {result.bias_scale:.3g}"
    return f"{words} ({result.reason})" if result.reason else words


def _quoted(text: str) -> str:
    """A TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda match: f"\\u{ord(match[0]):04x}", escaped) + '"'


__all__ = ["KnownFailure", "apply", "judged", "propose", "read_known_failures", "refuse_stale", "unmatched"]
