"""Categorical(logits): the sample is the index k from 0 on, with probability exp(logits[k])/SUM exp(logits)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sympy import Add, I, Integer, exp

from fsb_oracle.backends.noise import Categorical
from fsb_oracle.families.family import Family, Support, w, z
from fsb_oracle.families.joint import components, joint_family, vector_parameters
from fsb_oracle.families.multinomial import probabilities
from fsb_oracle.families.template import FamilyTemplate
from fsb_oracle.families.values import vector
from fsb_oracle.families.vector_recipe import Draws, VectorRecipe


def choice(c: Any) -> Draws:
    """The index k."""
    return {"k": (Categorical(probabilities(c)), ())}


def _build(values: Mapping[str, Any]) -> tuple[Family, Mapping[str, Any]]:
    logits = vector(values, "logits", 2)
    parameters = vector_parameters("logits", len(logits))
    family = joint_family("categorical", parameters, (z,), (len(logits),))
    weights = [exp(parameter.symbol) for parameter in parameters]
    total = Add(*weights)
    mean = Add(*(k * weight for k, weight in enumerate(weights))) / total
    family = replace(
        family,
        support=Support("integers", Integer(0), Integer(len(logits) - 1)),
        characteristic_function=Add(*(weight * exp(I * k * w) for k, weight in enumerate(weights))) / total,
        vector_recipe=VectorRecipe(choice, lambda c, k: k),
        mean=mean,
        variance=Add(*(k**2 * weight for k, weight in enumerate(weights))) / total - mean**2,
    )
    return family, components("logits", logits)


categorical = FamilyTemplate(
    name="categorical",
    parameters={"logits": "a list of at least 2 numbers"},
    build=_build,
    edges=(
        {"logits": "[0.1, -0.2, 0.5]"},
        {"logits": "[0, 0]"},
        {"logits": "[-40, 0, 3, 40]"},
        {"logits": "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]"},
    ),
)
