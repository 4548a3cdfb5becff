"""BetaBinomial(total_count, concentration1, concentration0): successes in trials whose probability is a beta variable.

The count of the first of two categories of a Dirichlet-multinomial law, whose urn draws it.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from fsb_oracle.families.dirichlet_multinomial import counts, urn
from fsb_oracle.families.family import COUNT, POSITIVE, Family, Parameter, z
from fsb_oracle.families.joint import joint_family
from fsb_oracle.families.template import FamilyTemplate
from fsb_oracle.families.vector_recipe import Draws, VectorRecipe

CONCENTRATIONS = ("concentration1", "concentration0")


def two_categories(c: Any) -> Any:
    """The parameters as those of the Dirichlet-multinomial law."""
    pair = c.math.stack([c.concentration1, c.concentration0])
    return SimpleNamespace(math=c.math, total_count=c.total_count, concentration=pair)


def _noise(c: Any) -> Draws:
    return urn(two_categories(c))


def _sample(c: Any, k: Any, s: Any) -> Any:
    return counts(two_categories(c), k, s)[..., 0]


def _build(values: Mapping[str, Any]) -> tuple[Family, Mapping[str, Any]]:
    parameters = (
        Parameter("total_count", COUNT, continuous=False),
        *(Parameter(name, POSITIVE) for name in CONCENTRATIONS),
    )
    family = joint_family("beta_binomial", parameters, (z,), (2,))
    return replace(family, vector_recipe=VectorRecipe(_noise, _sample)), values


beta_binomial = FamilyTemplate(
    name="beta_binomial",
    parameters={
        "total_count": "a whole number from 1 on",
        "concentration1": "a positive number",
        "concentration0": "a positive number",
    },
    build=_build,
    edges=(
        {"total_count": "3", "concentration1": "1.5", "concentration0": "0.7"},
        {"total_count": "10", "concentration1": "2", "concentration0": "3"},
        {"total_count": "5", "concentration1": "0.01", "concentration0": "0.02"},
        {"total_count": "50", "concentration1": "1000", "concentration0": "200"},
    ),
)
