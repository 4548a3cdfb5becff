"""Rules of laws of several variables: one kernel gives the gradient in a whole vector or matrix parameter.

The kernel is array code, `kernel(f, c, z, **noise)`, that NumPy, Torch and JAX run, and the proof runs with object
arrays of carried variables. `f(z)` maps (..., d) to (...); `f.gradient(z)` gives (..., d), `f.hessian(z)` (..., d, d).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sympy

from fsb_oracle.errors import UsageError, nearest
from fsb_oracle.families import Family
from fsb_oracle.families.vector_recipe import Draws, carrier
from fsb_oracle.integrands import Integrand, SmoothnessClass
from fsb_oracle.rules.catalogue import recommended_of, rules_of
from fsb_oracle.rules.rule import Comparison, Cost


def no_noise(c: Any) -> Draws:
    """The rule needs the sample alone."""
    return {}


@dataclass(frozen=True)
class VectorRule:
    """A Fourier rule for one vector, matrix or scalar parameter of a law of several variables.

    Attributes:
        id: the catalogue's id.
        law: the law in one shape.
        parameter: its name without index: "loc", "covariance_matrix".
        kernel: `kernel(f, c, z, **noise)` gives contributions of shape (..., *shape of the parameter); `z` is left out
            where no sample of the law is needed.
        noise: `noise(c)` gives the auxiliary primitives with the shapes of their copies.
        where: the condition on the law's parameters under which the rule holds; None: always.
        requires, finite_variance, cost, formula, source, remarks, wins, loses: as for a `Rule`; the variance is the sum
            over the components of the parameter.
    """

    id: str
    law: Family
    parameter: str
    kernel: Callable[..., Any]
    noise: Callable[[Any], Draws] = no_noise
    requires: SmoothnessClass = "F1"
    finite_variance: SmoothnessClass | None = None
    cost: Cost = field(default_factory=lambda: Cost(first=1))
    formula: str = ""
    source: str = ""
    remarks: str = ""
    where: sympy.Basic | None = None
    wins: tuple[Comparison, ...] = ()
    loses: tuple[Comparison, ...] = ()

    def __hash__(self) -> int:
        return hash((self.id, self.law))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VectorRule) and (self.id, self.law) == (other.id, other.law)

    @property
    def family(self) -> str:
        return self.law.name

    @property
    def sampled(self) -> SmoothnessClass:
        """The class of f on which sampling decides: unbiased and of finite variance."""
        return self.finite_variance or self.requires

    @cached_property
    def uses_z(self) -> bool:
        return "z" in inspect.signature(self.kernel).parameters

    @cached_property
    def components(self) -> dict[str, tuple[int, ...]]:
        """The scalar components of the parameter, `loc.0`, with their index in the array."""
        own = (name for name in self.law.continuous_names if name.partition(".")[0] == self.parameter)
        return {name: tuple(map(int, name.split(".")[1:])) for name in own}

    def context(self, m: Any, values: Mapping[str, Any]) -> Any:
        """What the kernel gets as `c`, from the values of all scalar components."""
        return carrier(m, values)

    def recipe(self, c: Any) -> Draws:
        """The law's own noise; none where the kernel needs no z."""
        assert self.law.vector_recipe is not None
        return self.law.vector_recipe.noise(c) if self.uses_z else {}

    def sample(self, c: Any, own: Mapping[str, Any]) -> Any:
        """z from the law's recipe; None where the kernel needs none."""
        assert self.law.vector_recipe is not None
        return self.law.vector_recipe.sample(c, **own) if self.uses_z else None

    def apply(self, c: Any, f: Any, z: Any, noise: Mapping[str, Any]) -> Any:
        """Contributions of shape (..., *shape of the parameter), on any arithmetic."""
        return self.kernel(f, c, z, **noise) if self.uses_z else self.kernel(f, c, **noise)


_ORDER: tuple[SmoothnessClass, ...] = ("F0", "F1", "F2")


def class_of(f: Integrand) -> SmoothnessClass:
    """The class of an f of several variables, from the functions in it: a jump, a kink, or neither."""
    if f.expression.has(sympy.Heaviside, sympy.sign, sympy.Piecewise):
        return "F0"
    return "F1" if f.expression.has(sympy.Abs, sympy.Max, sympy.Min) else "F2"


def vector_rules_of(law: Family) -> tuple[VectorRule, ...]:
    """Every rule of a law of several variables (or with vectors as parameters), in catalogue order."""
    return tuple(rule for rule in rules_of(law) if isinstance(rule, VectorRule))


def get_vector_rule(law: Family, id: str) -> VectorRule:
    """The rule called `id` of a law.

    Raises:
        UsageError: there is no such rule; the sentence names the nearest one.
    """
    known = {rule.id: rule for rule in vector_rules_of(law)}
    if id not in known:
        raise UsageError(f"{law.name} has no rule {id!r}; it has {', '.join(known)}{nearest(id, known)}")
    return known[id]


def recommended_vector_rule(
    law: Family, parameter: str, smoothness: SmoothnessClass, parameters: Mapping[str, Any] | None = None
) -> VectorRule | None:
    """The rule to use by default for f of a class, at exact parameters or at any where they are not given."""
    for id in recommended_of(law).get(parameter, ()):
        rule = get_vector_rule(law, id)
        holds = rule.where is None or (parameters is not None and bool(law.at(rule.where, dict(parameters))))  # pyright: ignore[reportArgumentType]
        if holds and _ORDER.index(smoothness) >= _ORDER.index(rule.sampled):
            return rule
    return None


__all__ = ["VectorRule", "class_of", "get_vector_rule", "no_noise", "recommended_vector_rule", "vector_rules_of"]
