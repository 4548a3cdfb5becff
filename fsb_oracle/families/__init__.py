"""The laws: `get_family("gamma")`, `list_families()`. One file a law; each file holds one frozen `Family`, or a
`FamilyTemplate` where parameters are lists, matrices or laws."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from fsb_oracle.errors import UsageError, nearest
from fsb_oracle.families.family import Family, Parameters, parameter_text
from fsb_oracle.families.registry import register, registered, registered_families
from fsb_oracle.families.template import FamilyTemplate

# in the order of the documentation; the file of each is named after it, and so is the object in it
SCALAR_LAWS = (
    "normal", "laplace", "gamma", "exponential", "beta", "uniform",
    "logistic", "gumbel", "cauchy", "student_t", "weibull", "lognormal", "pareto", "inverse_gaussian", "inverse_gamma",
    "chi2", "noncentral_chi2", "von_mises",
    "half_cauchy", "fisher_snedecor", "continuous_bernoulli", "truncated_normal", "generalized_pareto",
    "relaxed_bernoulli", "log_uniform", "kumaraswamy", "logit_normal", "lkj",
    "rayleigh", "half_normal", "frechet", "log_logistic", "log_laplace", "beta_prime", "asymmetric_laplace",
    "chi", "nakagami", "maxwell", "generalized_gamma", "levy", "tweedie",
    "stable", "tempered_stable", "cgmy", "variance_gamma", "normal_inverse_gaussian",
    "bernoulli", "poisson", "binomial", "geometric", "negative_binomial", "skellam", "logarithmic",
    "dirac",
)  # fmt: skip
TEMPLATES: tuple[str, ...] = (
    "categorical", "multinomial", "dirichlet", "dirichlet_multinomial", "beta_binomial",
    "multivariate_normal", "multivariate_student_t", "multivariate_laplace",
    "asymmetric_multivariate_laplace", "multivariate_poisson", "wishart",
    "mixture", "compound_poisson",
)  # fmt: skip


def list_families() -> tuple[Family, ...]:
    """All laws with scalar parameters: our own in the order of the documentation, then the registered ones."""
    return (*own_families(), *registered_families())


def own_families() -> tuple[Family, ...]:
    """The laws with scalar parameters that the package itself holds, whatever a user registered."""
    return tuple(_loaded(name) for name in SCALAR_LAWS)


def list_templates() -> tuple[FamilyTemplate, ...]:
    """All laws whose parameters are lists, matrices or other laws."""
    return tuple(_loaded(name) for name in TEMPLATES)


def get_family(name: str) -> Family:
    """The law called `name`, which has scalar parameters.

    Raises:
        UsageError: there is no such law; the sentence names the nearest one.
    """
    found = _found(name)
    if isinstance(found, FamilyTemplate):
        raise UsageError(f"{name} has lists, matrices or laws as parameters: its family depends on their shape")
    return found


def resolve_family(name: str, values: Mapping[str, Any]) -> tuple[Family, Parameters]:
    """The law called `name` in the shape that `values` have, and the exact value of each scalar component.

    Raises:
        UsageError: there is no such law, or a value does not fit.
    """
    return _found(name).resolve(values)


def register_family(law: Family) -> Family:
    """Make a user's law known by its name.

    Raises:
        UsageError: the name is malformed or taken, or the law's formulas do not fit together.
    """
    return register(law, taken=(*SCALAR_LAWS, *TEMPLATES))


def _found(name: str) -> Family | FamilyTemplate:
    if name in SCALAR_LAWS or name in TEMPLATES:
        return _loaded(name)
    law = registered(name)
    if law is None:
        names = (*SCALAR_LAWS, *TEMPLATES, *(law.name for law in registered_families()))
        raise UsageError(f"unknown family {name!r}; there are {', '.join(names)}{nearest(name, names)}")
    return law


@cache
def _loaded(name: str) -> Any:
    return getattr(import_module(f"fsb_oracle.families.{name}"), name)


__all__ = [
    "Family", "FamilyTemplate", "Parameters",
    "get_family", "list_families", "list_templates", "own_families", "parameter_text", "register_family",
    "resolve_family",
]  # fmt: skip
