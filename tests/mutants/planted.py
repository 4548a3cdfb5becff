"""Planted faults: for each rule the mistakes that people make in it. A mutant that survives the suite is a defect of
ours."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from fsb_oracle.rules import Rule, get_rule, list_rules

DEEP = os.environ.get("FSB_ORACLE_PROFILE") == "deep"


@dataclass(frozen=True)
class Mutant:
    """A rule with one line changed, and the name of the fault."""

    rule_id: str
    fault: str
    kernel: Callable[..., Any]
    infinite_variance: bool = False  # then sampling cannot decide, and must say so

    @property
    def rule(self) -> Rule:
        return replace(get_rule(self.rule_id), kernel=self.kernel)

    def __str__(self) -> str:
        return f"{self.rule_id}-{self.fault.replace(' ', '-')}"


NAMED = (
    Mutant("NOR-mu-D", "derivative at the mean instead of z", lambda f, c, z: f.derivative(0 * z + c.mu)),
    Mutant(
        "NOR-mu-L",
        "uncoupled scale: sqrt(2 pi) dropped",
        lambda f, c, y: (f(c.mu + c.sigma * y) - f(c.mu - c.sigma * y)) / c.sigma,
    ),
    Mutant(
        "NOR-sig-Upm",
        "sign of the velocity dropped",
        lambda f, c, r, y: c.math.sqrt(2 / c.math.pi) * f.derivative(c.mu + c.sigma * r * y),
    ),
    Mutant("NOR-sig-Upm", "sqrt(2/pi) dropped", lambda f, c, r, y: r * f.derivative(c.mu + c.sigma * r * y)),
    Mutant(
        "NOR-sig-path",
        "scale instead of variance",
        lambda f, c, eps: c.sigma * eps * f.derivative(c.mu + c.sigma * eps),
    ),
    Mutant("NOR-sig-path", "noise reused with wrong sign", lambda f, c, eps: eps * f.derivative(c.mu - c.sigma * eps)),
    Mutant(
        "NOR-sig-K",
        "u replaced by 1/2",
        lambda f, c, r, g, u: (
            (f(c.mu + c.sigma * r * c.math.sqrt(2 * g)) - f(c.mu + c.sigma * r * c.math.sqrt(2 * g) / 2 + 0 * u))
            / c.sigma
        ),
    ),
    Mutant("LAP-mu-D", "sample detached and its value used", lambda f, c, z: f(z)),
    Mutant("LAP-mu-L", "factor 1/2 dropped", lambda f, c, e: (f(c.mu + c.b * e) - f(c.mu - c.b * e)) / c.b),
    Mutant(
        "LAP-b-U", "exponential for Gamma(2): g halved", lambda f, c, r, g: r * f.derivative(c.mu + r * c.b * g / 2)
    ),
    Mutant(
        "LAP-b-SB2", "one-sided difference", lambda f, c, z, x: (4 * c.b / (c.b * x) ** 2) * (f(z + c.b * x) - f(z))
    ),
    Mutant(
        "LAP-b-SB2",
        "f(z) counted once",
        lambda f, c, z, x: (2 * c.b / (c.b * x) ** 2) * (f(z + c.b * x) + f(z - c.b * x) - f(z)),
        infinite_variance=True,
    ),
    Mutant("EXP-s-U", "shift forgotten", lambda f, c, z, e: f.derivative(z + 0 * e)),
    Mutant("EXP-s-U", "rate for scale", lambda f, c, z, e: f.derivative(z + e / c.s)),
    Mutant("EXP-s-S", "weight 1/s dropped", lambda f, c, z, e: f(z + c.s * e) - f(z)),
    Mutant("GAM-k-U", "u removed", lambda f, c, z, u, e: c.s * f.derivative(z + c.s * e)),
    Mutant("GAM-k-U", "u replaced by 1/2", lambda f, c, z, u, e: c.s * f.derivative(z + c.s * e / 2)),
    Mutant("GAM-k-U", "noise reused: e for u", lambda f, c, z, u, e: c.s * f.derivative(z + c.s * u * u)),
    Mutant("GAM-k-U", "rate for scale", lambda f, c, z, u, e: f.derivative(z + u * e / c.s) / c.s),
    Mutant("GAM-k-SB", "weight of the shift dropped", lambda f, c, z, e: f(z + c.s * e) - f(z)),
    Mutant("GAM-k-SB", "rate for scale in the shift", lambda f, c, z, e: (f(z + e / c.s) - f(z)) / e),
    Mutant("GAM-s-U", "shape dropped", lambda f, c, z, e: f.derivative(z + c.s * e)),
    Mutant("GAM-s-S", "k for k/s", lambda f, c, z, e: c.k * (f(z + c.s * e) - f(z))),
    Mutant(
        "BET-a-U",
        "power 1/b dropped",
        lambda f, c, y, x, u: c.b / (c.a + c.b) ** 2 * f.derivative(y * (x + (1 - x) * u)),
    ),
    Mutant(
        "BET-a-U",
        "u replaced by 1/2",
        lambda f, c, y, x, u: c.b / (c.a + c.b) ** 2 * f.derivative(y * (1 + c.math.power(x, 1 / c.b)) / 2),
    ),
    Mutant("BET-a-VSB", "wrong vertex", lambda f, c, z, x: (f(z - x * z) - f(z)) / (x * (c.a + c.b))),
    Mutant(
        "BET-b-U",
        "sign dropped",
        lambda f, c, y, v, u: (
            c.a / (c.a + c.b) ** 2 * f.derivative(y * (c.math.power(v, 1 / (c.a + c.b)) * (1 - u) + u))
        ),
    ),
    Mutant("BET-b-VSB", "normaliser a for a + b", lambda f, c, z, x: (f(z - x * z) - f(z)) / (x * c.a)),
    Mutant("UNI-a-P", "boundary term missing", lambda f, c, z: f(z) / (c.b - c.a)),
    Mutant("UNI-b-P", "boundary term at the wrong end", lambda f, c, z: (f(c.a) - f(z)) / (c.b - c.a)),
    Mutant("BER-p", "score of the logit", lambda f, c, z: (z - c.p) * f(z)),
    Mutant("POI", "backward difference", lambda f, c, z: f(z) - f(z - 1)),
    Mutant("DIRAC-x-D", "value for derivative", lambda f, c, z: f(z)),
)


def _scaled(kernel: Callable[..., Any], factor: float, uses_z: bool) -> Callable[..., Any]:
    if uses_z:
        return lambda f, c, z, **noise: kernel(f, c, z, **noise) * factor
    return lambda f, c, **noise: kernel(f, c, **noise) * factor


# the constants that every rule must be protected against
CONSTANTS = tuple(
    Mutant(rule.id, fault, _scaled(rule.kernel, factor, rule.uses_z))
    for rule in list_rules()
    for fault, factor in (("returns 0", 0), ("wrong sign", -1), ("constant times 1.01", 1.01))
)


@dataclass(frozen=True)
class _Stretched:
    """f evaluated at twice the point."""

    f: Any

    def __call__(self, point: Any) -> Any:
        return self.f(point * 2)

    def derivative(self, point: Any, order: int = 1) -> Any:
        return self.f.derivative(point * 2, order)


def _stretched(kernel: Callable[..., Any], uses_z: bool) -> Callable[..., Any]:
    if uses_z:
        return lambda f, c, z, **noise: kernel(_Stretched(f), c, z, **noise)
    return lambda f, c, **noise: kernel(_Stretched(f), c, **noise)


def _frozen(rule: Rule, name: str) -> Callable[..., Any]:
    """The kernel with a noise variable replaced by a number that it may take."""
    primitive = rule.noise[name]
    kernel = rule.kernel

    def number(c: Any) -> Any:
        return primitive.left_end + (c.math.rational(1, 2) if primitive.support in ("unit", "line") else 1)

    if rule.uses_z:
        return lambda f, c, z, **noise: kernel(f, c, z, **{**noise, name: number(c)})
    return lambda f, c, **noise: kernel(f, c, **{**noise, name: number(c)})


def _generated() -> Iterator[Mutant]:
    """For every rule, whoever wrote it: points twice as far, and each noise variable replaced by a number."""
    for rule in list_rules():
        yield Mutant(rule.id, "f at twice the point", _stretched(rule.kernel, rule.uses_z))
        for name in rule.noise:
            yield Mutant(rule.id, f"noise {name} replaced by a number", _frozen(rule, name))


GENERATED = tuple(_generated())

# those on which the run and sampling are tried by default; in the deep profile it is all
FEW = {"NOR-mu-D", "NOR-sig-K", "LAP-b-U", "GAM-k-U", "GAM-s-S", "BET-a-VSB", "UNI-b-P", "POI"}
MUTANTS = NAMED + CONSTANTS
SAMPLED = MUTANTS if DEEP else NAMED + tuple(mutant for mutant in CONSTANTS if mutant.rule_id in FEW)
