"""What a user's function is given: parameters in the shapes of their own, and f."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from fsb_oracle.backends import Array, Backend
from fsb_oracle.estimators.function import function_on, vector_function_on
from fsb_oracle.families import Family, Parameters
from fsb_oracle.families.vector_recipe import carrier
from fsb_oracle.integrands import Integrand
from fsb_oracle.subjects.subject import ContractError


def user_parameters(
    law: Family, parameters: Parameters, backend: Backend, dtype: str, batch: Sequence[Parameters] = ()
) -> dict[str, Any]:
    """Every parameter: numbers as 0-d arrays, vectors (d,), matrices (d, d), nested laws as dictionaries; counts as
    Python integers.

    Args:
        batch: with this, all parameters of these points in its place, along a new first axis.
    """
    counts = {parameter.name for parameter in law.parameters if not parameter.continuous}

    def value(name: str) -> Any:
        if batch:
            return backend.array([float(point[name]) for point in batch], dtype)
        whole = name in counts and parameters[name].denominator == 1
        return int(parameters[name]) if whole else backend.array(float(parameters[name]), dtype)

    return _plain(carrier(backend.math, {name: value(name) for name in parameters}))


def _plain(value: Any) -> Any:
    if isinstance(value, SimpleNamespace):
        return {name: _plain(item) for name, item in vars(value).items() if name != "math"}
    return [_plain(item) for item in value] if isinstance(value, list) else value


class ProbeFunction:
    """f as an estimator sees it: `f(z)`, and `f.derivative(z, order=1)`; whole numbers count as the dtype under test.

    Of several variables f takes (..., d) or (..., d, d) and gives (...); derivatives of order 1 and 2 are then the
    gradient and the Hessian.

    Attributes:
        several: whether f is of several variables.
    """

    def __init__(self, f: Integrand, law: Family, backend: Backend, dtype: str) -> None:
        self.several = len(law.samples) > 1
        self._function: Any = vector_function_on(f, law, backend) if self.several else function_on(f, backend)
        self._law, self._backend, self._dtype = law, backend, dtype
        self._value = (f, law, backend.name, dtype)

    def __eq__(self, other: object) -> bool:
        """Whether it is the same f: what was compiled for the one then serves the other."""
        return isinstance(other, ProbeFunction) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __call__(self, z: Any) -> Array:
        """f at z, elementwise or over the last axes."""
        return self._function(self._array(z))

    def derivative(self, z: Any, order: int = 1) -> Array:
        """The almost-everywhere derivative of the given order at z."""
        if not isinstance(order, int) or order < 1:
            raise ContractError(f"f.derivative was asked for the order {order!r}; it must be 1 or more")
        if not self.several:
            return self._function.derivative(self._array(z), order)
        if order > 2:
            raise ContractError(f"f.derivative of several variables was asked for the order {order}; there are 1 and 2")
        return (self._function.gradient if order == 1 else self._function.hessian)(self._array(z))

    def _array(self, z: Any) -> Array:
        kind = str(getattr(z, "dtype", None))
        z = z if "float" in kind else self._backend.array(z, self._dtype)
        if self.several and self._law.name != "wishart":
            size = len(self._law.samples)
            if not z.shape or z.shape[-1] != size:
                given = f"f was given shape {tuple(z.shape)}"
                raise ContractError(f"{given}; for this {self._law.name} it takes (..., {size})")
        return z


def returned(name: str, found: Any, claim: str) -> Any:
    """What a function returned for one parameter that it claims.

    Raises:
        ContractError: it returned no dictionary, or nothing for it.
    """
    if not isinstance(found, Mapping):
        raise ContractError(f"{name} returned {type(found).__name__}; expected a dict {{parameter: array}}")
    if claim not in found:
        raise ContractError(f"{name} returned no {claim!r}, which it claims; it returned {', '.join(map(str, found))}")
    return found[claim]


__all__ = ["ProbeFunction", "returned", "user_parameters"]
