"""The inverse gamma law and functions that are polynomials between kinks: the incomplete gamma function as a positive
series.

phi of the inverse gamma law holds a Bessel function that no table multiplies with a jump; the closed form takes the
place of the spectral route. With x = rate/c and P the regularised lower incomplete gamma function (DLMF 8.7.1),

    E[Z^n; Z > c] = rate^n Gamma(k - n)/Gamma(k) P(k - n, x),  P(s, x) = x^s exp(-x)/Gamma(s + 1) SUM_j x^j/(s + 1)_j.
"""

from __future__ import annotations

from flint import acb, arb, ctx

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.density import GUARD_DIGITS
from fsb_oracle.oracle.lowering import PLAIN, arguments
from fsb_oracle.oracle.means import mean
from fsb_oracle.oracle.spectral import found_spectrum

LONGEST_SERIES = 30_000  # terms, about as many as rate/c


def applies(cell: Cell) -> bool:
    """Whether f is polynomial between kinks and jumps at positive points, with moments that the law has."""
    if cell.family.name != "inverse_gamma":
        return False
    found = found_spectrum(cell)
    if found is None or not found.jumps or found.smooth:
        return False
    if not all(jump.rate == 0 == jump.frequency for jump in found.jumps):
        return False
    concentration, rate = cell.values["concentration"], cell.values["rate"]
    powers = [p.power for jump in found.jumps for edge in jump.edges for p in edge.change]
    powers += [p.power for p in (*found.points, *(p for jump in found.jumps for p in jump.lower)) if p.rate == 0]
    edges = [edge.position for jump in found.jumps for edge in jump.edges]
    return max(powers) < concentration and all(0 < rate < LONGEST_SERIES * edge for edge in edges)


def evaluate(cell: Cell, digits: int) -> arb:
    """E f, or its derivative, with about `digits` digits; `applies` must hold."""
    found = found_spectrum(cell)
    assert found is not None
    with precision(max(digits, 0) + GUARD_DIGITS):
        concentration, rate = (p.real for p in arguments(cell.family, cell.values))
        points = [*found.points, *(point for jump in found.jumps for point in jump.lower)]
        total = mean(cell.family, cell.values, cell.parameter, points)
        for edge in (edge for jump in found.jumps for edge in jump.edges):
            position = acb(compile_expression(edge.position, ())(PLAIN)).real
            for point in edge.change:
                coefficient = acb(compile_expression(point.coefficient, ())(PLAIN)).real
                total += coefficient * _truncated_moment(concentration, rate, point.power, position, cell.parameter)
        return total


def _truncated_moment(concentration: arb, rate: arb, n: int, c: arb, parameter: str | None) -> arb:
    """E[Z**n; Z > c], or its derivative."""
    s, x = concentration - n, rate / c
    below, in_s, in_x = lower_gamma(s, x)
    moment = rate**n
    for j in range(1, n + 1):
        moment /= concentration - j
    if parameter is None:
        return moment * below
    if parameter == "rate":
        return moment * (n / rate * below + in_x / c)
    steps = (1 / (concentration - j) for j in range(1, n + 1))
    return moment * (in_s - below * sum(steps, arb(0)))


def lower_gamma(s: arb, x: arb) -> tuple[arb, arb, arb]:
    """P(s, x) and its derivatives in s and x, s > 0, x > 0; the terms left out are bounded by a geometric series.

    The terms x**j/(s + 1)_j are positive, and their derivatives in s are minus them times h_j, the sum of 1/(s + i)
    for i from 1 to j: h grows by at most 1/(s + j + 1) from one term to the next.
    """
    front = (s * x.log() - x - (s + 1).lgamma()).exp()
    term, harmonic, total, slope = arb(1), arb(0), arb(0), arb(0)
    j = 0
    while True:
        total, slope = total + term, slope - term * harmonic
        j += 1
        term *= x / (s + j)
        harmonic += 1 / (s + j)
        ratio = x / (s + j + 1)
        if j % 8 == 0 and ratio < 1:
            rest = term * (1 + harmonic) / (1 - ratio) + term / (s + j + 1) * ratio / (1 - ratio) ** 2
            if rest < total * arb(2) ** -ctx.prec:
                break
    ball = arb(0, rest.upper())
    total, slope = total + ball, slope + ball
    in_s = front * ((x.log() - (s + 1).digamma()) * total + slope)
    return front * total, in_s, (s * x.log() - x - s.lgamma()).exp() / x


__all__ = ["applies", "evaluate", "lower_gamma"]
