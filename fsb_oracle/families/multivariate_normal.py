"""MultivariateNormal(loc, covariance_matrix | scale_tril)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sympy import I, exp

from fsb_oracle.backends.noise import Normal
from fsb_oracle.families.family import Family
from fsb_oracle.families.joint import (
    components,
    covariance,
    covariance_form,
    joint_family,
    linear_form,
    matrix_parameters,
    same_dimension,
    scale_tril,
    vector_parameters,
    vector_samples,
)
from fsb_oracle.families.template import FamilyTemplate
from fsb_oracle.families.values import vector
from fsb_oracle.families.vector_recipe import Draws, VectorRecipe, applied, scale_tril_of


def _noise(c: Any) -> Draws:
    return {"eps": (Normal(), (c.loc.shape[-1],))}


def _sample(c: Any, eps: Any) -> Any:
    return c.loc + applied(scale_tril_of(c), eps)


def _build(values: Mapping[str, Any]) -> tuple[Family, Mapping[str, Any]]:
    loc = vector(values, "loc")
    name = "covariance_matrix" if "covariance_matrix" in values else "scale_tril"
    rows = covariance(values, name) if name == "covariance_matrix" else scale_tril(values)
    same_dimension("loc", len(loc), name, len(rows))
    parameters = (*vector_parameters("loc", len(loc)), *matrix_parameters(name, len(rows)))
    family = joint_family("multivariate_normal", parameters, vector_samples(len(loc)), (len(loc), name))
    family = replace(
        family,
        joint_transform=exp(I * linear_form(family, "loc") - covariance_form(family, name) / 2),
        vector_recipe=VectorRecipe(_noise, _sample),
    )
    return family, components("loc", loc) | components(name, rows)


multivariate_normal = FamilyTemplate(
    name="multivariate_normal",
    parameters={
        "loc": "a list of numbers",
        "covariance_matrix": "a symmetric positive definite matrix",
        "scale_tril": "a lower triangular matrix with a positive diagonal",
    },
    build=_build,
    edges=(
        {"loc": "[0.1, -0.2]", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"},
        {"loc": "[0.3]", "scale_tril": "[[0.8]]"},
        {"loc": "[10, -10]", "covariance_matrix": "[[0.0001, 0.00009999], [0.00009999, 0.0001]]"},
        {"loc": "[0, 0, 1]", "scale_tril": "[[100, 0, 0], [-3, 0.01, 0], [1, 2, 1]]"},
    ),
    alternatives=(("covariance_matrix", "scale_tril"),),
)
