"""Fourier rules and baselines as declarations: `get_rule("GAM-k-U")`, `rules_for(family, parameter)`,
`recommended(...)`."""

from fsb_oracle.errors import UsageError, nearest
from fsb_oracle.families import Family
from fsb_oracle.integrands import Integrand
from fsb_oracle.rules import baselines, beta, dirac, discrete, exponential, gamma, laplace, normal, uniform
from fsb_oracle.rules.rule import Cost, Rule

_RULES = {
    rule.id: rule
    for module in (normal, laplace, exponential, gamma, beta, uniform, discrete, dirac)
    for rule in module.RULES
}

# The rule to use by default: for each parameter the candidates in order of preference; the first that admits f is
# taken.
_RECOMMENDED = {
    ("normal", "loc"): ("NOR-mu-D", "NOR-mu-L"),
    ("normal", "scale"): ("NOR-sig-Upm", "NOR-sig-K"),
    ("laplace", "loc"): ("LAP-mu-D", "LAP-mu-L"),
    ("laplace", "scale"): ("LAP-b-U",),
    ("exponential", "rate"): ("EXP-s-U", "EXP-s-S"),
    ("gamma", "concentration"): ("GAM-k-U",),
    ("gamma", "rate"): ("GAM-s-U", "GAM-s-S"),
    ("beta", "concentration1"): ("BET-a-U",),
    ("beta", "concentration0"): ("BET-b-U",),
    ("uniform", "low"): ("UNI-a-P",),
    ("uniform", "high"): ("UNI-b-P",),
    ("bernoulli", "probs"): ("BER-p",),
    ("poisson", "rate"): ("POI",),
    ("dirac", "loc"): ("DIRAC-x-D",),
}


def list_rules() -> tuple[Rule, ...]:
    """All Fourier rules, in catalogue order."""
    return tuple(_RULES.values())


def get_rule(id: str) -> Rule:
    """The Fourier rule called `id`.

    Raises:
        UsageError: there is no such rule; the sentence names the nearest one.
    """
    if id not in _RULES:
        raise UsageError(f"unknown rule {id!r}; `fsb-oracle list rules` shows them all{nearest(id, _RULES)}")
    return _RULES[id]


def rules_for(family: Family, parameter: str) -> tuple[Rule, ...]:
    """The Fourier rules of one parameter."""
    return tuple(r for r in _RULES.values() if (r.family, r.parameter) == (family.name, parameter))


def baselines_for(family: Family, parameter: str) -> tuple[Rule, ...]:
    """The baselines that exist for one parameter: score and pathwise where they are valid."""
    found = (baselines.score(family, parameter), baselines.pathwise(family, parameter))
    return tuple(rule for rule in found if rule is not None)


def recommended(family: Family, parameter: str, f: Integrand) -> Rule | None:
    """The rule to use by default for f; on integers every rule serves. None if no rule of finite variance admits f."""
    for id in _RECOMMENDED[family.name, parameter]:
        if family.discrete or f.admits(_RULES[id].sampled):
            return _RULES[id]
    return None


__all__ = [
    "Cost", "Rule", "baselines", "baselines_for", "get_rule", "list_rules", "recommended", "rules_for",
]  # fmt: skip
