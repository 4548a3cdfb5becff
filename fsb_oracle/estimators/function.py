"""f on a back end: values and derivatives, whatever f was given as."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import sympy

from fsb_oracle.backends import Backend
from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.errors import UsageError
from fsb_oracle.families import Family
from fsb_oracle.integrands import Integrand, integrand
from fsb_oracle.rules.differences import across, whole


class ExpressionFunction:
    """An expression on a back end. NumPy takes derivatives from the expression, Torch and JAX differentiate `f(z)`; so
    does none of them for the higher ones that series ask for.

    Attributes:
        elementary: nothing but the library's own functions runs in it.
    """

    elementary = True

    def __init__(self, f: Integrand, backend: Backend) -> None:
        self.integrand = f
        self._backend = backend

    def __call__(self, z: Any) -> Any:
        value = self.integrand.lowered()(self._backend.math, z)
        return value + 0 * z  # a constant f still has the shape and dtype of z

    def derivative(self, z: Any, order: int = 1) -> Any:
        """The almost-everywhere derivative of the given order at `z`, same shape."""
        if self._backend.name == "numpy" or order > 2:
            return self.integrand.lowered(order)(self._backend.math, z) + 0 * z
        return _repeated(self, self._backend, order)(z)

    def vanishes(self, order: int) -> bool:
        """Whether f is a polynomial of a lower degree."""
        return self.integrand.derivative(order) == 0

    def across(self, *steps: Any) -> Any:
        """`rules.differences.difference` with the digits of the smallest steps; as it is where f jumps."""
        return across(self, self._backend, *steps) if self.integrand.admits("F1") else whole(self, *steps)


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

    def across(self, *steps: Any) -> Any:
        """`rules.differences.difference` with the digits of the smallest steps: f is taken to be continuous."""
        return across(self, self._backend, *steps)


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


@lru_cache(maxsize=1024)  # asked for with each batch
def _partial(expression: sympy.Expr, symbols: tuple[sympy.Symbol, ...]) -> Any:
    """Almost everywhere: point masses at jumps and kinks are dropped, as automatic differentiation drops them."""
    for symbol in symbols:
        expression = sympy.diff(expression, symbol)
    return sympy.sympify(expression.xreplace({delta: sympy.S.Zero for delta in expression.atoms(sympy.DiracDelta)}))  # pyright: ignore[reportArgumentType]


class VectorExpression:
    """An expression of several variables on a back end: vectors lie along the last axis, matrices on the last two.

    `f(z)` has the leading shape, `gradient` and `hessian` one and two more axes of the sample. Of a symmetric matrix
    the gradient is the symmetric G with df = SUM G_ij dz_ij.
    """

    def __init__(self, f: Integrand, law: Family, backend: Backend) -> None:
        self.integrand, self.samples, self._backend = f, law.samples, backend
        self._matrix = law.name == "wishart"

    def _evaluated(self, expression: sympy.Expr, z: Any) -> Any:
        if len(self.samples) == 1 and str(self.samples[0]) == "z":  # an index is no vector
            return compile_expression(expression, self.samples)(self._backend.math, z) + 0 * z
        parts = [
            z[..., int(str(s)[1]), int(str(s)[2])] if self._matrix else z[..., i] for i, s in enumerate(self.samples)
        ]
        return compile_expression(expression, self.samples)(self._backend.math, *parts) + 0 * parts[0]

    def __call__(self, z: Any) -> Any:
        return self._evaluated(self.integrand.expression, z)

    def _partial(self, *symbols: sympy.Symbol) -> Any:
        return _partial(self.integrand.expression, symbols)

    def gradient(self, z: Any) -> Any:
        """The gradient at z, shape (..., d) or (..., d, d)."""
        stack = self._backend.math.stack
        if not self._matrix:
            return stack([self._evaluated(self._partial(s), z) for s in self.samples])
        size = z.shape[-1]
        entry = {str(s)[1:]: s for s in self.samples}
        rows = [
            stack(
                [
                    self._evaluated(self._partial(entry[f"{min(i, j)}{max(i, j)}"]) / (1 if i == j else 2), z)
                    for i in range(size)
                ]
            )
            for j in range(size)
        ]
        return stack(rows)

    def hessian(self, z: Any) -> Any:
        """The matrix of second derivatives at z, shape (..., d, d)."""
        stack = self._backend.math.stack
        return stack([stack([self._evaluated(self._partial(s, t), z) for s in self.samples]) for t in self.samples])


class VectorCallable:
    """A user's function of vectors (..., d) or matrices (..., d, d); differentiated by the back end."""

    def __init__(self, function: Callable[[Any], Any], backend: Backend) -> None:
        self._function, self._backend = function, backend

    def __call__(self, z: Any) -> Any:
        return self._function(z)

    def gradient(self, z: Any) -> Any:
        """The gradient at z, in z's shape."""
        return self._backend.gradient(self._function)(z)

    def hessian(self, z: Any) -> Any:
        """The matrix of second derivatives at z, shape (..., d, d)."""
        return self._backend.hessian(self._function)(z)


def vector_function_on(f: Any, law: Family, backend: Backend) -> VectorExpression | VectorCallable:
    """f of several variables on a back end, from an expression in z0, z1, ... (z00, z01, ...) or a callable of arrays.

    Raises:
        UsageError: f is neither, its text cannot be read, or it uses a variable that the law does not have.
    """
    if isinstance(f, (str, Integrand)):
        expression = integrand(f, named=False)
        unknown = sorted(set(expression.variables) - set(map(str, law.samples)))
        if unknown:
            raise UsageError(
                f"f uses {unknown[0]}, but {law.name} has the variables {', '.join(map(str, law.samples))}"
            )
        return VectorExpression(expression, law, backend)
    if callable(f):
        return VectorCallable(f, backend)
    raise UsageError(f"f={f!r} is neither an expression such as 'sin(z0 + z1)' nor a function of an array")
