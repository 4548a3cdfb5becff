"""Cases in groups that share exact values, and shards made of whole groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heapreplace

from fsb_oracle.checks import Case

COST = {"exact": 3, "proof": 6, "pointwise": 3}  # of what one mean costs, measured over our own rules


def weight(case: Case) -> int:
    """The cost of a case as far as it is known beforehand; a spectrum tests many frequencies."""
    return COST.get(case.check, 1) * max(case.tests, 1)


def groups(cases: Sequence[Case], numbers: Iterable[int]) -> list[list[int]]:
    """The cases with these numbers, those that ask the oracle for the same values together, in order of appearance;
    beside them those of the other components of a vector, which one evaluation gives."""
    found: dict[tuple[object, ...], list[int]] = {}
    for number in numbers:
        case = cases[number]
        key = (case.family.name, tuple(case.parameters.items()), case.parameter.partition(".")[0], case.f)
        found.setdefault(key, []).append(number)
    return list(found.values())


def shard(cases: Sequence[Case], part: int, of: int) -> list[int]:
    """Numbers of the cases of shard `part` of 1, ..., `of`, in the plan's order.

    Each group goes whole to the lightest shard so far, heaviest group first: the same on every machine.
    """
    loads = [(0, index) for index in range(of)]  # a heap: the lightest is the first
    mine: list[int] = []
    whole = [(sum(weight(cases[number]) for number in group), group) for group in groups(cases, range(len(cases)))]
    for load, group in sorted(whole, key=lambda pair: (-pair[0], pair[1][0])):
        lightest, index = loads[0]
        heapreplace(loads, (lightest + load, index))
        if index == part - 1:
            mine += group
    return sorted(mine)
