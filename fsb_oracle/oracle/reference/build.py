"""Building the reference: what is missing is computed, what is there stays."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import flint

from fsb_oracle.errors import UsageError, nearest
from fsb_oracle.oracle.reference.cases import Case, list_cases
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
    family_text,
    overlap,
    read_family,
    read_json,
    schema_text,
    write_text,
)
from fsb_oracle.oracle.reference.workers import Failure, ask_all

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Built:
    """What a run did.

    Attributes:
        vectors: numbers (and refusals) that the reference now holds.
        computed: questions answered in this run; kept: questions whose answers were there already.
        failures: one line for each question that has no answer though it should have one.
        moved: ids of stored values that `overwrite` replaced by balls that do not overlap them.
    """

    vectors: int
    computed: int
    kept: int
    failures: tuple[str, ...]
    moved: tuple[str, ...]
    interrupted: bool


def build(
    folder: Path,
    overwrite: bool = False,
    jobs: int | None = None,
    progress: Progress | None = None,
    cases: Sequence[Case] | None = None,
    families: Sequence[str] | None = None,
) -> Built:
    """Write the reference to `folder`: a file a law as soon as the law is complete, and the manifest.

    A stored value is not changed, and a stored question that is no longer asked is kept, unless `overwrite`. What
    was refused for want of a bound is asked again.
    Ctrl-C ends the run; what has been finished is in the folder, which is whole.

    Args:
        jobs: processes (default: one a processor).
        progress: called with the number of questions answered and to answer.
        cases: the questions (default: `list_cases()`).
        families: the laws that are computed, or computed anew (default: all); the others stay as they are.

    Raises:
        UsageError: a file in the folder cannot be read or written, or was changed by hand; a law is unknown.
    """
    asked: dict[str, list[Case]] = defaultdict(list)
    for case in list_cases() if cases is None else cases:
        asked[case.family].append(case)
    for name in families or ():
        if name not in asked:
            raise UsageError(f"there are no questions about {name!r}{nearest(name, tuple(asked))}")
    chosen = frozenset(asked) if families is None else frozenset(families)
    held = () if families is not None else (path.stem for path in (folder / VECTORS).glob("*.json"))
    anew = chosen.union(held) if overwrite else frozenset[str]()
    stored = _stored(folder, anew)
    settled = {key for some in stored.values() for key, held in some.items() if _settled(*held)}
    open_or_anew = (case for some in asked.values() for case in some if overwrite or case.key not in settled)
    wanted = [case for case in open_or_anew if case.family in chosen]
    waiting = Counter(case.family for case in wanted)
    state = _State(folder, asked, stored, {}, anew, _manifest(folder).get("engines", []))
    failures: list[str] = []
    interrupted = False
    try:
        with closing(ask_all(wanted, jobs)) as answers:
            for number, (case, answer) in enumerate(answers, start=1):
                if isinstance(answer, Failure):
                    failures.append(str(answer))
                else:
                    state.computed[case.key] = case, answer
                waiting[case.family] -= 1
                if not waiting[case.family]:
                    state.write([case.family])
                if progress is not None:
                    progress(number, len(wanted))
    except KeyboardInterrupt:
        interrupted = True
    vectors = state.write([*{**asked, **stored}])
    kept = sum(map(len, asked.values())) - len(wanted)
    return Built(vectors, len(state.computed), kept, tuple(failures), state.moved(), interrupted)


@dataclass(frozen=True)
class _State:
    folder: Path
    asked: dict[str, list[Case]]
    stored: dict[str, Stored]
    computed: Stored
    anew: frozenset[str]
    engines: list[dict[str, str]]

    def groups(self, family: str) -> Stored:
        """Every question of a law that has answers, in the order of the list; those no longer asked come last."""
        before, groups = self.stored.get(family, {}), {}
        for case in self.asked.get(family, []):
            answers = (self.computed.get(case.key) or before.get(case.key) or (case, ()))[1]
            if answers:
                groups[case.key] = case, answers
        return groups | ({} if family in self.anew else {key: before[key] for key in before if key not in groups})

    def write(self, families: Sequence[str]) -> int:
        """The files of some laws, and the manifest over all files that are there; the number of vectors."""
        for family in families:
            path, groups = self.folder / VECTORS / f"{family}.json", self.groups(family)
            if groups:
                write_text(path, family_text(family, groups.values()))
            else:
                path.unlink(missing_ok=True)
        write_text(self.folder / SCHEMA_FILE, schema_text())
        write_text(self.folder / DEFINITION_FILE, definition_text())
        files: dict[str, dict[str, Any]] = {}
        for path in sorted((self.folder / VECTORS).glob("*.json")):
            answers = [answer for _, some in read_family(path).values() for answer in some]
            refused = sum(bool(answer.reason) for answer in answers)
            files[f"{VECTORS}/{path.name}"] = {"sha256": digest(path), "vectors": len(answers), "refused": refused}
        total = sum(entry["vectors"] for entry in files.values())
        files |= {name: {"sha256": digest(self.folder / name)} for name in (SCHEMA_FILE, DEFINITION_FILE)}
        engines = [] if self._all_are_new() else self.engines
        if self.computed and engine_versions() not in engines:
            engines = [*engines, engine_versions()]
        content = {"schema": MANIFEST_SCHEMA, "vectors": total, "engines": engines, "files": files}
        write_text(self.folder / MANIFEST, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        return total

    def _all_are_new(self) -> bool:
        return all(key in self.computed for family in {**self.asked, **self.stored} for key in self.groups(family))

    def moved(self) -> tuple[str, ...]:
        found: list[str] = []
        for key, (case, answers) in self.computed.items():
            before = {answer.parameter: answer for answer in self.stored.get(case.family, {}).get(key, (case, ()))[1]}
            found += [case.id(a.parameter) for a in answers if differs(before.get(a.parameter), a)]
        return tuple(found)


def _settled(case: Case, answers: Sequence[Answer]) -> bool:
    """Whether a question has an answer to keep: one that could not be answered is asked again in every run."""
    return all("unanswered" not in answer.flags(case) for answer in answers)


def differs(stored: Answer | None, answer: Answer) -> bool:
    """Whether a stored answer contradicts a new one: balls that do not overlap, or a refusal against a ball."""
    if stored is None:
        return False
    if stored.reason or answer.reason:
        return bool(stored.reason) != bool(answer.reason)
    return not overlap(stored, answer)


def engine_versions() -> dict[str, str]:
    """Versions of what computes: they are recorded, and have no part in a case's key."""
    packages = ("fsb-oracle", "python-flint", "sympy", "mpmath")
    return {package: version(package) for package in packages} | {"FLINT": flint.__FLINT_VERSION__}


def _stored(folder: Path, anew: frozenset[str]) -> dict[str, Stored]:
    """What the folder holds, by law. What is not computed anew is kept: then it must be what the manifest says."""
    stored: dict[str, Stored] = {}
    listed = _manifest(folder).get("files", {})
    for path in sorted((folder / VECTORS).glob("*.json")):
        name = f"{VECTORS}/{path.name}"
        if path.stem not in anew and listed.get(name, {}).get("sha256") != digest(path):
            raise UsageError(f"{path} is not the file of the manifest: restore it, or compute anew with --overwrite")
        stored[path.stem] = read_family(path)
    return stored


def _manifest(folder: Path) -> dict[str, Any]:
    return read_json(folder / MANIFEST) if (folder / MANIFEST).is_file() else {}
