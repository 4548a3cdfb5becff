"""Normal, Student and Laplace vectors: every linear form has a law of one variable, with scale**2 = c'Sc.

They are mixtures of normal vectors: z = loc + m drift + sqrt(m) L eps with m = 1, m = df/chi2(df), m exponential, where
only the asymmetric Laplace law has a drift. So

    dE/dloc_j = E d_j f,    dE/ddrift_j = E m d_j f,
    dE/dS_ij = (1/2) E m d_i d_j f  (G, symmetric),    dE/dL_ij = 2 (G L)_ij for i >= j.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from fsb_oracle.families import Family, Parameters, get_family
from fsb_oracle.families.squared import by_squared_scale
from fsb_oracle.integrands import Integrand
from fsb_oracle.oracle.cell import Cell
from fsb_oracle.oracle.joint.combination import Part, RoutesOf, reduced
from fsb_oracle.oracle.joint.ridges import Direction

_MARGINS = {
    "multivariate_normal": "normal",
    "multivariate_student_t": "student_t",
    "multivariate_laplace": "laplace",
    "asymmetric_multivariate_laplace": "variance_gamma",
}
ELLIPTICAL = tuple(_MARGINS)


@dataclass(frozen=True)
class Vector:
    """The exact location, drift and scale of a cell's law."""

    cell: Cell

    @property
    def margin(self) -> Family:
        """The law of one variable with its scale's square as parameter."""
        return by_squared_scale(get_family(_MARGINS[self.cell.family.name]))

    @property
    def share(self) -> Fraction:
        """scale**2 of a linear form is this times c'Sc: the Laplace law has twice its scale**2 as variance."""
        return Fraction(1, 2) if self.margin.name == "laplace" else Fraction(1)

    @cached_property
    def size(self) -> int:
        return len(self.cell.family.samples)

    @cached_property
    def loc(self) -> list[Fraction]:
        return [self.cell.values[f"loc.{i}"] for i in range(self.size)]

    @cached_property
    def drift(self) -> list[Fraction]:
        """What the mixing variable moves the location by; 0 in a law without one."""
        return [self.cell.values.get(f"drift.{i}", Fraction(0)) for i in range(self.size)]

    @cached_property
    def triangular(self) -> bool:
        """Whether scale_tril is the parameter, not the matrix S."""
        return "scale_tril" in self.cell.family.shape

    @cached_property
    def matrix(self) -> list[list[Fraction]]:
        """The parameter as written: S, or L with S = LL'."""
        name = "scale_tril" if self.triangular else "covariance_matrix"
        return [[self.cell.values[f"{name}.{i}.{j}"] for j in range(self.size)] for i in range(self.size)]

    @cached_property
    def square(self) -> list[list[Fraction]]:
        """S."""
        rows, indices = self.matrix, range(self.size)
        if not self.triangular:
            return rows
        return [[sum((rows[i][k] * rows[j][k] for k in indices), Fraction(0)) for j in indices] for i in indices]

    def form(self, first: Direction, second: Direction) -> Fraction:
        """first'S second."""
        return sum((a * b * self.square[i][j] for i, a in enumerate(first) for j, b in enumerate(second)), Fraction(0))

    def margin_values(self, direction: Direction) -> Parameters:
        """The law of direction . sample."""
        loc, drift = (
            sum((c * m for c, m in zip(direction, place, strict=True)), Fraction(0)) for place in (self.loc, self.drift)
        )
        own = {"loc": loc, "drift": drift, "scale_squared": self.share * self.form(direction, direction)}
        own["variance_rate"] = Fraction(1)  # an exponential variable is a gamma one of mean and variance 1
        return {name: own.get(name, self.cell.values.get(name, Fraction(0))) for name in self.margin.names}

    def speeds(self, direction: Direction) -> Iterator[tuple[str | None, Fraction]]:
        """The parameters of that law, each with its derivative in the cell's parameter, where it is not 0."""
        if self.cell.parameter is None or self.cell.parameter == "df":
            yield self.cell.parameter, Fraction(1)
            return
        kind, i, j = entry(self.cell.parameter)
        if kind in ("loc", "drift"):
            speed, name = Fraction(direction[i]), kind
        elif kind == "covariance_matrix":
            speed, name = self.share * direction[i] * direction[j], "scale_squared"
        else:
            column = sum((c * row[j] for c, row in zip(direction, self.matrix, strict=True)), Fraction(0))
            speed, name = 2 * self.share * direction[i] * column * (i >= j), "scale_squared"
        if speed:
            yield name, speed


def entry(parameter: str) -> tuple[str, int, int]:
    """`("covariance_matrix", 1, 0)` of `covariance_matrix.1.0`; the second index of a vector is 0."""
    name, *indices = parameter.split(".")
    first, second = (*map(int, indices), 0)[:2]
    return name, first, second


def ridge_parts(vector: Vector, direction: Direction, function: Integrand, routes_of: RoutesOf) -> list[Part]:
    """E function(direction . sample), or its derivative, through the law of the linear form."""
    values = vector.margin_values(direction)
    cell = Cell(vector.margin, values, function)
    return [
        Part(speed, reduced(cell if name is None else cell.derivative(name), routes_of))
        for name, speed in vector.speeds(direction)
    ]
