"""Compound Poisson: E f(Z) = SUM_n w_n E f(J_1 + ... + J_n) with Poisson weights w_n; 0 jumps are an atom at 0.

Where the law of a sum of jumps is known, each term has routes of its own. What is left out is bounded by
|f| <= size exp(r |z|) and E exp(+-r S_n) = M(+-r)**n; a derivative in a parameter of the jump by Cauchy-Schwarz, with n
times the Fisher information of one jump. Smooth f and point spectra need only phi = exp(rate (phi_J - 1)).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import ball, precision
from fsb_oracle.families import Family, Parameters, resolve_family
from fsb_oracle.families.family import w, z
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.integrands.domination import domination
from fsb_oracle.oracle import spectral
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.certificate import Route
from fsb_oracle.oracle.density import GUARD_DIGITS
from fsb_oracle.oracle.joint.combination import RoutesOf, number, reduced
from fsb_oracle.oracle.joint.convolutions import CONVOLUTIONS, Convolution
from fsb_oracle.oracle.lowering import PLAIN, arguments

MAXIMUM_JUMPS = 2_000


def compound_routes(cell: Cell, routes_of: RoutesOf) -> list[Route]:
    """E f, or its derivative.

    Raises:
        Unboundable: the sum of jumps has no known law, and f is neither smooth nor a polynomial or wave.
    """
    routes: list[Route] = []
    if spectral.applies(cell):
        found = spectral.found_spectrum(cell)
        if found is not None and not found.jumps:
            name = "spectral" if found.smooth else "closed-form"
            routes.append(Route(name, lambda digits, scale: spectral.integrate(cell, digits, scale)))
    jump: Family = cell.family.shape[0]
    if jump.name in CONVOLUTIONS:
        series = _Series(cell, CONVOLUTIONS[jump.name], routes_of)
        names = [route.name for route in routes_of(series.cells(1)[0])]
        # where phi alone gives the mean at once, it does so for each number of jumps
        quick = bool(routes) and routes[0].name == "closed-form" and "spectral" in names
        routes += [_series_route(series, k, n) for k, n in enumerate(names) if not quick or n == "spectral"]
    if not routes:
        known = ", ".join(CONVOLUTIONS)
        raise Unboundable(
            f"with jump={jump.name} only polynomials, waves and smooth f are supported; any f with {known}"
        )
    return routes


def tweedie_routes(cell: Cell, routes_of: RoutesOf) -> list[Route]:
    """Those of the compound Poisson law with gamma jumps: `jump_rate` is its `jump.rate`."""

    def moved(name: str) -> str:
        return name.replace("jump_", "jump.")

    law, _ = resolve_family("compound_poisson", {"rate": 1, "jump": "gamma(concentration=1, rate=1)"})
    values = {moved(name): value for name, value in cell.values.items()}
    return compound_routes(Cell(law, values, cell.f, cell.parameter and moved(cell.parameter)), routes_of)


def _series_route(series: _Series, k: int, name: str) -> Route:
    return Route(name, lambda digits, scale: series.ball(k, digits, scale))


@dataclass(frozen=True)
class _Series:
    """The Poisson-weighted sum over the number of jumps."""

    cell: Cell
    convolution: Convolution
    routes_of: RoutesOf

    @cached_property
    def jump(self) -> tuple[Family, Parameters]:
        prefix, values = "jump.", self.cell.values
        return self.cell.family.shape[0], {n.removeprefix(prefix): v for n, v in values.items() if n.startswith(prefix)}

    @cached_property
    def parameter(self) -> str | None:
        """The parameter of the jump in which the derivative is taken, if it is one."""
        own = self.cell.parameter
        return own.removeprefix("jump.") if own is not None and own.startswith("jump.") else None

    def cells(self, n: int) -> tuple[Cell, Fraction]:
        """E f of n jumps (or its derivative), and the speed by which it counts."""
        values = self.jump[1]
        inner = Cell(self.convolution.family, self.convolution.values(values, n), self.cell.f)
        if self.parameter is None:
            return inner, Fraction(1)
        name, speed = self.convolution.speeds(values, n)[self.parameter]
        return inner.derivative(name), speed

    def ball(self, k: int, digits: int, scale: arb) -> arb:
        """The sum of the k-th routes of all terms, and a bound on those that are left out."""
        tolerance = arb(10) ** -digits * arb(scale).min(arb(1))
        with precision(max(digits, 0) + GUARD_DIGITS):
            rate = ball(self.cell.values["rate"])
            bounds = self._bounds(rate)
            last, beyond = self._last(rate, bounds, tolerance / 2)
            total = self._atom(rate)
            for n, weight, size in self._weights(rate, last):
                least = abs(weight) * bounds.of(n)
                if least < tolerance / (4 * (last + 1)):
                    beyond += least
                    continue
                inner, speed = self.cells(n)
                part = abs(size * ball(speed)) * 2 ** last.bit_length() + arb(10) ** -digits
                goal = digits + 2 + ceil(float(part.upper().log()) / 2.3)
                routes = reduced(inner, self.routes_of)
                if k >= len(routes):
                    raise Unboundable("a sum of jumps has fewer routes")
                total += weight * ball(speed) * routes[k].ball(max(goal, 0), arb(1))
            return total + arb(0, beyond.upper())

    def _atom(self, rate: arb) -> arb:
        if self.parameter is not None:
            return arb(0)
        exact: Any = self.cell.f.expression.xreplace({z: sympy.S.Zero}).doit()
        if exact.has(sympy.zoo, sympy.nan, sympy.oo):
            raise Unboundable("f is not finite at 0, where the law has an atom")
        value = acb(compile_expression(exact, ())(PLAIN))
        if not value.is_finite() or not value.imag.contains(0):
            raise Unboundable("f is not a finite real number at 0, where the law has an atom")
        return (-rate).exp() * value.real * (-1 if self.cell.parameter == "rate" else 1)

    def _weights(self, rate: arb, last: int) -> Iterator[tuple[int, arb, arb]]:
        """n, w_n = exp(-rate) rate**n/n! or its derivative in the rate, and a bound of it.

        E f and its derivative in the rate have one bound: they ask for the same numbers, with the same digits.
        """
        weight = (-rate).exp()
        for n in range(1, last + 1):
            weight = weight * rate / n
            size = weight if self.parameter is not None else weight * (n / rate).max(arb(1))
            yield n, weight * (n / rate - 1) if self.cell.parameter == "rate" else weight, size

    def _bounds(self, rate: arb) -> _Bounds:
        """|E f(S_n)|, or its derivative, is at most size n**order ratio**n."""
        growth = domination(self.cell.f.expression)
        twice = 2 if self.parameter is not None else 1
        size, r = growth.size, growth.rate
        if growth.degree > 0:
            size, r = growth.exponential(self._spare(growth.rate, twice))
        ratio = arb(1) if r == 0 else self._generating(twice * r).max(self._generating(-twice * r))
        if not ratio.is_finite():
            raise Unboundable("f grows too fast for the sums of jumps to be bounded")
        count = 1 if r == 0 else 2  # both signs of the exponent
        if self.parameter is None:
            return _Bounds(size * count, ratio, 0)
        information = number(self.convolution.information_in(self.parameter, self.jump[1]))
        return _Bounds(size * arb(count).sqrt() * information.sqrt(), ratio.sqrt(), 1)

    def _spare(self, r: arb, twice: int) -> arb:
        """What may be added to the rate r so that exp(+-twice r |J|) keeps a mean: at most half of what the strip
        allows."""
        family, values = self.jump
        mean = family.at(family.mean, values)
        spare = 1 / (arb(family.spread(values)) + (abs(number(mean)) if mean.is_finite else 0))
        for end in family.strip:
            exact = abs(family.at(end, values))
            if exact.is_finite:
                spare = spare.min((number(exact) / twice - r) / 2)
        if not spare > 0:
            raise Unboundable("f grows too fast for the sums of jumps to be bounded")
        return spare

    def _generating(self, r: arb) -> arb:
        """E exp(r J) = phi_J(-i r)."""
        family, values = self.jump
        low, high = (family.at(end, values) for end in family.strip)
        for end, sign in ((low, 1), (high, -1)):
            if end.is_finite and not sign * (-r - number(end)) > 0:
                raise Unboundable("f grows too fast for the sums of jumps to be bounded")
        phi = compile_expression(family.characteristic_function, (w, *family.symbols))
        return acb(phi(PLAIN, acb(arb(0), -r), *arguments(family, values))).real

    def _last(self, rate: arb, bounds: _Bounds, tolerance: arb) -> tuple[int, arb]:
        """The number of jumps after which the terms add up to less than the tolerance, and a bound on those."""
        x = rate * bounds.ratio
        last = max(4, ceil(float(x.upper())) + 4)
        front = (-rate).exp() * bounds.size
        while last <= MAXIMUM_JUMPS:
            # SUM_{n > N} x**n/n!, and SUM_{n > N} n x**n/n! = x SUM_{n >= N} x**n/n!
            plain, raised = _exponential_tail(x, last + 1), x * _exponential_tail(x, last)
            beyond = front * (raised if bounds.order else plain)
            if self.cell.parameter == "rate":
                beyond = front * (raised / rate + plain)
            if beyond < tolerance:
                return last, beyond
            last += 4 + last // 16
        raise Unboundable(f"the sum over the number of jumps needs more than {MAXIMUM_JUMPS} terms")


@dataclass(frozen=True)
class _Bounds:
    """size n**order ratio**n."""

    size: arb
    ratio: arb
    order: int

    def of(self, n: int) -> arb:
        return self.size * n**self.order * self.ratio**n


def _exponential_tail(x: arb, first: int) -> arb:
    """SUM_{n >= first} x**n/n! <= x**first/first! / (1 - x/(first + 1))."""
    return x**first / arb(first + 1).gamma() / (1 - x / (first + 1))
