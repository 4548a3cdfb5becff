"""The laws: `get_family("gamma")`, `list_families()`. One file a law; each file holds one frozen `Family`."""

from fsb_oracle.errors import UsageError, nearest
from fsb_oracle.families.bernoulli import bernoulli
from fsb_oracle.families.beta import beta
from fsb_oracle.families.dirac import dirac
from fsb_oracle.families.exponential import exponential
from fsb_oracle.families.family import Family, Parameters, parameter_text
from fsb_oracle.families.gamma import gamma
from fsb_oracle.families.laplace import laplace
from fsb_oracle.families.normal import normal
from fsb_oracle.families.poisson import poisson
from fsb_oracle.families.uniform import uniform

_FAMILIES = {
    family.name: family for family in (normal, laplace, gamma, exponential, beta, uniform, bernoulli, poisson, dirac)
}


def list_families() -> tuple[Family, ...]:
    """All laws, in the order of the documentation."""
    return tuple(_FAMILIES.values())


def get_family(name: str) -> Family:
    """The law called `name`.

    Raises:
        UsageError: there is no such law; the sentence names the nearest one.
    """
    if name not in _FAMILIES:
        raise UsageError(f"unknown family {name!r}; there are {', '.join(_FAMILIES)}{nearest(name, _FAMILIES)}")
    return _FAMILIES[name]


__all__ = ["Family", "Parameters", "get_family", "list_families", "parameter_text"]
