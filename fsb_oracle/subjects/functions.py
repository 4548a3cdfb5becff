"""A user's function as a subject: the decorator `estimator`, and files that use it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from fsb_oracle.backends import NAMES
from fsb_oracle.backends import noise as primitives
from fsb_oracle.backends.noise import Noise
from fsb_oracle.backends.numpy_backend import NumpyMath
from fsb_oracle.errors import UsageError, nearest
from fsb_oracle.estimators.function import function_on
from fsb_oracle.families import Family, Parameters, get_family
from fsb_oracle.integrands import CLASS_WORDS, Integrand, SmoothnessClass
from fsb_oracle.rules import Rule, baselines_for, get_rule
from fsb_oracle.subjects.subject import ContractError, Subject, checked, numbers

PRIMITIVES: dict[str, Noise] = {
    "uniform": primitives.Uniform(),
    "exponential": primitives.Exponential(),
    "normal": primitives.Normal(),
    "laplace": primitives.Laplace(),
    "rayleigh": primitives.Rayleigh(),
    "rademacher": primitives.Rademacher(),
}


@dataclass(frozen=True)
class Declaration:
    """What `@estimator` was told."""

    function: Callable[..., Any]
    family: Family
    parameters: tuple[str, ...]
    backend: str
    requires: SmoothnessClass = "F1"
    noise: Mapping[str, str] | None = None
    unit: Literal["sample", "call"] = "sample"
    same_as: str | None = None
    kurtosis: float | None = None
    tolerance: tuple[float, str] | None = None
    name: str = field(default="")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The decorated function itself."""
        return self.function(*args, **kwargs)


def estimator(
    *,
    family: str,
    parameters: Sequence[str],
    backend: str = "numpy",
    requires: SmoothnessClass = "F1",
    noise: Mapping[str, str] | None = None,
    unit: Literal["sample", "call"] = "sample",
    same_as: str | None = None,
    kurtosis: float | None = None,
    tolerance: tuple[float, str] | None = None,
) -> Callable[[Callable[..., Any]], Declaration]:
    """Declare a function as a gradient estimator, so that `fsb-oracle verify file.py` finds it.

    The function is called as `fn(params, f, num_samples, rng)` and returns `{parameter: array of shape
    (num_samples,)}`, one
    independent contribution per sample. `params` holds every parameter of the law in the dtype under test; `f(z)` is
    vectorised and has `f.derivative(z, order=1)`; `rng` is a numpy.random.Generator, torch.Generator or JAX key.

    Args:
        family: a law's name.
        parameters: the parameters whose gradient it returns.
        backend: "numpy", "torch" or "jax".
        requires: the class of f it is meant for: F0 (jumps allowed), F1 (kinks allowed, the default), F2 (smooth).
        noise: `{"z": "family", "u": "uniform", ...}`: the function is then called as `fn(params, f, z, u, ...)` with
        arrays that
            the harness draws or puts on quadrature nodes. Primitives: uniform, exponential, normal, laplace, rayleigh,
            rademacher; "family" draws from the law.
        unit: "call" if it returns one value per call (a scalar) rather than one per sample.
        same_as: the id of the rule or baseline that it claims to be; its exact variance is then used.
        kurtosis: a bound on the kurtosis of one contribution about the exact gradient.
        tolerance: (largest bias in units of S that is by design, reason).

    Raises:
        UsageError: an unknown family, parameter, backend, class, primitive or rule.
    """
    law = get_family(family)
    for name in parameters:
        if name not in law.names:
            raise UsageError(
                f"{law.name} has no parameter {name!r}; it has {', '.join(law.names)}{nearest(name, law.names)}"
            )
    if not parameters:
        raise UsageError("an estimator must claim at least one parameter")
    if backend not in NAMES:
        raise UsageError(f"unknown backend {backend!r}; there are {', '.join(NAMES)}{nearest(backend, NAMES)}")
    if requires not in CLASS_WORDS:
        raise UsageError(f"unknown class of f {requires!r}; there are {', '.join(CLASS_WORDS)}")
    if unit not in ("sample", "call"):
        raise UsageError(f"unit={unit!r} must be 'sample' or 'call'")
    for primitive in (noise or {}).values():
        if primitive != "family" and primitive not in PRIMITIVES:
            known = ["family", *PRIMITIVES]
            raise UsageError(f"unknown noise {primitive!r}; there are {', '.join(known)}{nearest(primitive, known)}")
    if same_as is not None:
        for name in parameters:
            _claimed(law, name, same_as)
    if kurtosis is not None and not 1 <= kurtosis < float("inf"):
        raise UsageError(f"kurtosis={kurtosis!r} must be a finite number of at least 1")
    if tolerance is not None and (len(tolerance) != 2 or not tolerance[0] >= 0 or not tolerance[1]):
        raise UsageError(f"tolerance={tolerance!r} must be (a number of at least 0 in units of S, a reason)")

    def declare(function: Callable[..., Any]) -> Declaration:
        return Declaration(
            function,
            law,
            tuple(parameters),
            backend,
            requires,
            noise,
            unit,
            same_as,
            kurtosis,
            tolerance,
            function.__name__,
        )

    return declare


def _claimed(law: Family, parameter: str, id: str) -> Rule:
    """The rule or baseline that an estimator of one parameter claims to be."""
    for baseline in baselines_for(law, parameter):
        if baseline.id == id:
            return baseline
    rule = get_rule(id)
    if (rule.family, rule.parameter) != (law.name, parameter):
        raise UsageError(f"same_as={id!r} is a rule for {rule.family} {rule.parameter}, not for {law.name} {parameter}")
    return rule


class FunctionSubject(Subject):
    """A declared function on its back end."""

    def __init__(self, declaration: Declaration, name: str, target: str) -> None:
        self.declaration = declaration
        self.name, self.target = name, target
        self.family = declaration.family
        self.claimed = declaration.parameters
        self.backend_name = declaration.backend
        self.requires = declaration.requires
        self.independent = declaration.unit == "call"  # each call has a stream of its own
        self.kurtosis, self.tolerance = declaration.kurtosis, declaration.tolerance

    def claimed_rule(self, parameter: str, parameters: Parameters, f: Integrand) -> Rule | None:
        same_as = self.declaration.same_as
        return None if same_as is None else _claimed(self.family, parameter, same_as)

    def noise_at(self, parameter: str, parameters: Parameters, dtype: str) -> dict[str, Noise] | None:
        if not self.declaration.noise:
            return None
        found: dict[str, Noise] = {}
        for name, primitive in self.declaration.noise.items():
            found |= self._recipe(parameters) if primitive == "family" else {name: PRIMITIVES[primitive]}
        return found

    def _recipe(self, parameters: Parameters) -> dict[str, Noise]:
        """The law's own noise, under names that cannot meet the user's."""
        values = {name: float(value) for name, value in parameters.items()}
        return {f"recipe {k}": v.at(NumpyMath(), values) for k, v in self.family.recipe.noise.items()}

    def at_noise(
        self,
        parameter: str,
        parameters: Parameters,
        f: Integrand,
        noise: Mapping[str, np.ndarray],
        dtype: str,
    ) -> np.ndarray:
        backend = self.backend
        with backend.scope(dtype):
            flat = np.broadcast_arrays(*noise.values())
            arrays = {k: backend.array(v.ravel(), dtype) for k, v in zip(noise, flat, strict=True)}
            found = self._call_with_noise(parameters, f, arrays, dtype)
            value = self._one(found, parameter, flat[0].size)
        return value.reshape(flat[0].shape)

    def _call_with_noise(self, parameters: Parameters, f: Integrand, arrays: Mapping[str, Any], dtype: str) -> Any:
        backend, declared = self.backend, self.declaration.noise or {}
        values = numbers(backend, parameters, dtype)
        own = {k.removeprefix("recipe "): v for k, v in arrays.items() if k.startswith("recipe ")}
        z = primitives.evaluate(self.family.recipe.expression, backend.math, {**values, **own})
        ordered = [z if primitive == "family" else arrays[name] for name, primitive in declared.items()]
        return self.declaration.function(values, function_on(f, backend), *ordered)

    def twin(self, dtype: str) -> tuple[Subject, str] | None:
        return (self, "float64") if self.declaration.noise and dtype == "float32" else None

    def contributions(
        self,
        parameters: Parameters,
        f: Integrand,
        num_samples: int,
        seeds: np.random.SeedSequence,
        dtype: str,
    ) -> dict[str, np.ndarray]:
        backend = self.backend
        with backend.scope(dtype), backend.global_seed(seeds):
            if self.declaration.noise is not None:
                arrays = self._noise(parameters, num_samples, seeds, dtype)
                found = self._call_with_noise(parameters, f, arrays, dtype)
                return {name: self._one(found, name, num_samples) for name in self.claimed}
            if self.declaration.unit == "call":
                return self._calls(parameters, f, num_samples, seeds, dtype)
            found = self._call(parameters, f, num_samples, backend.stream(seeds), dtype)
            return {name: self._one(found, name, num_samples) for name in self.claimed}

    def _noise(
        self, parameters: Parameters, num_samples: int, seeds: np.random.SeedSequence, dtype: str
    ) -> dict[str, Any]:
        """The declared noise of one stream."""
        backend, own = self.backend, self.noise_at(self.claimed[0], parameters, dtype) or {}
        streams = backend.split(backend.stream(seeds), max(1, len(own)))
        return {
            name: backend.draw(primitive, stream, (num_samples,), dtype)
            for (name, primitive), stream in zip(own.items(), streams, strict=False)
        }

    def inputs_at(
        self, parameters: Parameters, num_samples: int, seeds: np.random.SeedSequence, dtype: str, index: int
    ) -> dict[str, float]:
        with self.backend.scope(dtype):
            arrays = self._noise(parameters, num_samples, seeds, dtype)
            return {name: float(self.backend.numpy(value)[index]) for name, value in arrays.items()}

    def _calls(self, parameters: Parameters, f: Integrand, count: int, seeds: Any, dtype: str) -> dict[str, np.ndarray]:
        """One unit per call, each on a stream of its own."""
        rows = []
        for child in seeds.spawn(count):
            found = self._call(parameters, f, 1, self.backend.stream(child), dtype)
            rows.append([float(np.asarray(self.backend.numpy(self._value(found, name)))) for name in self.claimed])
        columns = np.array(rows).reshape(count, len(self.claimed)).T
        return dict(zip(self.claimed, columns, strict=True))

    def _call(self, parameters: Parameters, f: Integrand, num_samples: int, rng: Any, dtype: str) -> Any:
        values = numbers(self.backend, parameters, dtype)
        return self.declaration.function(values, function_on(f, self.backend), num_samples, rng)

    def _value(self, found: Any, parameter: str) -> Any:
        if not isinstance(found, Mapping):
            raise ContractError(f"{self.name} returned {type(found).__name__}; expected a dict {{parameter: array}}")
        if parameter not in found:
            raise ContractError(
                f"{self.name} returned no {parameter!r}, which it claims; it returned {', '.join(found)}"
            )
        return found[parameter]

    def _one(self, found: Any, parameter: str, num_samples: int) -> np.ndarray:
        return checked(self.name, self._value(found, parameter), num_samples, parameter, self.backend)
