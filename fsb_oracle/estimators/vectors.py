"""Rules of laws of several variables lowered to a back end: draw their noise and z, run the kernel."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from fsb_oracle.backends import Array, Backend, Shape, Stream
from fsb_oracle.errors import UsageError
from fsb_oracle.families import Family, list_templates, resolve_family
from fsb_oracle.integrands import Integrand
from fsb_oracle.rules.vector import VectorRule, class_of, get_vector_rule, recommended_vector_rule

# the axes that one value of a parameter has; every other parameter is a number
RANKS = {"loc": 1, "drift": 1, "logits": 1, "concentration": 1, "rates": 1, "covariance_matrix": 2, "scale_tril": 2}
_NESTED = ("components", "jump")


@cache  # these laws are our own
def is_vector_law(name: str) -> bool:
    """Whether a law's parameters are vectors or matrices that `law_of_shape` understands."""
    return any(template.name == name and not set(_NESTED) & set(template.names) for template in list_templates())


def law_of_shape(name: str, params: Mapping[str, Any]) -> Family:
    """The law in the shape that the last axes of the parameters have; their values do not matter.

    Raises:
        UsageError: an unknown or a missing name, or axes that do not fit.
    """
    return resolve_family(name, {key: _plain(key, value, name) for key, value in params.items()})[0]


def _plain(key: str, value: Any, law: str) -> Any:
    """Valid exact values of the shape of one parameter."""
    rank, shape = RANKS.get(key, 0), tuple(np.shape(value))
    if len(shape) < rank:
        words = "a vector" if rank == 1 else "a matrix"
        raise UsageError(f"{law} parameter {key} must be {words} on its last axes, but its shape is {shape}")
    if rank == 0:
        return 100 if key != "total_count" else 1
    if rank == 1:
        return [1] * shape[-1]
    if shape[-1] != shape[-2]:
        raise UsageError(f"{law} parameter {key} must be a square matrix on its last axes, but its shape is {shape}")
    return [[int(i == j) for j in range(shape[-1])] for i in range(shape[-1])]


def context(backend: Backend, law: Family, params: Mapping[str, Any], dtype: str) -> SimpleNamespace:
    """What kernels get as `c`; counts stay as they were given, since they decide shapes."""
    counts = {parameter.name for parameter in law.parameters if not parameter.continuous}
    values = {key: value if key in counts else backend.array(value, dtype) for key, value in params.items()}
    return SimpleNamespace(math=backend.math, **values)


def batch_of(law: Family, params: Mapping[str, Any]) -> Shape:
    """The common shape of the parameters without their own axes.

    Raises:
        UsageError: the shapes do not broadcast.
    """
    shapes = {key: tuple(np.shape(value)) for key, value in params.items()}
    leading = [shape[: len(shape) - RANKS.get(key, 0)] for key, shape in shapes.items()]
    try:
        return np.broadcast_shapes(*leading)
    except ValueError:
        words = ", ".join(f"{key} {shape}" for key, shape in shapes.items())
        raise UsageError(f"the parameters' shapes do not broadcast: {words}") from None


def chosen_vector_rules(
    law: Family, f: Integrand | None, rule: str | Mapping[str, str] | None
) -> dict[str, VectorRule]:
    """The rule of each parameter: those asked for, or the recommended ones.

    Args:
        f: the expression; None for a plain function, which is taken to be continuous (class F1).

    Raises:
        UsageError: there is no such rule, or none admits f.
    """
    if isinstance(rule, str):
        rule = {get_vector_rule(law, rule).parameter: rule}
    if rule is not None:
        chosen = {name: get_vector_rule(law, id) for name, id in rule.items()}
        for name, one in chosen.items():
            if one.parameter != name:
                raise UsageError(f"rule {one.id} is for {law.name} {one.parameter}, not for {name}")
        return chosen
    chosen = {}
    for name in dict.fromkeys(name.partition(".")[0] for name in law.continuous_names):
        best = recommended_vector_rule(law, name, "F1" if f is None else class_of(f))
        if best is None:
            raise UsageError(f"no rule for {law.name} {name} is meant for this f: name one by rule=")
        chosen[name] = best
    return chosen


def draw_vector_noise(
    rule: VectorRule, backend: Backend, c: Any, leading: Shape, stream: Stream, dtype: str
) -> tuple[dict[str, Array], dict[str, Array]]:
    """The law's own noise and the rule's, each of shape (*leading, *copies), all independent."""
    recipe, noise = rule.recipe(c), rule.noise(c)
    wanted = [(primitive, (*leading, *copies)) for primitive, copies in (*recipe.values(), *noise.values())]
    drawn = backend.draw_each(wanted, stream, dtype)
    return dict(zip(recipe, drawn, strict=False)), dict(zip(noise, drawn[len(recipe) :], strict=True))


def vector_contributions(
    rule: VectorRule, backend: Backend, c: Any, f: Any, leading: Shape, stream: Stream, dtype: str
) -> Array:
    """Independent one-sample contributions, shape (*leading, *shape of the parameter)."""
    own, noise = draw_vector_noise(rule, backend, c, leading, stream, dtype)
    return rule.apply(c, f, rule.sample(c, own), noise)


__all__ = [
    "batch_of",
    "chosen_vector_rules",
    "context",
    "draw_vector_noise",
    "is_vector_law",
    "law_of_shape",
    "vector_contributions",
]
