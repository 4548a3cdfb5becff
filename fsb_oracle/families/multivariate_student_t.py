"""MultivariateStudentT(df, loc, scale_tril): loc + scale_tril eps sqrt(df / chi2(df))."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sympy import I, exp, gamma, sqrt

from fsb_oracle.backends.noise import Gamma, Normal
from fsb_oracle.backends.special_functions import besselk
from fsb_oracle.families.family import POSITIVE, Family, Parameter
from fsb_oracle.families.joint import (
    components,
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
from fsb_oracle.families.vector_recipe import Draws, VectorRecipe, applied


def _noise(c: Any) -> Draws:
    return {"eps": (Normal(), (c.loc.shape[-1],)), "g": (Gamma(c.df / 2), ())}


def _sample(c: Any, eps: Any, g: Any) -> Any:
    return c.loc + c.math.sqrt(c.df / (2 * g))[..., None] * applied(c.scale_tril, eps)


def _transform(family: Family) -> Any:
    """A function of w'Sw alone but for the location (Sutradhar 1986)."""
    df = family.symbol("df")
    argument = sqrt(df) * sqrt(covariance_form(family, "scale_tril"))
    radial = argument ** (df / 2) * besselk(df / 2, argument) * 2 ** (1 - df / 2) / gamma(df / 2)
    return exp(I * linear_form(family, "loc")) * radial


def _build(values: Mapping[str, Any]) -> tuple[Family, Mapping[str, Any]]:
    loc, rows = vector(values, "loc"), scale_tril(values)
    same_dimension("loc", len(loc), "scale_tril", len(rows))
    parameters = (
        Parameter("df", POSITIVE),
        *vector_parameters("loc", len(loc)),
        *matrix_parameters("scale_tril", len(rows)),
    )
    family = joint_family("multivariate_student_t", parameters, vector_samples(len(loc)), (len(loc), "scale_tril"))
    family = replace(family, joint_transform=_transform(family), vector_recipe=VectorRecipe(_noise, _sample))
    return family, {"df": values["df"]} | components("loc", loc) | components("scale_tril", rows)


multivariate_student_t = FamilyTemplate(
    name="multivariate_student_t",
    parameters={
        "df": "greater than 0",
        "loc": "a list of numbers",
        "scale_tril": "a lower triangular matrix with a positive diagonal",
    },
    build=_build,
    edges=(
        {"df": "5", "loc": "[0.1, -0.2]", "scale_tril": "[[1, 0], [0.3, 1.4]]"},
        {"df": "2.5", "loc": "[0.4]", "scale_tril": "[[1.5]]"},
        {"df": "0.5", "loc": "[0, 1]", "scale_tril": "[[0.1, 0], [0.5, 2]]"},
        {"df": "300", "loc": "[3, 0, -1]", "scale_tril": "[[1, 0, 0], [0, 1, 0], [2, -2, 1]]"},
    ),
)
