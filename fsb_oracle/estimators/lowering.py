"""Lower a declared rule to a back end: draw its noise and z, run its kernel."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from fsb_oracle.backends import Array, Backend, Shape, Stream, get_backend
from fsb_oracle.backends.noise import evaluate
from fsb_oracle.errors import UsageError
from fsb_oracle.families import Family, Parameters
from fsb_oracle.rules import Rule


def batch_shape(parameters: Mapping[str, Array]) -> Shape:
    """The common shape of the parameters.

    Raises:
        UsageError: the shapes do not broadcast.
    """
    shapes = [getattr(value, "shape", ()) for value in parameters.values()]
    if not any(shapes):
        return ()
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        words = ", ".join(f"{name} {tuple(shape)}" for name, shape in zip(parameters, shapes, strict=True))
        raise UsageError(f"the parameters' shapes do not broadcast: {words}") from None


def draw_noise(
    rule: Rule,
    backend: Backend,
    parameters: Mapping[str, Array],
    num_samples: int,
    stream: Stream,
    dtype: str,
) -> tuple[dict[str, Array], dict[str, Array]]:
    """The law's own noise and the rule's auxiliary noise, each of shape (num_samples, *batch), all independent."""
    return _drawn(rule, backend, parameters, (num_samples, *batch_shape(parameters)), stream, dtype)


def _drawn(
    rule: Rule, backend: Backend, parameters: Mapping[str, Array], shape: Shape, stream: Stream, dtype: str
) -> tuple[dict[str, Array], dict[str, Array]]:
    m = backend.math
    recipe, noise = rule.recipe_at(m, parameters), rule.noise_at(m, parameters)
    drawn = backend.draw_each([(one, shape) for one in (*recipe.values(), *noise.values())], stream, dtype)
    return dict(zip(recipe, drawn, strict=False)), dict(zip(noise, drawn[len(recipe) :], strict=True))


def contributions(
    rule: Rule,
    backend: Backend,
    parameters: Mapping[str, Array],
    f: Any,
    num_samples: int,
    stream: Stream,
    dtype: str,
) -> Array:
    """Independent one-sample contributions to the gradient, shape (num_samples, *batch).

    Args:
        parameters: arrays of the back end by name; they broadcast against each other.
        f: a function of arrays with a method `derivative`.
    """
    letters = rule.letters(backend.math, parameters)  # once
    shape = (num_samples, *batch_shape(parameters))
    own, auxiliary = _drawn(rule, backend, letters, shape, stream, dtype)
    return _applied(rule, backend, letters, f, own, auxiliary, shape, dtype)


def from_noise(
    rule: Rule,
    backend: Backend,
    parameters: Mapping[str, Array],
    f: Any,
    own: Mapping[str, Array],
    auxiliary: Mapping[str, Array],
    num_samples: int,
    dtype: str,
) -> Array:
    """The contributions for given noise (`draw_noise`), shape (num_samples, *batch)."""
    return _applied(rule, backend, parameters, f, own, auxiliary, (num_samples, *batch_shape(parameters)), dtype)


def _applied(
    rule: Rule,
    backend: Backend,
    parameters: Mapping[str, Array],
    f: Any,
    own: Mapping[str, Array],
    auxiliary: Mapping[str, Array],
    shape: Shape,
    dtype: str,
) -> Array:
    z = rule.sample_at(backend.math, parameters, own)
    value = rule.apply(backend.math, parameters, f, z, auxiliary)
    # a deterministic rule (the point mass, Bernoulli) still returns one contribution per sample
    return value if tuple(value.shape) == shape else value + backend.array(np.zeros(shape), dtype)


def in_blocks(
    function: Callable[[dict[str, np.ndarray]], np.ndarray], arrays: Mapping[str, np.ndarray], size: int
) -> np.ndarray:
    """An elementwise function of arrays that broadcast, asked for `size` elements at a time whatever their shape: the
    last block is filled up by repeating an element."""
    if not arrays:
        return function({})
    shape = np.broadcast_shapes(*(array.shape for array in arrays.values()))
    flat = {name: np.broadcast_to(array, shape).ravel() for name, array in arrays.items()}
    count = math.prod(shape)
    parts = []
    for start in range(0, count, size):
        places = np.minimum(np.arange(start, start + size), count - 1)
        parts.append(np.broadcast_to(function({name: array[places] for name, array in flat.items()}), (size,)))
    return np.concatenate(parts)[:count].reshape(shape)


def law_samples(family: Family, at: Parameters, count: int, generator: np.random.Generator) -> np.ndarray:
    """Samples of a law of one variable by its own recipe, NumPy float64, shape (count,)."""
    backend = get_backend("numpy")
    values = {name: float(value) for name, value in at.items()}
    noise = {
        name: backend.draw(primitive.at(backend.math, values), generator, (count,), "float64")
        for name, primitive in family.recipe.noise.items()
    }
    return evaluate(family.recipe.expression, backend.math, {**values, **noise}) + np.zeros(count)
