"""What laws of several variables have in common: their samples' names, and matrices checked exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy

from fsb_oracle.errors import UsageError
from fsb_oracle.families.family import JOINT, POSITIVE, REAL, Family, Parameter, Recipe
from fsb_oracle.families.values import matrix
from fsb_oracle.families.vector_recipe import frequencies

Matrix = tuple[tuple[Fraction, ...], ...]
MAXIMUM_DIMENSION = 100  # samples are called z0 to z99
MAXIMUM_MATRIX = 10  # and z00 to z99


def joint_family(
    name: str, parameters: Sequence[Parameter], samples: tuple[sympy.Symbol, ...], shape: tuple[Any, ...]
) -> Family:
    """A law whose expectations come from those of its parts: it has no density or transform of one variable."""
    return Family(
        name=name,
        parameters=tuple(parameters),
        support=JOINT,
        log_density=None,
        characteristic_function=None,
        mean=sympy.nan,  # those of one number
        variance=sympy.nan,
        recipe=Recipe({}, sympy.nan),
        catalogue={},
        edges=(),
        shape=shape,
        samples=samples,
    )


def vector_samples(dimension: int) -> tuple[sympy.Symbol, ...]:
    """z0, z1, ..."""
    return tuple(sympy.Symbol(f"z{i}", real=True) for i in range(dimension))


def matrix_samples(dimension: int) -> tuple[sympy.Symbol, ...]:
    """z00, z01, z11, ...: the upper triangle of a symmetric matrix, row by row."""
    return tuple(sympy.Symbol(f"z{i}{j}", real=True) for i in range(dimension) for j in range(i, dimension))


def vector_parameters(name: str, count: int, domain: Any = REAL) -> tuple[Parameter, ...]:
    return tuple(Parameter(f"{name}.{i}", domain) for i in range(count))


def matrix_parameters(name: str, dimension: int) -> tuple[Parameter, ...]:
    """All entries; the diagonal of a scale_tril is positive."""
    return tuple(
        Parameter(f"{name}.{i}.{j}", POSITIVE if i == j else REAL) for i in range(dimension) for j in range(dimension)
    )


def linear_form(family: Family, name: str) -> sympy.Expr:
    """SUM w_i loc_i with the vector parameter `name`."""
    w = frequencies(family.samples)
    return sympy.Add(*(w_i * family.symbol(f"{name}.{i}") for i, w_i in enumerate(w)))


def covariance_form(family: Family, name: str) -> sympy.Expr:
    """w'Sw, with S the matrix parameter `name` or, for a scale_tril, its square. Of a symmetric S both triangles
    count: the derivative in one entry is that with all others fixed."""
    w = frequencies(family.samples)
    size = range(len(w))
    entry = {(i, j): family.symbol(f"{name}.{i}.{j}") for i in size for j in size}
    if name == "scale_tril":
        columns = [sympy.Add(*(w[i] * entry[i, j] for i in range(j, len(w)))) for j in size]
        return sympy.Add(*(column**2 for column in columns))
    return sympy.Add(*(w[i] * entry[i, j] * w[j] for i in size for j in size))


def components(name: str, value: Sequence[Any]) -> dict[str, Any]:
    """`{"name.0": a, "name.1.0": b}` of a list, or of a list of lists."""
    flat: dict[str, Any] = {}
    for i, item in enumerate(value):
        flat |= components(f"{name}.{i}", item) if isinstance(item, tuple) else {f"{name}.{i}": item}
    return flat


def covariance(values: Mapping[str, Any], name: str, most: int = MAXIMUM_DIMENSION) -> Matrix:
    """The symmetric, positive definite matrix `values[name]`.

    Raises:
        UsageError: it is none.
    """
    rows = _limited(matrix(values, name), name, most)
    if any(rows[i][j] != rows[j][i] for i in range(len(rows)) for j in range(i)):
        raise UsageError(f"{name}={_text(values[name])} is not symmetric")
    if not positive_definite(rows):
        raise UsageError(f"{name}={_text(values[name])} is not positive definite")
    return rows


def scale_tril(values: Mapping[str, Any], name: str = "scale_tril") -> Matrix:
    """The lower triangular matrix with a positive diagonal `values[name]`.

    Raises:
        UsageError: it is none.
    """
    rows = _limited(matrix(values, name), name, MAXIMUM_DIMENSION)
    if any(rows[i][j] != 0 for i in range(len(rows)) for j in range(i + 1, len(rows))):
        raise UsageError(f"{name}={_text(values[name])} is not lower triangular: entries above the diagonal must be 0")
    if any(rows[i][i] <= 0 for i in range(len(rows))):
        raise UsageError(f"{name}={_text(values[name])} needs a positive diagonal")
    return rows


def positive_definite(rows: Matrix) -> bool:
    """Whether all leading minors are positive, by exact elimination: each pivot is a ratio of two of them."""
    left = [list(row) for row in rows]
    for k in range(len(left)):
        if left[k][k] <= 0:
            return False
        for i in range(k + 1, len(left)):
            factor = left[i][k] / left[k][k]
            left[i] = [a - factor * b for a, b in zip(left[i], left[k], strict=True)]
    return True


def same_dimension(first: str, size: int, second: str, other: int) -> None:
    """Raises UsageError where the dimensions of two parameters differ."""
    if size != other:
        raise UsageError(f"{first} has {size} components and {second} has {other}: they must agree")


def _limited(rows: Matrix, name: str, most: int) -> Matrix:
    if len(rows) > most:
        raise UsageError(f"{name} has {len(rows)} rows; at most {most} are supported")
    return rows


def _text(value: Any) -> str:
    return str(value.tolist() if hasattr(value, "tolist") else value)
