"""Classes of torch.distributions and of libraries that follow it (Pyro)."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from fsb_oracle.backends import get_backend
from fsb_oracle.subjects.libraries.events import SAME
from fsb_oracle.subjects.libraries.law import LibraryLaw


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the warning of Torch's Wishart law that it draws some samples anew, which would repeat at every draw."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Singular sample detected")
        yield


class TorchLaw(LibraryLaw):
    """`cls(**arguments)` with `sample`, `rsample`, `log_prob`, and what else the class has."""

    backend_name = "torch"

    @property
    def differentiable(self) -> bool:
        import torch

        if "rsample" not in self.entry.offers:
            return False
        values = {name: torch.tensor(float(value)) for name, value in self.family.edge_points[0].items()}
        return bool(getattr(self._built(values), "has_rsample", False))

    def _built(self, values: dict[str, Any]) -> Any:
        arguments = self.entry.called_with(get_backend("torch").math, values)
        try:
            # a draw that underflows must be judged, not refused
            return self.cls(**arguments, validate_args=False)
        except TypeError:
            return self.cls(**arguments)

    def _leaves(self, values: dict[str, Any], num_samples: int, wanted: Collection[str] | None) -> dict[str, Any]:
        claimed = wanted or self.entry.claimed(self.family)
        return {
            name: value.expand(num_samples).clone().requires_grad_(name in claimed) for name, value in values.items()
        }

    def sample(self, values: dict[str, Any], num_samples: int, seeds: np.random.SeedSequence, dtype: str) -> Any:
        import torch

        with get_backend("torch").global_seed(seeds), torch.no_grad(), _quiet():
            return self._ours(self._built(values).sample((num_samples,)), dtype)

    def paths(
        self,
        values: dict[str, Any],
        num_samples: int,
        seeds: np.random.SeedSequence,
        dtype: str,
        wanted: Collection[str] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        import torch

        leaves = self._leaves(values, num_samples, wanted)
        with get_backend("torch").global_seed(seeds), _quiet():
            z = self.entry.event.ours(self._built(leaves).rsample())
        claimed = {name: leaf for name, leaf in leaves.items() if leaf.requires_grad}
        parts = [z] if z.dim() == 1 else list(z.flatten(1).unbind(-1))
        columns = []
        for number, part in enumerate(parts):
            if not part.requires_grad:
                columns.append([None] * len(claimed))
                continue
            again = number + 1 < len(parts)
            columns.append(
                torch.autograd.grad(part.sum(), list(claimed.values()), retain_graph=again, allow_unused=True)
            )
        slopes = {
            name: torch.stack(
                [torch.zeros_like(leaf) if column[k] is None else column[k] for column in columns], dim=-1
            ).reshape(z.shape)
            for k, (name, leaf) in enumerate(claimed.items())
        }
        return z.detach(), slopes

    def log_prob(self, values: dict[str, Any], z: Any, batched: bool = True) -> Any:
        import torch

        with torch.no_grad():
            full = {name: value.expand(len(z)) for name, value in values.items()} if batched else values
            return self._built(full).log_prob(self._theirs(z))

    def scores(self, values: dict[str, Any], z: Any, wanted: Collection[str] | None = None) -> dict[str, Any]:
        import torch

        leaves = self._leaves(values, len(z), wanted)
        claimed = {name: leaf for name, leaf in leaves.items() if leaf.requires_grad}
        value = self._built(leaves).log_prob(self._theirs(z)).sum()
        slopes: Sequence[Any] = [None] * len(claimed)  # where the density does not depend on what is wanted
        if value.requires_grad:
            slopes = torch.autograd.grad(value, list(claimed.values()), allow_unused=True)
        return {
            name: torch.zeros_like(leaf) if slope is None else slope
            for (name, leaf), slope in zip(claimed.items(), slopes, strict=True)
        }

    def statistic(self, statistic: str, values: dict[str, Any], argument: Any = None) -> Any | None:
        import torch

        if argument is not None and self.entry.event is not SAME:
            return None
        law = self._built(values)
        with torch.no_grad():
            try:
                found = getattr(law, statistic)
                if argument is not None:
                    return found(argument)
                return found() if callable(found) else found
            except (NotImplementedError, AttributeError):
                return None

    def _ours(self, z: Any, dtype: str) -> Any:
        z = self.entry.event.ours(z)
        return z if z.dtype.is_floating_point else z.to(get_backend("torch").array(0.0, dtype).dtype)

    def _theirs(self, z: Any) -> Any:
        return self.entry.event.theirs(get_backend("torch").math, z, self.number_of_values)
