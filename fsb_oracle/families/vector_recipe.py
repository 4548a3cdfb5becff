"""How a vector or a matrix is drawn: array code that NumPy, Torch and JAX run, and proofs run with balls.

`c` carries the law's parameters as arrays, vectors (..., d) and matrices (..., d, d), nested laws as lists of such
carriers, and `c.math`, the namespace. Leading axes are those of samples and batches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import sympy

from fsb_oracle.backends.noise import Noise

Draws = Mapping[str, tuple[Noise, tuple[int, ...]]]  # a primitive, and how many independent copies, as a shape


@dataclass(frozen=True)
class VectorRecipe:
    """z as a function of noise.

    Attributes:
        noise: `noise(c)` gives the primitives with the shapes of their copies; parameters of a primitive broadcast
            against the copies.
        sample: `sample(c, **noise)` gives z, shape (..., d) or (..., d, d).
    """

    noise: Callable[[Any], Draws]
    sample: Callable[..., Any]


def carrier(m: Any, values: Mapping[str, Any]) -> SimpleNamespace:
    """The parameters as arrays from the scalar components `loc.0`, `covariance_matrix.1.0`, `components.0.scale`."""
    tree: dict[str, Any] = {}
    for name, value in values.items():
        *path, last = name.split(".")
        branch = tree
        for part in path:
            branch = branch.setdefault(part, {})
        branch[last] = value
    return SimpleNamespace(math=m, **{name: _joined(m, branch) for name, branch in tree.items()})


def _joined(m: Any, branch: Any) -> Any:
    """Numbered branches become one array with a new last axis, or a list where they are laws; others a carrier."""
    if not isinstance(branch, dict):
        return branch
    parts = {name: _joined(m, part) for name, part in branch.items()}
    if not all(name.isdecimal() for name in parts):
        return SimpleNamespace(math=m, **parts)
    items = list(parts.values())
    if isinstance(items[0], SimpleNamespace):
        return items
    if isinstance(branch["0"], dict):  # rows: stack puts the new axis last, so the columns are stacked
        columns = [[row[str(j)] for row in branch.values()] for j in range(len(branch["0"]))]
        return m.stack([m.stack(column) for column in columns])
    return m.stack(items)


def scale_tril_of(c: Any) -> Any:
    """The lower triangular root of the covariance, whichever of both is the parameter; shape (..., d, d)."""
    return c.scale_tril if hasattr(c, "scale_tril") else c.math.cholesky(c.covariance_matrix)


def applied(matrix: Any, vector: Any) -> Any:
    """matrix @ vector over the last axes; one matrix for all vectors is one product, many small ones take ten times as
    long."""
    if len(matrix.shape) > 2:
        return (matrix @ vector[..., None])[..., 0]
    rows = vector.reshape((-1, vector.shape[-1])) @ matrix.swapaxes(-1, -2)
    return rows.reshape((*vector.shape[:-1], matrix.shape[-2]))


def indices(c: Any, size: int, like: Any) -> Any:
    """0, 1, ..., size - 1 in the dtype of `like`."""
    return c.math.identity(size, like).cumsum(-1).sum(-2) - 1


def frequencies(samples: tuple[sympy.Symbol, ...]) -> tuple[sympy.Symbol, ...]:
    """w0, w1, ... (or w00, w01, ...): the frequency that belongs to each component of a sample."""
    return tuple(sympy.Symbol(str(sample).replace("z", "w"), real=True) for sample in samples)


__all__ = ["Draws", "VectorRecipe", "applied", "carrier", "frequencies", "indices", "scale_tril_of"]
