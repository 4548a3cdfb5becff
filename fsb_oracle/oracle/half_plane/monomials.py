"""Sums of c w**power log(w)**logs: what the exponent of a stable law, its derivatives and a table entry are made of.

On a ray w = exp(y), y = x - i theta, each of them is an entire function of y, however broken the power.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy
from flint import acb, arb
from sympy import I, S

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.family import w
from fsb_oracle.oracle.lowering import PLAIN, arguments

_LOG = sympy.Symbol("log_w")


@dataclass(frozen=True)
class Monomial:
    """coefficient * w**power * log(w)**logs, with a coefficient in balls and an exact power."""

    coefficient: acb
    power: Fraction
    logs: int = 0

    def __mul__(self, other: Monomial) -> Monomial:
        return Monomial(self.coefficient * other.coefficient, self.power + other.power, self.logs + other.logs)


def vanishes(value: acb | arb) -> bool:
    """Whether a number is exactly 0; `value != 0` asks whether its ball stays away from 0."""
    return bool(value == 0)


Symbolic = tuple[tuple[sympy.Expr, sympy.Expr, int], ...]  # (coefficient, power, logs), in the law's parameters


@lru_cache(maxsize=1024)
def exponent_at(
    family: Family, values: tuple[tuple[str, Any], ...], parameter: str | None = None
) -> tuple[sympy.Expr, Symbolic] | None:
    """(origin, terms): the exponent of phi, or its derivative in a parameter, as monomials in w - i origin.

    The origin is 0 for a formula that holds on the right half-plane, else the lower end of the strip; None where phi
    has not this form.
    """
    phi = family.characteristic_function
    if not isinstance(phi, sympy.exp):
        return None
    if family.holds_on_half_plane:
        origin = S.Zero
    elif family.decays_fast and family.strip[0].is_finite is not False:
        origin = family.strip[0]
    else:
        return None
    inner: Any = phi.args[0]
    exponent: Any = _branches(inner, family, dict(values))
    if parameter is not None:
        exponent = sympy.diff(exponent, family.symbol(parameter))
    terms = symbolic_monomials(exponent.xreplace({w: w + I * origin}))
    return None if terms is None else (origin, terms)


def _branches(expression: Any, family: Family, values: Parameters) -> Any:
    """The branch of each `Piecewise` that holds at the values; derivatives are taken within it."""

    def branch(node: Any) -> Any:
        return next(value for value, condition in node.args if family.at(condition, values) == sympy.true)

    return expression.replace(lambda e: isinstance(e, sympy.Piecewise), branch)


def symbolic_monomials(expression: Any) -> Symbolic | None:
    """A sum of products of constants, powers of c w and powers of log(c w), |arg c| <= pi/2; else None."""
    logs = expression.replace(lambda e: isinstance(e, sympy.log) and e.has(w), _log)
    found = []
    for term in sympy.Add.make_args(sympy.expand(logs, power_base=False, power_exp=False, log=False)):
        coefficient, power, count = S.One, S.Zero, 0
        for factor in sympy.Mul.make_args(term):
            base, exponent = factor.as_base_exp()
            if not factor.has(w, _LOG):
                coefficient *= factor
            elif base == _LOG and exponent.is_Integer and exponent > 0:
                count += int(exponent)
            elif exponent.has(w, _LOG) or (slope := _slope(base)) is None:
                return None
            else:
                coefficient, power = coefficient * slope**exponent, power + exponent
        found.append((coefficient, power, count))
    return tuple(found)


def _log(node: Any) -> Any:
    slope = _slope(node.args[0])
    return node if slope is None else _LOG + sympy.log(slope)


def _slope(base: Any) -> Any:
    """c of c w, or None."""
    base = sympy.expand(base)
    slope = sympy.diff(base, w)
    return slope if slope != 0 and sympy.expand(base - slope * w) == 0 and not slope.has(w) else None


def monomials(family: Family, values: Parameters, terms: Symbolic) -> list[Monomial]:
    """The terms at parameter values, like powers added up, at the precision in force."""
    numbers, powers = arguments(family, values), _exact_powers(family, tuple(values.items()), terms)
    sums: dict[tuple[Fraction, int], acb] = {}
    for (coefficient, _, logs), power in zip(terms, powers, strict=True):
        value = acb(compile_expression(sympy.sympify(coefficient), family.symbols)(PLAIN, *numbers))
        sums[power, logs] = sums.get((power, logs), acb(0)) + value
    return [Monomial(value, *key) for key, value in sums.items() if not vanishes(value)]


@lru_cache(maxsize=4096)
def _exact_powers(family: Family, values: tuple[tuple[str, Any], ...], terms: Symbolic) -> list[Fraction]:
    found: list[Any] = [family.at(power, dict(values)) for _, power, _ in terms]
    return [Fraction(int(power.p), int(power.q)) for power in found]
