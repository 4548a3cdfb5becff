"""Functions of several linear forms of a normal vector: products of uncorrelated ones, radial ones, pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import get_family
from fsb_oracle.integrands import Integrand
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.integrands.domination import domination
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.certificate import Route
from fsb_oracle.oracle.joint.combination import ZERO, Part, RoutesOf, exact, number, product, reduced, total
from fsb_oracle.oracle.joint.derivatives import covariance_speed, mean_speed
from fsb_oracle.oracle.joint.elliptical import Vector
from fsb_oracle.oracle.joint.pairs import MOST_DIGITS, Axis, Growth, level, pair_integral, require_smooth
from fsb_oracle.oracle.joint.ridges import Direction, as_ridge

x, y = sympy.symbols("x y", real=True)


def product_routes(cell: Cell, f: Any, routes_of: RoutesOf) -> list[Route]:
    """E PROD f_i(c_i . sample) with uncorrelated linear forms; none if f is no such product.

    The derivative in cov(c_i . z, c_j . z) is E f_i' E f_j' times the other means, and E f_i' = dE f_i/dloc.
    """
    vector, ridges = Vector(cell), dict[Direction, Any]()
    for factor in sympy.Mul.make_args(f):
        ridge = as_ridge(factor, cell.family.samples) if factor.free_symbols else ((), factor)
        if ridge is None:
            return []
        ridges[ridge[0]] = ridges.get(ridge[0], sympy.S.One) * ridge[1]
    constant = ridges.pop((), sympy.S.One)
    forms = list(ridges)
    if len(forms) < 2 or any(vector.form(a, b) != 0 for a, b in combinations(forms, 2)):
        return []
    cells = {c: Cell(vector.margin, vector.margin_values(c), Integrand(ridges[c])) for c in forms}

    def means(changed: dict[Direction, str]) -> list[Route]:
        return product(
            [reduced(cells[c].derivative(changed[c]) if c in changed else cells[c], routes_of) for c in forms]
        )

    if cell.parameter is None:
        return total([Part(constant, means({}))])
    parts = []
    for c in forms:
        for speed, name in ((mean_speed(vector, c), "loc"), (covariance_speed(vector, c, c), "scale_squared")):
            if speed:
                parts.append(Part(_times(constant, speed), means({c: name})))
    for c, other in combinations(forms, 2):
        if speed := covariance_speed(vector, c, other):
            parts.append(Part(_times(constant, speed), means({c: "loc", other: "loc"})))
    return total(parts)


def _times(constant: Any, speed: Fraction) -> Any:
    return constant * sympy.Rational(speed.numerator, speed.denominator)


def pair_routes(cell: Cell, f: Any, alone: bool) -> list[Route]:
    """E g(a . sample, b . sample) of two linear forms by nested integration.

    It is slow: where it is not `alone`, it answers only if it can have the digits.
    """
    vector, samples = Vector(cell), cell.family.samples
    found = two_forms(f, samples)
    if found is None:
        return []
    (a, b), g = found
    require_smooth(g)
    speeds = None
    if cell.parameter is not None:
        speeds = Speeds(
            mean_speed(vector, a),
            mean_speed(vector, b),
            covariance_speed(vector, a, a) / 2,
            covariance_speed(vector, a, b),
            covariance_speed(vector, b, b) / 2,
        )
        if not any(astuple(speeds)):
            return ZERO
    key = (g, a, b, tuple(cell.values.items()), speeds)

    def evaluated(digits: int, scale: arb) -> arb:
        if digits > MOST_DIGITS and not alone:
            raise Unboundable("nested integrals have fewer digits")
        known = (*key, level(digits))
        if known not in _PAIRS:
            _PAIRS[known] = _pair(vector, a, b, g, speeds, digits)
        return _PAIRS[known]

    return [Route("density", evaluated)]


_PAIRS: dict[Any, arb] = {}


@dataclass(frozen=True)
class Speeds:
    """The derivative of E g(x, y) as SUM speed * E of d_x g, d_y g, d_xx g, d_xy g and d_yy g."""

    x: Fraction
    y: Fraction
    xx: Fraction
    xy: Fraction
    yy: Fraction


def _weight(speeds: Speeds | None, spread: arb, slope: arb, rest: arb) -> tuple[arb, arb, arb, arb, arb, arb]:
    """The polynomial 1, u, w, uu - 1, uw, ww - 1 that weights g: E of a derivative in u is E g u, and so on.

    With x = ... + spread u and y = ... + slope u + rest w, d_y = D_w/rest and d_x = (D_u - slope d_y)/spread.
    """
    if speeds is None:
        return arb(1), arb(0), arb(0), arb(0), arb(0), arb(0)
    first, second, xx, xy, yy = (number(speed) for speed in astuple(speeds))
    tilt = slope / rest
    across = xx / spread**2
    mixed = xy / (spread * rest) - 2 * tilt * across
    return (
        arb(0),
        first / spread,
        second / rest - first * tilt / spread,
        across,
        mixed,
        yy / rest**2 - xy * tilt / (spread * rest) + tilt**2 * across,
    )


def _pair(vector: Vector, a: Direction, b: Direction, g: Any, speeds: Speeds | None, digits: int) -> arb:
    """x = m_a + s_a u, y = m_b + (v_ab/s_a) u + s w with independent standard normal u and w."""
    function = compile_expression(g, (x, y))
    with precision(MOST_DIGITS + 20):
        first, second = (
            number(sum((c * m for c, m in zip(form, vector.loc, strict=True)), Fraction(0))) for form in (a, b)
        )
        own, mixed = vector.form(a, a), vector.form(a, b)
        spread = number(own).sqrt()
        slope, rest = number(mixed) / spread, number(vector.form(b, b) - mixed**2 / own).sqrt()
        weight = _weight(speeds, spread, slope, rest)
        size, rate = domination(g).exponential(1 / (1 + spread + abs(slope) + rest))
        largest = float(((spread + abs(slope)).max(rest) * rate).upper()) * (1 + 1e-9)
        exponent = Fraction(largest).limit_denominator(1000) + Fraction(1, 500) if largest > 0 else Fraction(0)
        size = size * (rate * (abs(first) + abs(second))).exp()
        if speeds is not None:  # the polynomial is below (1 + r)**2 <= 16 exp(r/2) times its coefficients
            size *= 16 * sum((abs(c) for c in weight), arb(0))
            exponent += Fraction(1, 2)
        each = 2 * (number(exponent) ** 2 / 2).exp()

        def at(m: Any, u: Any, w: Any) -> acb:
            value = acb(function(m, first + spread * u, second + slope * u + rest * w))
            if speeds is None:
                return value
            _, in_u, in_w, in_uu, in_uw, in_ww = weight
            return value * (in_u * u + in_w * w + in_uu * (u * u - 1) + in_uw * (u * w) + in_ww * (w * w - 1))

    normal = Axis(get_family("normal"), {"loc": Fraction(0), "scale": Fraction(1)}, None)
    return pair_integral(at, (normal, normal), Growth(size, exact(exponent), (each, each)), digits)


def two_forms(f: Any, samples: Sequence[sympy.Symbol]) -> tuple[tuple[Direction, Direction], Any] | None:
    """`((a, b), g)` with f = g(a . sample, b . sample), where two variables or two linear forms occur."""
    used = [s for s in samples if s in f.free_symbols]
    if len(used) != 2:
        return None
    units = [tuple(int(s == u) for s in samples) for u in used]
    return (units[0], units[1]), f.xreplace({used[0]: x, used[1]: y})


def refused(f: Any) -> Unboundable:
    """Why no route is known for a term."""
    return Unboundable(f"no route is known for {f}, a function of several correlated variables")
