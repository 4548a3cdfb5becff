"""Multinomial(total_count, logits): how often each category occurs among total_count independent draws."""

from collections.abc import Mapping
from typing import Any

from fsb_oracle.families.family import COUNT, Family, Parameter
from fsb_oracle.families.joint import components, joint_family, vector_parameters, vector_samples
from fsb_oracle.families.template import FamilyTemplate
from fsb_oracle.families.values import vector


def _build(values: Mapping[str, Any]) -> tuple[Family, Mapping[str, Any]]:
    logits = vector(values, "logits", 2)
    parameters = (Parameter("total_count", COUNT, continuous=False), *vector_parameters("logits", len(logits)))
    family = joint_family("multinomial", parameters, vector_samples(len(logits)), (len(logits),))
    return family, {"total_count": values["total_count"]} | components("logits", logits)


multinomial = FamilyTemplate(
    name="multinomial",
    parameters={"total_count": "a whole number from 1 on", "logits": "a list of at least 2 numbers"},
    build=_build,
    edges=(
        {"total_count": "5", "logits": "[0.1, -0.2, 0.5]"},
        {"total_count": "1", "logits": "[0, 0]"},
        {"total_count": "3", "logits": "[-20, 0, 3, 20]"},
        {"total_count": "100", "logits": "[1, 2, 3]"},
    ),
)
