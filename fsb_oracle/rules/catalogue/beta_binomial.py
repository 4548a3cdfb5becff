"""Rules of the beta-binomial law: that of the Dirichlet-multinomial law with two categories, seen through the first."""

from __future__ import annotations

from typing import Any

from fsb_oracle.families import Family
from fsb_oracle.families.beta_binomial import CONCENTRATIONS, two_categories
from fsb_oracle.rules.catalogue.dirichlet_multinomial import forced_urn, replaced
from fsb_oracle.rules.rule import Cost
from fsb_oracle.rules.vector import VectorRule


def _rule(law: Family, id: str, place: int) -> VectorRule:
    def kernel(f: Any, c: Any, k: Any, s: Any, t: Any) -> Any:
        pair = two_categories(c)
        return replaced(lambda numbers: f(numbers[..., 0]), pair, k, s, t)[..., place]

    sign = "+ D (1 - x)" if place == 0 else "- D x"
    return VectorRule(
        id=id,
        law=law,
        parameter=CONCENTRATIONS[place],
        kernel=kernel,
        noise=lambda c: forced_urn(two_categories(c)),
        requires="F0",
        cost=Cost(f=2),
        formula=f"(SUM_t 1/(a + b + t)) [f(z {sign}) - f(z)], x whether draw t ~ 1/(a + b + t) of Polya's urn is a "
        "success, D how many draws it and its repetitions are",
        source="weak derivative of every draw of the urn (Blackwell and MacQueen 1973)",
        remarks="bounded weight at every concentration",
    )


def rules_of(law: Family) -> tuple[VectorRule, ...]:
    return (_rule(law, "BBN-a-P", 0), _rule(law, "BBN-b-P", 1))


def recommended_of(law: Family) -> dict[str, tuple[str, ...]]:
    return {name: (id,) for name, id in zip(CONCENTRATIONS, ("BBN-a-P", "BBN-b-P"), strict=True)}
