"""Which questions the reference answers: the parameter points of every law times a few integrands, and what must be
refused."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from fsb_oracle.errors import UsageError
from fsb_oracle.families import list_templates, own_families
from fsb_oracle.integrands import NAMED, integrand
from fsb_oracle.oracle.reference.inputs import argument, exact_inputs, short_text
from fsb_oracle.oracle.reference.known import FORMULAS, GOLDEN_POINTS, GOLDEN_PROBES

VECTORS_SCHEMA = "fsb-oracle/vectors/1"
DIGITS = 30

PROBES = ("sin3", "bump", "z2", "tanh", "relu", "step")
AT_EXTREMES = 2
# laws that admit only some f have probes of their own
OWN_PROBES = {"von_mises": ("sin", "cos3", "exp(cos(z))")}
# of several variables: the first and the last component of the sample
JOINT_PROBES = ("{a}*{b}", "sin({a} + 2*{b})", "exp(-{a}**2 - {b}**2)")
# f that grow too fast, or have a pole, for many laws (not for all: what is finite is answered)
HARD_PROBES = ("exp(z**2)", "1/z")
OUTSIDE = ("0", "-1")


@dataclass(frozen=True)
class Case:
    """One question: E f(Z) and its gradient under one law at one point. Inputs are as `exact_inputs` writes them."""

    family: str
    parameters: Mapping[str, Any]
    f: str
    flags: tuple[str, ...] = ()
    digits: int = DIGITS

    @cached_property
    def key(self) -> str:
        """SHA-256 of the canonical JSON of the question; values, flags and versions have no part in it."""
        question = [VECTORS_SCHEMA, self.family, dict(self.parameters), self.f, self.digits]
        return hashlib.sha256(json.dumps(question, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    @property
    def arguments(self) -> dict[str, str]:
        return {name: argument(value) for name, value in self.parameters.items()}

    @property
    def comment(self) -> str:
        """A formula for E f, where there is a short one."""
        formula = FORMULAS.get((self.family, self.f), "")
        return f"E f = {formula}" if formula and "domain" not in self.flags else ""

    def id(self, parameter: str | None) -> str:
        """The stable id of one number: `exact/normal/loc=0.3,scale=0.8/scale/sin3`; E f itself is `expectation`."""
        point = ",".join(f"{name}={short_text(value)}" for name, value in self.parameters.items())
        return "/".join(("exact", self.family, point, parameter or "expectation", _slug(self.f)))


def list_cases(families: Iterable[Any] | None = None) -> list[Case]:
    """Every question, in the order of the laws; a question that several lists contain has the flags of all."""
    merged: dict[str, Case] = {}
    for family in (*own_families(), *list_templates()) if families is None else families:
        for case in (*_points(family), *_golden(family), *_hard(family), *_outside(family)):
            known = merged.get(case.key)
            merged[case.key] = replace(known, flags=_union(known.flags, case.flags)) if known else case
    return list(merged.values())


def _points(family: Any) -> Iterator[Case]:
    """The law's edge points; its first two are ordinary and get all probes, the extremes the first few."""
    for number, point in enumerate(family.edges):
        probes = _probes(family, point)
        for f in probes if number < 2 else probes[:AT_EXTREMES]:
            yield _case(family, point, f, "ordinary" if number < 2 else "edge")


def _golden(family: Any) -> Iterator[Case]:
    for point in GOLDEN_POINTS.get(family.name, ()):
        for f in GOLDEN_PROBES:
            yield _case(family, point, NAMED[f], "golden")


def _hard(family: Any) -> Iterator[Case]:
    if len(_samples(family, family.edges[0])) == 1 and family.name not in OWN_PROBES:
        for f in HARD_PROBES:
            yield _case(family, family.edges[0], f, "edge")


def _outside(family: Any) -> Iterator[Case]:
    """The first point with one parameter moved to 0 or -1, where the law refuses that."""
    point = {name: exact_inputs(value) for name, value in family.edges[0].items()}
    for name, value in point.items():
        for outside in OUTSIDE:
            moved = point | {name: _moved(value, outside)}
            if _refuses(family, moved):
                yield _case(family, moved, _probes(family, point)[0], "domain")


def _moved(value: Any, outside: str) -> Any:
    """`value` with its first component replaced."""
    return [_moved(value[0], outside), *value[1:]] if isinstance(value, list) else outside


def _case(family: Any, point: Mapping[str, Any], f: str, *flags: str) -> Case:
    inputs = {name: exact_inputs(value) for name, value in point.items()}
    return Case(family.name, inputs, f, _union(flags, _features(f)))


def _union(*flags: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({flag for some in flags for flag in some}))


def _probes(family: Any, point: Mapping[str, Any]) -> list[str]:
    samples = _samples(family, point)
    if len(samples) > 1:
        return [probe.format(a=samples[0], b=samples[-1]) for probe in JOINT_PROBES]
    return [NAMED.get(probe, probe) for probe in OWN_PROBES.get(family.name, PROBES)]


def _samples(family: Any, point: Mapping[str, Any]) -> list[str]:
    """The names of the sample's components: z, or z0, z1, ..."""
    law, _ = family.resolve(_arguments(point))
    return [str(symbol) for symbol in law.samples]


def _refuses(family: Any, point: Mapping[str, Any]) -> bool:
    try:
        family.resolve(_arguments(point))
    except UsageError:
        return True
    return False


def _arguments(point: Mapping[str, Any]) -> dict[str, str]:
    return {name: argument(exact_inputs(value)) for name, value in point.items()}


@cache
def _features(f: str) -> tuple[str, ...]:
    """Flags for kinks and jumps; the joint probes have neither."""
    if not re.search(r"\bz\b", f):
        return ()
    return {"F0": ("jump",), "F1": ("kink",)}.get(integrand(f).smoothness, ())


@cache
def _slug(f: str) -> str:
    return integrand(f).slug
