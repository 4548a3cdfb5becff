"""All real zeros of an expression in z, as exact numbers: where switches flip and where poles are.

Solved are polynomials (also in one exponential, logarithm or other function of z), what undoes step by step from the
outside (exp, log, powers, hyperbolic and trigonometric functions), and strictly monotone functions with a zero at a
small integer. Complete by construction: what is not solved completely is refused. More points than there are zeros
may be returned, which does no harm at a break.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import sympy
from sympy import S, cos, erf, erfc, exp, log, oo, pi, sin, sinh, sqrt, tan, tanh

from fsb_oracle.errors import UsageError
from fsb_oracle.families.family import z

MAXIMUM_ZEROS = 1_000
_SMALL = tuple(sympy.Integer(n) for n in (0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5))
_RISING = (exp, log, tanh, sinh, sympy.atan, sympy.asinh, erf)


class Unsolved(UsageError):
    """The zeros of an expression are not known completely."""


class InfinitelyMany(Unsolved):
    """An expression has infinitely many zeros, or more than are handled."""


@lru_cache(maxsize=4096)
def real_zeros(argument: sympy.Expr, low: sympy.Expr = -oo, high: sympy.Expr = oo) -> tuple[sympy.Expr, ...]:
    """The points at which `argument`, real on the line, is 0 or has a pole, sorted; at least those in (low, high).

    Raises:
        Unsolved: they are not all known. One sentence.
    """
    found: set[Any] = set()
    for part in sympy.fraction(sympy.together(argument)):
        found.update(_solve(part, S.Zero, (low, high)))
    return in_order(found)


def in_order(points: Iterable[Any]) -> tuple[Any, ...]:
    """Exact numbers sorted, each once."""
    ordered = sorted(set(points), key=lambda point: point.evalf(40))
    return tuple(p for i, p in enumerate(ordered) if i == 0 or not _same(ordered[i - 1], p))


def _same(a: Any, b: Any) -> bool:
    near = abs(a.evalf(40) - b.evalf(40)) <= abs(b.evalf(40)) * S(10) ** -35
    return bool(near) and bool((a - b).equals(0))


def _solve(g: Any, c: Any, window: tuple[Any, Any]) -> list[Any]:
    """All z in the window (and perhaps others) with g(z) = c."""
    if z not in g.free_symbols:
        return []
    if g.is_polynomial(z):
        return _polynomial_roots(g - c)
    if (g - c).is_nonzero:
        return []
    if g.is_Add and (constant := g.as_independent(z, as_Add=True)[0]) != 0:
        return _solve(g - constant, c - constant, window)
    if g.is_Mul:
        factor, rest = g.as_independent(z, as_Add=False)
        if factor != 1:
            return _solve(rest, c / factor, window)
        if c == 0:
            return [point for own in g.args for point in _solve(own, c, window)]
    undone = _undone(g, c, window)
    if undone is not None:
        return undone
    for reduced in (_in_one_function, _in_one_exponential):
        values = reduced(g, c)
        if values is not None:
            return [point for inner, value in values for point in _solve(inner, value, window)]
    return _of_monotone(g, c)


def _polynomial_roots(polynomial: Any) -> list[Any]:
    try:
        return sympy.real_roots(sympy.Poly(polynomial, z, domain="QQ"), multiple=True)
    except sympy.polys.polyerrors.CoercionFailed:
        general = sympy.Poly(polynomial, z)
    if general.degree() > 2:
        raise Unsolved(f"the zeros of {polynomial} are not known exactly")
    roots = list(sympy.roots(general))
    if any(root.is_real is None for root in roots):
        raise Unsolved(f"the zeros of {polynomial} are not known exactly")
    return [root for root in roots if root.is_real]


def _undone(g: Any, c: Any, window: tuple[Any, Any]) -> list[Any] | None:
    """The outermost function inverted; None if it is none of those that are."""
    inner, values = g.args[0], None
    if isinstance(g, exp):
        values = [log(c)] if c > 0 else []
    elif isinstance(g, log):
        values = [exp(c)]
    elif g.is_Pow and g.exp.is_Rational:
        values = _roots_of_power(g.exp, c)
    elif isinstance(g, tanh):
        values = [log((1 + c) / (1 - c)) / 2] if abs(c) < 1 else []
    elif isinstance(g, (sinh, sympy.asinh)):
        values = [log(c + sqrt(c**2 + 1)) if isinstance(g, sinh) else sinh(c)]
    elif isinstance(g, sympy.cosh):
        values = [s * log(c + sqrt(c**2 - 1)) for s in (1, -1)] if c >= 1 else []
    elif isinstance(g, sympy.atan):
        values = [tan(c)] if abs(c) < pi / 2 else []
    elif isinstance(g, (erf, erfc)):
        level = c if isinstance(g, erf) else 1 - c
        values = [S.Zero] if level == 0 else None if abs(level) < 1 else []
    elif isinstance(g, (sin, cos, tan)):
        return _of_waves(g, c, window)
    return None if values is None else [point for value in values for point in _solve(inner, value, window)]


def _roots_of_power(exponent: Any, c: Any) -> list[Any]:
    if c == 0:
        return [S.Zero]  # for a negative exponent a pole
    if exponent.q % 2 == 1 and exponent.p % 2 == 1 and exponent.q == 1:
        return [sympy.sign(c) * abs(c) ** (1 / exponent)]
    if c < 0:
        return []
    root = c ** (1 / exponent)
    return [root, -root] if exponent.q == 1 else [root]


def _of_waves(g: Any, c: Any, window: tuple[Any, Any]) -> list[Any]:
    """sin, cos, tan of a linear function: finitely many zeros in a bounded window."""
    inner = g.args[0]
    if not isinstance(g, tan) and abs(c) > 1:
        return []
    if isinstance(g, tan):
        bases, period = [sympy.atan(c), pi / 2], pi  # the zeros and the poles
    else:
        angle = sympy.atan(c / sqrt(1 - c**2)) if abs(c) < 1 else sympy.sign(c) * pi / 2
        bases, period = ([angle, pi - angle] if isinstance(g, sin) else [pi / 2 - angle, angle - pi / 2]), 2 * pi
    slope: Any = sympy.diff(inner, z)
    if z in slope.free_symbols:
        raise Unsolved(f"the zeros of {g - c} are not known exactly")
    low, high = window
    ends = sorted(inner.subs(z, end) for end in window) if low != -oo and high != oo else [-oo, oo]
    if ends[0] == -oo or (ends[1] - ends[0]) / period > MAXIMUM_ZEROS:
        raise InfinitelyMany(f"{g - c} has too many zeros")
    points = []
    for base in bases:
        first, last = sympy.ceiling((ends[0] - base) / period), sympy.floor((ends[1] - base) / period)
        points += [(base + k * period - inner.subs(z, 0)) / slope for k in range(int(first), int(last) + 1)]
    return points


def _in_one_function(g: Any, c: Any) -> list[tuple[Any, Any]] | None:
    """g as a rational function of one inner function of z: that function and the values it must take."""
    nodes = set(_outermost(g))
    u, inner = sympy.Dummy("u", real=True), nodes.pop()
    return _values((g - c).xreplace({inner: u}), u, inner) if not nodes and inner not in (z, g) else None


def _outermost(node: Any) -> list[Any]:
    if z not in node.free_symbols or node == z:
        return [node] if node == z else []
    if node.is_Add or node.is_Mul or (node.is_Pow and node.exp.is_Integer):
        return [found for argument in node.args for found in _outermost(argument)]
    return [node]


def _in_one_exponential(g: Any, c: Any) -> list[tuple[Any, Any]] | None:
    """The same for powers of one exponential exp(r z), hyperbolic functions included."""
    spread = sympy.expand(sympy.expand_power_exp(sympy.expand((g - c).rewrite(exp))))
    slopes = [sympy.diff(node.args[0], z) for node in spread.atoms(exp) if z in node.free_symbols]
    if not slopes or any(z in slope.free_symbols for slope in slopes):
        return None
    ratios: list[Any] = [slope / slopes[0] for slope in slopes]
    if not all(ratio.is_Rational for ratio in ratios):
        return None
    step, u = slopes[0] / sympy.ilcm(1, *(ratio.q for ratio in ratios)), sympy.Dummy("u", positive=True)
    powers = spread.replace(
        lambda node: isinstance(node, exp) and z in node.free_symbols,
        lambda node: u ** (sympy.diff(node.args[0], z) / step) * exp(node.args[0].subs(z, 0)),
    )
    return _values(powers, u, exp(step * z))


def _values(outer: Any, u: sympy.Dummy, inner: Any) -> list[tuple[Any, Any]] | None:
    """The zeros of a rational function of u, as values of the inner function."""
    numerator = sympy.fraction(sympy.together(outer))[0]
    if z in outer.free_symbols or not numerator.is_polynomial(u):
        return None
    return [(inner, value) for value in _polynomial_roots(numerator.xreplace({u: z}))]


def _of_monotone(g: Any, c: Any) -> list[Any]:
    slope: Any = sympy.diff(g, z)
    if _direction(g) is None and not (slope.is_nonnegative or slope.is_nonpositive):
        raise Unsolved(f"the zeros of {g - c} are not known exactly")
    for point in _SMALL:
        if (g.subs(z, point) - c).equals(0):
            return [point]
    raise Unsolved(f"the zero of {g - c} is not known exactly")


def _direction(g: Any) -> int | None:
    """1 or -1 for what is strictly increasing or decreasing by its structure."""
    if g == z:
        return 1
    if g.is_Add:
        signs = {_direction(term) for term in g.args if z in term.free_symbols}
        return signs.pop() if len(signs) == 1 else None
    if g.is_Mul:
        factor, rest = g.as_independent(z, as_Add=False)
        inner = _direction(rest) if not rest.is_Mul else None
        return None if inner is None or not factor.is_nonzero else inner * (1 if factor > 0 else -1)
    if isinstance(g, _RISING) or (g.is_Pow and g.exp.is_Integer and g.exp.is_odd and g.exp > 0):
        return _direction(g.args[0])
    return None
