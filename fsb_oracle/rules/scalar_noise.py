"""The noise of a rule of several variables as real variables, one for each copy: what quadrature and twins take."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fsb_oracle.backends.noise import Beta, Noise, Simplex
from fsb_oracle.families.vector_recipe import Draws


def scalar_noise(draws: Draws, prefix: str = "") -> dict[str, Noise]:
    """A primitive with numeric parameters for each copy, `eps[0]`; weights on a simplex as the sticks that are broken
    off, independent beta variables (Sethuraman 1994)."""
    found: dict[str, Noise] = {}
    for name, (primitive, copies) in draws.items():
        for index in np.ndindex(*copies):
            one = primitive.copy(index, copies)
            label = _label(prefix, name, index)
            if not isinstance(one, Simplex):
                found[label] = one
                continue
            left = np.cumsum(one.concentration[::-1])[::-1]
            for k, a in enumerate(one.concentration[:-1]):
                if a > 0 and left[k + 1] > 0:  # else the stick is all or nothing
                    found[f"{label} stick {k}"] = Beta(float(a), float(left[k + 1]))
    return found


def joined_noise(draws: Draws, values: Mapping[str, np.ndarray], prefix: str = "") -> dict[str, np.ndarray]:
    """The arrays that a kernel takes, shape (..., *copies), from those of the real variables by name, which broadcast
    against each other."""
    shape = np.broadcast_shapes(*(value.shape for value in values.values()))
    arrays = {}
    for name, (primitive, copies) in draws.items():
        parts = [_part(primitive, index, copies, _label(prefix, name, index), values) for index in np.ndindex(*copies)]
        wide = [np.broadcast_to(part, (*shape, *part.shape[len(shape) :])) for part in parts]
        axes = wide[0].shape[len(shape) :]
        arrays[name] = np.stack(wide, axis=len(shape)).reshape(*shape, *copies, *axes)
    return arrays


def _part(
    primitive: Noise, index: tuple[int, ...], copies: tuple[int, ...], label: str, values: Mapping[str, np.ndarray]
) -> np.ndarray:
    """One copy: a real variable, or on a simplex the weights along one more axis."""
    if not isinstance(primitive, Simplex):
        return values[label]
    rest, weights = np.ones(()), []
    for k, a in enumerate(primitive.copy(index, copies).concentration):
        weights.append(values.get(f"{label} stick {k}", np.asarray(float(a > 0))) * rest)
        rest = rest - weights[-1]
    return np.stack(np.broadcast_arrays(*weights), axis=-1)


def _label(prefix: str, name: str, index: tuple[int, ...]) -> str:
    return f"{prefix}{name}{list(index) if index else ''}"


__all__ = ["joined_noise", "scalar_noise"]
