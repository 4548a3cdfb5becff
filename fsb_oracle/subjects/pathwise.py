"""Library samplers that differentiate their samples: classes with `rsample`, and JAX samplers with a gradient."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from fsb_oracle.estimators.function import function_on
from fsb_oracle.families import Parameters
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
    one_noise = True  # dz/dtheta is a function of z alone: only then has it a pointwise truth

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
