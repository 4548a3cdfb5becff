"""The one protocol under test: anything that returns random contributions to the gradient of E f(z)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from fsb_oracle.backends import DTYPES, Array, Backend, get_backend
from fsb_oracle.backends.noise import Noise
from fsb_oracle.families import Family, Parameters
from fsb_oracle.integrands import Integrand, SmoothnessClass
from fsb_oracle.rules import Rule
from fsb_oracle.rules.variance import BOUND, Moments, exact_moments


class ContractError(Exception):
    """An estimator returned something that is not a set of gradient contributions; the message says what."""


class Subject(ABC):
    """An estimator for one law on one back end.

    Attributes:
        name: as people call it: `GAM-k-U`, `my_file.py:estimator`, `torch.distributions:Gamma`.
        family: the law.
        claimed: the parameters whose gradient it returns.
        backend_name: "numpy", "torch" or "jax".
        dtypes: the precisions it is tested in.
        requires: the widest class of f for which it is meant.
        secondary: whether it is one of our rules or baselines that is no recommendation for its parameter.
        block: units that are drawn at a time.
        hard_points: parameter points beyond the law's own edges at which it is tested without sampling.
        certified_pointwise: whether checks without sampling judge it at every parameter point.
        independent: whether the contributions of one call are independent by construction.
        sample_by_sample: whether a contribution is computed from its own sample alone, by construction: what is left to
            ask is whether the samples of a call depend on how many there are.
        has_score: whether `scores_at` gives the derivative of its log-density at given samples.
    """

    name: str
    target: str
    family: Family
    claimed: tuple[str, ...]
    backend_name: str
    dtypes: tuple[str, ...] = DTYPES
    requires: SmoothnessClass = "F1"
    secondary: bool = False
    block: int = 8192
    hard_points: tuple[Parameters, ...] = ()
    certified_pointwise: bool = False
    independent: bool = False
    sample_by_sample: bool = False
    has_score: bool = False
    kurtosis: float | None = None  # a declared bound: class K
    tolerance: tuple[float, str] | None = None  # a bias in units of S that is by design, and the reason

    _last: tuple[Any, Any] | None = None

    def kept(self, key: Any, draw: Callable[[], Any]) -> Any:
        """The last draw, made anew when `key` changes: all waves of a spectrum share their draws."""
        if self._last is None or self._last[0] != key:
            self._last = (key, draw())
        return self._last[1]

    def forget(self) -> None:
        """Drop what `kept` holds: the next draw is made anew."""
        self._last = None

    @property
    def backend(self) -> Backend:
        return get_backend(self.backend_name)

    def adapted(self, parameters: Parameters) -> Parameters:
        """The nearest parameters that the subject can be asked at (a sampler may fix the rate to 1)."""
        return parameters

    def refusal(self, parameter: str, parameters: Parameters, dtype: str) -> str | None:
        """Why the subject cannot be asked for this gradient at these parameters in this dtype, in one sentence; else
        None."""
        return None

    def without_mean(self, parameter: str, parameters: Parameters, f: Integrand) -> str | None:
        """Why a contribution has no mean, known beforehand, in one sentence; else None."""
        return None

    def admits(self, f: Integrand) -> bool:
        """Whether f is of the class that the subject is meant for; on integers the class does not matter."""
        return self.family.discrete or f.admits(self.requires)

    def claimed_rule(self, parameter: str, parameters: Parameters, f: Integrand) -> Rule | None:
        """The rule or baseline that the subject claims to be, whose exact variance is then its own; else None."""
        return None

    def rule_above(self, parameter: str) -> Rule | None:
        """The rule or baseline than which the subject claims to have a lower variance; None: it claims nothing."""
        return None

    def stated_mean(self, parameter: str, parameters: Parameters, f: Integrand) -> float | None:
        """The mean that a biased estimator states, which is then what is tested; None: the gradient itself."""
        return None

    def known_moments(self, parameter: str, parameters: Parameters, f: Integrand) -> tuple[Moments, str] | None:
        """Exact moments of one contribution and whose they are, where the subject claims to be a known estimator."""
        rule = self.claimed_rule(parameter, parameters, f)
        if rule is None:
            return None
        moments = exact_moments(rule, parameters, f, BOUND)
        return (moments, rule.id) if moments.known else None

    def variance_bound(self, parameter: str, parameters: Parameters, f: Integrand) -> tuple[float, str] | None:
        """A bound on the variance of one contribution and what it is that of, where no exact moments are known."""
        return None

    def noise_at(self, parameter: str, parameters: Parameters, dtype: str) -> dict[str, Noise] | None:
        """All its noise primitives with numeric parameters, where `at_noise` exists; else None."""
        return None

    def at_noise(
        self,
        parameter: str,
        parameters: Parameters,
        f: Integrand,
        noise: Mapping[str, np.ndarray],
        dtype: str,
    ) -> np.ndarray:
        """The contributions as a deterministic function of the noise, float64, broadcast over the arrays given."""
        raise NotImplementedError

    def evaluated_with(self, parameter: str) -> tuple[str, ...]:
        """The parameters, this one among them, whose contributions one evaluation gives on the same noise."""
        return (parameter,)

    def at_noise_together(
        self,
        names: tuple[str, ...],
        parameters: Parameters,
        f: Integrand,
        noise: Mapping[str, np.ndarray],
        dtype: str,
    ) -> dict[str, np.ndarray]:
        """`at_noise` for parameters that are evaluated together."""
        return {name: self.at_noise(name, parameters, f, noise, dtype) for name in names}

    def inputs_at(
        self, parameters: Parameters, num_samples: int, seeds: np.random.SeedSequence, dtype: str, index: int
    ) -> dict[str, float]:
        """The random inputs of the contribution at `index` of that draw, by name, where they can be told; for the
        report on a contribution that is not finite."""
        return {}

    def scores_at(self, parameter: str, parameters: Parameters, z: np.ndarray, dtype: str) -> np.ndarray:
        """d log p(z) / d parameter as the subject computes it in `dtype`; float64, one for each sample.

        Asked for only where `has_score`. `z` has shape (n,), float64, every value exact in `dtype`, inside the support.
        """
        raise NotImplementedError

    def twin(self, dtype: str) -> tuple[Subject, str] | None:
        """The same estimator where its arithmetic is trusted more, and the dtype to ask it in: it accepts the same
        noise by the same names (tier 1). None for a subject that is such a twin itself, or has none."""
        return None

    @abstractmethod
    def contributions(
        self,
        parameters: Parameters,
        f: Integrand,
        num_samples: int,
        seeds: np.random.SeedSequence,
        dtype: str,
    ) -> dict[str, np.ndarray]:
        """Independent contributions, name -> float64 array of shape (num_samples,), for each claimed parameter.

        Raises:
            ContractError: the estimator returned something else.
        """

    def contribution(
        self,
        parameter: str,
        parameters: Parameters,
        f: Integrand,
        num_samples: int,
        seeds: np.random.SeedSequence,
        dtype: str,
    ) -> np.ndarray:
        """`contributions` to one claimed parameter, shape (num_samples,); a subject may leave out the others' work."""
        return self.contributions(parameters, f, num_samples, seeds, dtype)[parameter]

    def forward_contributions(
        self,
        parameters: Parameters,
        f: Integrand,
        num_samples: int,
        seeds: np.random.SeedSequence,
        dtype: str,
    ) -> dict[str, np.ndarray] | None:
        """As `contributions`, differentiated in forward mode; None where only one mode is offered."""
        return None


def numbers(backend: Backend, parameters: Parameters, dtype: str) -> dict[str, Array]:
    """Exact parameters as 0-d arrays of the back end."""
    return {name: backend.array(float(value), dtype) for name, value in parameters.items()}


def checked(name: str, value: Any, num_samples: int, parameter: str, backend: Backend) -> np.ndarray:
    """One array of contributions as float64, or a ContractError in one sentence."""
    try:
        array = np.asarray(backend.numpy(value))
    except Exception:
        raise ContractError(f"{name} returned {type(value).__name__} for {parameter!r}, not an array") from None
    if array.shape != (num_samples,):
        raise ContractError(f"{name} returned shape {array.shape} for {parameter!r}; expected ({num_samples},)")
    if array.dtype.kind not in "fiu":
        raise ContractError(f"{name} returned dtype {array.dtype} for {parameter!r}; expected real numbers")
    return array.astype(np.float64)
