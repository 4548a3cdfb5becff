"""One question to the oracle: a law at exact parameters, f, and the parameter to differentiate in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import sympy

from fsb_oracle.families import Family, Parameters, parameter_text
from fsb_oracle.integrands import Integrand
from fsb_oracle.integrands.terms import Spectrum
from fsb_oracle.integrands.transforms import spectrum


@dataclass(frozen=True)
class Piece:
    """A smooth piece of f between two points of the open support; None is the end of the support."""

    lower: sympy.Expr | None
    upper: sympy.Expr | None
    expression: sympy.Expr


def _at_most(a: sympy.Expr, b: sympy.Expr) -> bool:
    """a <= b for two exact numbers; SymPy takes its time for infinite ones."""
    if a is -sympy.oo or b is sympy.oo or a == b:
        return True
    return False if a is sympy.oo or b is -sympy.oo else bool(a <= b)


@dataclass(frozen=True, eq=False)
class Cell:
    """E f(Z), or its derivative in `parameter`."""

    family: Family
    values: Parameters
    f: Integrand
    parameter: str | None = None

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The pieces of f that meet the open support; on integers the ends belong to it."""
        low, high = (self.family.at(end, self.values) for end in (self.family.support.lower, self.family.support.upper))
        if self.family.support.kind != "interval":
            low, high = low - sympy.S.Half, high + sympy.S.Half
        found = self.f.pieces_on(low, high)
        if len(found) == 1:
            return (Piece(None, None, found[0][2]),)
        return tuple(
            Piece(None if _at_most(lower, low) else lower, None if _at_most(high, upper) else upper, expression)
            for lower, upper, expression in found
            if not _at_most(high, lower) and not _at_most(upper, low)
        )

    @cached_property
    def spectrum(self) -> Spectrum | None:
        """The spectrum of f as the law sees it: kinks outside the support play no part."""
        return spectrum(tuple((p.lower, p.upper, p.expression) for p in self.pieces))

    @cached_property
    def text(self) -> str:
        """`gamma with concentration=2.5,rate=1`, as sentences name the law."""
        return f"{self.family.name} with {parameter_text(self.values, short=True)}"

    def derivative(self, parameter: str) -> Cell:
        """The derivative of the same expectation in a parameter."""
        return Cell(self.family, self.values, self.f, parameter)

    def squared(self) -> Cell:
        """E f^2 of the same law: the natural scale of E f and its gradient."""
        return Cell(self.family, self.values, Integrand(self.f.expression**2))
