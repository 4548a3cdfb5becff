"""Estimators that a library's class makes possible: f'(z) dz/dtheta from `rsample`, f(z) d log p/dtheta from
`log_prob`."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from fsb_oracle.backends import Backend
from fsb_oracle.estimators.function import function_on, vector_function_on
from fsb_oracle.families import Family, Parameters
from fsb_oracle.integrands import Integrand
from fsb_oracle.oracle.transport import TRANSPORTED
from fsb_oracle.rules import Rule, baselines
from fsb_oracle.rules.ratio_samplers import mean_square_slope
from fsb_oracle.subjects.libraries.hard_points import hard_points
from fsb_oracle.subjects.libraries.law import LibraryLaw
from fsb_oracle.subjects.pathwise import PathwiseSubject
from fsb_oracle.subjects.subject import Subject, checked, numbers


class LibrarySubject(Subject):
    """What both have in common: the class, its law and the parameters that it can be asked at."""

    law: LibraryLaw
    sample_by_sample = True

    def _describe(self, law: LibraryLaw, name: str, target: str) -> None:
        self.law, self.family = law, law.family
        self.name, self.target = name, target
        self.backend_name = law.backend_name
        self.claimed = law.entry.claimed(law.family)
        self.hard_points = hard_points(law.family)

    def adapted(self, parameters: Parameters) -> Parameters:
        return {**parameters, **{name: Fraction(value) for name, value in self.law.entry.fixed.items()}}

    def draws(self, parameters: Parameters, num_samples: int, seeds: np.random.SeedSequence, dtype: str) -> np.ndarray:
        """Samples by the library's own sampler, in the dtype that it returns."""
        backend = self.backend
        with backend.scope(dtype):
            return np.asarray(
                backend.numpy(self.law.sample(self._numbers(parameters, dtype), num_samples, seeds, dtype))
            )

    def statistic(self, name: str, parameters: Parameters, dtype: str, argument: np.ndarray | None = None) -> Any:
        """cdf, icdf (at `argument`), mean, variance or entropy as float64; None where the class has none."""
        backend = self.backend
        with backend.scope(dtype):
            at = None if argument is None else backend.array(argument, dtype)
            found = self.law.statistic(name, self._numbers(parameters, dtype), at)
            return None if found is None else np.asarray(backend.numpy(found), dtype=np.float64)

    @cache  # noqa: B019 - a subject lives as long as its run
    def offers(self, statistic: str) -> bool:
        """Whether the class has cdf, icdf, mean, variance or entropy: asked at an ordinary point."""
        if statistic in self.law.entry.without:
            return False
        point, levels = self.adapted(self.family.edge_points[0]), np.array([0.25, 0.5])
        argument = levels if statistic == "icdf" else np.ceil(levels) if self.family.discrete else levels
        return self.statistic(statistic, point, "float32", argument if "cdf" in statistic else None) is not None

    def _numbers(self, parameters: Parameters, dtype: str) -> dict[str, Any]:
        return numbers(self.backend, parameters, dtype)


class LibraryPaths(LibrarySubject, PathwiseSubject):
    """Samples of one variable that the library differentiates."""

    def __init__(self, law: LibraryLaw, name: str, target: str) -> None:
        self._describe(law, name, target)
        # without a density the exact derivative of a sample is not known
        self.one_noise = self.certified_pointwise = law.entry.one_noise and law.family.log_density is not None

    def differentiated_samples(
        self, values: dict[str, Any], num_samples: int, seeds: np.random.SeedSequence, dtype: str
    ) -> tuple[Any, dict[str, Any]]:
        return self.law.paths(values, num_samples, seeds, dtype)

    def contribution(
        self,
        parameter: str,
        parameters: Parameters,
        f: Integrand,
        num_samples: int,
        seeds: np.random.SeedSequence,
        dtype: str,
    ) -> np.ndarray:
        """Samples differentiated in that parameter alone: the derivative in another may cost ten times the sample."""
        backend = self.backend
        with backend.scope(dtype):

            def draw() -> tuple[Any, dict[str, Any]]:
                return self.law.paths(self._numbers(parameters, dtype), num_samples, seeds, dtype, (parameter,))

            key = (parameter, tuple(parameters.items()), num_samples, seeds.entropy, seeds.spawn_key, dtype)
            z, slopes = self.kept(key, draw)
            outer = function_on(f, backend).derivative(z)
            return checked(self.name, outer * slopes[parameter], num_samples, parameter, backend)

    def forward_contributions(
        self, parameters: Parameters, f: Integrand, num_samples: int, seeds: np.random.SeedSequence, dtype: str
    ) -> dict[str, np.ndarray] | None:
        backend = self.backend
        with backend.scope(dtype):
            values = self._numbers(parameters, dtype)
            slopes = self.law.forward_slopes(values, num_samples, seeds, dtype)
            if slopes is None:
                return None
            outer = function_on(f, backend).derivative(self._drawn(parameters, num_samples, seeds, dtype)[0])
            return {name: checked(self.name, outer * slopes[name], num_samples, name, backend) for name in self.claimed}

    def claimed_rule(self, parameter: str, parameters: Parameters, f: Integrand) -> Rule | None:
        """Only a sampler of one noise variable has the variance of the law's own reparameterization."""
        return super().claimed_rule(parameter, parameters, f) if self.one_noise else None

    def known_moments(self, parameter: str, parameters: Parameters, f: Integrand) -> Any:
        return super().known_moments(parameter, parameters, f) if self.one_noise else None

    def variance_bound(self, parameter: str, parameters: Parameters, f: Integrand) -> tuple[float, str] | None:
        """sup |f'|^2 E (dz/d parameter)^2, where the usual sampler divides by a chi-square variable."""
        if self.one_noise or f.steepest is None:
            return None
        slope = mean_square_slope(self.family, tuple(parameters.items()), parameter)
        return None if slope is None else (f.steepest**2 * slope, "a bound, of the usual sampler")


class LibraryVectorPaths(LibrarySubject):
    """Samples of several variables that the library differentiates: SUM_j df/dz_j dz_j/dtheta."""

    requires = "F1"

    def __init__(self, law: LibraryLaw, name: str, target: str) -> None:
        self._describe(law, name, target)
        self.certified_pointwise = law.family.name in TRANSPORTED

    def field(
        self, parameter: str, parameters: Parameters, num_samples: int, seeds: np.random.SeedSequence, dtype: str
    ) -> tuple[np.ndarray, np.ndarray]:
        """Samples and their derivatives in one component, float64, shape (n, *event) each."""
        backend = self.backend
        with backend.scope(dtype):
            z, slopes = self._drawn(parameters, num_samples, seeds, dtype)
            arrays = {name: np.asarray(backend.numpy(v), dtype=np.float64) for name, v in slopes.items()}
            return np.asarray(backend.numpy(z), dtype=np.float64), symmetric(arrays)[parameter]

    def _drawn(
        self, parameters: Parameters, num_samples: int, seeds: np.random.SeedSequence, dtype: str
    ) -> tuple[Any, dict[str, Any]]:
        key = (tuple(parameters.items()), num_samples, seeds.entropy, seeds.spawn_key, dtype)
        values = self._numbers(parameters, dtype)
        return self.kept(key, lambda: self.law.paths(values, num_samples, seeds, dtype))

    def contributions(
        self, parameters: Parameters, f: Integrand, num_samples: int, seeds: np.random.SeedSequence, dtype: str
    ) -> dict[str, np.ndarray]:
        backend = self.backend
        with backend.scope(dtype):
            z, slopes = self._drawn(parameters, num_samples, seeds, dtype)
            outer = vector_function_on(f, self.family, backend).gradient(z)
            axes = tuple(range(1, outer.ndim))
            return symmetric(
                {
                    name: checked(self.name, (outer * slopes[name]).sum(axes), num_samples, name, backend)
                    for name in self.claimed
                }
            )


class LibraryScore(LibrarySubject):
    """f(z) d log p(z)/dtheta with the library's own sampler and its own log-density, differentiated by autodiff."""

    requires = "F0"
    has_score = True

    def __init__(self, law: LibraryLaw, name: str, target: str) -> None:
        self._describe(law, name, target)
        self.certified_pointwise = law.family.log_density is not None

    def claimed_rule(self, parameter: str, parameters: Parameters, f: Integrand) -> Rule | None:
        return baselines.score(self.family, parameter) if len(self.family.samples) == 1 else None

    def without_mean(self, parameter: str, parameters: Parameters, f: Integrand) -> str | None:
        """Where an end of the support moves, no score estimator has the gradient as its mean: a user's error, no fault
        of the class."""
        support = self.family.support
        ends = () if support.period is not None else (support.lower, support.upper)
        moving = any(self.family.symbol(parameter) in end.free_symbols for end in ends)
        return f"an end of the support moves with {parameter}: the score is no estimator there" if moving else None

    def log_prob(self, parameters: Parameters, z: np.ndarray, dtype: str, batched: bool = True) -> np.ndarray:
        """log p at z as the library computes it in `dtype`, float64, shape (n,)."""
        backend = self.backend
        with backend.scope(dtype):
            values = self._numbers(parameters, dtype)
            found = self.law.log_prob(values, backend.array(z, dtype), batched)
            return checked(self.name, found, len(z), "log_prob", backend)

    def scores_at(self, parameter: str, parameters: Parameters, z: np.ndarray, dtype: str) -> np.ndarray:
        backend = self.backend
        with backend.scope(dtype):
            return self._scores(parameters, backend.array(z, dtype), dtype)[parameter]

    def _scores(
        self, parameters: Parameters, z: Any, dtype: str, wanted: Collection[str] | None = None
    ) -> dict[str, np.ndarray]:
        found = self.law.scores(self._numbers(parameters, dtype), z, wanted)
        return symmetric({name: checked(self.name, found[name], len(z), name, self.backend) for name in found})

    def contributions(
        self,
        parameters: Parameters,
        f: Integrand,
        num_samples: int,
        seeds: np.random.SeedSequence,
        dtype: str,
        wanted: tuple[str, ...] | None = None,
    ) -> dict[str, np.ndarray]:
        backend = self.backend
        with backend.scope(dtype):

            def draw() -> tuple[Any, dict[str, np.ndarray]]:
                z = self.law.sample(self._numbers(parameters, dtype), num_samples, seeds, dtype)
                return z, self._scores(parameters, z, dtype, wanted)

            key = (wanted, tuple(parameters.items()), num_samples, seeds.entropy, seeds.spawn_key, dtype)
            z, scores = self.kept(key, draw)
            values = checked(self.name, f_on(f, self.family, backend)(z), num_samples, "f", backend)
            return {  # multiplied in the dtype under test, as a user's code would
                name: (values.astype(dtype) * score.astype(dtype)).astype(np.float64) for name, score in scores.items()
            }

    def contribution(
        self,
        parameter: str,
        parameters: Parameters,
        f: Integrand,
        num_samples: int,
        seeds: np.random.SeedSequence,
        dtype: str,
    ) -> np.ndarray:
        wanted = tuple(name for name in self.claimed if name in (parameter, mirrored(parameter)))
        return self.contributions(parameters, f, num_samples, seeds, dtype, wanted)[parameter]


def f_on(f: Integrand, law: Family, backend: Backend) -> Any:
    """f of one or of several variables on a back end."""
    return vector_function_on(f, law, backend) if len(law.samples) > 1 else function_on(f, backend)


def symmetric(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Of a covariance matrix the gradient is the symmetric G with dL = SUM G_ij dSigma_ij, whichever triangle a
    factorisation reads."""
    averaged = dict(found)
    for name, value in found.items():
        if name.startswith("covariance_matrix."):
            averaged[name] = (value + found[mirrored(name)]) / 2
    return averaged


def mirrored(name: str) -> str:
    """The component on the other side of the diagonal of a matrix."""
    head, *index = name.split(".")
    return ".".join((head, *reversed(index)))
