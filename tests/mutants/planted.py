"""Planted faults: for each rule the mistakes that people make in it. A mutant that survives the suite is a defect of
ours."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from fsb_oracle.rules import Rule, list_rules

from .more_laws import MORE
from .mutant import Moved, Mutant, wrapped

DEEP = os.environ.get("FSB_ORACLE_PROFILE") == "deep"


FIRST_LAWS = (
    Mutant("NOR-mu-D", "derivative at the mean instead of z", lambda f, c, z: f.derivative(0 * z + c.mu), model="F03"),
    Mutant(
        "NOR-mu-L",
        "uncoupled scale: sqrt(2 pi) dropped",
        lambda f, c, y: (f(c.mu + c.sigma * y) - f(c.mu - c.sigma * y)) / c.sigma,
        model="F42",
    ),
    Mutant(
        "NOR-sig-Upm",
        "sign of the velocity dropped",
        lambda f, c, r, y: c.math.sqrt(2 / c.math.pi) * f.derivative(c.mu + c.sigma * r * y),
        model="F02",
    ),
    Mutant(
        "NOR-sig-Upm", "sqrt(2/pi) dropped", lambda f, c, r, y: r * f.derivative(c.mu + c.sigma * r * y), model="F42"
    ),
    Mutant(
        "NOR-sig-path",
        "scale instead of variance",
        lambda f, c, eps: c.sigma * eps * f.derivative(c.mu + c.sigma * eps),
        model="F13",
    ),
    Mutant(
        "NOR-sig-path",
        "noise reused with wrong sign",
        lambda f, c, eps: eps * f.derivative(c.mu - c.sigma * eps),
        model="F02",
    ),
    Mutant(
        "NOR-sig-K",
        "u replaced by 1/2",
        lambda f, c, r, g, u: (
            (f(c.mu + c.sigma * r * c.math.sqrt(2 * g)) - f(c.mu + c.sigma * r * c.math.sqrt(2 * g) / 2 + 0 * u))
            / c.sigma
        ),
        model="u replaced by 1/2",
    ),
    Mutant("LAP-mu-D", "sample detached and its value used", lambda f, c, z: f(z), model="F03"),
    Mutant(
        "LAP-mu-L", "factor 1/2 dropped", lambda f, c, e: (f(c.mu + c.b * e) - f(c.mu - c.b * e)) / c.b, model="F42"
    ),
    Mutant(
        "LAP-b-U",
        "exponential for Gamma(2): g halved",
        lambda f, c, r, g: r * f.derivative(c.mu + r * c.b * g / 2),
        model="F05",
    ),
    Mutant(
        "LAP-b-SB2",
        "one-sided difference",
        lambda f, c, z, x: (4 * c.b / (c.b * x) ** 2) * (f(z + c.b * x) - f(z)),
        model="trap 2",
    ),
    Mutant(
        "LAP-b-SB2",
        "f(z) counted once",
        lambda f, c, z, x: (2 * c.b / (c.b * x) ** 2) * (f(z + c.b * x) + f(z - c.b * x) - f(z)),
        infinite_variance=True,
        model="F33",
    ),
    Mutant("EXP-s-U", "shift forgotten", lambda f, c, z, e: f.derivative(z + 0 * e), model="D: correction dropped"),
    Mutant("EXP-s-U", "rate for scale", lambda f, c, z, e: f.derivative(z + e / c.s), model="F05"),
    Mutant("EXP-s-S", "weight 1/s dropped", lambda f, c, z, e: f(z + c.s * e) - f(z), model="F13"),
    Mutant(
        "GAM-k-U", "u removed", lambda f, c, z, u, e: c.s * f.derivative(z + c.s * e), model="u replaced by a number"
    ),
    Mutant(
        "GAM-k-U",
        "u replaced by 1/2",
        lambda f, c, z, u, e: c.s * f.derivative(z + c.s * e / 2),
        model="u replaced by 1/2",
    ),
    Mutant(
        "GAM-k-U", "noise reused: e for u", lambda f, c, z, u, e: c.s * f.derivative(z + c.s * u * u), model="trap 11"
    ),
    Mutant("GAM-k-U", "rate for scale", lambda f, c, z, u, e: f.derivative(z + u * e / c.s) / c.s, model="F05"),
    Mutant("GAM-k-SB", "weight of the shift dropped", lambda f, c, z, e: f(z + c.s * e) - f(z), model="F33"),
    Mutant("GAM-k-SB", "rate for scale in the shift", lambda f, c, z, e: (f(z + e / c.s) - f(z)) / e, model="F05"),
    Mutant("GAM-s-U", "shape dropped", lambda f, c, z, e: f.derivative(z + c.s * e), model="F06"),
    Mutant("GAM-s-S", "k for k/s", lambda f, c, z, e: c.k * (f(z + c.s * e) - f(z)), model="F13"),
    Mutant(
        "BET-a-U",
        "power 1/b dropped",
        lambda f, c, y, x, u: c.b / (c.a + c.b) ** 2 * f.derivative(y * (x + (1 - x) * u)),
        model="F44",
    ),
    Mutant(
        "BET-a-U",
        "u replaced by 1/2",
        lambda f, c, y, x, u: c.b / (c.a + c.b) ** 2 * f.derivative(y * (1 + c.math.power(x, 1 / c.b)) / 2),
        model="u replaced by 1/2",
    ),
    Mutant("BET-a-VSB", "wrong vertex", lambda f, c, z, x: (f(z - x * z) - f(z)) / (x * (c.a + c.b)), model="F28"),
    Mutant(
        "BET-b-U",
        "sign dropped",
        lambda f, c, y, v, u: (
            c.a / (c.a + c.b) ** 2 * f.derivative(y * (c.math.power(v, 1 / (c.a + c.b)) * (1 - u) + u))
        ),
        model="F02",
    ),
    Mutant("BET-b-VSB", "normaliser a for a + b", lambda f, c, z, x: (f(z - x * z) - f(z)) / (x * c.a), model="F01"),
    Mutant("UNI-a-P", "boundary term missing", lambda f, c, z: f(z) / (c.b - c.a), model="F29"),
    Mutant("UNI-b-P", "boundary term at the wrong end", lambda f, c, z: (f(c.a) - f(z)) / (c.b - c.a), model="F29"),
    Mutant("BER-p", "score of the logit", lambda f, c, z: (z - c.p) * f(z), model="F23"),
    Mutant("POI", "backward difference", lambda f, c, z: f(z) - f(z - 1), model="F02"),
    Mutant("DIRAC-x-D", "value for derivative", lambda f, c, z: f(z), model="F03"),
)


NAMED = FIRST_LAWS + MORE


def _scaled(factor: float, original: Callable[..., Any], f: Any, c: Any, noise: Any) -> Any:
    return original(f, c, noise) * factor


# the constants that every rule must be protected against
CONSTANTS = tuple(
    Mutant(rule.id, fault, wrapped(rule, partial(_scaled, factor)))
    for rule in list_rules()
    for fault, factor in (("returns 0", 0), ("wrong sign", -1), ("constant times 1.01", 1.01))
)


def _stretched(original: Callable[..., Any], f: Any, c: Any, noise: Any) -> Any:
    return original(Moved(f, lambda point: point * 2), c, noise)


def _beside(original: Callable[..., Any], f: Any, c: Any, noise: Any) -> Any:
    return original(Moved(f, lambda point: point + c.math.rational(1, 2)), c, noise)


def _frozen(rule: Rule, name: str) -> Callable[..., Any]:
    """The kernel with a noise variable replaced by a number that it may take."""
    primitive = rule.noise[name]

    def around(original: Callable[..., Any], f: Any, c: Any, noise: Any) -> Any:
        step = c.math.rational(1, 2) if primitive.support in ("unit", "line") else 1
        return original(f, c, {**noise, name: primitive.left_end + step})

    return wrapped(rule, around)


def _generated() -> Iterator[Mutant]:
    """For every rule, whoever wrote it: points twice as far, and each noise variable replaced by a number."""
    for rule in list_rules():
        if rule.disc is not None and not rule.uses_z and not rule.noise:  # a series of derivatives at 0
            yield Mutant(rule.id, "derivatives beside 0", wrapped(rule, _beside))
        else:
            yield Mutant(rule.id, "f at twice the point", wrapped(rule, _stretched))
        for name in rule.noise:
            yield Mutant(rule.id, f"noise {name} replaced by a number", _frozen(rule, name))


GENERATED = tuple(_generated())

MUTANTS = tuple(mutant for mutant in NAMED + CONSTANTS if mutant.provable and not mutant.second_moment)
