"""AsymmetricMultivariateLaplace(loc, drift, covariance_matrix): loc + drift E + sqrt(E) N, an exponential E of mean 1.

N is normal(0, S): the characteristic function is exp(i w.loc)/(1 - i w.drift + w'Sw/2). (Kotz, Kozubowski and Podgorski
2001, section 6.2.)
"""

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


def at_time(c: Any, v: Any, eps: Any) -> Any:
    """Brownian motion with drift, from loc, at the time v."""
    return c.loc + c.drift * v[..., None] + c.math.sqrt(v)[..., None] * applied(scale_tril_of(c), eps)


def _build(values: Mapping[str, Any]) -> tuple[Family, Mapping[str, Any]]:
    loc, drift, rows = vector(values, "loc"), vector(values, "drift"), covariance(values, "covariance_matrix")
    same_dimension("loc", len(loc), "drift", len(drift))
    same_dimension("loc", len(loc), "covariance_matrix", len(rows))
    parameters = (
        *vector_parameters("loc", len(loc)),
        *vector_parameters("drift", len(loc)),
        *matrix_parameters("covariance_matrix", len(rows)),
    )
    shape = (len(loc), "covariance_matrix")
    family = joint_family("asymmetric_multivariate_laplace", parameters, vector_samples(len(loc)), shape)
    exponent = I * linear_form(family, "drift") - covariance_form(family, "covariance_matrix") / 2
    family = replace(
        family,
        joint_transform=exp(I * linear_form(family, "loc")) / (1 - exponent),
        vector_recipe=VectorRecipe(_noise, at_time),
    )
    return family, components("loc", loc) | components("drift", drift) | components("covariance_matrix", rows)


asymmetric_multivariate_laplace = FamilyTemplate(
    name="asymmetric_multivariate_laplace",
    parameters={
        "loc": "a list of numbers",
        "drift": "a list of numbers",
        "covariance_matrix": "a symmetric positive definite matrix",
    },
    build=_build,
    edges=(
        {"loc": "[0.1, -0.2]", "drift": "[0.5, -0.3]", "covariance_matrix": "[[1, 0.3], [0.3, 2]]"},
        {"loc": "[0.3]", "drift": "[-0.7]", "covariance_matrix": "[[2.88]]"},
        {"loc": "[0, 1]", "drift": "[0, 3]", "covariance_matrix": "[[0.0001, 0], [0, 100]]"},
        {
            "loc": "[2, -1, 0]",
            "drift": "[1, 0, -2]",
            "covariance_matrix": "[[1, 0.9, 0.5], [0.9, 1, 0.7], [0.5, 0.7, 1]]",
        },
    ),
)
