"""Moments of a Wishart matrix W = L A A'L' in exact rational arithmetic, by two formulas that share nothing.

Permutations: E PROD tr(B_i W) = SUM over permutations of 2^n (df/2)^cycles PROD over cycles tr(PROD B_i S) for
symmetric B_i (Graczyk, Letac and Massam 2003). Bartlett: A is lower triangular with independent entries,
A_kk^2 ~ chi2(df - k) and A_ij ~ N(0, 1); with S = U D U' the odd moments of the entries of D^(1/2) A vanish, so that
no root is left.
Derivatives are carried along as dual numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import permutations
from typing import Any

import sympy

Pair = tuple[int, int]


@dataclass(frozen=True)
class Dual:
    """A rational number and its derivative in the cell's parameter."""

    value: Fraction
    slope: Fraction = Fraction(0)

    def __add__(self, other: Dual) -> Dual:
        return Dual(self.value + other.value, self.slope + other.slope)

    def __sub__(self, other: Dual) -> Dual:
        return Dual(self.value - other.value, self.slope - other.slope)

    def __mul__(self, other: Dual) -> Dual:
        return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)

    def __truediv__(self, other: Dual) -> Dual:
        ratio = self.value / other.value
        return Dual(ratio, (self.slope - ratio * other.slope) / other.value)


ZERO, ONE, TWO = Dual(Fraction(0)), Dual(Fraction(1)), Dual(Fraction(2))
Matrix = Sequence[Sequence[Dual]]


def by_permutations(entries: Sequence[Pair], df: Dual, square: Matrix) -> Dual:
    """E PROD W_ij over the entries (i, j)."""
    size, half, result = len(entries), df / TWO, ZERO
    for cycles in _permutations(size):
        term = ONE
        for cycle in cycles:
            term = term * _two_to(len(cycle)) * half * _trace([entries[i] for i in cycle], square)
        result = result + term
    return result


def _two_to(power: int) -> Dual:
    return Dual(Fraction(2**power))


@lru_cache(maxsize=16)
def _permutations(size: int) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """The cycles of every permutation."""
    found = []
    for image in permutations(range(size)):
        left, cycles = set(range(size)), []
        while left:
            start = min(left)
            cycle, k = [start], image[start]
            while k != start:
                cycle.append(k)
                k = image[k]
            left -= set(cycle)
            cycles.append(tuple(cycle))
        found.append(tuple(cycles))
    return tuple(found)


def _trace(cycle: Sequence[Pair], square: Matrix) -> Dual:
    """tr(PROD B S) with B = (e_i e_j' + e_j e_i')/2 for each entry: a sum over the orientations."""
    result, count = ZERO, len(cycle)
    for flips in range(2**count):
        ends = [(j, i) if flips >> k & 1 else (i, j) for k, (i, j) in enumerate(cycle)]
        term = ONE
        for k, (_, end) in enumerate(ends):
            term = term * square[end][ends[(k + 1) % count][0]]
        result = result + term
    return result / _two_to(count)


def by_bartlett(entries: Sequence[Pair], df: Dual, square: Matrix) -> Dual:
    """The same mean from the independent entries B = D^(1/2) A of W = U B B'U'."""
    unit, pivots = _factors(square)
    size, result = len(square), ZERO
    names = [[sympy.Symbol(f"b{i}_{k}") for k in range(i + 1)] for i in range(size)]
    for weight, pairs in _expanded(entries, unit, size):
        polynomial = sympy.S.One
        for a, b in pairs:  # (B B')_ab
            polynomial *= sympy.Add(*(names[a][k] * names[b][k] for k in range(min(a, b) + 1)))
        symbols = [name for row in names for name in row]
        for powers, coefficient in sympy.Poly(polynomial, *symbols).terms():
            result = result + weight * Dual(Fraction(int(coefficient))) * _bartlett_mean(powers, df, pivots)
    return result


def _factors(square: Matrix) -> tuple[list[list[Dual]], list[Dual]]:
    """S = U D U' with U lower triangular, 1 on its diagonal."""
    size = len(square)
    unit, pivots = [[ONE if i == j else ZERO for j in range(size)] for i in range(size)], list[Dual]()
    for j in range(size):
        pivot = square[j][j]
        for k in range(j):
            pivot = pivot - unit[j][k] * unit[j][k] * pivots[k]
        pivots.append(pivot)
        for i in range(j + 1, size):
            left = square[i][j]
            for k in range(j):
                left = left - unit[i][k] * unit[j][k] * pivots[k]
            unit[i][j] = left / pivot
    return unit, pivots


def _expanded(entries: Sequence[Pair], unit: Matrix, size: int) -> Iterator[tuple[Dual, tuple[Pair, ...]]]:
    """PROD W_ij as a sum of weight * PROD (B B')_ab, with W_ij = SUM U_ia (B B')_ab U_jb."""
    if not entries:
        yield ONE, ()
        return
    (i, j), rest = entries[0], entries[1:]
    for weight, pairs in _expanded(rest, unit, size):
        for a in range(i + 1):
            for b in range(j + 1):
                factor = unit[i][a] * unit[j][b]
                if factor != ZERO:
                    yield weight * factor, (*pairs, (a, b))


def _bartlett_mean(powers: tuple[int, ...], df: Dual, pivots: Sequence[Dual]) -> Dual:
    """E PROD B_ik**power: B_ik ~ N(0, D_i) below the diagonal, B_kk**2 ~ D_k chi2(df - k) on it."""
    result, place = ONE, 0
    for i, pivot in enumerate(pivots):
        for k in range(i + 1):
            power, place = powers[place], place + 1
            if power % 2:
                return ZERO
            for m in range(power // 2):
                step = df - Dual(Fraction(k)) + Dual(Fraction(2 * m)) if i == k else Dual(Fraction(2 * m + 1))
                result = result * step * pivot
    return result


def seeded(values: dict[str, Fraction], size: int, parameter: str | None) -> tuple[Dual, list[list[Dual]]]:
    """df and S with the derivative in the parameter; that of an entry of S is the symmetric one."""
    square = [[Dual(values[f"covariance_matrix.{i}.{j}"]) for j in range(size)] for i in range(size)]
    if parameter is not None and parameter != "df":
        i, j = (int(index) for index in parameter.split(".")[1:])
        for a, b in ((i, j), (j, i)):
            square[a][b] = Dual(square[a][b].value, square[a][b].slope + Fraction(1, 2))
    return Dual(values["df"], Fraction(int(parameter == "df"))), square


def mean(
    formula: Any, entries: Sequence[Pair], values: dict[str, Fraction], size: int, parameter: str | None
) -> Fraction:
    """The mean of PROD W_ij by one of the two formulas, or its derivative."""
    df, square = seeded(values, size, parameter)
    result: Dual = formula(entries, df, square)
    return result.value if parameter is None else result.slope
