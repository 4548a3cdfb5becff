"""f that depends, given one of a normal vector's variables, on one affine form of the others: two axes of a grid do.

Let f be a function of z_k and of s = r(z_k) + SUM a_j(z_k) z_j alone: tanh(z0 + z1 z2) given z1, log(1 + exp(z0 z1 +
z2)) given z0 or z1. With z = loc + L u, z_k first, s given u_0 is normal:

    s = r + SUM a_j (loc_j + L_j0 u_0) + |alpha| w,    alpha_i = SUM_j a_j L_ji (i >= 1),

w standard normal and independent of u_0. The grid is one of (u_0, w). The other u_i given both are normal with means
c_i w, c = alpha/|alpha|, and covariances delta_ij - c_i c_j, which is how moments follow:

    E[u_i | u_0, w] = c_i w,    E[u_i u_j | u_0, w] = c_i c_j (w^2 - 1) + delta_ij.

With C = SUM |c_i|^2, all moments of degree two are below 1 + |u_0|^2 + C (1 + |w|^2) also in complex strips; where u_0
is real C is 1. |alpha|^2 is positive on the real line, and a box where its square root is not analytic counts as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy
from flint import acb, arb, arb_mat

from fsb_oracle.oracle.grid import REAL
from fsb_oracle.oracle.joint.boxes import BOXES
from fsb_oracle.oracle.joint.normal_function import Compiled, Law
from fsb_oracle.oracle.joint.normal_grid import Growth, Line, Powers, Side

_S = sympy.Symbol("s", real=True)


@dataclass(frozen=True)
class Form:
    """f = function(z_k, the others' means given z_k, s - its mean), with s = SUM slopes_j(z_k) z_j."""

    given: int
    others: tuple[int, ...]
    slopes: tuple[Any, ...]
    means: tuple[sympy.Symbol, ...]
    function: Any


def affine_forms(f: Any, samples: tuple[sympy.Symbol, ...]) -> Iterator[Form]:
    """One for each variable that leaves one affine form of the others."""
    used = [i for i, sample in enumerate(samples) if sample in f.free_symbols]
    for k in used:
        others = tuple(i for i in used if i != k)
        variables = tuple(samples[i] for i in others)
        found = _Substituted(variables, tuple(sympy.Symbol(f"m{i}", real=True) for i in others))
        function = found.visit(f)
        if function is not None and found.slopes is not None:
            yield Form(k, others, found.slopes, found.means, function)


class _Substituted:
    """f with its affine parts replaced, as long as all of them are one."""

    def __init__(self, variables: tuple[sympy.Symbol, ...], means: tuple[sympy.Symbol, ...]) -> None:
        self.variables, self.means = variables, means
        self.slopes: tuple[Any, ...] | None = None

    def visit(self, node: Any) -> Any:
        """The node in the given variable, the means and s; None if it holds another affine form, or none."""
        if not node.has(*self.variables):
            return node
        slopes = self._slopes(node)
        if slopes is not None:
            return self._form(node, slopes)
        if isinstance(node, sympy.Add):  # its affine terms are one form
            affine = sympy.Add(*(term for term in node.args if self._slopes(term) is not None))
            parts = [affine, *(term for term in node.args if self._slopes(term) is None)]
        else:
            parts = list(node.args)
        found = [self.visit(part) for part in parts]
        return None if any(part is None for part in found) else node.func(*found)

    def _slopes(self, node: Any) -> tuple[Any, ...] | None:
        if not isinstance(node, sympy.Expr) or not node.is_polynomial(*self.variables):
            return None
        slopes = tuple(sympy.diff(node, variable) for variable in self.variables)
        return None if any(slope.has(*self.variables) for slope in slopes) else slopes

    def _form(self, node: Any, slopes: tuple[Any, ...]) -> Any:
        if self.slopes is None:
            self.slopes = _primitive(slopes)
        pivot = next(j for j, slope in enumerate(self.slopes) if slope != 0)
        ratio: Any = sympy.cancel(slopes[pivot] / self.slopes[pivot])
        if any(sympy.expand(a - ratio * b) != 0 for a, b in zip(slopes, self.slopes, strict=True)):
            return None
        rest = node.xreplace({variable: sympy.S.Zero for variable in self.variables})
        return rest + sum((a * m for a, m in zip(slopes, self.means, strict=True)), ratio * _S)


def _primitive(slopes: tuple[Any, ...]) -> tuple[Any, ...]:
    """Without what divides all of them, so that polynomials vanish together nowhere."""
    symbols = set[Any]().union(*(slope.free_symbols for slope in slopes))
    if not symbols or not all(slope.is_polynomial(*symbols) for slope in slopes):
        return slopes
    common: Any = sympy.gcd_list(list(slopes))
    return tuple(sympy.cancel(slope / common) for slope in slopes)


@dataclass(frozen=True)
class Affine:
    """Such an f on the axes of u_0 and w."""

    law: Law
    f: Any
    form: Form
    size: int = 2

    def growth(self) -> Growth:
        """Where w alone is not 0, |u_i| <= |c_i| |w|; and 2 + u_0^2 + w^2 <= 2 (1 + u_0^2 + w^2)."""
        own = self.law.growth(self.f)
        first, *rest = own.rates
        return Growth(2 * own.size, (first, sum((rate**2 for rate in rest), arb(0)).sqrt()))

    @cached_property
    def _given(self) -> sympy.Symbol:
        return self.law.samples[0]

    @cached_property
    def _function(self) -> Compiled:
        return Compiled(self.form.function, (self._given, *self.form.means, _S))

    @cached_property
    def _slopes(self) -> Compiled:
        return Compiled(sympy.Tuple(*self.form.slopes), (self._given,))

    def _at(self, u: Any) -> tuple[Any, list[Any]]:
        """z_k and the others' means given it."""
        first, *rest = [m + row[0] * u for m, row in zip(self.law.loc, self.law.rows, strict=True)]
        return first, rest

    def _alpha(self, slopes: Sequence[Any]) -> list[Any]:
        rows = self.law.rows[1:]
        size = range(len(rows))
        return [sum((slopes[j] * rows[j][i + 1] for j in size if j >= i), acb(0)) for i in size]

    def largest(self, box: Sequence[Side]) -> arb:
        first, second = box
        z, means = self._at(first.ball)
        try:
            alpha = self._alpha([acb(a) for a in self._slopes.analytic(z)])
        except (ArithmeticError, ValueError, TypeError):
            return arb("nan")
        length = BOXES.sqrt(sum((BOXES.squared(a) for a in alpha), acb(0)))
        share = sum((abs(a / length).upper() ** 2 for a in alpha), arb(0))
        weight = 1 + first.square + share * (1 + second.square)
        return self._function.enclosed(z, *means, length * second.ball) * weight

    def along(self, before: tuple[arb, ...], line: Line, room: float) -> dict[Powers, arb]:
        z, means = self._at(before[0])
        alpha = [acb(a).real for a in self._alpha(self._slopes.on(REAL)(z))]
        length = sum((a * a for a in alpha), arb(0)).sqrt()
        c, f, zero = [a / length for a in alpha], self._function.real, arb(0)
        at = zip(line.nodes, line.squares, strict=True)
        row = [f(z, *means, length * w) if square <= room else zero for w, square in at]
        value, slope, bend = (arb_mat([row]) * line.table).entries()
        size = range(len(c))
        unit = [tuple(int(i == k) for k in size) for i in size]
        found = {tuple(0 for _ in size): value, **{unit[i]: c[i] * slope for i in size}}
        for i in size:
            for j in range(i + 1):
                powers = tuple(a + b for a, b in zip(unit[i], unit[j], strict=True))
                found[powers] = c[i] * c[j] * (bend - value) + (value if i == j else zero)
        return found


__all__ = ["Affine", "Form", "affine_forms"]
