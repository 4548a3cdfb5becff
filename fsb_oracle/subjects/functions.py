"""A user's function as a subject: called with what it expects, held to what it declared."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from fsb_oracle.backends import Backend, get_backend
from fsb_oracle.backends import noise as primitives
from fsb_oracle.backends.noise import Noise
from fsb_oracle.backends.numpy_backend import NumpyMath
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.numbers import round_to_dtype
from fsb_oracle.integrands import Integrand
from fsb_oracle.rules import Rule
from fsb_oracle.rules.vector import class_of
from fsb_oracle.subjects.declaration import PRIMITIVES, Declaration, components, estimator, rule_of
from fsb_oracle.subjects.subject import ContractError, Subject
from fsb_oracle.subjects.user_values import ProbeFunction, returned, user_parameters

CALLS = 4096  # in a block: each takes a while, and class H looks first at so many units
BATCH, ROW = 3, 1  # points in a batch, and which of them is under test


class FunctionSubject(Subject):
    """A declared function on its back end, for its law in one shape; it claims every scalar component."""

    def __init__(self, declaration: Declaration, name: str, target: str, law: Family | None = None) -> None:
        self.declaration = declaration
        self.name, self.target = name, target
        self.family = declaration.laws[0] if law is None else law
        # component -> the parameter as the function returns it, and the component's index in that array
        self._places = {
            component: (claim, index)
            for claim in declaration.parameters
            for component, index in components(self.family, claim).items()
        }
        self.claimed = tuple(self._places)
        self.backend_name = declaration.backend
        self.requires = declaration.requires or "F1"
        self.unit = declaration.unit
        if declaration.unit == "call":
            self.block = CALLS
        self.independent = declaration.unit == "call"  # the calls share nothing
        self.kurtosis, self.tolerance = declaration.kurtosis, declaration.tolerance

    def admits(self, f: Integrand) -> bool:
        if len(self.family.samples) == 1:
            return f.admits(self.requires) if self.declaration.requires else super().admits(f)
        order = ("F0", "F1", "F2")
        return order.index(class_of(f)) >= order.index(self.requires)

    def claimed_rule(self, parameter: str, parameters: Parameters, f: Integrand) -> Rule | None:
        same_as = self.declaration.same_as
        return None if same_as is None else rule_of(self.family, parameter, same_as)

    def rule_above(self, parameter: str) -> Rule | None:
        """The rule or baseline than which the function claims to have a lower variance."""
        id = self.declaration.variance_below
        return None if id is None else rule_of(self.family, parameter, id, "variance_below")

    def stated_mean(self, parameter: str, parameters: Parameters, f: Integrand) -> float | None:
        if self.declaration.expected_gradient is None:
            return None
        claim, index = self._places[parameter]
        return float(self._stated(tuple(parameters.items()), f, claim)[index])

    @lru_cache(maxsize=4096)  # noqa: B019 - a subject lives as long as its run
    def _stated(self, parameters: tuple[tuple[str, Any], ...], f: Integrand, claim: str) -> np.ndarray:
        numpy, values = get_backend("numpy"), dict(parameters)
        assert self.declaration.expected_gradient is not None
        probe = ProbeFunction(f, self.family, numpy, "float64")
        found = self.declaration.expected_gradient(user_parameters(self.family, values, numpy, "float64"), probe)
        name = f"expected_gradient of {self.name}"
        return self._array(name, returned(name, found, claim), claim, (), numpy)

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
            value = self._component(found, parameter, (flat[0].size,))
        return value.reshape(flat[0].shape)

    def _call_with_noise(self, parameters: Parameters, f: Integrand, arrays: Mapping[str, Any], dtype: str) -> Any:
        backend, declared = self.backend, self.declaration.noise or {}
        numbers = {name: backend.array(float(value), dtype) for name, value in parameters.items()}
        own = {k.removeprefix("recipe "): v for k, v in arrays.items() if k.startswith("recipe ")}
        z = primitives.evaluate(self.family.recipe.expression, backend.math, {**numbers, **own})
        ordered = [z if primitive == "family" else arrays[name] for name, primitive in declared.items()]
        return self.declaration.function(*self._arguments(parameters, f, dtype), *ordered)

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
        key = (tuple(parameters.items()), f, num_samples, seeds.entropy, seeds.spawn_key, dtype)
        return self.kept(key, lambda: self._contributions(parameters, f, num_samples, seeds, dtype))

    def _contributions(
        self,
        parameters: Parameters,
        f: Integrand,
        num_samples: int,
        seeds: np.random.SeedSequence,
        dtype: str,
    ) -> dict[str, np.ndarray]:
        backend = self.backend
        with backend.scope(dtype), backend.global_seed(seeds):
            stream = backend.stream(seeds)
            if self.declaration.noise is not None:
                arrays = self._noise(parameters, num_samples, seeds, dtype)
                found = self._call_with_noise(parameters, f, arrays, dtype)
            elif self.declaration.unit == "call":
                found = self._calls(parameters, f, num_samples, stream, dtype)
            else:
                found = self.declaration.function(*self._arguments(parameters, f, dtype), num_samples, stream)
            return {name: self._component(found, name, (num_samples,)) for name in self.claimed}

    def _noise(
        self, parameters: Parameters, num_samples: int, seeds: np.random.SeedSequence, dtype: str
    ) -> dict[str, Any]:
        """The declared noise of one stream."""
        backend, own = self.backend, self.noise_at(self.claimed[0], parameters, dtype) or {}
        drawn = backend.draw_each([(one, (num_samples,)) for one in own.values()], backend.stream(seeds), dtype)
        return dict(zip(own, drawn, strict=True))

    def inputs_at(
        self, parameters: Parameters, num_samples: int, seeds: np.random.SeedSequence, dtype: str, index: int
    ) -> dict[str, float]:
        with self.backend.scope(dtype):
            arrays = self._noise(parameters, num_samples, seeds, dtype)
            return {name: float(self.backend.numpy(value)[index]) for name, value in arrays.items()}

    def _calls(self, parameters: Parameters, f: Integrand, count: int, stream: Any, dtype: str) -> dict[str, Any]:
        """What `count` calls return, stacked: by one mapped call where the library can, else one after the other."""
        declared, arguments = self.declaration, self._arguments(parameters, f, dtype)
        mapped = _mapped_over_keys(declared, arguments, stream, count) if self.backend_name == "jax" else None
        if mapped is not None:
            return mapped
        streams = self.backend.split(stream, count)
        rows = [declared.function(*arguments, declared.samples_per_call, one) for one in streams]
        batch = (BATCH,) if declared.batch else ()
        return {
            claim: np.array(
                [self._array(self.name, returned(self.name, row, claim), claim, batch, self.backend) for row in rows]
            ).reshape(count, *batch, *self._shape(claim))
            for claim in declared.parameters
        }

    def _arguments(self, parameters: Parameters, f: Integrand, dtype: str) -> tuple[dict[str, Any], ProbeFunction]:
        values = user_parameters(self.family, parameters, self.backend, dtype, self._batch(parameters, dtype))
        return values, ProbeFunction(f, self.family, self.backend, dtype)

    def _batch(self, parameters: Parameters, dtype: str) -> list[Parameters]:
        """The point under test in the row ROW, between two others of the law; [] for a function of single points."""
        if not self.declaration.batch:
            return []
        rounded = [
            {name: round_to_dtype(value, dtype) for name, value in point.items()} for point in self.family.edge_points
        ]
        others = [point for point in rounded if point != parameters] or [parameters]
        return [others[0], parameters, others[-1]]

    def _component(self, found: Any, parameter: str, leading: tuple[int, ...]) -> np.ndarray:
        """The contributions to one scalar component, shape `leading`."""
        claim, index = self._places[parameter]
        value = returned(self.name, found, claim)
        rows = (BATCH,) if self.declaration.batch else ()
        array = self._array(self.name, value, claim, (*leading, *rows), self.backend)
        return array[(slice(None), ROW, *index) if rows else (..., *index)]

    def _array(self, name: str, value: Any, claim: str, leading: tuple[int, ...], backend: Backend) -> np.ndarray:
        """What was returned for a claim as float64, shape (*leading, *its own shape).

        Raises:
            ContractError: it is something else.
        """
        try:
            array = np.asarray(value if isinstance(value, np.ndarray | float | int) else backend.numpy(value))
        except Exception:
            array = np.asarray(None)
        if array.dtype.kind == "O":
            raise ContractError(f"{name} returned {type(value).__name__} for {claim!r}, not an array")
        expected = (*leading, *self._shape(claim))
        if array.shape != expected:
            raise ContractError(f"{name} returned shape {array.shape} for {claim!r}; expected {expected}{self._hint()}")
        if array.dtype.kind not in "fiu":
            raise ContractError(f"{name} returned dtype {array.dtype} for {claim!r}; expected real numbers")
        return array.astype(np.float64)

    def _shape(self, claim: str) -> tuple[int, ...]:
        """The shape of one parameter."""
        indices = [index for one, index in self._places.values() if one == claim]
        return tuple(max(axis) + 1 for axis in zip(*indices, strict=True))

    def _hint(self) -> str:
        return ": one value per call" if self.declaration.unit == "call" else ""


def _mapped_over_keys(declared: Declaration, arguments: tuple[Any, ...], key: Any, count: int) -> dict[str, Any] | None:
    """All calls at once by `jax.vmap`; None where the function cannot be traced."""
    import jax

    def call(key: Any) -> Any:
        return declared.function(*arguments, declared.samples_per_call, key)

    try:
        return jax.vmap(call)(jax.random.split(key, count))
    except jax.errors.JAXTypeError:
        return None


def function_subjects(declaration: Declaration, name: str, target: str) -> list[FunctionSubject]:
    """The subjects of a declaration: one for each shape of its law."""
    return [FunctionSubject(declaration, name, target, law) for law in declaration.laws]


__all__ = ["Declaration", "FunctionSubject", "estimator", "function_subjects"]
