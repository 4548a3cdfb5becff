"""The algebra of carried variables: what a kernel computes when z and noise enter as affine forms in exp(i w point)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flint import acb

from fsb_oracle.backends.flint_math import FlintMath


class NotCarried(Exception):
    """The kernel is not of the form (constant) x exp(i w (affine)) in a variable that was to be carried."""


@dataclass(frozen=True)
class Affine:
    """constant + sum of slope x carried variable."""

    constant: Any
    slopes: Mapping[str, Any]

    def __add__(self, other: Any) -> Affine:
        if isinstance(other, Wave):
            raise NotCarried
        if not isinstance(other, Affine):
            return Affine(self.constant + other, self.slopes)
        names = {*self.slopes, *other.slopes}
        slopes = {name: self.slopes.get(name, 0) + other.slopes.get(name, 0) for name in names}
        return Affine(self.constant + other.constant, slopes)

    def __mul__(self, other: Any) -> Affine:
        if isinstance(other, (Affine, Wave)):
            raise NotCarried
        return Affine(self.constant * other, {name: slope * other for name, slope in self.slopes.items()})

    def __truediv__(self, other: Any) -> Affine:
        return self * (1 / _scalar(other))

    def __rtruediv__(self, other: Any) -> Affine:
        raise NotCarried

    def __pow__(self, other: Any) -> Affine:
        raise NotCarried

    def __neg__(self) -> Affine:
        return self * -1

    def __sub__(self, other: Any) -> Affine:
        return self + (-1 * other)

    def __rsub__(self, other: Any) -> Affine:
        return (-self) + other

    __radd__, __rmul__ = __add__, __mul__


@dataclass(frozen=True)
class Wave:
    """Sum of amplitude x exp(i w point); points are Affine."""

    terms: tuple[tuple[Any, Affine], ...]

    def __add__(self, other: Any) -> Wave:
        if isinstance(other, Wave):
            return Wave(self.terms + other.terms)
        if isinstance(other, Affine):
            raise NotCarried
        return Wave((*self.terms, (other, Affine(0, {})))) if other != 0 else self

    def __mul__(self, other: Any) -> Wave:
        if isinstance(other, (Affine, Wave)):
            raise NotCarried
        return Wave(tuple((amplitude * other, point) for amplitude, point in self.terms))

    def __truediv__(self, other: Any) -> Wave:
        return self * (1 / _scalar(other))

    def __neg__(self) -> Wave:
        return self * -1

    def __sub__(self, other: Any) -> Wave:
        return self + (-1 * other)

    def __rsub__(self, other: Any) -> Wave:
        return (-self) + other

    __radd__, __rmul__ = __add__, __mul__


def _scalar(value: Any) -> Any:
    if isinstance(value, (Affine, Wave)):
        raise NotCarried
    return acb(value)


class CarryMath(FlintMath):
    """Ball functions that refuse carried variables instead of failing on them."""

    def __getattribute__(self, name: str) -> Any:
        attribute = super().__getattribute__(name)
        if not callable(attribute):
            return attribute

        def guarded(*args: Any) -> Any:
            if any(isinstance(a, (Affine, Wave)) for a in args):
                raise NotCarried
            return attribute(*args)

        return guarded


@dataclass(frozen=True)
class Exponential:
    """The test function exp(i w z)."""

    frequency: Any

    def __call__(self, point: Any) -> Wave:
        return Wave(((acb(1), point if isinstance(point, Affine) else Affine(point, {})),))

    def derivative(self, point: Any, order: int = 1) -> Wave:
        return self(point) * (acb(0, 1) * self.frequency) ** order
