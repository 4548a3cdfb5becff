"""E f(z) of a normal vector given one linear form of it: where that leaves closed forms, one integral is left.

Let t = c.z be such that f is a sum of terms coefficient(t) * monomial * exp(quadratic polynomial) in the other
variables, with any functions of t in the coefficients: cos(z0 z1 z2) given z0, exp(-z0**2 - z1**2 z2**2) given z1,
tanh(z0 + z1) exp(z1 z2) given z0 + z1. Then E[f | t] is a closed form (`gaussian.tilted`), and

    E f = INT E[f | m + s x] exp(-x^2/2) (2 pi)^(-1/2) dx,    t = m + s x.

Gradients are means of derivatives of f, which have the same form. With z = loc + R u, where u_0 = x, and
|f| <= size exp(rate SUM |z_i|), what lies beyond |x| > T is at most size exp(rate SUM |loc_i|) times
2 exp(r_k^2/2) for each of the other u_k and exp(r_0^2/2) erfc((T - r_0)/sqrt 2), r_k = rate SUM_i |R_ik|.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from flint import acb, acb_mat, arb

from fsb_oracle.backends.expressions import bind, compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.integrands.domination import domination
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.certificate import Route, scaled_digits
from fsb_oracle.oracle.density import GUARD_DIGITS
from fsb_oracle.oracle.joint.boxes import enclosing
from fsb_oracle.oracle.joint.combination import ZERO, exact, number
from fsb_oracle.oracle.joint.elliptical import Vector
from fsb_oracle.oracle.joint.gaussian import operated, room, root, tilted
from fsb_oracle.oracle.joint.quadratics import Term, terms
from fsb_oracle.oracle.joint.ridges import Direction, directions
from fsb_oracle.oracle.quadrature import PLAIN, enclosed_integral
from fsb_oracle.oracle.trapezoid import trapezoid

_KINKED = (sympy.Abs, sympy.sign, sympy.Heaviside, sympy.Max, sympy.Min, sympy.Piecewise)
_EVERYTHING = acb(arb(0, float("inf")), arb(0, float("inf")))
_t = sympy.Symbol("t", real=True)


def given_routes(cell: Cell, f: Any) -> list[Route]:
    """The route to E f, or its derivative, through closed forms given one linear form; none if f is not so."""
    if f.has(*_KINKED) or f.has(sympy.I):
        return []
    vector = Vector(cell)
    wanted = [(o.weight, o.expression) for o in operated(vector, f) if o.expression != 0]
    if not wanted:
        return ZERO
    found = list(_conditionals(vector, f, wanted))

    def evaluated(digits: int, scale: arb) -> arb:
        reasons = []
        for conditional in found:
            try:
                return conditional.mean(scaled_digits(digits, scale))
            except Unboundable as reason:
                reasons.append(reason)
        raise reasons[0]

    return [Route("mixture", evaluated)] if found else []


def _conditionals(vector: Vector, f: Any, wanted: Sequence[tuple[Any, Any]]) -> Iterator[_Conditional]:
    """One for each linear form that leaves closed forms."""
    samples = vector.cell.family.samples
    used = [i for i, sample in enumerate(samples) if sample in f.free_symbols]
    units = [tuple(int(i == j) for j in range(len(samples))) for i in used]
    for direction in dict.fromkeys([*units, *directions(f, samples)]):
        pivot = next(i for i, c in enumerate(direction) if c)
        others = [i for i in used if i != pivot]
        rest = sum((direction[i] * samples[i] for i in others), sympy.S.Zero)
        moved = {samples[pivot]: (_t - rest) / direction[pivot]}
        symbols = tuple(samples[i] for i in others)
        own = [(weight, expression, terms(expression.xreplace(moved), symbols)) for weight, expression in wanted]
        if all(part is not None for _, _, part in own):
            yield _Conditional(vector, direction, tuple(others), tuple(own))


@dataclass(frozen=True)
class _Conditional:
    """SUM weight * E expression, with the terms of each given t = direction . z in the other variables."""

    vector: Vector
    direction: Direction
    others: tuple[int, ...]
    parts: tuple[tuple[Any, Any, Any], ...]

    def mean(self, digits: int) -> arb:
        """To an absolute error of about 10**-digits."""
        with precision(max(digits, 0) + GUARD_DIGITS):
            tolerance = arb(10) ** -digits / 4
            end, beyond = self._cut(tolerance)
            callback = self._integrand()
            value = trapezoid(callback, -end, end, tolerance, digits, real=True)
            if value is None:
                value = enclosed_integral(callback, acb(-end), acb(end), tolerance, digits)
            return value.real + arb(0, beyond.upper())

    def _form(self, i: int) -> Fraction:
        """The covariance of t and z_i."""
        return self.vector.form(self.direction, self._unit(i))

    def _unit(self, i: int) -> Direction:
        return tuple(int(i == j) for j in range(self.vector.size))

    def _law(self) -> tuple[arb, arb, list[tuple[arb, arb]], acb_mat]:
        """The mean and the spread of t; the others' means, each with its slope in x; and the L of what is left."""
        variance = self.vector.form(self.direction, self.direction)
        centre = sum((c * m for c, m in zip(self.direction, self.vector.loc, strict=True)), Fraction(0))
        spread, square = number(variance).sqrt(), self.vector.square
        means = [(number(self.vector.loc[i]), number(self._form(i)) / spread) for i in self.others]
        left = [[square[i][j] - self._form(i) * self._form(j) / variance for j in self.others] for i in self.others]
        return number(centre), spread, means, root(acb_mat([[acb(number(s)) for s in row] for row in left]))

    def _cut(self, tolerance: arb) -> tuple[arb, arb]:
        """T, and a bound of what lies beyond."""
        _, spread, means, lower = self._law()
        pivot = next(i for i, c in enumerate(self.direction) if c)
        share = [abs(number(Fraction(self.direction[i], self.direction[pivot]))) for i in self.others]
        first = spread / abs(self.direction[pivot]) + sum(
            (abs(slope) * (1 + c) for (_, slope), c in zip(means, share, strict=True)), arb(0)
        )
        size = range(len(self.others))
        columns = [sum((abs(lower[i, k].real) * (1 + share[i]) for i in size), arb(0)) for k in size]
        away = sum((abs(number(self.vector.loc[i])) for i in (pivot, *self.others)), arb(0))
        pieces = []
        for weight, expression, _ in self.parts:
            bound, rate = domination(expression).exponential(1 / (1 + first + sum(columns, arb(0))))
            bound *= abs(number(exact(weight))) * (rate * away + (rate * first) ** 2 / 2).exp()
            for column in columns:
                bound *= 2 * ((rate * column) ** 2 / 2).exp()
            pieces.append((bound, rate * first))
        for quarter in range(8, 600):
            end = arb(quarter) / 4
            beyond = sum((bound * ((end - rate) / arb(2).sqrt()).erfc() for bound, rate in pieces), arb(0))
            if beyond < tolerance:
                return end, beyond
        raise Unboundable("f grows too fast")

    def _integrand(self) -> Callable[[acb, bool], acb]:
        """E[weighted f | t] times the density, as a function of x."""
        centre, spread, means, lower = self._law()
        norm = 1 / (2 * arb.pi()).sqrt()
        given = [(number(exact(weight)) * norm, _Given(own, lower)) for weight, _, own in self.parts]

        def callback(x: acb, analytic: bool) -> acb:
            try:
                if x.imag.contains(0) and not all(own.exists(acb(centre + spread * x.real)) for _, own in given):
                    return _EVERYTHING
                t, at = centre + spread * x, [mean + slope * x for mean, slope in means]
                total = sum((front * own.mean(t, at, analytic) for front, own in given), acb(0))
                value = total * (-x * x / 2).exp()
            except (ArithmeticError, ValueError, TypeError):
                return _EVERYTHING
            return value if value.is_finite() else _EVERYTHING

        return callback


class _Given:
    """A sum of terms whose coefficients are functions of t, put together by their exponentials."""

    def __init__(self, own: Sequence[Term], lower: acb_mat) -> None:
        self.lower, self.size = lower, lower.nrows()
        exponentials: dict[Any, dict[tuple[int, ...], Any]] = {}
        for term in own:
            front = exponentials.setdefault((term.constant, term.linear, term.quadratic), {})
            front[term.powers] = front.get(term.powers, sympy.S.Zero) + term.coefficient
        self.parts = [
            _Exponential(
                tuple(front),
                _on_both(constant, *linear, *(q for row in quadratic for q in row)),
                _on_both(*front.values()),
                any(sympy.re(q) != 0 for row in quadratic for q in row),
            )
            for (constant, linear, quadratic), front in exponentials.items()
        ]

    def exists(self, t: acb) -> bool:
        """Whether the mean of each term exists for each real t of a ball."""
        return all(
            all(left > 0 for left in room(self.lower, self._exponent(part.exponent[True](t))[2]))
            for part in self.parts
            if part.narrows
        )

    def mean(self, t: acb, at: Sequence[acb], analytic: bool) -> acb:
        total = acb(0)
        for part in self.parts:
            constant, linear, quadratic = self._exponent(part.exponent[analytic](t))
            moments = tilted(at, self.lower, part.powers, linear, quadratic, analytic)
            fronts = zip(part.coefficients[analytic](t), moments, strict=True)
            total += constant.exp() * sum((c * e for c, e in fronts), acb(0))
        return total

    def _exponent(self, flat: Sequence[Any]) -> tuple[acb, list[acb], acb_mat]:
        constant, *rest = map(acb, flat)
        size = self.size
        return constant, rest[:size], acb_mat([rest[size * (i + 1) : size * (i + 2)] for i in range(size)])


_Both = tuple[Callable[[acb], tuple[Any, ...]], Callable[[acb], tuple[Any, ...]]]


@dataclass(frozen=True)
class _Exponential:
    """coefficients(t) * monomials * exp(exponent), each as a function of points and of boxes; `narrows` says whether
    the exponent's quadratic part is real somewhere."""

    powers: tuple[tuple[int, ...], ...]
    exponent: _Both
    coefficients: _Both
    narrows: bool


def _on_both(*expressions: Any) -> _Both:
    whole: Any = sympy.Tuple(*expressions)
    return bind(compile_expression(whole, (_t,)), PLAIN), enclosing(whole, (_t,))


__all__ = ["given_routes"]
