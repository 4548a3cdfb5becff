"""The Torch back end. f is differentiated by autograd."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
import torch

from fsb_oracle.backends import numpy_backend, torch_attachment
from fsb_oracle.backends.backend import Backend, FloatMath, lifted
from fsb_oracle.backends.noise import Noise


def _pair(function: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> Any:
    """A two-argument function that also takes plain numbers."""

    def lifted_pair(x: Any, y: Any) -> torch.Tensor:
        like = x if isinstance(x, torch.Tensor) else y
        return function(*(torch.as_tensor(v, dtype=like.dtype, device=like.device) for v in (x, y)))

    return staticmethod(lifted_pair)


@cache
def _seeder() -> Callable[[int], Any]:
    """What sets the global seed. `torch.manual_seed` also leaves a note, with a stack trace, for each kind of device
    that is not there, which costs more than a small draw."""
    return torch.manual_seed if torch.accelerator.is_available() else torch.default_generator.manual_seed


def _transformed() -> bool:
    """Whether this runs inside torch.func.grad, torch.func.vmap or their like."""
    return torch._C._are_functorch_transforms_active()  # pyright: ignore[reportAttributeAccessIssue]


class _NumpyGenerators(threading.local):
    """A NumPy generator for each thread: a new one for each draw would take longer than 1000 draws."""

    def __init__(self) -> None:
        self._bits = np.random.SFC64(0)
        self._generator = np.random.Generator(self._bits)
        words = np.ones(4, np.uint64)  # the last is a counter
        self._state = {"bit_generator": "SFC64", "state": {"state": words}, "has_uint32": 0, "uinteger": 0}
        self._words = torch.from_numpy(words.view(np.int64))[:3]  # the same memory

    def of(self, stream: torch.Generator) -> np.random.Generator:
        """In the state of three random words of 64 bits from `stream`."""
        self._words.random_(-(2**63), 2**63 - 1, generator=stream)
        self._bits.state = self._state  # pyright: ignore[reportAttributeAccessIssue]
        return self._generator


_numpy_generators = _NumpyGenerators()
_DTYPES = {"float32": torch.float32, "float64": torch.float64}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}  # str(dtype) is slow
_LEAST_UNIFORM = {name: torch.finfo(dtype).eps / 4 for name, dtype in _DTYPES.items()}
# what torch.autograd.forward_ad calls after checks that take as long again
_enter_level, _exit_level = torch._C._enter_dual_level, torch._C._exit_dual_level  # pyright: ignore[reportAttributeAccessIssue]
_dual, _parts = torch._VF._make_dual, torch._VF._unpack_dual
_backward = torch.autograd.Variable._execution_engine.run_backward  # pyright: ignore[reportAttributeAccessIssue]


def _on_numpy(value: Any) -> Any:
    """A noise primitive with NumPy arrays in place of its tensors, numbers in place of those without axes."""
    if isinstance(value, Noise):
        own = vars(value)
        return type(value)(*map(_on_numpy, own.values())) if own else value
    if isinstance(value, torch.Tensor):
        return value.detach().numpy() if value.ndim else value.item()
    return {name: _on_numpy(member) for name, member in value.items()} if isinstance(value, Mapping) else value


def _slope(value: torch.Tensor, point: torch.Tensor, create_graph: bool) -> torch.Tensor | None:
    """Of every value at once, the derivative in its own point; None where `value` does not depend on `point`."""
    each = torch.ones_like(value)
    if type(value) is torch.Tensor:
        # what torch.autograd.grad calls after checks that take longer than 1000 derivatives
        return _backward((value,), (each,), create_graph, create_graph, (point,), True, accumulate_grad=False)[0]
    return torch.autograd.grad(value, point, each, create_graph=create_graph, allow_unused=True)[0]


def _of_torch_alone(function: Any) -> bool:
    """Whether nothing but Torch's own functions runs in it: others are differentiated in reverse, since a compiled part
    of a function, say, loses the derivatives of forward mode without a word."""
    return function is getattr(torch, getattr(function, "__name__", ""), None) or getattr(function, "elementary", False)


def _tangent(function: Callable[[torch.Tensor], torch.Tensor], z: torch.Tensor) -> torch.Tensor | None:
    """The derivative of an elementwise function in forward mode, in half the time of reverse mode for 1000 samples.

    None where Torch has none for one of its operations."""
    try:
        level = _enter_level()
    except RuntimeError:  # within somebody's own level: there is one at a time
        return None
    try:
        value = function(_dual(z, torch.ones_like(z), level=level))
        return _parts(value, level=level)[1] if isinstance(value, torch.Tensor) else None
    except NotImplementedError:
        return None
    finally:
        _exit_level(level=level)


class TorchMath(FloatMath):
    """Torch functions."""

    exp, log, sqrt = lifted(torch.exp, math.exp), lifted(torch.log, math.log), lifted(torch.sqrt, math.sqrt)
    sin, cos, tan = lifted(torch.sin, math.sin), lifted(torch.cos, math.cos), lifted(torch.tan, math.tan)
    sinh, cosh, tanh = (
        lifted(torch.sinh, math.sinh),
        lifted(torch.cosh, math.cosh),
        lifted(torch.tanh, math.tanh),
    )
    atan = lifted(torch.atan, math.atan)
    erf, erfc = lifted(torch.erf, math.erf), lifted(torch.erfc, math.erfc)
    ndtri = staticmethod(torch.special.ndtri)
    loggamma = lifted(torch.lgamma, math.lgamma)
    digamma = staticmethod(torch.digamma)
    trigamma = staticmethod(lambda x: torch.polygamma(1, x))
    log1p, expm1 = lifted(torch.log1p, math.log1p), lifted(torch.expm1, math.expm1)
    power = staticmethod(lambda x, y: x**y)
    abs, sign = staticmethod(torch.abs), staticmethod(torch.sign)
    maximum, minimum = _pair(torch.maximum), _pair(torch.minimum)
    where = staticmethod(torch.where)
    stack = staticmethod(lambda parts: torch.stack(torch.broadcast_tensors(*parts), dim=-1))
    cholesky, solve = staticmethod(torch.linalg.cholesky), staticmethod(torch.linalg.solve)
    tril = staticmethod(torch.tril)
    identity = staticmethod(lambda size, like: torch.eye(size, dtype=like.dtype, device=like.device))
    one_hot = staticmethod(lambda k, size: (k[..., None] == torch.arange(size, device=k.device)).to(k.dtype))
    largest = staticmethod(lambda x: torch.amax(x, dim=-1, keepdim=True))


class TorchBackend(Backend):
    """Streams are `torch.Generator`."""

    name = "torch"
    math = TorchMath()

    def array(self, value: Any, dtype: str) -> torch.Tensor:
        return torch.as_tensor(value, dtype=_DTYPES[dtype])

    def dtype_of(self, array: Any) -> str:
        return _NAMES.get(array.dtype) or str(array.dtype).removeprefix("torch.")

    def numpy(self, array: Any) -> np.ndarray:
        return array.detach().cpu().numpy()

    def stream(self, sequence: np.random.SeedSequence) -> torch.Generator:
        generator = torch.Generator()
        generator.manual_seed(int(sequence.generate_state(1, np.uint64)[0]))
        return generator

    @contextmanager
    def global_seed(self, sequence: np.random.SeedSequence) -> Iterator[None]:
        with torch.random.fork_rng(devices=[]):
            _seeder()(int(sequence.generate_state(1, np.uint64)[0]))
            yield

    def global_state(self) -> dict[str, Any]:
        return super().global_state() | {
            "the global random state of Torch": torch.get_rng_state().numpy().tobytes(),
            "Torch's default dtype": torch.get_default_dtype(),
            "Torch's grad mode": torch.is_grad_enabled(),
            "Torch's anomaly mode": torch.is_anomaly_enabled(),
        }

    @contextmanager
    def watched(self, sequence: np.random.SeedSequence) -> Iterator[list[str]]:
        dtype, grad, anomaly = torch.get_default_dtype(), torch.is_grad_enabled(), torch.is_anomaly_enabled()
        try:
            with self.global_seed(sequence), super().watched(sequence) as changed:
                yield changed
        finally:
            torch.set_default_dtype(dtype)
            torch.set_grad_enabled(grad)
            torch.autograd.set_detect_anomaly(anomaly)

    def split(self, stream: torch.Generator, count: int) -> list[torch.Generator]:
        return [stream] * count

    def surely_none(self, mask: torch.Tensor) -> bool:
        return not (_transformed() or torch.compiler.is_compiling() or bool(mask.any()))

    def uncompiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return torch.compiler.disable(function) if torch.compiler.is_compiling() else function

    def constant(self, value: Any) -> Any:
        return value.detach()

    def differentiates(self, value: Any) -> bool:
        # inside torch.func.vmap a tensor does not tell whether a transform further out differentiates it
        return torch.is_grad_enabled() and (value.requires_grad or _transformed())

    def attach(self, value: Any, parameters: Any, gradients: Any, reasons: Any) -> torch.Tensor:
        return torch_attachment.attach(value, parameters, gradients, reasons)

    def derivative(self, function: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[torch.Tensor], torch.Tensor]:
        reverse = self.gradient(function)  # samples do not mix: the gradient of the sum is that of each
        if not _of_torch_alone(function):
            return reverse

        def differentiated(z: torch.Tensor) -> torch.Tensor:
            if z.requires_grad or _transformed() or torch.compiler.is_compiling():
                return reverse(z)
            slope = _tangent(function, z)
            return reverse(z) if slope is None else slope

        return differentiated

    def gradient(self, function: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[torch.Tensor], torch.Tensor]:
        def differentiated(z: torch.Tensor) -> torch.Tensor:
            if _transformed():
                return torch.func.grad(lambda point: function(point).sum())(z)
            if not torch.is_grad_enabled():
                with torch.enable_grad():
                    return differentiated(z)
            # a graph only if z already belongs to one: higher derivatives and gradients through f stay possible
            create_graph = z.requires_grad
            point = z if create_graph else z.detach().requires_grad_(True)
            value = function(point)
            if not (isinstance(value, torch.Tensor) and value.requires_grad):
                return torch.zeros_like(z)
            slope = _slope(value, point, create_graph)
            return torch.zeros_like(z) if slope is None else slope

        return differentiated

    def hessian(self, function: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[torch.Tensor], torch.Tensor]:
        slope = self.gradient(function)

        def second(z: torch.Tensor) -> torch.Tensor:
            columns = [self.derivative(lambda y, j=j: slope(y)[..., j])(z) for j in range(z.shape[-1])]
            return torch.stack(columns, dim=-1)

        return second

    def draw_each(self, wanted: Any, stream: Any, dtype: str) -> list[torch.Tensor]:
        # NumPy draws in half the time or less; neither transforms nor the compiler see through it
        if stream.device.type != "cpu" or _transformed() or torch.compiler.is_compiling():
            return super().draw_each(wanted, stream, dtype)
        generator = _numpy_generators.of(stream)
        draws = [_on_numpy(noise).draw(numpy_backend.BACKEND, generator, shape, dtype) for noise, shape in wanted]
        return [torch.from_numpy(np.asarray(values, dtype)) for values in draws]

    def uniform(self, stream: Any, shape: tuple[int, ...], dtype: str) -> torch.Tensor:
        # never 0, since rules divide by it and recipes take its logarithm
        uniform = torch.rand(shape, generator=stream, dtype=_DTYPES[dtype], device=stream.device)
        return uniform.clamp_min_(_LEAST_UNIFORM[dtype])

    def exponential(self, stream: Any, shape: tuple[int, ...], dtype: str) -> torch.Tensor:
        # by inversion: three times as fast as Tensor.exponential_, and torch.func.vmap takes it; never 0, since u
        # is below 1
        return self.uniform(stream, shape, dtype).log_().neg_()

    def normal(self, stream: Any, shape: tuple[int, ...], dtype: str) -> torch.Tensor:
        return torch.randn(shape, generator=stream, dtype=_DTYPES[dtype], device=stream.device)

    def gamma(self, stream: Any, concentration: Any, shape: tuple[int, ...], dtype: str) -> torch.Tensor:
        full = self._full(stream, concentration, shape, dtype)
        return torch._standard_gamma(full, generator=stream)  # pyright: ignore[reportPrivateImportUsage]

    def beta(self, stream: Any, concentration1: Any, concentration0: Any, shape: Any, dtype: str) -> torch.Tensor:
        pair = [self._full(stream, c, shape, dtype) for c in (concentration1, concentration0)]
        stacked = torch.stack(pair, dim=-1)
        return torch._sample_dirichlet(stacked, generator=stream)[..., 0]  # pyright: ignore[reportPrivateImportUsage]

    def poisson(self, stream: Any, rate: Any, shape: tuple[int, ...], dtype: str) -> torch.Tensor:
        return torch.poisson(self._full(stream, rate, shape, dtype), generator=stream)

    def binomial(self, stream: Any, total_count: Any, probs: Any, shape: Any, dtype: str) -> torch.Tensor:
        count, probability = (self._full(stream, value, shape, dtype) for value in (total_count, probs))
        return torch.binomial(count, probability, generator=stream)

    def accumulate(
        self, step: Any, count: Any, stream: Any, shape: tuple[int, ...], dtype: str, *parameters: Any
    ) -> torch.Tensor:
        count = self._full(stream, count, shape, dtype)
        total = torch.zeros_like(count)
        for number in range(int(count.max())):
            total = total + torch.where(number < count, step(stream, shape, *parameters), 0)
        return total

    def repeat(self, step: Any, stream: Any, shape: tuple[int, ...], dtype: str, *parameters: Any) -> torch.Tensor:
        value, accepted = step(stream, shape, *parameters)
        while not bool(accepted.all()):
            another, good = step(stream, shape, *parameters)
            value, accepted = self.math.where(accepted, value, another), accepted | good
        return value

    @staticmethod
    def _empty(stream: Any, shape: tuple[int, ...], dtype: str) -> torch.Tensor:
        return torch.empty(shape, dtype=_DTYPES[dtype], device=stream.device)

    def _full(self, stream: Any, value: Any, shape: tuple[int, ...], dtype: str) -> torch.Tensor:
        """`value` without its graph (draws carry none), broadcast to `shape`."""
        tensor = torch.as_tensor(value, dtype=_DTYPES[dtype], device=stream.device)
        return tensor.detach().expand(shape).contiguous()


BACKEND = TorchBackend()
