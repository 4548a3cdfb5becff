"""How means and covariances of linear forms of a normal vector move with its parameters."""

from __future__ import annotations

from fractions import Fraction

from fsb_oracle.oracle.joint.elliptical import Vector, entry
from fsb_oracle.oracle.joint.ridges import Direction


def mean_speed(vector: Vector, form: Direction) -> Fraction:
    """d (form . loc) / d parameter of the cell."""
    assert vector.cell.parameter is not None
    kind, i, _ = entry(vector.cell.parameter)
    return Fraction(form[i]) if kind == "loc" else Fraction(0)


def covariance_speed(vector: Vector, first: Direction, second: Direction) -> Fraction:
    """d (first'S second) / d parameter; in a matrix S that of the symmetric gradient."""
    assert vector.cell.parameter is not None
    kind, i, j = entry(vector.cell.parameter)
    if kind == "loc" or (kind == "scale_tril" and i < j):
        return Fraction(0)
    if kind == "covariance_matrix":
        return Fraction(first[i] * second[j] + first[j] * second[i], 2)
    columns = [
        sum((c * row[j] for c, row in zip(form, vector.matrix, strict=True)), Fraction(0)) for form in (first, second)
    ]
    return first[i] * columns[1] + second[i] * columns[0]
