"""Wishart(df, covariance_matrix): the sum of df squares z z' of normal vectors; df > dimension - 1, not only whole."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy

from fsb_oracle.backends.noise import Gamma, Normal
from fsb_oracle.families.family import Domain, Family, Parameter
from fsb_oracle.families.joint import (
    MAXIMUM_MATRIX,
    components,
    covariance,
    joint_family,
    matrix_parameters,
    matrix_samples,
)
from fsb_oracle.families.template import FamilyTemplate
from fsb_oracle.families.vector_recipe import Draws, VectorRecipe, frequencies


def bartlett_noise(c: Any) -> Draws:
    """Half the squares of the diagonal of A, and what is below the diagonal."""
    size = c.covariance_matrix.shape[-1]
    lost = c.math.identity(size, c.covariance_matrix).cumsum(-1).sum(-2) - 1  # 0, 1, 2, ...
    return {"g": (Gamma((c.df[..., None] - lost) / 2), (size,)), "n": (Normal(), (size * (size - 1) // 2,))}


def below_diagonal(size: int) -> list[tuple[int, int]]:
    """(1, 0), (2, 0), (2, 1), ...: the places of the normals."""
    return [(i, j) for i in range(size) for j in range(i)]


def triangle(m: Any, diagonal: Any, below: Any) -> Any:
    """The lower triangular matrix with `diagonal` (..., d) and `below` (..., d (d - 1)/2); shape (..., d, d)."""
    size = diagonal.shape[-1]
    entries = {place: below[..., k] for k, place in enumerate(below_diagonal(size))}
    entries |= {(i, i): diagonal[..., i] for i in range(size)}
    zero = 0 * diagonal[..., 0]
    return m.stack([m.stack([entries.get((i, j), zero) for i in range(size)]) for j in range(size)])


def bartlett(c: Any, g: Any, n: Any) -> Any:
    """W = L A A' L' with A lower triangular, A_ii^2 = 2 g_i (Bartlett 1933); shape (..., d, d)."""
    return square(c.math, c.math.cholesky(c.covariance_matrix), g, n)


def square(m: Any, root: Any, g: Any, n: Any) -> Any:
    """L A A' L' with L = `root`."""
    factor = root @ triangle(m, m.sqrt(2 * g), n)
    return factor @ factor.swapaxes(-1, -2)


def _transform(family: Family, size: int) -> sympy.Expr:
    """det(I - 2 i V T)^(-df/2), T the symmetric matrix with w_ii on its diagonal and w_ij/2 beside it."""
    w = {(str(symbol)[1:]): symbol for symbol in frequencies(family.samples)}
    half = sympy.Matrix(size, size, lambda i, j: w[f"{min(i, j)}{max(i, j)}"] / (1 if i == j else 2))
    scale = sympy.Matrix(size, size, lambda i, j: family.symbol(f"covariance_matrix.{i}.{j}"))
    return (sympy.eye(size) - 2 * sympy.I * scale * half).det() ** (-family.symbol("df") / 2)


def _above(limit: int) -> Domain:
    def contains(value: Fraction) -> bool:
        return value > limit

    return Domain(f"greater than {limit}, the number of rows less 1", contains, {"positive": True})


def _build(values: Mapping[str, Any]) -> tuple[Family, Mapping[str, Any]]:
    rows = covariance(values, "covariance_matrix", MAXIMUM_MATRIX)
    size = len(rows)
    parameters = (Parameter("df", _above(size - 1)), *matrix_parameters("covariance_matrix", size))
    family = joint_family("wishart", parameters, matrix_samples(size), (size,))
    family = replace(
        family,
        joint_transform=_transform(family, size) if size <= 3 else None,
        vector_recipe=VectorRecipe(bartlett_noise, bartlett),
    )
    return family, {"df": values["df"]} | components("covariance_matrix", rows)


wishart = FamilyTemplate(
    name="wishart",
    parameters={
        "df": "greater than the number of rows less 1",
        "covariance_matrix": "a symmetric positive definite matrix",
    },
    build=_build,
    edges=(
        {"df": "4", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"},
        {"df": "2.5", "covariance_matrix": "[[0.5]]"},
        {"df": "1.01", "covariance_matrix": "[[0.01, 0.09], [0.09, 1]]"},
        {"df": "50", "covariance_matrix": "[[1, 0.9, 0.5], [0.9, 1, 0.7], [0.5, 0.7, 1]]"},
    ),
)
