"""Classes of libraries on JAX. How each library samples and calls its methods is a `Style`, data in its table."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from fsb_oracle.backends import get_backend
from fsb_oracle.families import Family
from fsb_oracle.subjects.libraries.entry import Entry
from fsb_oracle.subjects.libraries.events import SAME
from fsb_oracle.subjects.libraries.law import LibraryLaw

FEW = 48  # points at which checks without sampling ask, at most


@dataclass(frozen=True)
class Style:
    """One library's conventions.

    Attributes:
        sample: (distribution, key, leading shape) -> draws.
        statistic: (distribution, name, argument or None) -> array; raises NotImplementedError or AttributeError.
        differentiable: (class, distribution) -> whether its samples are reparameterised.
        batched: whether parameters of shape (n,) mean n laws; else (flowjax) one law of n components, and the harness
            maps over the parameters.
        whole_counts: whether a number of trials must be an integer array.
        whole_samples: whether samples of a law on integers go to `log_prob` as integers, else as floats.
    """

    sample: Callable[[Any, Any, tuple[int, ...]], Any]
    statistic: Callable[[Any, str, Any], Any]
    differentiable: Callable[[Any, Any], bool]
    batched: bool = True
    whole_counts: bool = False
    whole_samples: bool = True


class JaxLaw(LibraryLaw):
    """`cls(**arguments)` in a style. Nothing is compiled as a whole: each case is asked few times."""

    backend_name = "jax"

    def __init__(self, cls: Any, entry: Entry, family: Family, name: str, style: Style) -> None:
        super().__init__(cls, entry, family, name)
        self._style = style

    @property
    def differentiable(self) -> bool:
        import jax.numpy as jnp

        if "rsample" not in self.entry.offers or self.family.discrete:
            return False
        values = {name: jnp.asarray(float(value)) for name, value in self.family.edge_points[0].items()}
        return self._style.differentiable(self.cls, self._built(values))

    def _built(self, values: dict[str, Any]) -> Any:
        arguments = self.entry.called_with(get_backend("jax").math, values)
        if self._style.whole_counts:
            counts = {parameter.name for parameter in self.family.parameters if not parameter.continuous}
            arguments |= {name: arguments[name].astype(int) for name in counts & set(self.entry.arguments)}
        return self.cls(**arguments)

    def _each(self, function: Callable[..., Any], values: dict[str, Any], *arguments: Any) -> Any:
        """function(distribution, *arguments), with one law for each element."""
        if self._style.batched:
            return function(self._built(values), *arguments)
        import jax

        return jax.vmap(lambda at, *one: function(self._built(at), *one))(values, *arguments)

    def _full(self, values: dict[str, Any], num_samples: int) -> dict[str, Any]:
        import jax.numpy as jnp

        return {name: jnp.broadcast_to(value, (num_samples,)) for name, value in values.items()}

    def _drawn(self, full: dict[str, Any], stream: Any, num_samples: int) -> Any:
        import jax

        if self._style.batched:
            return self.entry.event.ours(self._style.sample(self._built(full), stream, ()))
        keys = jax.random.split(stream, num_samples)
        return self._each(lambda law, key: self.entry.event.ours(self._style.sample(law, key, ())), full, keys)

    def sample(self, values: dict[str, Any], num_samples: int, seeds: np.random.SeedSequence, dtype: str) -> Any:
        stream = get_backend("jax").stream(seeds)
        return self._ours(self._style.sample(self._built(values), stream, (num_samples,)), dtype)

    def paths(
        self,
        values: dict[str, Any],
        num_samples: int,
        seeds: np.random.SeedSequence,
        dtype: str,
        wanted: Collection[str] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        import jax
        import jax.numpy as jnp

        stream, full = get_backend("jax").stream(seeds), self._full(values, num_samples)
        claimed = {name: full.pop(name) for name in wanted or self.entry.claimed(self.family)}

        def draw(leaves: dict[str, Any]) -> Any:
            return self._drawn({name: {**full, **leaves}[name] for name in values}, stream, num_samples)

        z, pullback = jax.vjp(draw, claimed)
        if z.ndim == 1:
            return z, pullback(jnp.ones_like(z))[0]
        flat = z.reshape(num_samples, int(np.prod(z.shape[1:])))
        columns = [pullback(jnp.zeros_like(flat).at[:, k].set(1).reshape(z.shape))[0] for k in range(flat.shape[1])]
        return z, {name: jnp.stack([column[name] for column in columns], axis=-1).reshape(z.shape) for name in claimed}

    def forward_slopes(
        self, values: dict[str, Any], num_samples: int, seeds: np.random.SeedSequence, dtype: str
    ) -> dict[str, Any]:
        """The derivatives of `paths` for samples of one variable, by forward differentiation."""
        import jax
        import jax.numpy as jnp

        stream, full = get_backend("jax").stream(seeds), self._full(values, num_samples)

        def slope(name: str) -> Any:
            return jax.jvp(
                lambda leaf: self._drawn({**full, name: leaf}, stream, num_samples),
                (full[name],),
                (jnp.ones_like(full[name]),),
            )[1]

        return {name: slope(name) for name in self.entry.claimed(self.family)}

    def log_prob(self, values: dict[str, Any], z: Any, batched: bool = True) -> Any:
        points = self._theirs(_padded(z))
        if batched or not self._style.batched:
            found = self._each(lambda law, point: law.log_prob(point), self._full(values, len(points)), points)
        else:
            found = self._built(values).log_prob(points)
        return _first(found, len(z))

    def scores(self, values: dict[str, Any], z: Any, wanted: Collection[str] | None = None) -> dict[str, Any]:
        import jax

        points = self._theirs(_padded(z))
        full = self._full(values, len(points))
        claimed = {name: full.pop(name) for name in wanted or self.entry.claimed(self.family)}

        def total(leaves: dict[str, Any]) -> Any:
            at = {name: {**full, **leaves}[name] for name in values}
            return self._each(lambda law, point: law.log_prob(point), at, points).sum()

        return {name: _first(slopes, len(z)) for name, slopes in jax.grad(total)(claimed).items()}

    def statistic(self, statistic: str, values: dict[str, Any], argument: Any = None) -> Any | None:
        if argument is not None and self.entry.event is not SAME:
            return None
        padded = None if argument is None else _padded(argument)
        try:
            found = self._style.statistic(self._built(values), statistic, padded)
            found = found() if callable(found) else found
            return found if argument is None else _first(found, len(argument))
        except (NotImplementedError, AttributeError, ImportError):
            return None  # ImportError: what another optional package would add

    def _ours(self, z: Any, dtype: str) -> Any:
        z = self.entry.event.ours(z)
        # counts have no precision of their own: TensorFlow Probability draws them in float32 for laws in float64
        return z.astype(dtype) if self.family.discrete or np.dtype(z.dtype).kind != "f" else z

    def _theirs(self, z: Any) -> Any:
        if self.entry.event is not SAME:
            return self.entry.event.theirs(get_backend("jax").math, z, self.number_of_values)
        if self.family.support.period is not None:
            return _half_turns(z)
        return z.astype(int) if self.family.discrete and self._style.whole_samples else z


def _padded(points: Any) -> Any:
    """Few points with the last of them repeated: JAX compiles anew for each number of points."""
    import jax.numpy as jnp

    missing = FEW - len(points)
    if missing <= 0 or not len(points):
        return points
    known = np.asarray(points)
    return jnp.asarray(np.concatenate([known, np.repeat(known[-1:], missing, axis=0)]))


def _first(found: Any, count: int) -> Any:
    """What was found at the points before they were padded; a single number stays what it is."""
    return np.asarray(found)[:count] if np.ndim(found) else found


def _half_turns(angle: Any) -> Any:
    """The same points of the circle from -pi to pi: NumPyro's log_prob is -inf elsewhere."""
    import jax.numpy as jnp

    return jnp.where(abs(angle) <= np.pi, angle, jnp.mod(angle + np.pi, 2 * np.pi) - np.pi)
