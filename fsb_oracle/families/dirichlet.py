"""Dirichlet(concentration) on the simplex z0 + z1 + ... = 1."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fsb_oracle.backends.noise import Simplex
from fsb_oracle.families.family import POSITIVE, Family
from fsb_oracle.families.joint import components, joint_family, vector_parameters, vector_samples
from fsb_oracle.families.template import FamilyTemplate
from fsb_oracle.families.values import vector
from fsb_oracle.families.vector_recipe import Draws, VectorRecipe


def _noise(c: Any) -> Draws:
    return {"z": (Simplex(c.concentration), ())}


def _sample(c: Any, z: Any) -> Any:
    return z


def _build(values: Mapping[str, Any]) -> tuple[Family, Mapping[str, Any]]:
    concentration = vector(values, "concentration", 2)
    size = len(concentration)
    parameters = vector_parameters("concentration", size, POSITIVE)
    family = joint_family("dirichlet", parameters, vector_samples(size), (size,))
    family = replace(family, vector_recipe=VectorRecipe(_noise, _sample))
    return family, components("concentration", concentration)


dirichlet = FamilyTemplate(
    name="dirichlet",
    parameters={"concentration": "a list of at least 2 positive numbers"},
    build=_build,
    edges=(
        {"concentration": "[1.5, 2, 0.7]"},
        {"concentration": "[2, 3]"},
        {"concentration": "[0.01, 0.01, 0.02]"},
        {"concentration": "[1000, 200, 3000, 1]"},
    ),
)
