"""CompoundPoisson(rate, jump): the sum of a Poisson(rate) number of independent jumps; 0 if there is none."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sympy import Symbol, exp, nan, true

from fsb_oracle.backends.noise import PoissonSum
from fsb_oracle.errors import UsageError
from fsb_oracle.families import resolve_family
from fsb_oracle.families.composed import moved_recipe
from fsb_oracle.families.family import LINE, POSITIVE, Family, Parameter, Recipe, z
from fsb_oracle.families.joint import joint_family
from fsb_oracle.families.template import FamilyTemplate
from fsb_oracle.families.values import laws


def _build(values: Mapping[str, Any]) -> tuple[Family, Mapping[str, Any]]:
    texts = laws(values, "jump")
    if len(texts) != 1:
        raise UsageError(f"jump has {len(texts)} laws; it must be one law, as in jump=normal(loc=0, scale=1)")
    jump, found = resolve_family(texts[0].name, texts[0].values)
    if jump.samples != (z,) or jump.characteristic_function is None:
        raise UsageError(f"jump={jump.name} has no characteristic function of one variable, which a jump needs")
    family = compound_family("compound_poisson", jump, "jump.")
    return replace(family, shape=(jump,)), {"rate": values["rate"]} | {f"jump.{name}": v for name, v in found.items()}


def compound_family(name: str, jump: Family, prefix: str) -> Family:
    """The law of a Poisson(rate) number of jumps, whose parameters are called as the jump's own with the prefix."""
    rate = Parameter("rate", POSITIVE)
    parameters = [Parameter(f"{prefix}{p.name}", p.domain, p.continuous) for p in jump.parameters]
    inner = {p.symbol: own.symbol for p, own in zip(jump.parameters, parameters, strict=True)}

    def moved(expression: Any) -> Any:
        return expression.xreplace(inner)

    mean, variance = moved(jump.mean), moved(jump.variance)
    return replace(
        joint_family(name, (rate, *parameters), (z,), ()),
        # on integers phi is periodic, and only sums can be taken
        support=LINE if jump.support.kind == "interval" else jump.support,
        characteristic_function=exp(rate.symbol * (moved(jump.characteristic_function) - 1)),
        strip=(moved(jump.strip[0]), moved(jump.strip[1])),
        tail_index=moved(jump.tail_index),
        light_tails=(
            true if _is(jump.support.lower, "is_nonnegative") else moved(jump.light_tails[0]),
            true if _is(jump.support.upper, "is_nonpositive") else moved(jump.light_tails[1]),
        ),
        recipe=_recipe(rate, jump, prefix),
        mean=rate.symbol * mean,
        variance=rate.symbol * (variance + mean**2),
    )


def _recipe(rate: Parameter, jump: Family, prefix: str) -> Recipe:
    term = moved_recipe(jump, prefix)
    if term.expression is nan:
        return Recipe({}, nan)
    return Recipe({"sum": PoissonSum(rate.symbol, term.noise, term.expression)}, Symbol("sum", real=True))


def _is(end: Any, sign: str) -> bool:
    """Whether no jump goes to one side: the tail there is as light as can be."""
    return bool(getattr(end, sign))


compound_poisson = FamilyTemplate(
    name="compound_poisson",
    parameters={"rate": "greater than 0", "jump": "a law of one variable"},
    build=_build,
    edges=(
        {"rate": "1.5", "jump": "normal(loc=0, scale=1)"},
        {"rate": "2", "jump": "gamma(concentration=2.5, rate=1)"},
        {"rate": "0.001", "jump": "normal(loc=10, scale=0.1)"},
        {"rate": "40", "jump": "exponential(rate=3)"},
    ),
)
