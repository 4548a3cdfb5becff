"""Library samplers that differentiate their samples: classes with `rsample`, and JAX samplers with a gradient."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from fsb_oracle.errors import UsageError, nearest
from fsb_oracle.estimators.function import function_on
from fsb_oracle.families import Family, Parameters, get_family, list_families
from fsb_oracle.integrands import Integrand
from fsb_oracle.rules import Rule, baselines
from fsb_oracle.rules.variance import Moments, implicit_moments
from fsb_oracle.subjects.subject import Subject, checked, numbers


@dataclass(frozen=True)
class Paths:
    """Samples of the law and their derivatives in one parameter, as the subject's dtype gave them; shape (n,) each."""

    z: np.ndarray
    derivative: np.ndarray


class PathwiseSubject(Subject):
    """f'(z) dz/dtheta with the library's own dz/dtheta; subclasses say how a differentiable sample is drawn."""

    requires = "F1"

    @abstractmethod
    def differentiated_samples(
        self, values: dict[str, Any], num_samples: int, seeds: np.random.SeedSequence, dtype: str
    ) -> tuple[Any, dict[str, Any]]:
        """z and dz/dtheta for each claimed parameter, arrays of the back end of shape (num_samples,)."""

    def claimed_rule(self, parameter: str, parameters: Parameters, f: Integrand) -> Rule | None:
        """Plain reparameterization where the law has it; its exact variance is then the subject's."""
        return baselines.pathwise(self.family, parameter)

    def known_moments(self, parameter: str, parameters: Parameters, f: Integrand) -> tuple[Moments, str] | None:
        """Those of the exact pathwise estimator, implicit where the law has no reparameterization."""
        if self.claimed_rule(parameter, parameters, f) is not None:
            return super().known_moments(parameter, parameters, f)
        moments = implicit_moments(self.family, parameters, f, parameter)
        return None if moments is None else (moments, "the exact pathwise derivative")

    def contributions(
        self,
        parameters: Parameters,
        f: Integrand,
        num_samples: int,
        seeds: np.random.SeedSequence,
        dtype: str,
    ) -> dict[str, np.ndarray]:
        backend = self.backend
        with backend.scope(dtype):
            z, slopes = self._drawn(parameters, num_samples, seeds, dtype)
            outer = function_on(f, backend).derivative(z)
            return {name: checked(self.name, outer * slopes[name], num_samples, name, backend) for name in self.claimed}

    def _drawn(
        self, parameters: Parameters, num_samples: int, seeds: np.random.SeedSequence, dtype: str
    ) -> tuple[Any, dict[str, Any]]:
        """The samples of one stream and their derivatives."""

        def draw() -> tuple[Any, dict[str, Any]]:
            with self.backend.global_seed(seeds):
                values = numbers(self.backend, parameters, dtype)
                return self.differentiated_samples(values, num_samples, seeds, dtype)

        key = (tuple(parameters.items()), num_samples, seeds.entropy, seeds.spawn_key, dtype)
        return self.kept(key, draw)

    def paths(
        self,
        parameter: str,
        parameters: Parameters,
        num_samples: int,
        seeds: np.random.SeedSequence,
        dtype: str,
    ) -> Paths:
        backend = self.backend
        with backend.scope(dtype):
            z, slopes = self._drawn(parameters, num_samples, seeds, dtype)
            arrays = (checked(self.name, array, num_samples, parameter, backend) for array in (z, slopes[parameter]))
            return Paths(*arrays)

    def inputs_at(
        self, parameters: Parameters, num_samples: int, seeds: np.random.SeedSequence, dtype: str, index: int
    ) -> dict[str, float]:
        with self.backend.scope(dtype):
            z, slopes = self._drawn(parameters, num_samples, seeds, dtype)
            found = {"z": z, **{f"dz/d{name}": slopes[name] for name in self.claimed}}
            return {name: float(self.backend.numpy(value)[index]) for name, value in found.items()}


class TorchDistribution(PathwiseSubject):
    """A class of torch.distributions with `rsample`; parameters carry the same names as ours."""

    backend_name = "torch"

    def __init__(self, cls: type, family: Family, name: str) -> None:
        self._class = cls
        self.family, self.name, self.target = family, name, name
        self.claimed = family.names

    def differentiated_samples(
        self, values: dict[str, Any], num_samples: int, seeds: np.random.SeedSequence, dtype: str
    ) -> tuple[Any, dict[str, Any]]:
        leaves = {name: value.expand(num_samples).clone().requires_grad_(True) for name, value in values.items()}
        z = self._class(**leaves).rsample()
        z.sum().backward()
        return z.detach(), {
            name: 0 * leaf.detach() if leaf.grad is None else leaf.grad for name, leaf in leaves.items()
        }


class JaxSampler(PathwiseSubject):
    """A sampler of jax.random whose samples JAX differentiates in a parameter."""

    backend_name = "jax"

    def __init__(self, function: Any, family: Family, argument: str, fixed: dict[str, Fraction], name: str) -> None:
        self._function = function
        self._fixed = fixed
        self.family, self.name, self.target = family, name, name
        self.claimed = (argument,)

    def adapted(self, parameters: Parameters) -> Parameters:
        return {**parameters, **self._fixed}

    def differentiated_samples(
        self, values: dict[str, Any], num_samples: int, seeds: np.random.SeedSequence, dtype: str
    ) -> tuple[Any, dict[str, Any]]:
        (argument,) = self.claimed
        z, slope = self._compiled(num_samples, dtype)(self.backend.stream(seeds), values[argument])
        return z, {argument: slope}

    def forward_contributions(
        self, parameters: Parameters, f: Integrand, num_samples: int, seeds: np.random.SeedSequence, dtype: str
    ) -> dict[str, np.ndarray]:
        """By `jax.jvp`, where `contributions` are by `jax.vjp`."""
        import jax

        backend, (argument,) = self.backend, self.claimed
        with backend.scope(dtype):
            many = jax.numpy.full((num_samples,), numbers(backend, parameters, dtype)[argument])
            key = backend.stream(seeds)
            z, slope = jax.jvp(
                lambda a: self._function(key, a, (num_samples,), dtype), (many,), (jax.numpy.ones_like(many),)
            )
            outer = function_on(f, backend).derivative(z)
            return {argument: checked(self.name, outer * slope, num_samples, argument, backend)}

    @lru_cache(maxsize=16)  # noqa: B019 - a subject lives as long as its run
    def _compiled(self, num_samples: int, dtype: str) -> Any:
        """(key, value of the argument) -> samples and their derivative, compiled once per size and dtype."""
        import jax

        def draw(key: Any, value: Any) -> tuple[Any, Any]:
            many = jax.numpy.full((num_samples,), value)
            z, pullback = jax.vjp(lambda a: self._function(key, a, (num_samples,), dtype), many)
            return z, pullback(jax.numpy.ones_like(z))[0]

        return jax.jit(draw)


# jax.random samplers of one law each: (family, differentiated argument, parameters that the sampler fixes)
_JAX_SAMPLERS = {"gamma": ("gamma", "concentration", {"rate": Fraction(1)})}


def torch_distribution(cls: Any, name: str) -> TorchDistribution:
    """The subject for a class of torch.distributions.

    Raises:
        UsageError: the class is no law that is known here, or does not offer `rsample`.
    """
    families = {family.name: family for family in list_families()}
    key = cls.__name__.lower()
    if key not in families:
        raise UsageError(
            f"{name} is no law known to fsb_oracle; there are {', '.join(families)}{nearest(key, families)}"
        )
    if not getattr(cls, "has_rsample", False):
        raise UsageError(f"{name} has no rsample: there is no pathwise derivative to verify")
    return TorchDistribution(cls, families[key], name)


def jax_sampler(function: Any, name: str) -> JaxSampler:
    """The subject for a sampler of jax.random.

    Raises:
        UsageError: the sampler is not one whose samples have a derivative that is known here.
    """
    key = name.rpartition(":")[2]
    if key not in _JAX_SAMPLERS:
        raise UsageError(
            f"{name} is not verified by name; there are {', '.join(_JAX_SAMPLERS)}{nearest(key, _JAX_SAMPLERS)}"
        )
    family, argument, fixed = _JAX_SAMPLERS[key]
    return JaxSampler(function, get_family(family), argument, fixed, name)
