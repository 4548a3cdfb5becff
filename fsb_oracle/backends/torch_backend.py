"""The Torch back end. f is differentiated by autograd."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
import torch

from fsb_oracle.backends import torch_attachment
from fsb_oracle.backends.backend import Backend, FloatMath, lifted


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


_threads = threading.local()


def _numpy_generator(words: torch.Tensor) -> np.random.Generator:
    """A NumPy generator in the state of three random words of 64 bits: a new one would take longer than 1000 draws."""
    if not hasattr(_threads, "generator"):
        _threads.generator = np.random.Generator(np.random.SFC64(0))
    state = np.ones(4, np.uint64)  # the last is a counter
    state[:3] = words.numpy().view(np.uint64)
    _threads.generator.bit_generator.state = {
        "bit_generator": "SFC64", "state": {"state": state}, "has_uint32": 0, "uinteger": 0,
    }  # fmt: skip
    return _threads.generator


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
        return torch.as_tensor(value, dtype=getattr(torch, dtype))

    def dtype_of(self, array: Any) -> str:
        return str(array.dtype).removeprefix("torch.")

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
        def differentiated(z: torch.Tensor) -> torch.Tensor:
            if _transformed():
                return torch.func.grad(lambda point: function(point).sum())(z)
            # a graph only if z already belongs to one: higher derivatives and gradients through f stay possible
            create_graph = z.requires_grad
            with torch.enable_grad():
                point = z if create_graph else z.detach().requires_grad_(True)
                value = function(point)
                if not (isinstance(value, torch.Tensor) and value.requires_grad):
                    return torch.zeros_like(z)
                # samples do not mix: of every value at once, the derivative of each
                each = torch.ones_like(value)
                (slope,) = torch.autograd.grad(value, point, each, create_graph=create_graph, allow_unused=True)
            return torch.zeros_like(z) if slope is None else slope

        return differentiated

    def gradient(self, function: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[torch.Tensor], torch.Tensor]:
        return self.derivative(function)  # samples do not mix: the gradient of the sum is that of each

    def hessian(self, function: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[torch.Tensor], torch.Tensor]:
        slope = self.gradient(function)

        def second(z: torch.Tensor) -> torch.Tensor:
            columns = [self.derivative(lambda y, j=j: slope(y)[..., j])(z) for j in range(z.shape[-1])]
            return torch.stack(columns, dim=-1)

        return second

    def uniform(self, stream: Any, shape: tuple[int, ...], dtype: str) -> torch.Tensor:
        return torch.rand(shape, generator=stream, dtype=getattr(torch, dtype), device=stream.device)

    def exponential(self, stream: Any, shape: tuple[int, ...], dtype: str) -> torch.Tensor:
        # by inversion: three times as fast as Tensor.exponential_, and torch.func.vmap takes it; never 0, since rules
        # divide by it
        uniform = self.uniform(stream, shape, dtype)
        return uniform.clamp_min_(torch.finfo(uniform.dtype).eps / 4).log_().neg_()

    def normal(self, stream: Any, shape: tuple[int, ...], dtype: str) -> torch.Tensor:
        return torch.randn(shape, generator=stream, dtype=getattr(torch, dtype), device=stream.device)

    def gamma(self, stream: Any, concentration: Any, shape: tuple[int, ...], dtype: str) -> torch.Tensor:
        if stream.device.type != "cpu" or _transformed():
            full = self._full(stream, concentration, shape, dtype)
            return torch._standard_gamma(full, generator=stream)  # pyright: ignore[reportPrivateImportUsage]
        # NumPy's sampler is four times as fast, ten times for a single number; the Torch stream decides its state, and
        # so every draw
        number = torch.as_tensor(concentration, dtype=getattr(torch, dtype)).detach()
        words = torch.randint(-(2**63), 2**63 - 1, (3,), generator=stream)
        draws = _numpy_generator(words).standard_gamma(
            number.numpy() if number.ndim else number.item(), shape, np.dtype(dtype)
        )
        smallest = torch.finfo(number.dtype).tiny  # as Torch's own sampler: a draw that underflows is not 0
        return torch.from_numpy(np.asarray(draws, dtype)).clamp_min_(smallest)

    def beta(self, stream: Any, concentration1: Any, concentration0: Any, shape: Any, dtype: str) -> torch.Tensor:
        pair = [self._full(stream, c, shape, dtype) for c in (concentration1, concentration0)]
        stacked = torch.stack(pair, dim=-1)
        return torch._sample_dirichlet(stacked, generator=stream)[..., 0]  # pyright: ignore[reportPrivateImportUsage]

    def poisson(self, stream: Any, rate: Any, shape: tuple[int, ...], dtype: str) -> torch.Tensor:
        return torch.poisson(self._full(stream, rate, shape, dtype), generator=stream)

    def binomial(self, stream: Any, total_count: Any, probs: Any, shape: Any, dtype: str) -> torch.Tensor:
        count, probability = (self._full(stream, value, shape, dtype) for value in (total_count, probs))
        return torch.binomial(count, probability, generator=stream)

    def accumulate(self, step: Any, count: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> torch.Tensor:
        count = self._full(stream, count, shape, dtype)
        total = torch.zeros_like(count)
        for number in range(int(count.max())):
            total = total + torch.where(number < count, step(stream), 0)
        return total

    def repeat(self, step: Any, stream: Any, shape: tuple[int, ...], dtype: str) -> torch.Tensor:
        value, accepted = step(stream)
        while not bool(accepted.all()):
            another, good = step(stream)
            value, accepted = self.math.where(accepted, value, another), accepted | good
        return value

    @staticmethod
    def _empty(stream: Any, shape: tuple[int, ...], dtype: str) -> torch.Tensor:
        return torch.empty(shape, dtype=getattr(torch, dtype), device=stream.device)

    def _full(self, stream: Any, value: Any, shape: tuple[int, ...], dtype: str) -> torch.Tensor:
        """`value` without its graph (draws carry none), broadcast to `shape`."""
        tensor = torch.as_tensor(value, dtype=getattr(torch, dtype), device=stream.device)
        return tensor.detach().expand(shape).contiguous()


BACKEND = TorchBackend()
