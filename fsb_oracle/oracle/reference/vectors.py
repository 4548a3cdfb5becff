"""The files of the reference: what one vector holds, reading and writing, and when two balls overlap."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal, Inexact
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Any

from fsb_oracle.errors import UsageError
from fsb_oracle.oracle.reference.cases import VECTORS_SCHEMA, Case

MANIFEST_SCHEMA = "fsb-oracle/manifest/1"
MANIFEST, SCHEMA_FILE, DEFINITION_FILE, VECTORS = "manifest.json", "schema.json", "DEFINITION.md", "vectors"
EXTRA_DIGITS = 8  # that a stored value has beyond the promised ones

FLAGS = {
    "ordinary": "A point at which nothing special happens.",
    "edge": "A point, or an f, at which implementations break.",
    "golden": "Twelve digits of the gradient are known from other software.",
    "kink": "f is continuous and has a kink.",
    "jump": "f has a jump.",
    "zero": "The ball contains 0; the value is written as 0 and the radius says how small it is.",
    "tiny": "The value is not 0, and smaller than 1e-30 in size.",
    "single_route": "Level 1: one rigorous route, confirmed by no other.",
    "digits_not_reached": "The ball holds, and has fewer digits than promised.",
    "domain": "Refused: a parameter lies outside of the law's domain.",
    "does_not_exist": "Refused: the expectation, or its gradient, does not exist.",
    "unanswered": "Refused: this software has no bound for the integral; a value may exist.",
}


@dataclass(frozen=True)
class Answer:
    """What the oracle says of one number: a ball, or the sentence that refuses it. `parameter` None is E f itself."""

    parameter: str | None
    value: str = ""
    radius: str = ""
    level: int = 0
    routes: tuple[str, ...] = ()
    reason: str = ""

    def flags(self, case: Case) -> list[str]:
        """The case's flags and those that follow from the answer."""
        return sorted({*case.flags, *self._own_flags(case)})

    def _own_flags(self, case: Case) -> list[str]:
        if self.reason:
            missing = "does_not_exist" if " does not exist" in self.reason else "unanswered"
            return [] if "domain" in case.flags else [missing]
        found = {
            "zero": Decimal(self.value) == 0,
            "tiny": 0 < abs(Decimal(self.value)) < Decimal("1e-30"),
            "single_route": self.level == 1,
            "digits_not_reached": not accurate(self.value, self.radius, case.digits),
        }
        return [flag for flag, holds in found.items() if holds]

    def to_json_object(self, case: Case) -> dict[str, Any]:
        head = {"id": case.id(self.parameter), "parameter": self.parameter}
        if self.reason:
            return head | {"result": "refused", "reason": self.reason, "flags": self.flags(case)}
        ball = {"value": self.value, "radius": self.radius, "level": self.level, "routes": list(self.routes)}
        return head | {"result": "valid"} | ball | {"flags": self.flags(case)}

    @classmethod
    def from_json_object(cls, content: Mapping[str, Any]) -> Answer:
        if content["result"] == "refused":
            return cls(content["parameter"], reason=content["reason"])
        routes = tuple(content["routes"])
        return cls(content["parameter"], content["value"], content["radius"], content["level"], routes)


# flags that follow from an answer; the others are the question's
ANSWER_FLAGS = {"zero", "tiny", "single_route", "digits_not_reached", "does_not_exist", "unanswered"}

Stored = dict[str, tuple[Case, tuple[Answer, ...]]]  # by the case's key


def shortened(value: str, radius: str, digits: int) -> tuple[str, str]:
    """The ball with its value rounded to so many significant digits and its radius widened by as much, rounded up."""
    middle = Decimal(value)
    rounded = Context(prec=digits, rounding=ROUND_HALF_EVEN, Emin=-(10**9), Emax=10**9).plus(middle)
    exact = Context(prec=10**6, Emin=-(10**9), Emax=10**9, traps=[Inexact])
    spread = exact.add(Decimal(radius), exact.abs(exact.subtract(middle, rounded)))
    upward = Context(prec=3, rounding=ROUND_CEILING, Emin=-(10**9), Emax=10**9)
    return _text(rounded), _text(upward.plus(spread))


def _text(number: Decimal) -> str:
    if not number:
        return "0"
    number = number.normalize(Context(prec=10**6, Emin=-(10**9), Emax=10**9))
    return format(number, "f") if -7 < number.adjusted() < 40 else str(number).lower().replace("e+", "e")


def accurate(value: str, radius: str, digits: int) -> bool:
    """Whether the radius is `digits` digits below the value (of 0: below 1), up to the rounding of both decimals."""
    size = abs(Fraction(value)) or 1
    return Fraction(radius) <= Fraction(101, 100) * size / 10**digits


def overlap(a: Answer, b: Answer) -> bool:
    """Whether two balls of finite decimals have a point in common."""
    return abs(Fraction(a.value) - Fraction(b.value)) <= Fraction(a.radius) + Fraction(b.radius)


def family_text(family: str, groups: Iterable[tuple[Case, Sequence[Answer]]]) -> str:
    """The file of one law: JSON with one vector a line."""
    lines, flags = [], set()
    for case, answers in groups:
        question = {"key": case.key, "parameters": dict(case.parameters), "f": case.f, "digits": case.digits}
        head = question | {"comment": case.comment}
        vectors = [answer.to_json_object(case) for answer in answers]
        flags |= {flag for vector in vectors for flag in vector["flags"]}
        body = ",\n".join(f"   {_line(vector)}" for vector in vectors)
        lines.append(f'  {_line(head)[:-1]}, "vectors": [\n{body}\n  ]}}')
    notes = {flag: FLAGS[flag] for flag in FLAGS if flag in flags}
    top = {"schema": VECTORS_SCHEMA, "family": family, "notes": notes}
    return json.dumps(top, indent=1)[:-2] + ',\n "groups": [\n' + ",\n".join(lines) + "\n ]\n}\n"


def _line(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False)


def read_family(path: Path) -> Stored:
    """The questions and answers of one law's file; their order is the file's.

    Raises:
        UsageError: the file cannot be read, or holds something else.
    """
    content = read_json(path)
    if content.get("schema") != VECTORS_SCHEMA:
        raise UsageError(f"{path}: its schema is {content.get('schema')!r}, allowed is {VECTORS_SCHEMA!r}")
    stored: Stored = {}
    try:
        for group in content["groups"]:
            flags = {flag for vector in group["vectors"] for flag in vector["flags"]} - ANSWER_FLAGS
            case = Case(content["family"], group["parameters"], group["f"], tuple(sorted(flags)), group["digits"])
            answers = tuple(Answer.from_json_object(vector) for vector in group["vectors"])
            for answer in answers:
                if not answer.reason and not (Decimal(answer.value).is_finite() and Decimal(answer.radius) >= 0):
                    raise ValueError(case.id(answer.parameter))
            stored[case.key] = case, answers
    except (KeyError, TypeError, ValueError, ArithmeticError) as problem:
        raise UsageError(f"{path}: not a file of vectors ({problem!r})") from None
    return stored


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file. Raises UsageError if there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise UsageError(f"cannot read {path}: {problem.strerror}") from None
    except ValueError:
        raise UsageError(f"{path} is not JSON") from None
    if not isinstance(content, dict):
        raise UsageError(f"{path} holds no JSON object")
    return content


def write_text(path: Path, text: str) -> None:
    """Writes a file whole or not at all, with the same bytes on every platform. Raises UsageError if it cannot."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(text.encode())
        os.replace(partial, path)
    except OSError as problem:
        raise UsageError(f"cannot write {path}: {problem.strerror}") from None
    finally:
        partial.unlink(missing_ok=True)


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def schema_text() -> str:
    """The JSON schema (draft 2020-12) of the reference's files."""
    return _resource("schema.json")


def definition_text() -> str:
    """What "certified" means, in Markdown."""
    rows = "\n".join(f"| `{flag}` | {words} |" for flag, words in FLAGS.items())
    return _resource("definition.md").replace("{flags}", rows)


def _resource(name: str) -> str:
    return resources.files("fsb_oracle.oracle.reference").joinpath(name).read_text(encoding="utf-8")
