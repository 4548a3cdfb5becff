"""The Dirichlet-multinomial law as counts: its masses for one route, its generating function for the other.

Categories that f does not hold are put together, their concentrations added up. E PROD t_i^n_i is n!/(a0)_n times the
coefficient of x^n in PROD (1 - t_i x)^(-a_i): no mass takes part in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import factorial, prod

from flint import acb, acb_series, arb, ctx

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


def urn_phi(cell: Cell, used: tuple[int, ...], count: int) -> Callable[[Sequence[acb]], acb]:
    """E PROD turn_i**n_i, or its derivative."""
    a, j = _concentrations(cell, used), _moved(cell, used)
    whole, gain = (table[count] for table in _tables(sum(a, arb(0)), count))

    def phi(turns: Sequence[acb]) -> acb:
        cap, ctx.cap = ctx.cap, max(ctx.cap, count + 1)
        try:
            return coefficient(turns)
        finally:
            ctx.cap = cap

    def coefficient(turns: Sequence[acb]) -> acb:
        logs = [acb_series([1, -turn], count + 1).log() for turn in (*turns, acb(1))]
        powers = sum((log * acb(-c) for c, log in zip(a, logs, strict=True)), acb_series([0], count + 1))
        series = powers.exp()
        if j is not None:
            series = -logs[j] * series - series * acb(gain)
        return acb(series[count]) * factorial(count) / whole

    return phi
