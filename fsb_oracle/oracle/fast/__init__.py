"""The oracle in float64: E f and its gradients for live use, over whole batches of parameters, in microseconds.

    fast.gradient("gamma", {"concentration": 2.5, "rate": 1.0}, "tanh", "concentration").value

Nothing here is certified. Each value comes with an error estimate, the sum of

* the quadrature error, extrapolated from steps h, 2h and 4h (between kinks, from the Legendre coefficients of each
  panel; see `grids`). Of the differences e1 = |S(h) - S(2h)| and
  e2 = |S(2h) - S(4h)| with the ratio r = e1/e2, it is e1 r if the error falls like a power of h (Aitken), and
  e1 r**2 if it falls exponentially; it is taken as 10 e1 r min(1, 100 r), and as 10 (e1 + e2) if r > 0.03, where the
  differences may be small by chance;
* what the integrand still is at both ends of the nodes;
* the rounding errors: eps times the sum of the absolute terms, each with 5 |f - c| + |c| + |z f'| in place of f - c for
  the rounding of f and of z, and a little more the more terms there are, and the deeper in the tails they lie.

A gradient is computed as a covariance, E (f - c)(s - E s) with the score s, in which c is the value of f where the law
puts its mass when it degenerates (Gamma: f(0)). Rows whose estimate is too large are computed again with half the
step. What is promised, and tested over random parameters: the error is at most twice its estimate. The estimate is
infinite or large, so that nothing is accepted, where the sums do not converge: an f that oscillates on an algebraic
tail, a moment that does not exist. Features of f that are narrower than 0.01, or beyond |z| = 100, may be missed.
Cancellation inside the expression of f is not seen: write 2*sin(z/2)**2, not 1 - cos(z), if z is near 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from fsb_oracle.backends.expressions import compile_expression
from fsb_oracle.errors import UsageError, nearest
from fsb_oracle.families import Family, get_family
from fsb_oracle.families.family import NONNEGATIVE, POSITIVE, PROBABILITY, REAL, Parameter
from fsb_oracle.integrands import Integrand, integrand
from fsb_oracle.oracle.fast.integrals import Integral
from fsb_oracle.oracle.fast.lattice import PointMass, Sum
from fsb_oracle.oracle.fast.plan import MATH, Rows
from fsb_oracle.oracle.fast.rules import RULES, Lattice, rule_of

INTERVALS = (REAL, POSITIVE, PROBABILITY, NONNEGATIVE)


@dataclass(frozen=True)
class FastValue:
    """Values in the shape of the batch (floats for scalar parameters), with error estimates: no bounds."""

    value: Any
    error: Any

    def accepted(self, tolerance: float) -> Any:
        """Whether the estimated error is at most `tolerance` times the absolute value; where not, ask `exact`."""
        return self.error <= tolerance * np.abs(self.value)


def gradient(family: str | Family, parameters: Mapping[str, Any], f: str | Integrand, parameter: str) -> FastValue:
    """d E f / d parameter in float64.

    Args:
        family: a law or its name.
        parameters: name -> float, or arrays of equal length (floats are repeated).
        f: an integrand, or its text.
        parameter: the parameter to differentiate in.

    Raises:
        UsageError: the input is not valid, or there is no fast rule for the law.
    """
    return prepare(family, f, parameter)(parameters)


def expectation(family: str | Family, parameters: Mapping[str, Any], f: str | Integrand) -> FastValue:
    """E f in float64; arguments and errors as in `gradient`."""
    return prepare(family, f, None)(parameters)


@lru_cache(maxsize=1024)
def prepare(family: str | Family, f: str | Integrand, parameter: str | None = None) -> Prepared:
    """All that does not depend on the parameters' values: a function of parameters that returns a `FastValue`.

    Args:
        parameter: None for E f itself.

    Raises:
        UsageError: the input is not valid, or there is no fast rule for the law.
    """
    law = get_family(family) if isinstance(family, str) else family
    if parameter is not None and parameter not in law.names:
        raise UsageError(
            f"{law.name} has no parameter {parameter!r}; it has {', '.join(law.names)}{nearest(parameter, law.names)}"
        )
    if parameter is not None and parameter not in law.continuous_names:
        raise UsageError(f"{law.name} has no gradient in {parameter}, which is a whole number")
    if law.support.kind != "point" and law.name not in RULES:
        raise UsageError(f"there is no fast rule for {law.name}; there are rules for {', '.join(RULES)}: use exact")
    function, rule = integrand(f), rule_of(law)
    if law.support.kind == "point":
        return Prepared(law, PointMass(law, function, parameter))
    if isinstance(rule, Lattice):
        return Prepared(law, Sum(law, function, parameter, rule))
    assert rule is not None
    return Prepared(law, Integral(law, function, parameter, rule))


@dataclass(frozen=True, eq=False)
class Prepared:
    """A law, f and a parameter, ready to be evaluated at any parameters."""

    family: Family
    method: Integral | Sum | PointMass

    @cached_property
    def _names(self) -> set[str]:
        return set(self.family.names)

    def __call__(self, parameters: Mapping[str, Any]) -> FastValue:
        """The value at parameters: name -> float, or arrays of equal length.

        Raises:
            UsageError: a parameter is unknown, missing, no number or out of its domain, or lengths differ.
        """
        if parameters.keys() != self._names:
            self.family.parse(parameters)
        row = _single(self.family, parameters)
        with np.errstate(all="ignore"):
            if row is not None:
                try:
                    return FastValue(*self.method.single(row))
                except ArithmeticError:  # plain numbers overflow with an error, arrays do not
                    value, error = self.method.batch(tuple(np.array([[number]]) for number in row))
                    return FastValue(float(value[0]), float(error[0]))
            rows, shape = _batch(self.family, parameters)
            value, error = self.method.batch(rows)
        return FastValue(value.reshape(shape), error.reshape(shape))


def _single(family: Family, parameters: Mapping[str, Any]) -> tuple[float, ...] | None:
    """The parameters in the family's order, if all are numbers."""
    row = []
    for parameter in family.parameters:
        value = parameters[parameter.name]
        if type(value) is not float:
            if np.ndim(value) > 0:
                return None
            value = _floats(parameter, value).item()
        if not _inside(parameter, value):
            family.parse(parameters)
        row.append(value)
    if family.constraint is not None and not _holds(family, tuple(row)):
        family.parse(parameters)
    return tuple(row)


def _batch(family: Family, parameters: Mapping[str, Any]) -> tuple[Rows, tuple[int, ...]]:
    """One column of shape (rows, 1) for each parameter, in the family's order, and the shape of the batch."""
    columns = [_floats(parameter, parameters[parameter.name]) for parameter in family.parameters]
    shapes = {column.shape for column in columns if column.shape}
    if len(shapes) > 1:
        raise UsageError(
            f"the arrays of {family.name} parameters have shapes {' and '.join(map(str, sorted(shapes)))}; "
            "they must be equal"
        )
    shape = shapes.pop()
    columns = [np.broadcast_to(column, shape).reshape(-1, 1) for column in columns]
    good = np.ones(len(columns[0]), dtype=bool)
    for parameter, column in zip(family.parameters, columns, strict=True):
        good &= _all_inside(parameter, column[:, 0])
    if family.constraint is not None and len(good):
        good &= np.broadcast_to(_holds(family, tuple(columns)), (len(good), 1))[:, 0]
    for i in np.flatnonzero(~good):
        family.parse({name: float(column[i, 0]) for name, column in zip(family.names, columns, strict=True)})
    return tuple(columns), shape


def _floats(parameter: Parameter, value: Any) -> np.ndarray:
    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise UsageError(f"{parameter.name}={value!r} must be a float or an array of floats") from None


def _inside(parameter: Parameter, value: float) -> bool:
    """Whether a finite value lies in its domain; counts are tested as exact numbers."""
    if value - value != 0.0:
        return False
    return parameter.domain.contains(value if parameter.continuous else Fraction(value))  # pyright: ignore[reportArgumentType]


def _all_inside(parameter: Parameter, column: np.ndarray) -> Any:
    """`_inside` of each value; of an interval the least and the greatest tell."""
    ends = [float(column.min()), float(column.max())] if parameter.domain in INTERVALS and len(column) else []
    if ends and all(_inside(parameter, end) for end in ends):
        return True
    return np.array([_inside(parameter, value) for value in column.tolist()], dtype=bool)


def _holds(family: Family, rows: Rows) -> Any:
    """Whether the joint condition on the parameters holds."""
    assert family.constraint is not None
    return compile_expression(family.constraint[0], family.symbols)(MATH, *rows)  # pyright: ignore[reportArgumentType]


__all__ = ["FastValue", "Prepared", "expectation", "gradient", "prepare"]
