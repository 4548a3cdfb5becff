"""The Wishart law: polynomials exactly, quadratic forms c'Wc as gamma variables, waves and exponentials in closed form.

c'Wc ~ (c'Sc) chi2(df), and E exp(tr(B W)) = det(I - 2 L'BL)^(-df/2) where Re(I - 2 L'BL) is positive definite.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy
from flint import acb, acb_mat, arb

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.backends.flint_math import ball, precision
from fsb_oracle.errors import UsageError
from fsb_oracle.families import get_family
from fsb_oracle.families.family import z
from fsb_oracle.integrands import Integrand
from fsb_oracle.integrands.bounds import Unboundable
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.certificate import Route
from fsb_oracle.oracle.density import GUARD_DIGITS
from fsb_oracle.oracle.joint.combination import Part, RoutesOf, constant_routes, number, reduced, total
from fsb_oracle.oracle.joint.gaussian import pivots, root
from fsb_oracle.oracle.joint.quadratics import Term, terms
from fsb_oracle.oracle.joint.ridges import Direction, ridges
from fsb_oracle.oracle.joint.wishart_moments import Pair, by_bartlett, by_permutations, mean
from fsb_oracle.oracle.lowering import PLAIN

MAXIMUM_DEGREE = 6
_BARTLETT_DEGREE = 4  # its sums grow faster


def wishart_routes(cell: Cell, routes_of: RoutesOf) -> list[Route]:
    """E f, or its derivative.

    Raises:
        Unboundable: f holds more than polynomials, exponentials and functions of one quadratic form.
    """
    samples = cell.family.samples
    found = ridges(cell.f.expression, samples)
    parts = [Part(sympy.S.One, constant_routes(cell, found.constant))] if found.constant != 0 else []
    rest = list(found.rest)
    for direction, function in found.ridges:
        form = sum((c * s for c, s in zip(direction, samples, strict=True)), sympy.S.Zero)
        vector = _square_root(direction, _size(cell))
        if vector is None:
            rest.append(function.xreplace({z: form}))
        else:
            parts.append(Part(sympy.S.One, _gamma_routes(cell, *vector, function, routes_of)))
    return total([*parts, *(Part(sympy.S.One, _term_routes(cell, term)) for term in rest)])


def _size(cell: Cell) -> int:
    return cell.family.shape[0]


def _pairs(cell: Cell) -> list[Pair]:
    """The entries in the order of the samples."""
    return [(i, j) for i in range(_size(cell)) for j in range(i, _size(cell))]


def _square_root(direction: Direction, size: int) -> tuple[tuple[int, ...], Fraction] | None:
    """`(c, factor)` with direction . W = factor c'Wc, if the form has rank one."""
    form = [[Fraction(0)] * size for _ in range(size)]
    pairs = [(i, j) for i in range(size) for j in range(i, size)]
    for coefficient, (i, j) in zip(direction, pairs, strict=True):
        form[i][j] = form[j][i] = Fraction(coefficient) if i == j else Fraction(coefficient, 2)
    pivot = next((i for i in range(size) if form[i][i]), None)
    if pivot is None:
        return None
    row, lead = form[pivot], form[pivot][pivot]
    if any(form[i][j] * lead != row[i] * row[j] for i in range(size) for j in range(size)):
        return None
    scale = 2 * lead  # row is a multiple of 1/2
    whole = tuple(int(2 * entry) for entry in row)
    return whole, lead / (scale * scale)


def _gamma_routes(
    cell: Cell, vector: tuple[int, ...], factor: Fraction, function: Any, routes_of: RoutesOf
) -> list[Route]:
    """function(factor c'Wc), where c'Wc has the gamma law of concentration df/2 and rate 1/(2 c'Sc)."""
    square = sum(
        (a * b * cell.values[f"covariance_matrix.{i}.{j}"] for i, a in enumerate(vector) for j, b in enumerate(vector)),
        Fraction(0),
    )
    scaled = function.xreplace({z: sympy.Rational(factor.numerator, factor.denominator) * z})
    values = {"concentration": cell.values["df"] / 2, "rate": 1 / (2 * square)}
    inner = Cell(get_family("gamma"), values, Integrand(scaled))
    if cell.parameter is None:
        return reduced(inner, routes_of)
    if cell.parameter == "df":
        return total([Part(Fraction(1, 2), reduced(inner.derivative("concentration"), routes_of))])
    i, j = (int(index) for index in cell.parameter.split(".")[1:])
    speed = -vector[i] * vector[j] / (2 * square**2)
    return total([Part(speed, reduced(inner.derivative("rate"), routes_of))] if speed else [])


def _term_routes(cell: Cell, f: Any) -> list[Route]:
    samples = cell.family.samples
    if f.is_polynomial(*samples):
        polynomial = sympy.Poly(f, *samples)
        degree = polynomial.total_degree()
        if degree > MAXIMUM_DEGREE:
            raise Unboundable(f"{f} has degree {degree}; at most {MAXIMUM_DEGREE} is supported in several entries")
        formulas = [by_permutations, by_bartlett] if degree <= _BARTLETT_DEGREE else [by_permutations]
        return [_polynomial_route(cell, polynomial, formula) for formula in formulas]
    found = terms(f, samples)
    if found is None or any(not term.is_linear or any(term.powers) for term in found):
        raise Unboundable(f"no route is known for {f}, which is neither a polynomial nor exponential in the entries")
    return [Route("closed-form", lambda digits, scale: _exponentials(cell, found, digits))]


def _polynomial_route(cell: Cell, polynomial: Any, formula: Any) -> Route:
    pairs, size = _pairs(cell), _size(cell)

    def evaluated(digits: int, scale: arb) -> arb:
        with precision(max(digits, 0) + GUARD_DIGITS):
            result = arb(0)
            for powers, coefficient in polynomial.terms():
                entries = [pair for pair, power in zip(pairs, powers, strict=True) for _ in range(power)]
                result += number(coefficient) * ball(mean(formula, entries, cell.values, size, cell.parameter))
            return result

    return Route("closed-form", evaluated)


def _exponentials(cell: Cell, found: tuple[Term, ...], digits: int) -> arb:
    """SUM coefficient exp(constant) E exp(tr(B W)), or its derivative: in S that is df E exp(...) B (I - 2 S B)^-1."""
    size = _size(cell)
    with precision(max(digits, 0) + GUARD_DIGITS):
        df = acb(ball(cell.values["df"]))
        square = acb_mat(
            [[acb(ball(cell.values[f"covariance_matrix.{i}.{j}"])) for j in range(size)] for i in range(size)]
        )
        lower, result = root(square), acb(0)
        identity = acb_mat([[int(i == j) for j in range(size)] for i in range(size)])
        for term in found:
            form = _matrix(cell, term)
            metric = identity - lower.transpose() * form * lower * 2
            for pivot in pivots(acb_mat([[acb(entry.real) for entry in row] for row in metric.tolist()])):
                if pivot.real <= 0:
                    raise UsageError(f"E {cell.f.text} does not exist for {cell.text}")
                if not pivot.real > 0:
                    raise Unboundable("it is not certain that it exists")
            log_determinant = sum((pivot.log() for pivot in pivots(metric)), acb(0))
            value = _number(term.coefficient) * (_number(term.constant) - df / 2 * log_determinant).exp()
            if cell.parameter == "df":
                value *= -log_determinant / 2
            elif cell.parameter is not None:
                i, j = (int(index) for index in cell.parameter.split(".")[1:])
                slope = form * (identity - square * form * 2).inv()
                value *= df * (slope[i, j] + slope[j, i]) / 2
            result += value
        return result.real


def _matrix(cell: Cell, term: Term) -> acb_mat:
    """The symmetric B with tr(B W) = linear . samples."""
    size = _size(cell)
    rows = [[acb(0)] * size for _ in range(size)]
    for coefficient, (i, j) in zip(term.linear, _pairs(cell), strict=True):
        rows[i][j] = rows[j][i] = _number(coefficient) / (1 if i == j else 2)
    return acb_mat(rows)


def _number(exact: Any) -> acb:
    return acb(compile_expression(sympy.sympify(exact), ())(PLAIN))
