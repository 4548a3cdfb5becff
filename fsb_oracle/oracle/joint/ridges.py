"""f of several variables as a sum of ridge functions h(c.z), where it is one, and what is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm
from typing import Any

import sympy
from sympy.simplify.fu import TR8

from fsb_oracle.families.family import z

Direction = tuple[int, ...]  # whole numbers without a common factor, the first that is not 0 positive


@dataclass(frozen=True)
class Ridges:
    """f = constant + SUM function(direction . sample) + SUM rest."""

    constant: sympy.Expr
    ridges: tuple[tuple[Direction, Any], ...]  # functions are expressions in z
    rest: tuple[Any, ...]


@lru_cache(maxsize=512)
def ridges(f: Any, samples: tuple[sympy.Symbol, ...]) -> Ridges:
    """The decomposition of f; products of sines and cosines become sums, and Max(a, b) = b + Max(a - b, 0)."""
    constant, found, rest = sympy.S.Zero, {}, []
    for term in _terms(f, samples):
        if not term.free_symbols:
            constant += term
            continue
        ridge = as_ridge(term, samples)
        if ridge is None:
            rest.append(term)
        else:
            direction, function = ridge
            found[direction] = found.get(direction, sympy.S.Zero) + function
    return Ridges(constant, tuple(found.items()), tuple(rest))


def _terms(f: sympy.Expr, samples: Sequence[sympy.Symbol]) -> Iterator[Any]:
    """Additive terms; one that is no ridge is expanded further, as far as that helps."""
    for term in sympy.Add.make_args(f):
        if as_ridge(term, samples) is not None or not term.free_symbols:
            yield term
            continue
        expanded = _one_sided(term, samples)
        if expanded.has(sympy.sin, sympy.cos):
            expanded = TR8(expanded)
        expanded = sympy.expand(expanded, power_exp=False, power_base=False, log=False)
        parts = sympy.Add.make_args(expanded)
        # one term that is no ridge either stays as it was written: squares in it can be bounded
        yield from parts if len(parts) > 1 or as_ridge(expanded, samples) is not None else (term,)


def _one_sided(term: Any, samples: Sequence[sympy.Symbol]) -> Any:
    """Max(a, b) as b + Max(a - b, 0), which is a ridge where a - b is linear; Min likewise."""

    def split(node: Any) -> Any:
        first, second = node.args
        return second + node.func(first - second, 0)

    def pair(node: Any) -> bool:
        if not isinstance(node, (sympy.Max, sympy.Min)) or len(node.args) != 2 or as_ridge(node, samples) is not None:
            return False
        first, second = tuple[Any, ...](node.args)
        return as_ridge(first - second, samples) is not None

    return term.replace(pair, split)


def as_ridge(term: Any, samples: Sequence[sympy.Symbol]) -> tuple[Direction, sympy.Expr] | None:
    """`(direction, function of z)` if the term depends on one linear form with rational coefficients alone."""
    forms = list(_forms(term, samples))
    if not forms:
        return None
    directions = {_direction(form) for form in forms}
    if len(directions) != 1:
        return None
    direction = directions.pop()
    if direction is None:
        return None
    pivot = next(i for i, c in enumerate(direction) if c)
    own: Any = samples[pivot]
    others: dict[Any, Any] = {s: sympy.S.Zero for s in samples if s != own}
    # on the axis of the pivot the form is direction[pivot] * own
    return direction, term.xreplace(others).xreplace({own: z / direction[pivot]}).doit()


def directions(term: Any, samples: Sequence[sympy.Symbol]) -> list[Direction]:
    """Those of the largest linear parts of a tree, each once."""
    found = dict.fromkeys(map(_direction, _forms(term, samples)))
    return [direction for direction in found if direction is not None]


def _forms(node: Any, samples: Sequence[sympy.Symbol]) -> Iterator[tuple[sympy.Expr, ...]]:
    """The coefficients of the largest linear parts of a tree."""
    if not node.free_symbols:
        return
    form = linear(node, samples) if isinstance(node, sympy.Expr) else None
    if form is not None:
        yield form[0]
        return
    for argument in node.args:
        yield from _forms(argument, samples)


@lru_cache(maxsize=4096)
def _linear(node: Any, samples: tuple[sympy.Symbol, ...]) -> tuple[tuple[sympy.Expr, ...], sympy.Expr] | None:
    if not node.is_polynomial(*samples):
        return None
    coefficients = tuple(sympy.diff(node, sample).expand() for sample in samples)
    if any(coefficient.free_symbols for coefficient in coefficients):
        return None
    return coefficients, node.xreplace({sample: sympy.S.Zero for sample in samples})


def linear(node: Any, samples: Sequence[sympy.Symbol]) -> tuple[tuple[sympy.Expr, ...], sympy.Expr] | None:
    """`(coefficients, constant)` of a polynomial of degree one, else None."""
    return _linear(node, tuple(samples))


def _direction(form: tuple[sympy.Expr, ...]) -> Direction | None:
    """The form up to a factor, if its coefficients have rational ratios."""
    pivot: Any = next((c for c in form if c != 0), None)
    if pivot is None:
        return None
    ratios: list[Any] = [sympy.cancel(c / pivot) for c in form]
    if not all(ratio.is_Rational for ratio in ratios):
        return None
    fractions = [Fraction(int(r.p), int(r.q)) for r in ratios]
    multiple = lcm(*(f.denominator for f in fractions))
    whole = [int(f * multiple) for f in fractions]
    common = gcd(*whole)
    return tuple(n // common for n in whole)
