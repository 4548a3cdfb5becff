"""f as a sum of coefficient * monomial * exp(complex polynomial of degree two): what Gaussian integrals know."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy
from sympy import I, S, cos, cosh, exp, sin, sinh


@dataclass(frozen=True)
class Term:
    """coefficient * PROD z_i**powers[i] * exp(constant + linear . z + SUM quadratic[i][j] z_i z_j / 2)."""

    coefficient: Any
    powers: tuple[Any, ...]
    linear: tuple[Any, ...]
    quadratic: tuple[tuple[Any, ...], ...]
    constant: Any

    def replaced(self, nodes: dict[sympy.Symbol, Any]) -> Term:
        """The same with nodes in place of symbols."""
        return Term(
            self.coefficient.xreplace(nodes),
            self.powers,
            tuple(b.xreplace(nodes) for b in self.linear),
            tuple(tuple(q.xreplace(nodes) for q in row) for row in self.quadratic),
            self.constant.xreplace(nodes),
        )

    @property
    def is_linear(self) -> bool:
        return all(entry == 0 for row in self.quadratic for entry in row)

    @property
    def is_polynomial(self) -> bool:
        return self.is_linear and all(entry == 0 for entry in self.linear)


@lru_cache(maxsize=512)
def terms(f: sympy.Expr, samples: tuple[sympy.Symbol, ...], rational: bool = False) -> tuple[Term, ...] | None:
    """f as such a sum; None if it is none. Sines and hyperbolic functions become exponentials.

    What f holds besides the variables may be in the coefficients and exponents in any way. With `rational`, powers may
    be any rational numbers, not only natural ones, and the variables are positive.
    """
    if rational:
        f = sympy.expand_power_base(f, force=True)
    kept: dict[Any, sympy.Symbol] = {}
    own: Any = _held(f, samples, kept)
    waves = own.replace(lambda e: isinstance(e, (sin, cos, sinh, cosh)) and e.has(*samples), _exponentials)
    found = []
    for summand in sympy.Add.make_args(sympy.expand(waves, log=False, power_base=False)):
        term = _term(summand, samples, rational)
        if term is None:
            return None
        found.append(term.replaced({symbol: node for node, symbol in kept.items()}) if kept else term)
    return tuple(found)


def _held(node: Any, samples: tuple[sympy.Symbol, ...], kept: dict[Any, sympy.Symbol]) -> Any:
    """A symbol for whatever is free of the variables but no number: `expand` would multiply it out."""
    if not node.free_symbols or node in samples:
        return node
    if not node.has(*samples):
        return kept.setdefault(node, sympy.Dummy(real=True))
    if isinstance(node, (sympy.Add, sympy.Mul)):
        free, rest = node.as_independent(*samples, as_Add=isinstance(node, sympy.Add))
        rest = node.func(*(_held(argument, samples, kept) for argument in node.func.make_args(rest)))
        return node.func(_held(free, samples, kept), rest)
    return node.func(*(_held(argument, samples, kept) for argument in node.args))


def _exponentials(node: Any) -> Any:
    x = node.args[0]
    return {
        sin: (exp(I * x) - exp(-I * x)) / (2 * I),
        cos: (exp(I * x) + exp(-I * x)) / 2,
        sinh: (exp(x) - exp(-x)) / 2,
        cosh: (exp(x) + exp(-x)) / 2,
    }[node.func]


def _term(summand: Any, samples: tuple[sympy.Symbol, ...], rational: bool) -> Term | None:
    coefficient: Any = S.One
    exponent: Any = S.Zero
    powers: list[Any] = [S.Zero] * len(samples)
    for factor in sympy.Mul.make_args(summand):
        base, power = factor.as_base_exp()
        if not factor.has(*samples):
            coefficient *= factor
        elif isinstance(factor, exp):
            exponent += factor.args[0]
        elif base in samples and (power.is_Rational if rational else power.is_Integer and power > 0):
            powers[samples.index(base)] += power
        else:
            return None
    exponent = sympy.expand(exponent)
    if not exponent.is_polynomial(*samples):
        return None
    polynomial = sympy.Poly(exponent, *samples)
    if polynomial.total_degree() > 2:
        return None
    zero = {s: S.Zero for s in samples}
    linear = tuple(sympy.diff(exponent, s).xreplace(zero) for s in samples)
    quadratic = tuple(tuple(sympy.diff(exponent, a, b) for b in samples) for a in samples)
    natural = powers if rational else map(int, powers)
    return Term(coefficient, tuple(natural), linear, quadratic, exponent.xreplace(zero))
