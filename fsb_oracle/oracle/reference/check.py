"""Verifying the reference: hashes, schema, and every value (or a sample) recomputed in fresh processes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

from fsb_oracle.errors import UsageError
from fsb_oracle.oracle.reference.build import Progress, differs
from fsb_oracle.oracle.reference.cases import Case, list_cases
from fsb_oracle.oracle.reference.inputs import is_exact
from fsb_oracle.oracle.reference.vectors import (
    DEFINITION_FILE,
    MANIFEST,
    MANIFEST_SCHEMA,
    SCHEMA_FILE,
    VECTORS,
    Answer,
    Stored,
    definition_text,
    digest,
    read_family,
    read_json,
    schema_text,
)
from fsb_oracle.oracle.reference.workers import Failure, ask_all


@dataclass(frozen=True)
class Checked:
    """What a check found: `failures` holds one line each; `unanswered` questions of this version have no vector."""

    vectors: int
    failures: tuple[str, ...]
    unanswered: int


def check(
    folder: Path, sample: int | None = None, jobs: int | None = None, progress: Progress | None = None
) -> Checked:
    """Verify the files in `folder` and recompute their values.

    A value fails if its ball does not overlap the recomputed one, or if one of the two is a refusal.

    Args:
        sample: recompute at least so many vectors, always the same ones, from all laws in turn (default: all).
        jobs, progress: as in `build`.

    Raises:
        UsageError: there is no manifest, or it cannot be read.
    """
    manifest = read_json(folder / MANIFEST)
    if manifest.get("schema") != MANIFEST_SCHEMA:
        raise UsageError(f"{folder / MANIFEST}: its schema is {manifest.get('schema')!r}, not {MANIFEST_SCHEMA!r}")
    failures = _file_failures(folder, manifest.get("files", {}))
    stored: list[Stored] = []
    for path in sorted((folder / VECTORS).glob("*.json")):
        try:
            stored.append(read_family(path))
            failures += _content_failures(path, stored[-1])
        except UsageError as problem:
            failures.append(str(problem))
    answers = {key: held for some in stored for key, held in some.items()}
    chosen = _chosen(stored, sample)
    vectors = 0
    with closing(ask_all([answers[key][0] for key in chosen], jobs)) as recomputed:
        for number, (case, answer) in enumerate(recomputed, start=1):
            vectors += len(answers[case.key][1])
            failures += _contradictions(case, answers[case.key][1], answer)
            if progress is not None:
                progress(number, len(chosen))
    unanswered = sum(case.key not in answers for case in list_cases())
    return Checked(vectors, tuple(failures), unanswered)


def _file_failures(folder: Path, files: dict[str, dict[str, str]]) -> list[str]:
    failures: list[str] = []
    for name, entry in files.items():
        path = folder / name
        if not path.is_file():
            failures.append(f"{name}: the manifest lists it, and it is not there")
        elif digest(path) != entry.get("sha256"):
            failures.append(f"{name}: its SHA-256 is not the manifest's: the file was changed by hand")
    there = {f"{VECTORS}/{path.name}" for path in (folder / VECTORS).glob("*.json")}
    failures += [f"{name}: the manifest does not list it" for name in sorted(there - set(files))]
    for name, text in ((SCHEMA_FILE, schema_text()), (DEFINITION_FILE, definition_text())):
        if not (folder / name).is_file() or (folder / name).read_bytes() != text.encode():
            failures.append(f"{name}: it is not the one of this version")
    return failures


def _content_failures(path: Path, stored: Stored) -> list[str]:
    """What a file says of itself: keys, ids and flags follow from the questions and the answers."""
    groups = read_json(path)["groups"]
    if len(groups) != len(stored):
        return [f"{VECTORS}/{path.name}: a question stands there twice"]
    failures: list[str] = []
    for group, (key, (case, answers)) in zip(groups, stored.items(), strict=True):
        if group.get("key") != key:
            failures.append(f"{case.id(None)}: its key is not the SHA-256 of its question")
        if not all(map(is_exact, case.parameters.values())):
            failures.append(f"{case.id(None)}: a parameter is not a binary64 number in full")
        for vector, answer in zip(group["vectors"], answers, strict=True):
            if vector != answer.to_json_object(case):
                failures.append(f"{case.id(answer.parameter)}: its id or its flags do not follow from its content")
    return failures


def _chosen(stored: Sequence[Stored], sample: int | None) -> list[str]:
    """Keys of the questions to recompute: all, or enough for `sample` vectors, of each law in turn by their keys."""
    if sample is None:
        return list(chain.from_iterable(stored))
    chosen: list[str] = []
    for key, size in filter(None, chain.from_iterable(zip_longest(*map(_sizes, stored)))):
        if sample <= 0:
            break
        chosen.append(key)
        sample -= size
    return chosen


def _sizes(stored: Stored) -> list[tuple[str, int]]:
    return sorted((key, len(answers)) for key, (_, answers) in stored.items())


def _contradictions(case: Case, stored: Sequence[Answer], answer: tuple[Answer, ...] | Failure) -> list[str]:
    if isinstance(answer, Failure):
        return [str(answer)]
    found = {one.parameter: one for one in answer}
    lines: list[str] = []
    for before in stored:
        now = found.get(before.parameter)
        if now is None and not (before.reason or answer[0].reason):
            lines.append(f"{case.id(before.parameter)}: there is no such parameter any more")
        elif differs(before, now or answer[0]):
            lines.append(
                f"{case.id(before.parameter)}: {_words(before)} is stored, {_words(now or answer[0])} is found"
            )
    if len(answer) > len(stored) and not stored[0].reason:
        lines.append(f"{case.id(None)}: {len(stored)} of {len(answer)} numbers are stored")
    return lines


def _words(answer: Answer) -> str:
    return f"a refusal ({answer.reason})" if answer.reason else f"{answer.value} +- {answer.radius}"
