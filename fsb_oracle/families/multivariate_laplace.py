"""MultivariateLaplace(loc, covariance_matrix), the symmetric one: characteristic function exp(i w.loc)/(1 + w'Sw/2)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sympy import I, exp

from fsb_oracle.backends.noise import Exponential, Normal
from fsb_oracle.families.family import Family
from fsb_oracle.families.joint import (
    components,
    covariance,
    covariance_form,
    joint_family,
    linear_form,
    matrix_parameters,
    same_dimension,
    vector_parameters,
    vector_samples,
)
from fsb_oracle.families.template import FamilyTemplate
from fsb_oracle.families.values import vector
from fsb_oracle.families.vector_recipe import Draws, VectorRecipe, applied, scale_tril_of


def _noise(c: Any) -> Draws:
    return {"v": (Exponential(), ()), "eps": (Normal(), (c.loc.shape[-1],))}


def _sample(c: Any, v: Any, eps: Any) -> Any:
    return c.loc + c.math.sqrt(v)[..., None] * applied(scale_tril_of(c), eps)


def _build(values: Mapping[str, Any]) -> tuple[Family, Mapping[str, Any]]:
    loc, rows = vector(values, "loc"), covariance(values, "covariance_matrix")
    same_dimension("loc", len(loc), "covariance_matrix", len(rows))
    parameters = (*vector_parameters("loc", len(loc)), *matrix_parameters("covariance_matrix", len(rows)))
    shape = (len(loc), "covariance_matrix")
    family = joint_family("multivariate_laplace", parameters, vector_samples(len(loc)), shape)
    family = replace(
        family,
        joint_transform=exp(I * linear_form(family, "loc")) / (1 + covariance_form(family, "covariance_matrix") / 2),
        vector_recipe=VectorRecipe(_noise, _sample),
    )
    return family, components("loc", loc) | components("covariance_matrix", rows)


multivariate_laplace = FamilyTemplate(
    name="multivariate_laplace",
    parameters={"loc": "a list of numbers", "covariance_matrix": "a symmetric positive definite matrix"},
    build=_build,
    edges=(
        {"loc": "[0.1, -0.2]", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"},
        {"loc": "[0.3]", "covariance_matrix": "[[2.88]]"},
        {"loc": "[0, 1]", "covariance_matrix": "[[0.0001, 0], [0, 100]]"},
        {"loc": "[2, -1, 0]", "covariance_matrix": "[[1, 0.9, 0.5], [0.9, 1, 0.7], [0.5, 0.7, 1]]"},
    ),
)
