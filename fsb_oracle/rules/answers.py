"""Exact gradients and moments that came with this version: `answers.json`, which `tools/keep_answers.py` writes.

They are what the smoke profile asks for. An answer stands in for its computation only there (`served`), only for laws
and rules as the package holds them, and only where nothing that it depends on has changed since it was computed
(`sources`). The other profiles, and every command that is asked for a number, compute.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib.resources import files
from typing import Any, TypeVar

from fsb_oracle import oracle
from fsb_oracle.families import SCALAR_LAWS, TEMPLATES, Family, Parameters, get_family, parameter_text
from fsb_oracle.integrands import Integrand
from fsb_oracle.rules import own_rules
from fsb_oracle.rules.rule import Rule
from fsb_oracle.rules.sources import sources

FILE = "answers.json"

Answer = Any  # as JSON holds it
Found = TypeVar("Found")

_served: ContextVar[bool] = ContextVar("served", default=False)
_collected: ContextVar[dict[str, Answer] | None] = ContextVar("collected", default=None)


@contextmanager
def served(wanted: bool = True) -> Iterator[None]:
    """Inside, answers of the file stand in for what they answer; not while answers are collected."""
    token = _served.set(wanted and _collected.get() is None)
    try:
        yield
    finally:
        _served.reset(token)


@contextmanager
def collected() -> Iterator[dict[str, Answer]]:
    """Inside, every answer is computed, and kept in the dictionary by its question."""
    found: dict[str, Answer] = {}
    token = _collected.set(found)
    try:
        yield found
    finally:
        _collected.reset(token)


def answered(
    question: str | None,
    compute: Callable[[], Found],
    write: Callable[[Found], Answer],
    read: Callable[[Answer], Found],
) -> Found:
    """What `compute` gives: read from the file where that is allowed and it is there."""
    if question is None:
        return compute()
    known = table().get(question) if _served.get() else None
    if known is not None:
        return read(known)
    found, kept = compute(), _collected.get()
    if kept is not None:
        kept[question] = write(found)
    return found


def gradient(
    law: Family,
    at: Parameters,
    f: Integrand,
    parameter: str,
    digits: int,
    routes: int,
    compute: Callable[[], oracle.Value],
) -> oracle.Value:
    """d E f / d parameter to so many digits by so many routes."""
    return answered(
        of_law(f"gradient {digits} {routes}", law, at, f, parameter),
        compute,
        lambda value: value.to_json_object() | {"digits": value.digits, "reached": value.reached},
        oracle.Value.from_json_object,
    )


def of_law(kind: str, law: Family, at: Parameters, f: Integrand, parameter: str) -> str | None:
    """The question about a law at exact parameters; None of a law that is not the package's own, or is asked for no
    answer here."""
    if not _served.get() and _collected.get() is None:
        return None
    own = law.name in TEMPLATES or (law.name in SCALAR_LAWS and law is get_family(law.name))
    shape = "-".join(map(str, law.shape))  # of a mixture or a random sum the names of its parts
    return f"{kind} {law.name}{shape} {parameter_text(at)} {parameter} {f.text}" if own else None


def of_rule(kind: str, rule: Rule, at: Parameters, f: Integrand) -> str | None:
    """The question about a rule of the catalogue; None of one with another kernel under its id, and of baselines, whose
    moments are quick."""
    if rule.built is not None or rule not in _catalogue():
        return None
    return of_law(f"{kind} {rule.id}", rule.law, at, f, rule.parameter)


def differing(kept: Mapping[str, Answer], computed: Mapping[str, Answer]) -> list[str]:
    """The questions whose answers are missing on one side, or not the same but for rounding in float64."""
    return [
        question for question in kept.keys() | computed.keys() if not _same(kept.get(question), computed.get(question))
    ]


def _same(one: Answer, other: Answer) -> bool:
    if not isinstance(one, list) or not isinstance(other, list):
        return one == other  # a certified value: the same decimals
    mean, mean_error, second, second_error, _ = one
    near = abs(mean - other[0]) <= mean_error + other[1] and abs(second - other[2]) <= second_error + other[3]
    return near or json.dumps(one) == json.dumps(other)  # nan is not near itself


@lru_cache
def _catalogue() -> frozenset[Rule]:
    return frozenset(own_rules())


@lru_cache
def table() -> Mapping[str, Answer]:
    """The answers of the file by question; none where the code is not that which computed them."""
    content = json.loads(files("fsb_oracle.rules").joinpath(FILE).read_text(encoding="utf-8"))
    return content["answers"] if content["sources"] == sources() else {}


__all__ = ["FILE", "answered", "collected", "differing", "gradient", "of_law", "of_rule", "served", "table"]
