"""Exact numbers, roots of polynomials among them, as balls at the precision in force."""

from __future__ import annotations

from typing import Any

import sympy
from flint import acb, fmpz_poly

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import FlintMath

_PLAIN = FlintMath()


def ball_of(point: Any) -> acb:
    """A ball around an exact number: arithmetic, elementary functions and `CRootOf`.

    Roots of polynomials are isolated by flint; SymPy numbers the real ones of an irreducible polynomial upwards.
    """
    point = sympy.sympify(point)
    roots = tuple(point.atoms(sympy.CRootOf))
    symbols = tuple(sympy.Symbol(f"root{i}") for i in range(len(roots)))
    plain = point.xreplace(dict(zip(roots, symbols, strict=True)))
    return acb(compile_expression(plain, symbols)(_PLAIN, *(_root(root) for root in roots)))


def _root(root: Any) -> acb:
    coefficients = [int(c) for c in reversed(root.poly.clear_denoms(convert=True)[1].all_coeffs())]
    found: Any = fmpz_poly(coefficients).complex_roots()
    real = [value for value, _ in found if value.imag == 0]
    return acb(sorted((value.real for value in real), key=float)[root.index])
