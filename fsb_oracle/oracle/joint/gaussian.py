"""Closed forms for scale mixtures of normal vectors: moments, exponentials, waves, Gaussians and their products.

For a normal vector z = loc + L u and a term exp(constant + b.z + z'Qz/2), with M = I - L'QL and h = L'(b + Q loc),

    E exp(...) = exp(constant + b.loc + loc'Q loc/2 + h'M^-1 h/2) det(M)^(-1/2),

which exists if and only if Re M is positive definite; the tilted law is normal with mean loc + L M^-1 h and
covariance L M^-1 L', and its moments follow by Stein's recursion. For the other laws Q = 0; moments are polynomials in
the mixing variable m, and E m^k exp(q m) is known. (Anderson 2003; Kotz, Kozubowski and Podgorski 2001.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import factorial
from typing import Any

import sympy
from flint import acb, acb_mat, acb_poly, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import ball, precision
from fsb_oracle.errors import UsageError
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.certificate import Route
from fsb_oracle.oracle.density import GUARD_DIGITS
from fsb_oracle.oracle.joint.combination import ZERO
from fsb_oracle.oracle.joint.elliptical import Vector, entry
from fsb_oracle.oracle.joint.quadratics import Term, terms
from fsb_oracle.oracle.lowering import PLAIN


@dataclass(frozen=True)
class Operated:
    """weight * m**mixing * expression: what an expectation's derivative takes the mean of."""

    weight: Any
    mixing: int
    expression: sympy.Expr


def closed_form(cell: Cell, f: sympy.Expr) -> list[Route]:
    """The route to E f, or its derivative, if f is of the kind that the law knows; else none."""
    vector = Vector(cell)
    samples = cell.family.samples
    parts = operated(vector, f)
    found = [terms(sympy.expand(o.expression), samples) for o in parts]
    own = terms(f, samples)
    if own is None or any(t is None for t in found) or not all(_known(cell.family.name, t) for t in own):
        return []
    if all(o.expression == 0 for o in parts):
        return ZERO

    def evaluated(digits: int, scale: arb) -> arb:
        with precision(max(digits, 0) + GUARD_DIGITS):
            law = Law(vector)
            law.check(own)
            means = (
                _number(o.weight) * law.mean(t, o.mixing) for o, ts in zip(parts, found, strict=True) for t in ts or ()
            )
            return sum(means, acb(0)).real

    return [Route("closed-form", evaluated)]


def _known(name: str, term: Term) -> bool:
    if name == "multivariate_normal":
        return True
    return term.is_polynomial if name == "multivariate_student_t" else term.is_linear


def operated(vector: Vector, f: sympy.Expr) -> list[Operated]:
    """The functions whose means add up to E f, or to its derivative."""
    parameter, samples = vector.cell.parameter, vector.cell.family.samples
    if parameter is None or parameter == "df":
        return [Operated(sympy.S.One, 0, f)]
    kind, i, j = entry(parameter)
    if kind == "loc":
        return [Operated(sympy.S.One, 0, sympy.diff(f, samples[i]))]
    slope = sympy.diff(f, samples[i])
    if kind == "drift":
        return [Operated(sympy.S.One, 1, slope)]
    if kind == "covariance_matrix":
        return [Operated(sympy.S.Half, 1, sympy.diff(slope, samples[j]))]
    if i < j:
        return []
    column = [sympy.Rational(row[j].numerator, row[j].denominator) for row in vector.matrix]
    return [Operated(c, 1, sympy.diff(slope, s)) for c, s in zip(column, samples, strict=True) if c != 0]


class Law:
    """The law's numbers at the precision in force."""

    def __init__(self, vector: Vector) -> None:
        self.vector, self.cell, size = vector, vector.cell, vector.size
        self.normal = self.cell.family.name == "multivariate_normal"
        self.loc = [acb(ball(m)) for m in vector.loc]
        self.drift = [acb(ball(m)) for m in vector.drift]
        self.square = acb_mat([[acb(ball(entry)) for entry in row] for row in vector.square])
        self.lower = root(self.square) if self.normal else self.square
        self.size = size

    def check(self, own: Sequence[Term]) -> None:
        """Raises UsageError where the mean of a term does not exist, Unboundable where that is not certain."""
        for term in own:
            for room in self._room(term):
                if room <= 0:
                    raise UsageError(f"E {self.cell.f.text} does not exist for {self.cell.text}")
                if not room > 0:
                    raise Unboundable("it is not certain that it exists")

    def _room(self, term: Term) -> Iterator[arb]:
        """Numbers that are positive if and only if the mean exists; later ones count only if the earlier are."""
        if self.normal:
            yield from room(self.lower, acb_mat([[_number(q) for q in row] for row in term.quadratic]))
        elif "df" in self.cell.values:
            yield ball(self.cell.values["df"] - sum(term.powers))
        else:
            real = [acb(_number(b).real) for b in term.linear]
            yield 2 - 2 * _dot(real, self.drift).real - _form(real, self.square).real

    def mean(self, term: Term, mixing: int) -> acb:
        """E m**mixing term; its derivative in df, if that is the cell's parameter."""
        coefficient = _number(term.coefficient) * _number(term.constant).exp()
        linear = [_number(b) for b in term.linear]
        if self.normal and not term.is_linear:
            quadratic = acb_mat([[_number(q) for q in row] for row in term.quadratic])
            return coefficient * self.tilted((term.powers,), linear, quadratic)[0]
        tilt = [sum((self.square[i, j] * linear[j] for j in range(self.size)), acb(0)) for i in range(self.size)]
        means: list[Any] = [acb_poly([m, d + t]) for m, d, t in zip(self.loc, self.drift, tilt, strict=True)]
        covariance: Any = [[acb_poly([0, self.square[i, j]]) for j in range(self.size)] for i in range(self.size)]
        moment = acb_poly([1]) * _moment(term.powers, means, covariance)
        exponent = _dot(linear, self.drift) + _form(linear, self.square) / 2
        shift = _dot(linear, self.loc).exp()
        return (
            coefficient
            * shift
            * sum((c * self._mixing(k + mixing, exponent) for k, c in enumerate(moment.coeffs())), acb(0))
        )

    def tilted(
        self, powers: Sequence[tuple[int, ...]], linear: list[acb], quadratic: acb_mat, analytic: bool = False
    ) -> list[acb]:
        """E z**n exp(linear . z + z'Qz/2) of a normal vector, for each n of `powers`."""
        return tilted(self.loc, self.lower, powers, linear, quadratic, analytic)

    def _mixing(self, k: int, exponent: acb) -> acb:
        """E m**k exp(exponent m), or its derivative in df."""
        if self.normal:
            return exponent.exp()
        if "df" not in self.cell.values:
            return factorial(k) / (1 - exponent) ** (k + 1)
        half = acb(ball(self.cell.values["df"] / 2))
        value, slope = acb(1), acb(0)
        for j in range(1, k + 1):
            value *= half / (half - j)
            slope += (1 / half - 1 / (half - j)) / 2
        return value * slope if self.cell.parameter == "df" else value


def metric(lower: acb_mat, quadratic: acb_mat) -> acb_mat:
    """I - L'QL."""
    size = lower.nrows()
    identity = acb_mat([[int(i == j) for j in range(size)] for i in range(size)])
    return identity - lower.transpose() * quadratic * lower


def room(lower: acb_mat, quadratic: acb_mat) -> list[arb]:
    """Numbers that are positive if and only if Re(I - L'QL) is positive definite; later ones count only if the earlier
    are."""
    return [pivot.real for pivot in pivots(_real(metric(lower, quadratic)))]


def tilted(
    means: Sequence[acb],
    lower: acb_mat,
    powers: Sequence[tuple[int, ...]],
    linear: Sequence[acb],
    quadratic: acb_mat,
    analytic: bool = False,
) -> list[acb]:
    """E z**n exp(linear . z + z'Qz/2) of a normal vector with these means and this L, for each n of `powers`.

    With `analytic` it is not finite where it is not proven to be analytic in all of the arguments.
    """
    # without the differences of h'M^-1 h and loc'Q loc, which wide balls would not survive: with W = (I - SQ)^-1,
    # the exponent is b'W loc + (loc'QW loc + b'WS b)/2
    loc, slope = acb_mat([[m] for m in means]), acb_mat([[b] for b in linear])
    square = lower * lower.transpose()
    inverse = acb_mat([[int(i == j) for j in range(len(means))] for i in range(len(means))]) - square * quadratic
    inverse = inverse.inv()
    spread = inverse * square
    log_determinant = sum((pivot.log(analytic=analytic) for pivot in pivots(metric(lower, quadratic))), acb(0))
    exponent = (slope.transpose() * inverse * loc)[0, 0] - log_determinant / 2
    exponent += (loc.transpose() * quadratic * inverse * loc)[0, 0] / 2 + (slope.transpose() * spread * slope)[0, 0] / 2
    centre = inverse * loc + spread * slope
    size = len(means)
    covariance = [[spread[i, j] for j in range(size)] for i in range(size)]
    front = exponent.exp()
    return [front * _moment(n, [centre[i, 0] for i in range(size)], covariance) for n in powers]


def _moment(powers: Sequence[int], means: list[Any], covariance: list[list[Any]]) -> Any:
    """E z**powers of a normal vector: E z_i g = mean_i E g + SUM_j S_ij E d_j g."""
    known: dict[tuple[int, ...], Any] = {}

    def moment(n: tuple[int, ...]) -> Any:
        i = next((i for i, power in enumerate(n) if power), None)
        if i is None:
            return acb(1)
        if n not in known:
            less = _less(n, i)
            value = means[i] * moment(less)
            for j, power in enumerate(less):
                if power:
                    value += covariance[i][j] * moment(_less(less, j)) * power
            known[n] = value
        return known[n]

    return moment(tuple(powers))


def _less(n: tuple[int, ...], i: int) -> tuple[int, ...]:
    return (*n[:i], n[i] - 1, *n[i + 1 :])


def root(square: acb_mat) -> acb_mat:
    """The Cholesky factor L of a positive definite matrix."""
    size = square.nrows()
    rows = [[acb(0)] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            left = square[i, j] - sum((rows[i][k] * rows[j][k] for k in range(j)), acb(0))
            rows[i][j] = acb(left.real.sqrt()) if i == j else left / rows[j][j]
    return acb_mat(rows)


def pivots(metric: acb_mat) -> list[acb]:
    """Of Gaussian elimination without exchanges. If Re metric is positive definite, all have positive real parts, so
    that their principal logarithms add up to the branch of log det that is 0 at the identity.
    """
    rows, found = [list(row) for row in metric.tolist()], []
    for k in range(len(rows)):
        found.append(rows[k][k])
        for i in range(k + 1, len(rows)):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    return found


def _real(metric: acb_mat) -> acb_mat:
    return acb_mat([[acb(entry.real) for entry in row] for row in metric.tolist()])


def _dot(linear: list[acb], place: list[acb]) -> acb:
    return sum((b * m for b, m in zip(linear, place, strict=True)), acb(0))


def _form(linear: list[acb], square: acb_mat) -> acb:
    vector = acb_mat([[b] for b in linear])
    return (vector.transpose() * square * vector)[0, 0]


def _number(exact: Any) -> acb:
    return acb(compile_expression(sympy.sympify(exact), ())(PLAIN))
