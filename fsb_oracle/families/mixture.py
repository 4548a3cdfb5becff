"""Mixture(logits, components): component k with probability exp(logits[k])/SUM exp(logits)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sympy import Add, Eq, Expr, Piecewise, Symbol, exp, nan

from fsb_oracle.backends.noise import Categorical, Noise
from fsb_oracle.errors import UsageError
from fsb_oracle.families import resolve_family
from fsb_oracle.families.composed import moved_expression, moved_recipe, renamed
from fsb_oracle.families.family import Family, Parameter, Recipe, z
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
    whole = joint_family("mixture", parameters, first.samples, shape)
    return (_of_one_variable(whole) if first.samples == (z,) else whole), flat


def weights(whole: Family) -> list[Any]:
    """The probability of each component, in the logits."""
    powers = [exp(whole.symbol(f"logits.{k}")) for k in range(len(whole.shape))]
    return [power / Add(*powers) for power in powers]


def _of_one_variable(whole: Family) -> Family:
    """With a sampling recipe and a characteristic function, where the components have them."""
    prefixes = [f"components.{k}." for k in range(len(whole.shape))]
    recipes = [moved_recipe(part, prefix) for part, prefix in zip(whole.shape, prefixes, strict=True)]
    transforms = [part.characteristic_function for part in whole.shape]
    recipe, transform = Recipe({}, nan), None
    if all(recipe.expression is not nan for recipe in recipes):
        noise: dict[str, Noise] = {"k": Categorical(tuple(weights(whole)))}
        for part in recipes:
            noise.update(part.noise)
        k = Symbol("k", real=True)
        branches = [(part.expression, Eq(k, i)) for i, part in enumerate(recipes[:-1])]
        recipe = Recipe(noise, Piecewise(*branches, (recipes[-1].expression, True)))
    if all(phi is not None for phi in transforms):
        parts = zip(transforms, whole.shape, prefixes, strict=True)
        moved = [moved_expression(phi, renamed(part, prefix)) for phi, part, prefix in parts]
        transform = Add(*(weight * phi for weight, phi in zip(weights(whole), moved, strict=True)))
    mean, square = _moment(whole, prefixes, 1), _moment(whole, prefixes, 2)
    return replace(whole, recipe=recipe, joint_transform=transform, mean=mean, variance=square - mean**2)


def _moment(whole: Family, prefixes: list[str], order: int) -> Expr:
    """E z or E z^2: the weighted mean of the components' own."""
    inside = [part.mean if order == 1 else part.variance + part.mean**2 for part in whole.shape]
    moved = (moved_expression(m, renamed(part, p)) for m, part, p in zip(inside, whole.shape, prefixes, strict=True))
    return Add(*(weight * moment for weight, moment in zip(weights(whole), moved, strict=True)))


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
