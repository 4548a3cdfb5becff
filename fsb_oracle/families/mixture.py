"""Mixture(logits, components): component k with probability exp(logits[k])/SUM exp(logits)."""

from collections.abc import Mapping
from typing import Any

from fsb_oracle.errors import UsageError
from fsb_oracle.families import resolve_family
from fsb_oracle.families.family import Family, Parameter
from fsb_oracle.families.joint import components, joint_family, same_dimension, vector_parameters
from fsb_oracle.families.template import FamilyTemplate
from fsb_oracle.families.values import laws, vector


def _build(values: Mapping[str, Any]) -> tuple[Family, Mapping[str, Any]]:
    logits, texts = vector(values, "logits"), laws(values, "components")
    same_dimension("logits", len(logits), "components", len(texts))
    parts = [resolve_family(text.name, text.values) for text in texts]
    first = parts[0][0]
    for family, _ in parts[1:]:
        if family.samples != first.samples:
            raise UsageError(
                f"the components of a mixture need the same variables, but {first.name} has "
                f"{_names(first)} and {family.name} has {_names(family)}"
            )
    parameters, flat = list(vector_parameters("logits", len(logits))), components("logits", logits)
    for k, (family, found) in enumerate(parts):
        prefix = f"components.{k}."
        parameters += [Parameter(prefix + p.name, p.domain, p.continuous) for p in family.parameters]
        flat |= {prefix + name: value for name, value in found.items()}
    shape = tuple(family for family, _ in parts)
    return joint_family("mixture", parameters, first.samples, shape), flat


def _names(family: Family) -> str:
    return ", ".join(map(str, family.samples))


mixture = FamilyTemplate(
    name="mixture",
    parameters={"logits": "a list of numbers", "components": "a list of as many laws"},
    build=_build,
    edges=(
        {"logits": "[0, 0]", "components": "[normal(loc=-1, scale=1), normal(loc=1, scale=1)]"},
        {"logits": "[0.3, -0.4]", "components": "[normal(loc=0.3, scale=0.8), gamma(concentration=2.5, rate=1)]"},
        {"logits": "[30, -30]", "components": "[normal(loc=0, scale=0.01), laplace(loc=10, scale=5)]"},
        {"logits": "[0, 1, 2]", "components": "[poisson(rate=2.5), bernoulli(probs=0.3), dirac(loc=0.3)]"},
    ),
)
