"""MultivariateStudentT(df, loc, scale_tril): loc + scale_tril eps sqrt(df / chi2(df))."""

from collections.abc import Mapping
from typing import Any

from fsb_oracle.families.family import POSITIVE, Family, Parameter
from fsb_oracle.families.joint import (
    components,
    joint_family,
    matrix_parameters,
    same_dimension,
    scale_tril,
    vector_parameters,
    vector_samples,
)
from fsb_oracle.families.template import FamilyTemplate
from fsb_oracle.families.values import vector


def _build(values: Mapping[str, Any]) -> tuple[Family, Mapping[str, Any]]:
    loc, rows = vector(values, "loc"), scale_tril(values)
    same_dimension("loc", len(loc), "scale_tril", len(rows))
    parameters = (
        Parameter("df", POSITIVE),
        *vector_parameters("loc", len(loc)),
        *matrix_parameters("scale_tril", len(rows)),
    )
    family = joint_family("multivariate_student_t", parameters, vector_samples(len(loc)), (len(loc), "scale_tril"))
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
