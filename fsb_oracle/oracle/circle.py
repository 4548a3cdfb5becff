"""The second route on the circle: f against the Fourier series of the law, from its characteristic function alone.

E f = INT f p_N with p_N(z) = (1 + 2 SUM_(n <= N) Re(phi(n) exp(-i n z)))/(2 pi), and the same with d phi/d parameter:
neither density nor score takes part. The terms that are left out: for the von Mises law |phi(n)| = r_n = I_n(k)/I_0(k)
falls with n, |d phi/d loc| = n r_n and |d phi/d concentration| <= r_(n - 1); and r_(n + 1)/r_n falls with n too (by
I_(n-1) I_(n+1) <= I_n^2: Thiruvenkatachar and Nanjundiah 1951). Hence all three sums over n > N are at most

    SUM_(n >= N) (n + 1) r_n <= (N + 1) r_N/(1 - rho),   rho = (N + 2)/(N + 1) r_(N+1)/r_N.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import acb, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import FlintMath, precision
from fsb_oracle.families.family import w, z
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle.cell import Cell, Piece
from fsb_oracle.oracle.density import GUARD_DIGITS
from fsb_oracle.oracle.lowering import PLAIN, arguments, lower
from fsb_oracle.oracle.quadrature import enclosed_integral, safe

LONGEST_SERIES = 80  # each evaluation takes as many products
BOXES = 64  # that cover a piece of f, to bound it


def applies(cell: Cell) -> bool:
    """Whether the law is the von Mises law; f may have kinks and jumps."""
    return cell.family.name == "von_mises"


def integrate(cell: Cell, digits: int) -> arb:
    """E f, or its derivative, to an absolute error of about 10**-digits.

    Raises:
        Unboundable: f is not bounded, or the series of a concentrated law is too long.
    """
    family = cell.family
    with precision(max(digits, 0) + GUARD_DIGITS):
        tolerance = arb(10) ** -digits
        parameters = arguments(family, cell.values)
        start, end = (
            acb(compile_expression(e, family.symbols)(PLAIN, *parameters)).real
            for e in (family.support.lower, family.support.upper)
        )
        ranges = [
            (
                start if piece.lower is None else acb(compile_expression(piece.lower, ())(PLAIN)).real,
                end if piece.upper is None else acb(compile_expression(piece.upper, ())(PLAIN)).real,
                _function(piece),
            )
            for piece in cell.pieces
        ]
        size = sum((_size(low, high, f) for low, high, f in ranges), arb(0))
        if not size.is_finite():
            raise Unboundable("f is not bounded on the circle")
        terms, left_out = _cut(parameters[1].real, tolerance / (1 + size))
        formula = (
            family.characteristic_function
            if cell.parameter is None
            else family.characteristic_derivative(cell.parameter)
        )
        phi = compile_expression(formula, (w, *family.symbols))
        coefficients = [acb(phi(FlintMath(), acb(n), *parameters)) for n in range(terms + 1)]
        total = acb(0)
        for low, high, f in ranges:
            callback = _product(f, coefficients)
            total += enclosed_integral(callback, acb(low), acb(high), tolerance, digits)
        return (total.real + arb(0, (size * left_out).upper())) / arb.pi()


def _function(piece: Piece) -> Callable[[acb, bool], acb]:
    lowered = lower(piece.expression, z)

    def function(m: Any, x: acb, *constants: Any) -> acb:
        return acb(lowered.function(m, x, *constants))  # a constant is a plain number

    return safe(function, *lowered.values((), ()))


def _size(low: arb, high: arb, f: Callable[[acb, bool], acb]) -> arb:
    """A bound of the integral of |f|."""
    width = (high - low) / BOXES
    boxes = ((low + k * width).union(low + (k + 1) * width) for k in range(BOXES))
    return sum((abs(f(acb(box), False)).upper() * width for box in boxes), arb(0))


def _cut(concentration: arb, tolerance: arb) -> tuple[int, arb]:
    """N, how many terms of the series to take, and the bound of what is left out of pi p(z), or of its derivative."""
    base = concentration.bessel_i(arb(0))
    for n in range(2, LONGEST_SERIES, 2):
        ratio = concentration.bessel_i(arb(n)) / base
        fall = concentration.bessel_i(arb(n + 1)) / base / ratio * (n + 2) / (n + 1)
        if fall < 1:
            rest = (n + 1) * ratio / (1 - fall)
            if rest < tolerance:
                return n, rest
    raise Unboundable("the Fourier series of so concentrated a law is too long")


def _product(f: Callable[[acb, bool], acb], coefficients: list[acb]) -> Callable[[acb, bool], acb]:
    """f times pi p_N, where p_N is analytic: the conjugates of phi(n) exp(-i n z) are continued as functions of z."""
    first, *rest = coefficients
    above, below = rest[::-1], [c.conjugate() for c in rest[::-1]]

    def callback(x: acb, analytic: bool) -> acb:
        wave: Any = (x * acb(0, 1)).exp()
        back = 1 / wave
        forward, backward = acb(0), acb(0)
        for a, b in zip(above, below, strict=True):
            forward, backward = (forward + a) * back, (backward + b) * wave
        return f(x, analytic) * (first + forward + backward) / 2

    return callback
