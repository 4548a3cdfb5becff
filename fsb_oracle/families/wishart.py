"""Wishart(df, covariance_matrix): the sum of df squares z z' of normal vectors; df > dimension - 1, not only whole."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

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


def _above(limit: int) -> Domain:
    def contains(value: Fraction) -> bool:
        return value > limit

    return Domain(f"greater than {limit}, the number of rows less 1", contains, {"positive": True})


def _build(values: Mapping[str, Any]) -> tuple[Family, Mapping[str, Any]]:
    rows = covariance(values, "covariance_matrix", MAXIMUM_MATRIX)
    size = len(rows)
    parameters = (Parameter("df", _above(size - 1)), *matrix_parameters("covariance_matrix", size))
    family = joint_family("wishart", parameters, matrix_samples(size), (size,))
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
