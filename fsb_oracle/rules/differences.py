"""Differences of f over steps that may be tiny, without losing their digits on the back ends."""

from __future__ import annotations

from typing import Any

from fsb_oracle.backends import Backend

# where half of the digits are left of a difference: from there on down the slope in the middle is nearer
SMALLEST = {"float32": 2.0**-11.5, "float64": 2.0**-26}


def difference(f: Any, z: Any, far: Any, step: Any, weight: Any, slope: Any) -> Any:
    """weight [f(far) - f(z)] with far = z + step and slope = weight step.

    In exact arithmetic that is all. In floating point the weight grows as the step shrinks, until only rounding is
    left of the difference, or nothing where z + step rounds to z: the f of the back ends brings `across`.
    """
    return getattr(f, "across", lambda *steps: whole(f, *steps))(z, far, step, weight, slope)


def whole(f: Any, z: Any, far: Any, step: Any, weight: Any, slope: Any) -> Any:
    """The difference as it stands."""
    return weight * (f(far) - f(z))


def across(f: Any, backend: Backend, z: Any, far: Any, step: Any, weight: Any, slope: Any) -> Any:
    """The difference of a continuous f on arrays; of the smallest steps, beside z, slope f' in the middle."""
    m, found = backend.math, whole(f, z, far, step, weight, slope)
    tiny = m.abs(step) <= SMALLEST[backend.dtype_of(step)] * m.abs(z)
    return found if backend.surely_none(tiny) else m.where(tiny, slope * f.derivative(z + step / 2), found)


__all__ = ["across", "difference", "whole"]
