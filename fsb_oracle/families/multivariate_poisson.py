"""MultivariatePoisson(rates, shared_rate): z_i = n_i + n, with independent Poisson counts n_i of rates[i] and n of
shared_rate: shocks of their own, and shocks that all components have in common."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sympy import Add, I, exp

from fsb_oracle.backends.noise import Poisson
from fsb_oracle.families.family import POSITIVE, Family, Parameter
from fsb_oracle.families.joint import components, joint_family, vector_parameters, vector_samples
from fsb_oracle.families.template import FamilyTemplate
from fsb_oracle.families.values import vector
from fsb_oracle.families.vector_recipe import Draws, VectorRecipe, frequencies


def _noise(c: Any) -> Draws:
    return {"own": (Poisson(c.rates), (c.rates.shape[-1],)), "shared": (Poisson(c.shared_rate), ())}


def _sample(c: Any, own: Any, shared: Any) -> Any:
    return own + shared[..., None]


def log_transform(family: Family, exponents: tuple[Any, ...]) -> Any:
    """log E exp(SUM exponents_i z_i)."""
    rates = [family.symbol(f"rates.{i}") for i in range(len(exponents))]
    own = Add(*(rate * (exp(e) - 1) for rate, e in zip(rates, exponents, strict=True)))
    return own + family.symbol("shared_rate") * (exp(Add(*exponents)) - 1)


def _build(values: Mapping[str, Any]) -> tuple[Family, Mapping[str, Any]]:
    rates = vector(values, "rates", 2)
    size = len(rates)
    parameters = (*vector_parameters("rates", size, POSITIVE), Parameter("shared_rate", POSITIVE))
    family = joint_family("multivariate_poisson", parameters, vector_samples(size), (size,))
    transform = exp(log_transform(family, tuple(I * w for w in frequencies(family.samples))))
    family = replace(family, joint_transform=transform, vector_recipe=VectorRecipe(_noise, _sample))
    return family, components("rates", rates) | {"shared_rate": values["shared_rate"]}


multivariate_poisson = FamilyTemplate(
    name="multivariate_poisson",
    parameters={"rates": "a list of at least 2 positive numbers", "shared_rate": "a number greater than 0"},
    build=_build,
    edges=(
        {"rates": "[1.5, 2]", "shared_rate": "0.7"},
        {"rates": "[0.4, 1, 2.5]", "shared_rate": "1.2"},
        {"rates": "[0.001, 5]", "shared_rate": "0.01"},
        {"rates": "[3, 0.5]", "shared_rate": "4"},
    ),
)
