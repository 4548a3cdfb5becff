"""Means over the variables on nodes: product rules on the parts of a kernel that depend on the same variables.

Terms that oscillate in a variable with a tail like a power are integrated along a path on which they decay: with
exp(i k x) the tail turns at right angles into the half-plane of the sign of k. Terms come in a fixed order, so each has
its own path; near 0, where terms may cancel, all share the real one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from flint import acb, arb

from fsb_oracle.rules.nodes import ball_nodes, gauss_nodes, regions
from fsb_oracle.rules.proof.setup import Setup, Summand

COARSEST = 4  # the first level of refinement
NODE_GUARD = 16  # digits beyond those asked for down to which quadrature weights are kept


@dataclass(frozen=True)
class Group:
    """Summands (by position) that are integrated together over the variables `names`.

    `slopes` tells how fast a summand's phase turns in a variable whose tail may be turned; 0 for one that stays real.
    """

    names: tuple[str, ...]
    indices: tuple[int, ...]
    slopes: dict[str, dict[int, float]]


def means(setup: Setup, exponents: list[acb], digits: int, level: int) -> list[tuple[acb, arb]]:
    """For each s the kernel's mean for f = exp(s z) or z^s, and its mean size (the scale of rounding)."""
    transforms = setup.transforms()
    space = setup.rule.space
    totals, sizes = [acb(0) for _ in exponents], [arb(0) for _ in exponents]
    slowest = min(float(abs(s).mid()) for s in exponents)
    fastest = max(float(abs(s).mid()) for s in exponents)
    for probability, fixed in _cases(setup):
        filler = {**setup.trial(), **fixed}
        for group in _groups(setup, fixed):
            for weight, indices, nodes in _grid(setup, group, digits, level, (slowest, fastest)):
                summands = setup.summands({**filler, **nodes})
                for i, s in enumerate(exponents):
                    value = acb(0)
                    for k in indices:
                        value += summands[k].mean(s, space, transforms.expectation, (i, k))
                    value *= weight * probability
                    totals[i] += value
                    sizes[i] += abs(value)
    return list(zip(totals, sizes, strict=True))


def _cases(setup: Setup) -> Iterator[tuple[acb, dict[str, Any]]]:
    """The combined values of the variables with finitely many, and their probabilities."""
    finite = {name: p for name, p in setup.integrated.items() if p.atoms is not None}
    for combination in product(*(list(zip(*ball_nodes(p, 0, 0), strict=True)) for p in finite.values())):
        probability = acb(1)
        for _, factor in combination:
            probability *= factor
        yield probability, dict(zip(finite, (node for node, _ in combination), strict=True))


def _groups(setup: Setup, fixed: dict[str, Any]) -> list[Group]:
    """Summands by the connected sets of variables that they depend on, found by changing one variable at a time."""
    names = list(setup.continuous)
    at = setup.summands({**setup.trial(), **fixed})
    moved = {name: setup.summands({**setup.trial(name), **fixed}) for name in names}
    needs = [{name for name in names if _differ(at[k], moved[name][k])} for k in range(len(at))]
    parts: list[set[str]] = []
    for need in needs:
        touching = [part for part in parts if part & need]
        parts = [part for part in parts if not part & need] + ([need.union(*touching)] if need else [])
    slopes = {name: _slopes(setup, fixed, name) for name in names if setup.primitives[name].turn is not None}
    groups = []
    for part in [*parts, set()]:
        indices = tuple(k for k, need in enumerate(needs) if (need <= part if need else not part))
        if indices:
            inside = tuple(name for name in names if name in part)
            groups.append(Group(inside, indices, {name: slopes[name] for name in inside if name in slopes}))
    return groups


def _slopes(setup: Setup, fixed: dict[str, Any], name: str) -> dict[int, float]:
    """d base / d name of each summand whose point is linear in it and whose other parts do not oscillate, else 0."""
    if setup.rule.space != "line":
        return {}
    trials = [setup.summands({**setup.trial(*[name] * i), **fixed}) for i in range(3)]
    others = [other for other in setup.continuous if other != name]
    far = [setup.summands({**setup.trial(*others, *[name] * i), **fixed}) for i in range(2)]
    found = {}
    for k, (a, b, c) in enumerate(zip(*trials, strict=True)):
        first, second = acb(b.base - a.base), acb(c.base - b.base)
        linear = first.overlaps(second) and _fixed_rates(a, b)
        slope = float(first.real.mid()) / STEP if linear else 0.0
        elsewhere = float(acb(far[1][k].base - far[0][k].base).real.mid()) / STEP
        found[k] = slope if slope * elsewhere > 0 and not first.contains(0) else 0.0
        if found[k] and abs(elsewhere / slope - 1) > 1e-9:
            found[k] *= 1e-30  # the slope depends on other variables: only the density ends the path
    return found


STEP = 2 / 7  # between the trial values of an unbounded variable


def _fixed_rates(a: Summand, b: Summand) -> bool:
    return not any(
        _differ_maps(getattr(a, part), getattr(b, part)) for part in ("rates", "powers", "point_rates", "point_powers")
    )


def _differ(a: Summand, b: Summand) -> bool:
    numbers = [(a.coefficient, b.coefficient), (a.base, b.base), *zip(a.segment or (), b.segment or (), strict=True)]
    return any(_unequal(x, y) for x, y in numbers) or not _fixed_rates(a, b)


def _differ_maps(a: Any, b: Any) -> bool:
    return a.keys() != b.keys() or any(_unequal(a[v], b[v]) for v in a)


def _unequal(x: Any, y: Any) -> bool:
    return not acb(x).overlaps(acb(y))


def _grid(
    setup: Setup, group: Group, digits: int, level: int, speeds: tuple[float, float]
) -> Iterator[tuple[acb, tuple[int, ...], dict[str, Any]]]:
    """Weights, the summands that they are for, and nodes."""
    for choice in product(*(regions(setup.primitives[name]) for name in group.names)):
        tails = [name for name, region in zip(group.names, choice, strict=True) if region == "tail"]
        for signs, indices in _by_direction(group, tails).items():
            axes = []
            for name, region in zip(group.names, choice, strict=True):
                primitive = setup.primitives[name]
                if name in setup.smooth:
                    count = _gauss_count(setup.smooth[name] * speeds[1], digits)
                    nodes = gauss_nodes(primitive, count + count // 4 * (level - COARSEST))
                else:
                    sign = signs[tails.index(name)] if region == "tail" else 0
                    rates = [abs(group.slopes[name][k]) for k in indices] if sign else [0.0]
                    decay = min(rates) * speeds[0]
                    nodes = ball_nodes(primitive, digits + NODE_GUARD, level, region, sign, decay)
                axes.append([(v, w, _size(w)) for v, w in zip(*nodes, strict=True)])
            smallest = sum(max(size for _, _, size in axis) for axis in axes) - digits - NODE_GUARD
            for combination in product(*axes):
                if sum(size for _, _, size in combination) < smallest:
                    continue
                weight = acb(1)
                for _, factor, _ in combination:
                    weight *= factor
                yield weight, indices, dict(zip(group.names, (node for node, _, _ in combination), strict=True))


def _by_direction(group: Group, tails: list[str]) -> dict[tuple[int, ...], tuple[int, ...]]:
    """The summands by the ways in which they turn the tails."""
    found: dict[tuple[int, ...], tuple[int, ...]] = {}
    for k in group.indices:
        slopes = [group.slopes[name].get(k, 0.0) for name in tails]
        signs = tuple((slope > 0) - (slope < 0) for slope in slopes)
        found[signs] = (*found.get(signs, ()), k)
    return found


def _gauss_count(rate: float, digits: int) -> int:
    """Nodes that integrate exp(i rate x) on (0, 1): the error falls like (e rate/(8 n))^(2 n)."""
    count = max(6, int(rate / 2))
    while 2 * count * math.log10(8 * count / (math.e * rate + 1e-9)) < digits + NODE_GUARD:
        count += 1
    return count


def _size(weight: acb) -> float:
    """log10 of a weight's size."""
    size = abs(weight).mid()
    return float(size.log()) / 2.302585092994046 if size > 0 else -1e9
