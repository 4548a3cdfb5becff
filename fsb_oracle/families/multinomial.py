"""Multinomial(total_count, logits): how often each category occurs among total_count independent draws."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sympy import Add, I, Mul, exp

from fsb_oracle.backends.noise import Categorical
from fsb_oracle.errors import UsageError
from fsb_oracle.families.family import COUNT, Family, Parameter
from fsb_oracle.families.joint import components, joint_family, vector_parameters, vector_samples
from fsb_oracle.families.template import FamilyTemplate
from fsb_oracle.families.values import vector
from fsb_oracle.families.vector_recipe import Draws, VectorRecipe, frequencies


def probabilities(c: Any) -> Any:
    """exp(logits[k])/SUM exp(logits) over the last axis."""
    weights = c.math.exp(c.logits - c.math.largest(c.logits))
    return weights / weights.sum(-1)[..., None]


def trials(c: Any) -> int:
    """The number of draws.

    Raises:
        UsageError: total_count differs within a batch.
    """
    import numpy as np

    counts = {int(float(getattr(count, "real", count))) for count in np.ravel(np.asarray(c.total_count))}
    if len(counts) != 1:
        raise UsageError(f"total_count={sorted(counts)} must be the same number in the whole batch")
    return counts.pop()


def choices(c: Any) -> Draws:
    """The category of each draw."""
    return {"k": (Categorical(probabilities(c)[..., None, :]), (trials(c),))}


def counts(c: Any, k: Any) -> Any:
    """How often each category occurs among the draws k, shape (..., number of categories)."""
    return c.math.one_hot(k, c.logits.shape[-1]).sum(-2)


def _transform(family: Family) -> Any:
    weights = [exp(symbol) for symbol in family.symbols[1:]]
    waves = (weight * exp(I * w) for weight, w in zip(weights, frequencies(family.samples), strict=True))
    return Mul(Add(*waves) / Add(*weights)) ** family.symbols[0]


def _build(values: Mapping[str, Any]) -> tuple[Family, Mapping[str, Any]]:
    logits = vector(values, "logits", 2)
    parameters = (Parameter("total_count", COUNT, continuous=False), *vector_parameters("logits", len(logits)))
    family = joint_family("multinomial", parameters, vector_samples(len(logits)), (len(logits),))
    family = replace(family, joint_transform=_transform(family), vector_recipe=VectorRecipe(choices, counts))
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
