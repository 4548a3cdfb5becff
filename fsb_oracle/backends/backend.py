"""What a back end is: an array namespace, random streams, noise draws and differentiation."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from math import pi
from typing import TYPE_CHECKING, Any

from fsb_oracle.backends import gamma_steps
from fsb_oracle.backends.noise import Noise

if TYPE_CHECKING:
    import numpy as np

DTYPES = ("float32", "float64")

Array = Any
Stream = Any
Shape = tuple[int, ...]


class Backend(ABC):
    """One array library. Streams are `numpy.random.Generator`, `torch.Generator` or JAX keys."""

    name: str
    math: Any
    compiles_by_shape: bool = False
    """Whether every operation is compiled for each new shape, so that few shapes are cheaper than small arrays."""

    @abstractmethod
    def array(self, value: Any, dtype: str) -> Array:
        """`value` (number or array) as an array of this library."""

    @abstractmethod
    def dtype_of(self, array: Array) -> str:
        """ "float32" or "float64"."""

    @abstractmethod
    def numpy(self, array: Array) -> np.ndarray:
        """The array as a NumPy array, detached from any graph, its dtype unchanged."""

    @abstractmethod
    def stream(self, sequence: np.random.SeedSequence) -> Stream:
        """A random stream that depends on nothing but `sequence`."""

    @abstractmethod
    def split(self, stream: Stream, count: int) -> list[Stream]:
        """`count` streams for successive draws; libraries with stateful generators return the same one."""

    @abstractmethod
    def derivative(self, function: Callable[[Array], Array]) -> Callable[[Array], Array]:
        """The derivative of an elementwise function, by automatic differentiation."""

    @abstractmethod
    def gradient(self, function: Callable[[Array], Array]) -> Callable[[Array], Array]:
        """The gradient of a function of vectors, (..., d) to (...), or of matrices, in the shape of its argument."""

    @abstractmethod
    def hessian(self, function: Callable[[Array], Array]) -> Callable[[Array], Array]:
        """The second derivatives of a function of vectors, shape (..., d, d)."""

    def scope(self, dtype: str) -> AbstractContextManager[Any]:
        """A context in which arrays of `dtype` can be made (JAX needs one for float64)."""
        return nullcontext()

    def global_seed(self, sequence: np.random.SeedSequence) -> AbstractContextManager[Any]:
        """A context in which the library's global generator, where it has one, is seeded; its state is restored."""
        return nullcontext()

    def global_state(self) -> dict[str, Any]:
        """What a well-behaved estimator leaves as it found it, by name, in values that compare with ==."""
        import numpy as np

        kind, words, *rest = np.random.get_state()
        return {
            "the global random state of NumPy": (kind, np.asarray(words).tobytes(), *rest),
            "the random state of Python": random.getstate(),
            "NumPy's handling of floating-point errors": np.geterr(),
        }

    @contextmanager
    def watched(self, sequence: np.random.SeedSequence) -> Iterator[list[str]]:
        """A context that finds out what global state is changed in it: the list it gives holds the names at its end.

        The global generators start in a state of their own (one that was seeded before would look untouched), and
        all is restored at the end.
        """
        import numpy as np

        changed: list[str] = []
        numpy_state, python_state, errors = np.random.get_state(), random.getstate(), np.geterr()
        word = int(sequence.generate_state(1)[0])
        np.random.seed(word)
        random.seed(word)
        before = self.global_state()
        try:
            yield changed
            after = self.global_state()
            changed += [name for name in before if before[name] != after[name]]
        finally:
            np.random.set_state(numpy_state)
            random.setstate(python_state)
            np.seterr(**errors)  # pyright: ignore[reportArgumentType]

    def jit(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The compiled function, where the library compiles."""
        return function

    def surely_none(self, mask: Array) -> bool:
        """Whether no element of a mask is true; False also where that is not known, as under tracing."""
        return False

    def uncompiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function as the library's compiler must leave it: random streams are no part of a compiled graph."""
        return function

    def constant(self, value: Array) -> Array:
        """`value`, through which no derivative flows."""
        return value

    def differentiates(self, value: Array) -> bool:
        """Whether a derivative in `value` may be asked for."""
        return False

    def attach(
        self, value: Array, parameters: list[Array], gradients: list[Array | None], reasons: tuple[str | None, ...]
    ) -> Array:
        """`value`, whose derivative in each parameter is the gradient beside it. First derivatives only.

        Args:
            value: shape (*batch,).
            parameters: their shapes broadcast to (*batch, *the parameter's own).
            gradients: shape (*batch, *the parameter's own); None where there is none.
            reasons: what to raise, as UsageError, when a derivative is asked for that is not there.
        """
        return value

    # The basic draws; everything else is written in terms of these.
    @abstractmethod
    def uniform(self, stream: Stream, shape: Shape, dtype: str) -> Array: ...
    @abstractmethod
    def exponential(self, stream: Stream, shape: Shape, dtype: str) -> Array: ...
    @abstractmethod
    def normal(self, stream: Stream, shape: Shape, dtype: str) -> Array: ...
    @abstractmethod
    def gamma(self, stream: Stream, concentration: Any, shape: Shape, dtype: str) -> Array: ...
    @abstractmethod
    def beta(self, stream: Stream, concentration1: Any, concentration0: Any, shape: Shape, dtype: str) -> Array: ...
    @abstractmethod
    def poisson(self, stream: Stream, rate: Any, shape: Shape, dtype: str) -> Array: ...
    @abstractmethod
    def binomial(self, stream: Stream, total_count: Any, probs: Any, shape: Shape, dtype: str) -> Array: ...

    @abstractmethod
    def repeat(
        self, step: Callable[..., tuple[Array, Array]], stream: Stream, shape: Shape, dtype: str, *parameters: Any
    ) -> Array:
        """Draws by rejection: `step(stream, shape, *parameters)` proposes an array of that shape and a mask of what is
        accepted, until all are.

        Every element keeps its first accepted proposal. `parameters` broadcast to `shape`; a back end that can asks
        again for no more than the elements that are left, each with its own parameters.
        """

    @abstractmethod
    def accumulate(
        self, step: Callable[..., Array], count: Array, stream: Stream, shape: Shape, dtype: str, *parameters: Any
    ) -> Array:
        """Sums of random length: element j adds count[j] draws of `step(stream, shape, *parameters)`.

        `count` and `parameters` broadcast to `shape`; a back end that can draws no more terms than are added, each with
        the parameters of the element that it belongs to.
        """

    def draw(self, noise: Noise, stream: Stream, shape: Shape, dtype: str) -> Array:
        """Independent draws of a noise primitive whose parameters are numbers or arrays; shape `shape`."""
        return noise.draw(self, stream, shape, dtype)

    def draw_each(self, wanted: Sequence[tuple[Noise, Shape]], stream: Stream, dtype: str) -> list[Array]:
        """Independent draws of several primitives, each in its own shape."""
        streams = self.split(stream, max(1, len(wanted)))
        return [self.draw(noise, one, shape, dtype) for (noise, shape), one in zip(wanted, streams, strict=False)]


def lifted(of_array: Callable[[Any], Any], of_number: Callable[[float], float]) -> Any:
    """A function of arrays that keeps plain Python numbers plain, so that a constant never changes an array's dtype."""

    def function(x: Any) -> Any:
        return of_number(x) if isinstance(x, (int, float)) else of_array(x)

    return staticmethod(function)


class FloatMath:
    """The part of a math namespace that all floating-point libraries share; constants are Python floats."""

    pi = pi
    euler_gamma = 0.5772156649015329
    i = 1j

    @staticmethod
    def rational(p: int, q: int) -> float:
        return p / q

    def normal_tail(self, x: Any) -> Any:
        """P(X > x) of a standard normal X."""
        return self.erfc(x * 0.5**0.5) / 2

    def normal_mass(self, low: Any, high: Any) -> Any:
        """P(low < X < high) of a standard normal X, from the upper tails of the interval or of its mirror image."""
        right = low + high > 0
        near, far = self.where(right, low, -high), self.where(right, high, -low)
        return self.normal_tail(near) - self.normal_tail(far)

    def log1mexp(self, x: Any) -> Any:
        """log(1 - exp(x)) for x < 0 (Maechler 2012)."""
        return self.where(x > -0.6931471805599453, self.log(-self.expm1(x)), self.log1p(-self.exp(x)))

    def gamma_half_step(self, x: Any) -> Any:
        """Gamma(x + 1/2)/Gamma(x)."""
        return gamma_steps.gamma_half_step(self, x)

    def digamma_step(self, x: Any, step: Any) -> Any:
        """digamma(x + step) - digamma(x)."""
        return gamma_steps.digamma_step(self, x, step)

    def heaviside(self, x: Any) -> Any:
        return (self.sign(x) + 1) / 2  # Heaviside(0) = 1/2

    exp: Any
    expm1: Any
    log: Any
    log1p: Any
    sign: Any
    erfc: Any
    where: Any
