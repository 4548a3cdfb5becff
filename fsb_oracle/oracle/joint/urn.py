"""The Dirichlet-multinomial law as counts: its masses for one route, its generating function for the other.

Categories that f does not hold are put together, their concentrations added up. E PROD t_i^n_i is n!/(a0)_n times the
coefficient of x^n in PROD (1 - t_i x)^(-a_i): no mass takes part in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from math import factorial, prod

from flint import acb, acb_mat, acb_series, arb, ctx

from fsb_oracle.backends.flint_math import ball
from fsb_oracle.oracle.cell import Cell

Point = tuple[int, ...]


def _concentrations(cell: Cell, used: tuple[int, ...]) -> list[arb]:
    """Of the categories in use, and last of all the others together."""
    own = [ball(value) for name, value in cell.values.items() if name.startswith("concentration.")]
    return [*(own[i] for i in used), sum((a for i, a in enumerate(own) if i not in used), arb(0))]


def _moved(cell: Cell, used: tuple[int, ...]) -> int | None:
    """The place of the parameter of the derivative among `_concentrations`."""
    if cell.parameter is None:
        return None
    j = int(cell.parameter.removeprefix("concentration."))
    return used.index(j) if j in used else len(used)


def urn_terms(cell: Cell, used: tuple[int, ...], count: int) -> Callable[[Point, int], arb]:
    """The mass of a point with `left` draws elsewhere, but for its multinomial coefficient, or its derivative."""
    a, j = _concentrations(cell, used), _moved(cell, used)
    rising, harmonic = zip(*(_tables(concentration, count) for concentration in a), strict=True)
    whole, gain = (table[count] for table in _tables(sum(a, arb(0)), count))

    def term(point: Point, left: int) -> arb:
        numbers = (*point, left)
        mass = prod((table[n] for table, n in zip(rising, numbers, strict=True)), start=1 / whole)
        return mass if j is None else mass * (harmonic[j][numbers[j]] - gain)

    return term


def _tables(a: arb, count: int) -> tuple[list[arb], list[arb]]:
    """(a)_n, and its logarithmic derivative, for n = 0, ..., count."""
    rising, harmonic = [arb(1)], [arb(0)]
    for n in range(count):
        rising.append(rising[-1] * (a + n))
        harmonic.append(harmonic[-1] + 1 / (a + n))
    return rising, harmonic


def urn_transform(cell: Cell, used: tuple[int, ...], count: int, turns: Sequence[acb]) -> dict[Point, acb]:
    """E PROD turn_i**n_i, or its derivative, for all turns of the categories in use."""
    a, j = _concentrations(cell, used), _moved(cell, used)
    whole, gain = (table[count] for table in _tables(sum(a, arb(0)), count))
    cap, ctx.cap = ctx.cap, max(ctx.cap, count + 1)
    try:
        places = [*([list(turns)] * len(used)), [acb(1)]]
        plain = [[_power(turn, -c, count) for turn in own] for own, c in zip(places, a, strict=True)]
        found = _products(plain, count)
        if j is not None:
            moved = [-_logarithm(turn, count) * series for turn, series in zip(places[j], plain[j], strict=True)]
            changed = _products([*plain[:j], moved, *plain[j + 1 :]], count)
            found = [new - gain * old for new, old in zip(changed, found, strict=True)]
    finally:
        ctx.cap = cap
    indices = product(range(len(turns)), repeat=len(used))
    return {index: value * factorial(count) / whole for index, value in zip(indices, found, strict=True)}


def _logarithm(turn: acb, count: int) -> acb_series:
    """log(1 - turn x)."""
    return acb_series([1, -turn], count + 1).log()


def _power(turn: acb, exponent: arb, count: int) -> acb_series:
    """(1 - turn x)**exponent."""
    return (_logarithm(turn, count) * acb(exponent)).exp()


def _products(factors: list[list[acb_series]], count: int) -> list[acb]:
    """The coefficient of x**count in each product of one series from every list, the last list's index the fastest."""
    rest = [acb_series([1], count + 1)]
    for some in factors[1:]:
        rest = [left * right for left in rest for right in some]
    first = acb_mat([[series[n] for n in range(count + 1)] for series in factors[0]])
    return (first * acb_mat([[series[count - n] for series in rest] for n in range(count + 1)])).entries()
