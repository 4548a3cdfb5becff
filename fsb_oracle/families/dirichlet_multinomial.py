"""DirichletMultinomial(total_count, concentration): counts of draws whose probabilities are a Dirichlet variable.

As Polya's urn: draw t is new with probability a0/(a0 + t), and then of category k with probability a_k/a0; else it
repeats one of the t draws before it, each with probability 1/(a0 + t) (Blackwell and MacQueen 1973).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fsb_oracle.backends.noise import Categorical
from fsb_oracle.families.family import COUNT, POSITIVE, Family, Parameter
from fsb_oracle.families.joint import components, joint_family, vector_parameters, vector_samples
from fsb_oracle.families.multinomial import trials
from fsb_oracle.families.template import FamilyTemplate
from fsb_oracle.families.values import vector
from fsb_oracle.families.vector_recipe import Draws, VectorRecipe


def urn(c: Any) -> Draws:
    """For each draw the category `k` that it has if it is new, and its source `s`: 0 if it is, else 1 + that draw."""
    size, total = trials(c), c.concentration.sum(-1)
    shares = c.concentration / total[..., None]
    nothing = 0 * total
    columns = [
        c.math.stack([(total if i == 0 else nothing + 1 if i <= t else nothing) / (total + t) for t in range(size)])
        for i in range(size)
    ]
    return {
        "k": (Categorical(shares[..., None, :]), (size,)),
        "s": (Categorical(c.math.stack(columns)), (size,)),
    }


def inherited(c: Any, own: Any, s: Any) -> Any:
    """What each draw is worth: `own` (..., draws, channels) where it is new, else what its source is worth.

    Returns:
        shape (..., channels, draws).
    """
    repeats = c.math.one_hot(s, trials(c))
    worth = own[..., 0, :, None]
    for t in range(1, trials(c)):
        of_source = repeats[..., t, 1 : t + 1]
        new = 1 - of_source.sum(-1)
        value = new[..., None] * own[..., t, :] + (worth * of_source[..., None, :]).sum(-1)
        worth = c.math.stack([*(worth[..., i] for i in range(t)), value])
    return worth


def counts(c: Any, k: Any, s: Any) -> Any:
    """How often each category occurs, shape (..., number of categories)."""
    return inherited(c, c.math.one_hot(k, c.concentration.shape[-1]), s).sum(-1)


def _build(values: Mapping[str, Any]) -> tuple[Family, Mapping[str, Any]]:
    concentration = vector(values, "concentration", 2)
    size = len(concentration)
    parameters = (
        Parameter("total_count", COUNT, continuous=False),
        *vector_parameters("concentration", size, POSITIVE),
    )
    family = joint_family("dirichlet_multinomial", parameters, vector_samples(size), (size,))
    family = replace(family, vector_recipe=VectorRecipe(urn, counts))
    return family, {"total_count": values["total_count"]} | components("concentration", concentration)


dirichlet_multinomial = FamilyTemplate(
    name="dirichlet_multinomial",
    parameters={"total_count": "a whole number from 1 on", "concentration": "a list of at least 2 positive numbers"},
    build=_build,
    edges=(
        {"total_count": "3", "concentration": "[1.5, 2, 0.7]"},
        {"total_count": "5", "concentration": "[2, 3]"},
        {"total_count": "4", "concentration": "[0.01, 0.01, 0.02]"},
        {"total_count": "50", "concentration": "[1000, 200, 300]"},
    ),
)
