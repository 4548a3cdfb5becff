"""Give a Torch tensor a derivative that was estimated elsewhere."""

from __future__ import annotations

from typing import Any

import torch

from fsb_oracle.backends.attachment import SECOND_DERIVATIVE
from fsb_oracle.errors import UsageError


class Attachment(torch.autograd.Function):
    """`apply(value, *parameters, *gradients)`: value, whose derivative in each parameter is its gradient."""

    generate_vmap_rule = True

    @staticmethod
    def forward(value: torch.Tensor, *tensors: torch.Tensor | None) -> torch.Tensor:
        return value.clone()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, grad_output: torch.Tensor) -> tuple[Any, ...]:
        value, *tensors = ctx.saved_tensors
        count = len(tensors) // 2
        parameters, gradients = tensors[:count], tensors[count:]
        found: list[torch.Tensor | None] = [None] * count
        for i in range(count):
            if gradients[i] is None:
                found[i] = torch.zeros_like(parameters[i])  # for `Refusal`
                continue
            slope = Once.apply(gradients[i], value, *parameters)
            own_axes = (1,) * (slope.ndim - value.ndim)  # of a vector or a matrix
            found[i] = (grad_output.reshape((*value.shape, *own_axes)) * slope).sum_to_size(parameters[i].shape)
        # what f's own weights receive depends on the parameters through the law of z
        own = grad_output * Once.apply(torch.ones_like(value), *parameters)
        return (own, *found, *[None] * count)


class Refusal(torch.autograd.Function):
    """`apply(parameter, reason)`: parameter; the reason is raised when a derivative flows there."""

    generate_vmap_rule = True

    @staticmethod
    def forward(parameter: torch.Tensor, reason: str) -> torch.Tensor:
        return parameter.clone()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        ctx.reason = inputs[1]

    @staticmethod
    def backward(ctx: Any, *grad_outputs: torch.Tensor) -> None:
        raise UsageError(ctx.reason)


class Once(torch.autograd.Function):
    """`apply(gradient, *tensors)`: gradient, which also depends on `tensors`, in a way that nobody knows."""

    generate_vmap_rule = True

    @staticmethod
    def forward(gradient: torch.Tensor, *tensors: torch.Tensor) -> torch.Tensor:
        return gradient.clone()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: torch.Tensor) -> None: ...

    @staticmethod
    def backward(ctx: Any, *grad_outputs: torch.Tensor) -> None:
        raise UsageError(SECOND_DERIVATIVE)


def attach(value: Any, parameters: list[Any], gradients: list[Any], reasons: tuple[str | None, ...]) -> Any:
    """`value` with `gradients` as its derivatives in `parameters`, as `Backend.attach`."""
    fixed = [None if gradient is None else gradient.detach() for gradient in gradients]
    admitted = [
        parameter if reason is None else Refusal.apply(parameter, reason)
        for parameter, reason in zip(parameters, reasons, strict=True)
    ]
    return Attachment.apply(value, *admitted, *fixed) if parameters else value
