"""Poisson counts with shocks in common: z_i = n_i + n.

One component is a Poisson variable. Of several, the others drop out, and there are three routes:

    lattice      SUM f(z) P(z), where z_0 P(z) = rate_0 P(z - e_0) + shared_rate P(z - e) with e = (1, 1, ...) has
                 positive terms alone; the derivative in a rate is E [f(z + shock) - f(z)];
    spectral     the transform of f times phi, or its derivative, at equidistant frequencies: what lies outside of the
                 grid returns as aliases;
    closed-form  derivatives of E exp(b.z) for polynomials times exponentials.

With |f| <= size exp(rate r), r = SUM z_i, what lies beyond r = N is below size exp(-t (N + 1)) E exp((rate + t) r)
for every t > 0. As |f| <= size exp(rate N) up to there, aliases add no more than that once again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from math import comb, isfinite, prod
from typing import Any

import sympy
from flint import acb, arb, ctx

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import ball, precision
from fsb_oracle.families import Family, get_family
from fsb_oracle.families.family import z
from fsb_oracle.families.multivariate_poisson import log_transform
from fsb_oracle.integrands import Integrand
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.integrands.domination import domination
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.certificate import Route
from fsb_oracle.oracle.density import GUARD_DIGITS
from fsb_oracle.oracle.joint.combination import ZERO, Part, RoutesOf, constant_routes, reduced, total
from fsb_oracle.oracle.joint.enumeration import (
    MAXIMUM_VALUES,
    compositions,
    grid_side,
    parseval,
    point_values,
    transformed_values,
)
from fsb_oracle.oracle.joint.quadratics import Term, terms
from fsb_oracle.oracle.lowering import PLAIN, arguments

_TILTS = tuple(arb(k) / 4 for k in (1, 2, 3, 4, 6, 8, 10, 12, 16))


def shock_routes(cell: Cell, routes_of: RoutesOf) -> list[Route]:
    """E f(Z), or its derivative in a rate; the terms of f are summed over the components that they hold.

    Raises:
        Unboundable: a term has no bound, or too many values count.
    """
    groups: dict[tuple[int, ...], Any] = {}
    samples = cell.family.samples
    for term in sympy.Add.make_args(cell.f.expression):
        used = tuple(i for i, s in enumerate(samples) if s in term.free_symbols)
        groups[used] = groups.get(used, sympy.S.Zero) + term
    return total([Part(sympy.S.One, _group(cell, used, f, routes_of)) for used, f in groups.items()])


def _group(cell: Cell, used: tuple[int, ...], f: Any, routes_of: RoutesOf) -> list[Route]:
    if not used:
        return constant_routes(cell, f)
    if cell.parameter is not None and cell.parameter not in ("shared_rate", *(f"rates.{i}" for i in used)):
        return ZERO
    if len(used) != 1:
        return _several(_Marginal(cell, used, f))
    (only,) = used
    rate = cell.values[f"rates.{only}"] + cell.values["shared_rate"]
    one = Cell(get_family("poisson"), {"rate": rate}, Integrand(f.xreplace({cell.family.samples[only]: z})))
    return reduced(one if cell.parameter is None else one.derivative("rate"), routes_of)


@dataclass(frozen=True)
class _Marginal:
    """Some components of the law, and a function of theirs."""

    cell: Cell
    used: tuple[int, ...]
    f: Any

    @property
    def samples(self) -> tuple[sympy.Symbol, ...]:
        return tuple(self.cell.family.samples[i] for i in self.used)

    @property
    def shock(self) -> tuple[int, ...] | None:
        """What one more event of the cell's parameter adds to the components."""
        if self.cell.parameter is None:
            return None
        return tuple(int(self.cell.parameter in ("shared_rate", f"rates.{i}")) for i in self.used)

    @property
    def rates(self) -> list[arb]:
        return [ball(self.cell.values[f"rates.{i}"]) for i in self.used]

    @property
    def shared(self) -> arb:
        return ball(self.cell.values["shared_rate"])

    def cut(self, f: Any, tolerance: arb, moved: int = 0) -> tuple[int, arb]:
        """(N, bound): E |f(Z)| over r > N is below the bound, which is below the tolerance.

        With `moved`, of f(Z) and f(Z + shock) together, for a shock of that size, over r > N of either argument.
        """
        found: list[tuple[int, arb]] = []
        for tilt in _TILTS:
            size, rate = domination(f).exponential(tilt)
            whole = rate + tilt
            waves = sum((r * (whole.exp() - 1) for r in self.rates), arb(0))
            waves += self.shared * ((len(self.used) * whole).exp() - 1)
            mean = (size * waves.exp() * (1 + (moved * whole).exp() * bool(moved))).upper()
            needed = float(((mean / tolerance).log() / tilt).upper())
            if isfinite(needed):
                most = max(0, int(needed))
                found.append((most, (mean * (-tilt * (most + 1)).exp()).upper()))
        if not found:
            raise Unboundable("no bound of its mean far out is a number")
        most, bound = min(found, key=lambda pair: pair[0])
        if comb(most + len(self.used), len(self.used)) > MAXIMUM_VALUES:
            raise Unboundable(f"its terms count up to a sum of {most}; at most {MAXIMUM_VALUES} values are summed")
        return most, bound


def _several(marginal: _Marginal) -> list[Route]:
    routes = []
    found = terms(marginal.f, marginal.samples)
    if found is not None and all(term.is_linear for term in found):
        routes.append(Route("closed-form", partial(_closed_form, marginal, found)))
    routes.append(Route("lattice", partial(_lattice, marginal)))
    return [*routes, Route("spectral", partial(_spectral, marginal))] if len(marginal.used) == 2 else routes


# --- the sum over the lattice --------------------------------------------------------------------------------------


def _lattice(marginal: _Marginal, digits: int, scale: arb) -> arb:
    with precision(max(digits, 0) + GUARD_DIGITS):
        f, shock = marginal.f, marginal.shock
        if shock is not None:
            moves = {s: s + 1 for s, moved in zip(marginal.samples, shock, strict=True) if moved}
            f = f.xreplace(moves) - f
            if f == 0:  # as a shared shock leaves Max(z0 - z1, 0)
                return arb(0)
        most, beyond = marginal.cut(f, arb(scale) * arb(10) ** -digits)
        values = point_values(marginal.cell.f.text, f, marginal.samples, most, ctx.prec)
        weights = _weights(marginal.rates, marginal.shared, most)
        value = sum((v * weight for v, weight in zip(values, weights, strict=True)), arb(0))
        return value * (-sum(marginal.rates, marginal.shared)).exp() + arb(0, beyond)


def _weights(rates: list[arb], shared: arb, most: int) -> Iterator[arb]:
    """P(z) exp(SUM rates + shared), at all points with a sum of at most `most`."""
    first, *others = rates
    tables = [_powers(rate, most) for rate in others]
    before: dict[tuple[int, ...], arb] = {}  # those whose first component is one less
    for n in range(most + 1):
        here = {}
        for rest in compositions(most - n, len(others)):
            if n == 0:
                here[rest] = prod((table[k] for table, k in zip(tables, rest, strict=True)), start=arb(1))
            else:
                weight = first * before[rest]
                if all(rest):
                    weight += shared * before[tuple(k - 1 for k in rest)]
                here[rest] = weight / n
        yield from here.values()
        before = here


def _powers(rate: arb, most: int) -> list[arb]:
    """rate**n/n!."""
    found = [arb(1)]
    for n in range(1, most + 1):
        found.append(found[-1] * rate / n)
    return found


# --- the transform ---------------------------------------------------------------------------------------------------


def _spectral(marginal: _Marginal, digits: int, scale: arb) -> arb:
    with precision(max(digits, 0) + GUARD_DIGITS):
        shock, count = marginal.shock, len(marginal.used)
        most, beyond = marginal.cut(marginal.f, arb(scale) * arb(10) ** -digits / 2, sum(shock or ()))
        if (most + 1) ** count > MAXIMUM_VALUES:
            raise Unboundable(
                f"its transform needs {(most + 1) ** count} frequencies; at most {MAXIMUM_VALUES} are tried"
            )
        side = grid_side(most)
        turns = [(acb(0, 2 * arb.pi() * j) / side).exp() for j in range(side)]
        factors = [[(rate * (turn - 1)).exp() for turn in turns] for rate in marginal.rates]
        together = [(marginal.shared * (turn - 1)).exp() for turn in turns]

        def phi(index: tuple[int, ...]) -> acb:
            value = together[sum(index) % side]
            for table, j in zip(factors, index, strict=True):
                value *= table[j]
            if shock is None:
                return value
            return value * (turns[sum(j for j, moved in zip(index, shock, strict=True) if moved) % side] - 1)

        transform = transformed_values(marginal.cell.f.text, marginal.f, marginal.samples, side - 1, side, ctx.prec)
        return parseval({index: phi(index) for index in transform}, transform, side) + arb(0, 2 * beyond)


# --- polynomials times exponentials ----------------------------------------------------------------------------------


def _closed_form(marginal: _Marginal, found: tuple[Term, ...], digits: int, scale: arb) -> arb:
    with precision(max(digits, 0) + GUARD_DIGITS):
        cell, size = marginal.cell, len(marginal.cell.family.samples)
        value = acb(0)
        for term in found:
            powers, linear = [0] * size, [sympy.S.Zero] * size
            for i, power, slope in zip(marginal.used, term.powers, term.linear, strict=True):
                powers[i], linear[i] = int(power), slope
            moment = _moment(cell.family, tuple(powers), cell.parameter)
            places = [acb(compile_expression(sympy.sympify(b), ())(PLAIN)) for b in linear]
            front = acb(compile_expression(sympy.sympify(term.coefficient * sympy.exp(term.constant)), ())(PLAIN))
            value += front * moment(PLAIN, *places, *arguments(cell.family, cell.values))
        return value.real


@lru_cache(maxsize=256)
def _moment(family: Family, powers: tuple[int, ...], parameter: str | None) -> Any:
    """E z**powers exp(b.z), or its derivative, as a function of b and the parameters."""
    exponents = tuple(sympy.Symbol(f"b{i}") for i in range(len(powers)))
    expression: Any = sympy.exp(log_transform(family, exponents))
    for exponent, power in zip(exponents, powers, strict=True):
        expression = sympy.diff(expression, exponent, power) if power else expression
    if parameter is not None:
        expression = sympy.diff(expression, family.symbol(parameter))
    return compile_expression(expression, (*exponents, *family.symbols))
