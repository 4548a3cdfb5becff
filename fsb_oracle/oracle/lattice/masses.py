"""Masses of laws on the integers by their ratios, and what bounds them in the tails.

Where log P(n) is made of log-gammas and of terms linear in n, the ratio P(n + 1)/P(n) is a product of linear factors
over linear factors. A quotient of two linear functions is monotone between its poles, so over a stretch of the
support each is largest at one end, and the product of those is a proven bound on all ratios there: no shape of the
law (log-concavity, say) is assumed. The score's increments are derivatives of log ratios and are bounded likewise.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import inf
from operator import add, mul, sub, truediv
from typing import Any, Protocol

import sympy
from flint import acb, arb, ctx

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.family import z
from fsb_oracle.oracle.lowering import PLAIN, arguments


@dataclass(frozen=True)
class Envelope:
    """|m(start + direction x)| <= (size + slope x) ratio**x for x = 0, 1, ..., with masses or their derivatives m."""

    size: arb
    slope: arb
    ratio: arb

    def sum(self, growth: arb | int = 1) -> arb | None:
        """SUM_x of the bound times growth**x; None where it does not converge."""
        q = self.ratio * growth
        if not q < 1:
            return None
        return self.size / (1 - q) + self.slope * q / (1 - q) ** 2


class Masses(Protocol):
    """P(n), or its derivative in a parameter, of one law."""

    lower: int | None  # ends of the support, None if it is infinite
    upper: int | None

    def envelope(self, start: int, direction: int) -> Envelope:
        """Bounds from `start` on, to the right (direction 1) or left (-1)."""
        ...

    def between(self, low: int, high: int) -> list[arb]:
        """The masses, or their derivatives, for low <= n < high; errors are relative to the masses."""
        ...


def ends(family: Family, values: Parameters) -> tuple[int | None, int | None]:
    """First and last point of the support; None is infinite."""
    exact = (family.at(end, values) for end in (family.support.lower, family.support.upper))
    low, high = (int(end) if end.is_finite else None for end in exact)
    return low, high


@dataclass(frozen=True)
class _Linear:
    """`sign` z + offset, with an offset in the parameters."""

    sign: int
    offset: sympy.Expr


@dataclass(frozen=True)
class Ratio:
    """P(z + 1)/P(z) = scale times the numerators over the denominators."""

    scale: sympy.Expr
    numerators: tuple[_Linear, ...]
    denominators: tuple[_Linear, ...]


@lru_cache(maxsize=64)
def ratio_of(family: Family) -> Ratio | None:
    """The ratio of successive masses from the log-density; None where it is not of this kind."""
    if family.log_density is None:
        return None
    numerators: list[_Linear] = []
    denominators: list[_Linear] = []
    rest = sympy.S.Zero
    for term in sympy.Add.make_args(sympy.expand_mul(family.log_density)):  # pyright: ignore[reportArgumentType]
        factor, function = term.as_coeff_Mul()
        if z not in term.free_symbols or not isinstance(function, sympy.loggamma):
            rest += term
            continue
        argument = function.args[0]
        slope = sympy.diff(argument, z)
        if factor not in (1, -1) or slope not in (1, -1):
            return None
        # log Gamma(a + z) rises by log(a + z), log Gamma(a - z) by -log(a - z - 1)
        linear = _Linear(int(slope), sympy.expand(argument - slope * z) - (1 if slope == -1 else 0))
        (numerators if factor == slope else denominators).append(linear)
    step = sympy.expand(rest.xreplace({z: z + 1}) - rest)
    if z in step.free_symbols:
        return None
    return Ratio(sympy.exp(step), tuple(numerators), tuple(denominators))


class _Factor:
    """A linear function of n at parameter values, and the derivative of its offset in the parameter."""

    def __init__(self, linear: _Linear, offset: Any, slope: Any) -> None:
        self.sign, self.offset, self.slope = linear.sign, offset, slope
        self.moves = not isinstance(slope, int) or slope != 0

    def __call__(self, n: int) -> Any:
        return self.offset + self.sign * n


class Hypergeometric:
    """Masses whose ratio is a rational function of n.

    With a parameter, its derivative in it: P(n) times the score, whose increments are derivatives of log ratios.
    """

    def __init__(self, family: Family, values: Parameters, parameter: str | None) -> None:
        found = ratio_of(family)
        assert found is not None
        self.family, self.values, self.parameter = family, values, parameter
        self.lower, self.upper = ends(family, values)
        self.scale = self._number(found.scale)
        self.drift = self._number(self._slope(sympy.log(found.scale)))  # of the score from n to n + 1
        self.numerators, self.denominators = (
            [_Factor(x, self._number(x.offset), self._number(self._slope(x.offset))) for x in linear]
            for linear in (found.numerators, found.denominators)
        )

    def _slope(self, expression: sympy.Expr) -> sympy.Expr:
        return sympy.S.Zero if self.parameter is None else sympy.diff(expression, self.family.symbol(self.parameter))

    def _number(self, expression: sympy.Expr) -> Any:
        if expression.is_Integer:
            return int(expression)
        function = compile_expression(expression, self.family.symbols)
        return acb(function(PLAIN, *arguments(self.family, self.values))).real

    def mass(self, n: int) -> arb:
        """P(n) from the log-density; the digits that its large terms cost are added."""
        assert self.family.log_density is not None
        size = abs(n) + sum(abs(float(value)) for value in self.values.values())
        with precision(ctx.dps + len(str(int(size))) + 3):
            function = compile_expression(self.family.log_density, (z, *self.family.symbols))
            return acb(function(PLAIN, acb(n), *arguments(self.family, self.values))).exp().real

    def score(self, n: int) -> arb:
        """d log P(n)/d parameter, or 1."""
        if self.parameter is None:
            return arb(1)
        function = compile_expression(_score(self.family, self.parameter), (z, *self.family.symbols))
        return acb(function(PLAIN, acb(n), *arguments(self.family, self.values))).real

    def envelope(self, start: int, direction: int) -> Envelope:
        """From `start` on: the mass and score there, the largest ratio, and the largest increment of the score."""
        end = self.upper if direction > 0 else self.lower
        mass = self.mass(start)
        size = mass * abs(self.score(start))
        if start == end:
            return Envelope(size, arb(0), arb(0))
        far = None if end is None else end - 1 if direction > 0 else end
        stretch = (start, far) if direction > 0 else (start - 1, far)
        slope = arb(0) if self.parameter is None else mass * self._largest_increment(*stretch)
        return Envelope(size, slope, self._largest_ratio(*stretch, direction))

    def between(self, low: int, high: int) -> list[arb]:
        """From near the mean outwards: no underflow, and errors stay relative."""
        mean = float(self.family.at(self.family.mean, self.values))
        top = min(max(low, int(min(mean, 1e300))), high - 1)
        left, right = self._ratios(range(top - 1, low - 1, -1)), self._ratios(range(top, high - 1))
        mass = self.mass(top)
        masses = [*[*accumulate(left, truediv, initial=mass)][:0:-1], *accumulate(right, mul, initial=mass)]
        if self.parameter is None:
            return masses
        left, right = self._increments(range(top - 1, low - 1, -1)), self._increments(range(top, high - 1))
        score = self.score(top)
        scores = [*[*accumulate(left, sub, initial=score)][:0:-1], *accumulate(right, add, initial=score)]
        return [mass * score for mass, score in zip(masses, scores, strict=True)]

    def _ratios(self, places: range) -> list[arb]:
        """P(n + 1)/P(n)."""
        result = [arb(self.scale)] * len(places)
        for factor in self.numerators:
            result = [value * (factor.offset + factor.sign * n) for value, n in zip(result, places, strict=True)]
        for factor in self.denominators:
            result = [value / (factor.offset + factor.sign * n) for value, n in zip(result, places, strict=True)]
        return result

    def _increments(self, places: range) -> list[Any]:
        """The score at n + 1 less that at n."""
        result = [self.drift] * len(places)
        for sign, factors in ((1, self.numerators), (-1, self.denominators)):
            for factor in factors:
                if factor.moves:
                    rise = sign * factor.slope
                    result = [value + rise / arb(factor(n)) for value, n in zip(result, places, strict=True)]
        return result

    def _largest_ratio(self, near: int, far: int | None, direction: int) -> arb:
        """The largest P(n + 1)/P(n) (direction 1) or P(n)/P(n + 1) (-1) for n from `near` to `far` (None:
        infinity), a bound.
        """
        above, below = self.numerators, self.denominators
        scale = arb(self.scale)
        if direction < 0:
            above, below, scale = below, above, 1 / scale
        result = scale
        for i in range(max(len(above), len(below))):
            up, down = (side[i] if i < len(side) else None for side in (above, below))
            result *= _quotient(up, down, near, direction).max(_quotient(up, down, far, direction))
        return result

    def _largest_increment(self, near: int, far: int | None) -> arb:
        total = abs(arb(self.drift))
        for factor in (*self.numerators, *self.denominators):
            if factor.moves:
                nearest = abs(arb(factor(near)))
                closest = nearest if far is None else nearest.min(abs(arb(factor(far))))
                total += abs(factor.slope) / closest
        return total


def _quotient(above: _Factor | None, below: _Factor | None, n: int | None, direction: int) -> arb:
    """One linear function over another at n, +infinity if one of them changes sign; None is direction * infinity."""
    if n is not None:
        values = [arb(1) if factor is None else arb(factor(n)) for factor in (above, below)]
        return values[0] / values[1] if all(value > 0 for value in values) else arb(inf)
    if any(factor is not None and factor.sign != direction for factor in (above, below)):
        return arb(inf)
    if above is None:
        return arb(0) if below is not None else arb(1)
    return arb(1) if below is not None else arb(inf)


@lru_cache(maxsize=256)
def _score(family: Family, parameter: str) -> sympy.Expr:
    return sympy.expand_mul(family.score(parameter))  # pyright: ignore[reportReturnType]
