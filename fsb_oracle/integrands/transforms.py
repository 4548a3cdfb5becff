"""Fourier transforms of f by linearity: fhat(w) = INT f(z) exp(-i w z) dz, as a sum of `terms`.

The table: Gaussians times polynomials and exponentials, tanh, erf, logistic, 1/cosh, 1/cosh**2, softplus, and
rational functions without real poles, each of an affine argument. Sources: Erdelyi et al., Tables of Integral
Transforms I; Kammler 2007.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import sympy
from sympy import I, S, exp, pi

from fsb_oracle.backends.noise import w
from fsb_oracle.families.family import z
from fsb_oracle.integrands.terms import (
    MAXIMUM_POWER,
    REWRITABLE,
    Edge,
    Jumps,
    Point,
    Smooth,
    Spectrum,
    collected,
    monomial,
    point_terms,
)


@lru_cache(maxsize=1024)
def spectrum(pieces: tuple[tuple[sympy.Expr | None, sympy.Expr | None, sympy.Expr], ...]) -> Spectrum | None:
    """The spectrum of a function given by its pieces `(lower, upper, smooth expression)`; None if it is not
    in the table.
    """
    first = _decompose(pieces[0][2])
    if first is None:
        return None
    points, smooth = first
    states = [collected(points)]
    for _, _, expression in pieces[1:]:
        change = point_terms(expression - pieces[0][2])
        if change is None:
            return None
        states.append(collected([*states[0], *change]))
    if len(pieces) == 1:
        return Spectrum(tuple(states[0]), tuple(smooth), ())
    breaks: list[Any] = [lower for lower, _, _ in pieces[1:]]
    if any(point.has(sympy.CRootOf) for point in breaks):
        return None
    still, jumps = _jumps(breaks, states)
    return Spectrum(tuple(still), tuple(smooth), tuple(jumps))


def _decompose(expression: Any) -> tuple[list[Point], list[Smooth]] | None:
    """Points and table entries that add up to a smooth expression."""
    points = point_terms(expression)
    if points is not None:
        return points, []
    points, smooth = list[Point](), list[Smooth]()
    rational: Any = S.Zero
    for term in sympy.Add.make_args(sympy.expand(_normal_form(expression), power_exp=False)):
        own = point_terms(term)
        if own is not None:
            points += own
        elif term.is_rational_function(z):
            rational += term
        else:
            found = _gaussian(term) or _hyperbolic(term)
            if found is None:
                return None
            smooth.append(found)
    if rational != 0:
        fractions = _rational(rational)
        if fractions is None:
            return None
        points += fractions[0]
        smooth += fractions[1]
    return points, smooth


def _normal_form(expression: Any) -> Any:
    """Logistic functions as tanh, and erfc as erf."""

    def logistic(node: Any) -> bool:
        if not (node.is_Pow and node.exp == -1 and node.base.is_Add and len(node.base.args) == 2):
            return False
        one, other = node.base.args
        return one == 1 and isinstance(other, exp) and _affine(other.args[0]) is not None

    expression = expression.replace(sympy.erfc, lambda x: 1 - sympy.erf(x))
    return expression.replace(logistic, lambda node: (1 - sympy.tanh(node.base.args[1].args[0] / 2)) / 2)


def _affine(argument: Any) -> tuple[Any, Any] | None:
    """(a, b) of a z + b with a != 0, or None."""
    slope: Any = sympy.diff(argument, z)
    if not slope.is_nonzero or z in slope.free_symbols:
        return None
    return slope, argument.xreplace({z: S.Zero})


def _quadratic(expression: Any) -> tuple[Any, Any, Any] | None:
    """(c, b, a) of a z**2 + b z + c with a != 0, or None."""
    if not expression.is_polynomial(z):
        return None
    coefficients = sympy.Poly(expression, z).all_coeffs()
    return None if len(coefficients) != 3 else (coefficients[2], coefficients[1], coefficients[0])


def _gaussian(term: Any) -> Smooth | None:
    """c z**n exp(-q z**2 + b z + e): the n-th derivative in b of the transform of the Gaussian at b - i w."""
    term = sympy.powsimp(term.replace(lambda e: isinstance(e, REWRITABLE), lambda e: e.rewrite(exp)))
    y, amplitude = sympy.Symbol("y"), S.Zero
    for part in sympy.Add.make_args(sympy.expand(term)):
        split = monomial(part)
        quadratic = _quadratic(split[2]) if split is not None else None
        if split is None or quadratic is None or not quadratic[2].is_negative or split[1] > MAXIMUM_POWER:
            return None
        constant, power, _ = split
        e0, b, minus_q = quadratic
        formula: Any = sympy.diff(sympy.sqrt(-pi / minus_q) * exp(-(y**2) / (4 * minus_q)), y, power)
        amplitude += constant * exp(e0) * formula.xreplace({y: b - I * w})
    return Smooth(amplitude, S.Zero, sympy.oo)  # conjugate parts belong together: f is real


def _hyperbolic(term: Any) -> Smooth | None:
    """c tanh, c erf, c / cosh, c / cosh**2 and c log(1 + exp) of an affine argument a (z - position)."""
    constant, core = term.as_independent(z, as_Add=False)
    base, power = core.as_base_exp()
    if isinstance(core, sympy.log) and core.args[0].is_Add:
        return _softplus(constant, core.args[0])
    if not isinstance(base, (sympy.tanh, sympy.cosh, sympy.erf)) or (affine := _affine(base.args[0])) is None:
        return None
    a, b = affine
    size, position, v = sympy.Abs(a), -b / a, w / sympy.Abs(a)
    constant = constant * sympy.sign(a) if isinstance(base, (sympy.tanh, sympy.erf)) else constant
    ends = (Point(-constant, 0, S.Zero),), (Point(constant, 0, S.Zero),)
    if isinstance(base, sympy.erf) and power == 1:
        return Smooth(-2 * I * constant * exp(-(v**2) / 4) / (size * v), position, sympy.oo, False, *ends)
    if isinstance(base, sympy.tanh) and power == 1:
        return Smooth(-I * pi * constant / size * _csch(pi * v / 2), position, 2 * size, False, *ends)
    if isinstance(base, sympy.cosh) and power == -1:
        return Smooth(pi * constant / size * 2 * exp(-pi * v / 2) / (1 + exp(-pi * v)), position, size)
    if isinstance(base, sympy.cosh) and power == -2:
        # the pole of 1/sinh at 0 is removable; a line off the real axis never meets it
        return Smooth(pi * v * constant / size * _csch(pi * v / 2), position, 2 * size)
    return None


def _csch(x: Any) -> Any:
    """1/sinh(x) in the form that stays sharp on wide balls with Re x > 0."""
    return 2 * exp(-x) / (1 - exp(-2 * x))


def _softplus(constant: Any, inside: Any) -> Smooth | None:
    one, other = inside.as_independent(z, as_Add=True)
    if one != 1 or not isinstance(other, exp) or (affine := _affine(other.args[0])) is None:
        return None
    a, b = affine
    size, position, v = sympy.Abs(a), -b / a, w / sympy.Abs(a)
    line = (Point(constant * a, 1, S.Zero), Point(constant * b, 0, S.Zero))
    ends = ((), tuple(collected(line))) if a.is_positive else (tuple(collected(line)), ())
    return Smooth(-pi * constant / (size * v) * _csch(pi * v), position, size, False, *ends)


def _rational(expression: Any) -> tuple[list[Point], list[Smooth]] | None:
    """Partial fractions over irreducible quadratics; each closes in the lower half-plane, for Re w > 0."""
    try:
        parts: Any = sympy.apart(sympy.together(expression), z)
    except (sympy.PolynomialError, NotImplementedError, ValueError):
        return None
    points, smooth = list[Point](), list[Smooth]()
    for part in sympy.Add.make_args(parts):
        above, below = sympy.fraction(sympy.together(part))
        if z not in below.free_symbols:
            points += point_terms(part) or []
            continue
        constant, core = below.as_independent(z, as_Add=False)
        base, order = core.as_base_exp()
        quadratic = _quadratic(base)
        if quadratic is None or not order.is_Integer:
            return None
        c, b, a = quadratic
        discriminant = 4 * a * c - b**2
        if not discriminant.is_positive or sympy.Poly(above, z).degree() >= 2 * order:
            return None
        centre, height = -b / (2 * a), sympy.sqrt(discriminant) / (2 * sympy.Abs(a))
        pole, n = centre - I * height, int(order)
        rest = above * exp(-I * w * (z - centre)) / (constant * a**n * (z - centre - I * height) ** n)
        slope: Any = sympy.diff(rest, z, n - 1)
        residue = sympy.simplify(slope.xreplace({z: pole}) / sympy.factorial(n - 1))
        smooth.append(Smooth(sympy.expand(-2 * pi * I * residue), centre, sympy.oo, half_line=True))
    return points, smooth


def _jumps(breaks: Sequence[Any], states: Sequence[list[Point]]) -> tuple[list[Point], list[Jumps]]:
    """Points that no break changes, and the others grouped by rate (conjugate rates together)."""
    groups: dict[tuple[sympy.Expr, sympy.Expr], list[list[Point]]] = {}
    for j, state in enumerate(states):
        for point in state:
            rate, frequency = point.rate.as_real_imag()
            key = (rate, sympy.Abs(frequency))
            groups.setdefault(key, [[] for _ in states])[j].append(point)
    still, jumps = [], []
    for (rate, frequency), parts in groups.items():
        changes = [
            collected([*right, *(Point(-p.coefficient, p.power, p.rate) for p in left)])
            for left, right in pairwise(parts)
        ]
        if not any(changes):
            still += parts[0]
            continue
        edges = tuple(Edge(a, tuple(change)) for a, change in zip(breaks, changes, strict=True) if change)
        jumps.append(Jumps(rate, frequency, edges, tuple(parts[0]), tuple(parts[-1])))
    return still, jumps
