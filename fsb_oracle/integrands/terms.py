"""The three kinds of terms into which f falls under the Fourier transform: points, smooth table entries,
jumps.

* `Point`: c z**n exp(rate z), whose transform is a point spectrum: its mean is a derivative of the
  characteristic function.
* `Smooth`: an entry of the table in `transforms`, whose transform decays exponentially.
* `Jumps`: what changes at kinks and jumps, where the change is itself made of points.

A formula with a pole on the imaginary axis, taken on the line Im w = eta, is the transform of f less its
asymptote at one end; `lower` and `upper` are those asymptotes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy
from sympy import I, S, exp

from fsb_oracle.backends.noise import w
from fsb_oracle.families.family import z

MAXIMUM_POWER = 60  # beyond it, moments are left to the density route
REWRITABLE = (sympy.sin, sympy.cos, sympy.sinh, sympy.cosh)


@dataclass(frozen=True)
class Point:
    """coefficient * z**power * exp(rate * z)."""

    coefficient: sympy.Expr
    power: int
    rate: sympy.Expr

    @property
    def expression(self) -> sympy.Expr:
        return self.coefficient * z**self.power * exp(self.rate * z)


@dataclass(frozen=True)
class Smooth:
    """exp(-i w position) * amplitude(w), analytic for |Im w| < strip but for a pole at 0 if there are
    asymptotes.

    With `half_line` the formula holds for Re w > 0 only (it hides |w|) and is used on the real line alone.
    """

    amplitude: sympy.Expr
    position: sympy.Expr
    strip: sympy.Expr
    half_line: bool = False
    lower: tuple[Point, ...] = ()
    upper: tuple[Point, ...] = ()

    @property
    def expression(self) -> sympy.Expr:
        return self.amplitude * exp(-I * w * self.position)


@dataclass(frozen=True)
class Edge:
    """From `position` on, f gains the points `change`: exp(-i w position) amplitude(w) with a rational
    amplitude.
    """

    position: sympy.Expr
    change: tuple[Point, ...]

    @cached_property
    def amplitude(self) -> sympy.Expr:
        """INT_a^oo SUM c z**n exp(rate z) exp(-i w (z - a)) dz."""
        a, y, total = self.position, sympy.Symbol("y"), S.Zero
        for point in self.change:
            shifted = sympy.Poly(sympy.expand((y + a) ** point.power), y)
            scale = point.coefficient * exp(point.rate * a)
            for (n,), coefficient in shifted.terms():
                total += scale * coefficient * sympy.factorial(n) / (I * w - point.rate) ** (n + 1)
        return total


@dataclass(frozen=True)
class Jumps:
    """What f does at its kinks and jumps, for points of the rates `rate` +- i `frequency`: a sum of edges.

    On a line Im w < -rate it is the transform of that part of f less `lower` (its form left of all a_j),
    above of f less `upper`.
    """

    rate: sympy.Expr
    frequency: sympy.Expr
    edges: tuple[Edge, ...]
    lower: tuple[Point, ...]
    upper: tuple[Point, ...]


@dataclass(frozen=True)
class Spectrum:
    """f as a sum of the three kinds."""

    points: tuple[Point, ...]
    smooth: tuple[Smooth, ...]
    jumps: tuple[Jumps, ...]


def point_terms(expression: Any) -> list[Point] | None:
    """The expression as a sum of points, or None."""
    expression = sympy.expand(expression.replace(lambda e: isinstance(e, REWRITABLE), lambda e: e.rewrite(exp)))
    terms = []
    for term in sympy.Add.make_args(expression):
        if term == 0:
            continue
        split = monomial(term)
        if split is None:
            return None
        constant, power, exponent = split
        slope = sympy.diff(exponent, z)
        if z in slope.free_symbols or power > MAXIMUM_POWER:
            return None
        terms.append(Point(constant * exp(exponent.xreplace({z: S.Zero})), power, slope))
    return collected(terms)


def band(f: Any) -> float | None:
    """The largest |rate| of z**n exp(rate z) in f, 0 for a polynomial; None where f is no sum of such terms."""
    points = point_terms(f.expression)
    if points is None or not all(point.rate.is_number for point in points):
        return None
    return max((float(abs(point.rate)) for point in points), default=0.0)


def monomial(term: Any) -> tuple[Any, int, Any] | None:
    """(c, n, e) of c z**n exp(e), or None."""
    constant, rest = term.as_independent(z, as_Add=False)
    power, exponent = 0, S.Zero
    for factor in sympy.Mul.make_args(rest):
        base, e = factor.as_base_exp()
        if base == z and e.is_Integer and e > 0:
            power += int(e)
        elif base is sympy.E:
            exponent += e
        elif factor != 1:
            return None
    return constant, power, exponent


def collected(terms: Iterable[Point]) -> list[Point]:
    """Terms of equal power and rate added up, those that vanish left out."""
    sums: dict[tuple[int, sympy.Expr], sympy.Expr] = defaultdict(lambda: S.Zero)
    for term in terms:
        sums[term.power, sympy.expand(term.rate)] += term.coefficient
    return [Point(c, n, rate) for (n, rate), c in sums.items() if sympy.expand(c) != 0]
