"""The point mass: E f = f(loc) in closed form, and classical differentiation."""

from __future__ import annotations

from typing import Any

import sympy
from flint import acb, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import precision
from fsb_oracle.errors import UsageError
from fsb_oracle.families.family import z
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.density import GUARD_DIGITS
from fsb_oracle.oracle.lowering import PLAIN, arguments


def applies(cell: Cell) -> bool:
    """Whether the law is a point mass."""
    return cell.family.support.kind == "point"


def evaluate(cell: Cell, digits: int) -> arb:
    """f, or its derivative, at the point, with about `digits` digits.

    Raises:
        UsageError: f has a kink or jump exactly there, so that the gradient does not exist.
        Unboundable: f is not a finite real number there.
    """
    family = cell.family
    exact = family.at(family.mean, cell.values)
    expression = cell.f.expression if exact in cell.f.breakpoints else cell.f.smooth_at(exact)
    if cell.parameter is not None:
        speed = sympy.diff(family.mean, family.symbol(cell.parameter))
        slope: Any = sympy.diff(expression, z)
        expression = slope * family.at(speed, cell.values)
        if exact in cell.f.breakpoints:
            raise UsageError(
                f"the gradient of E {cell.f.text} does not exist for {cell.text}: f has a kink or jump there"
            )
    with precision(max(digits, 0) + GUARD_DIGITS):
        if exact in cell.f.breakpoints:
            value = compile_expression(expression.xreplace({z: exact}).doit(), ())(PLAIN)
        else:
            value = compile_expression(expression, (z, *family.symbols))(
                PLAIN, acb(_point(cell)), *arguments(family, cell.values)
            )
        value = acb(value)
        if not value.is_finite() or not value.imag.contains(0):
            raise Unboundable(f"f = {cell.f.text} is not a finite real number at z = {exact}")
        return value.real


def _point(cell: Cell) -> acb:
    family = cell.family
    return acb(compile_expression(family.mean, family.symbols)(PLAIN, *arguments(family, cell.values)))
