"""Rules of a part as rules of the whole: mixtures and random sums are composition in code, not special cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fsb_oracle.backends.noise import evaluate
from fsb_oracle.families import Family
from fsb_oracle.families.composed import moved_expression, moved_noise, renamed
from fsb_oracle.rules.differences import difference
from fsb_oracle.rules.rule import Rule


class Shifted:
    """y -> f(z + y)."""

    def __init__(self, f: Any, z: Any) -> None:
        self._f, self._z = f, z

    def __call__(self, y: Any) -> Any:
        return self._f(self._z + y)

    def derivative(self, y: Any, order: int = 1) -> Any:
        """The derivative at z + y."""
        return self._f.derivative(self._z + y, order)

    def across(self, y: Any, far: Any, step: Any, weight: Any, slope: Any) -> Any:
        """The difference between z + y and z + far."""
        return difference(self._f, self._z + y, self._z + far, step, weight, slope)


def part_sample(part: Family, prefix: str, c: Any, noise: Mapping[str, Any]) -> Any:
    """A part's own sample from its noise under the whole's names."""
    own = {name: noise[prefix + name] for name in part.recipe.noise}
    return evaluate(part.recipe.expression, c.math, {**part_parameters(part, prefix, c), **own})


def part_parameters(part: Family, prefix: str, c: Any) -> dict[str, Any]:
    """A part's parameters out of the whole's."""
    return {name: getattr(c, prefix + name) for name in part.names}


def part_rule(
    rule: Rule,
    whole: Family,
    id_prefix: str,
    prefix: str,
    weight: Callable[[Any], Any],
    words: str,
    shifted: bool,
) -> Rule:
    """A rule of a part, as a rule of the whole for the part's parameter.

    Args:
        id_prefix: what the rule's id begins with: "MIX-0", "CPO".
        prefix: of the part's parameters and of its noise, "components.0." or "jump.".
        weight: `weight(c)`, by which contributions are multiplied: a mixture weight, or the rate of the jumps.
        words: what stands before the part's formula.
        shifted: whether f is seen from the whole's own sample z, as f(z + .).
    """
    part = rule.law
    names = renamed(part, prefix)
    own = part.recipe.noise if rule.uses_z else {}

    def contributions(f: Any, c: Any, noise: Mapping[str, Any]) -> Any:
        y = part_sample(part, prefix, c, noise) if rule.uses_z else None
        auxiliary = {name: noise[f"{prefix}rule {name}"] for name in rule.noise}
        return weight(c) * rule.apply(c.math, part_parameters(part, prefix, c), f, y, auxiliary)

    def alone(f: Any, c: Any, **noise: Any) -> Any:
        return contributions(f, c, noise)

    def beside(f: Any, c: Any, z: Any, **noise: Any) -> Any:
        return contributions(Shifted(f, z), c, noise)

    parameter = prefix + rule.parameter
    return replace(
        rule,
        id=f"{id_prefix}-{rule.id}",
        family=whole.name,
        parameter=parameter,
        letter=parameter,
        kernel=beside if shifted else alone,
        noise=moved_noise(own, names, prefix) | moved_noise(rule.noise, names, f"{prefix}rule "),
        formula=f"{words} ({rule.formula})",
        lower_variance_than=(),
        wins=(),
        loses=(),
        where=moved_expression(rule.where, names),
        disc=moved_expression(rule.disc, names),
        space="line",  # the whole is no product
        built=whole,
    )


__all__ = ["Shifted", "part_parameters", "part_rule", "part_sample"]
