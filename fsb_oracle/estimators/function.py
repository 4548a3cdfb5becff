"""f on a back end: values and derivatives, whatever f was given as."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fsb_oracle.backends import Backend
from fsb_oracle.errors import UsageError
from fsb_oracle.integrands import Integrand, integrand


class ExpressionFunction:
    """An expression on a back end. NumPy takes derivatives from the expression, Torch and JAX differentiate `f(z)`."""

    def __init__(self, f: Integrand, backend: Backend) -> None:
        self.integrand = f
        self._backend = backend

    def __call__(self, z: Any) -> Any:
        value = self.integrand.lowered()(self._backend.math, z)
        return value + 0 * z  # a constant f still has the shape and dtype of z

    def derivative(self, z: Any, order: int = 1) -> Any:
        """The almost-everywhere derivative of the given order at `z`, same shape."""
        if self._backend.name == "numpy":
            return self.integrand.lowered(order)(self._backend.math, z) + 0 * z
        return _repeated(self, self._backend, order)(z)


class CallableFunction:
    """A user's function; differentiated by the back end unless it brings `derivative(z, order=1)` itself."""

    def __init__(self, function: Callable[[Any], Any], backend: Backend) -> None:
        self._function = function
        self._backend = backend

    def __call__(self, z: Any) -> Any:
        return self._function(z)

    def derivative(self, z: Any, order: int = 1) -> Any:
        """The derivative of the given order at `z`, same shape."""
        if hasattr(self._function, "derivative"):
            return self._function.derivative(z, order)  # pyright: ignore[reportFunctionMemberAccess]
        return _repeated(self._function, self._backend, order)(z)


def _repeated(function: Callable[[Any], Any], backend: Backend, order: int) -> Callable[[Any], Any]:
    for _ in range(order):
        function = backend.derivative(function)
    return function


def function_on(f: Any, backend: Backend) -> ExpressionFunction | CallableFunction:
    """f on a back end, from an expression (text or Integrand) or a callable of arrays.

    Raises:
        UsageError: f is neither, or its text cannot be read.
    """
    if isinstance(f, (str, Integrand)):
        return ExpressionFunction(integrand(f), backend)
    if callable(f):
        return CallableFunction(f, backend)
    raise UsageError(f"f={f!r} is neither an expression such as 'sin(3*z)' nor a function of an array")
